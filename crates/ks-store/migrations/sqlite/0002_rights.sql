-- App tokens. The key is encrypted, since a proof of it is a hash over a session's text and the key itself.
CREATE TABLE app_token (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    ciphertext BLOB NOT NULL,
    hash_type TEXT NOT NULL CHECK (hash_type IN ('MD5', 'SHA1', 'SHA256', 'SHA512')),
    expiry INTEGER,
    session_type INTEGER CHECK (session_type IN (0, 2)),
    session_user_id TEXT,
    session_duration INTEGER NOT NULL,
    session_privileges TEXT,
    description TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX app_token_partner ON app_token (partner_id, created_at, id) WHERE status <> 3;
CREATE INDEX app_token_user ON app_token (partner_id, session_user_id) WHERE status <> 3;

-- Permissions of accounts; the built-in ones are part of the program.
CREATE TABLE permission (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4),
    name TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    description TEXT,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    depends_on TEXT,
    tags TEXT,
    item_ids TEXT,
    partner_group TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX permission_name ON permission (partner_id, name) WHERE status <> 3;

-- Permission items of accounts: the right to call `subject.detail`, or to use the property `detail` of the class
-- `subject` in the way that `used` says.
CREATE TABLE permission_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    used TEXT CHECK (used IN ('all', 'insert', 'read', 'update')),
    tags TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX permission_item_partner ON permission_item (partner_id, id);

-- Accounts have the feature on which entitlement depends, unless it is taken from them.
INSERT INTO permission (partner_id, type, name, friendly_name, status, created_at, updated_at)
    SELECT id, 2, 'FEATURE_ENTITLEMENT', 'Entitlement', 1, created_at, created_at FROM partner WHERE id > 0;

-- Who changed what: written in the transaction of the change. Never pruned.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    partner_id INTEGER NOT NULL,
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    actor_partner_id INTEGER,
    user_id TEXT,
    session_hash TEXT,
    address TEXT,
    request_id TEXT
) STRICT;

CREATE INDEX audit_partner ON audit (partner_id, id);
