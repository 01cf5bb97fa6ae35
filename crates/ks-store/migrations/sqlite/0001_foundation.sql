-- Times are Unix seconds. Flags are 0 or 1.

CREATE TABLE store_meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- One row for each process that tried whether it can write; proves that the database takes a write.
CREATE TABLE heartbeat (
    id INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

-- What other processes must know of. Appended in the transaction of the change itself.
CREATE TABLE change_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    partner_id INTEGER NOT NULL,
    object_key TEXT NOT NULL,
    value INTEGER
) STRICT;

CREATE TABLE partner (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id >= 0),
    name TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
    admin_name TEXT NOT NULL,
    admin_email TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ks_version INTEGER NOT NULL CHECK (ks_version IN (1, 2)),
    ks_max_expiry INTEGER NOT NULL CHECK (ks_max_expiry > 0),
    v1_allowed INTEGER NOT NULL CHECK (v1_allowed IN (0, 1)),
    parent_id INTEGER REFERENCES partner (id),
    may_impersonate INTEGER NOT NULL CHECK (may_impersonate IN (0, 1)),
    admin_session_role_id INTEGER,
    user_session_role_id INTEGER,
    widget_session_role_id INTEGER,
    always_allowed_permission_names TEXT,
    default_entitlement_enforcement INTEGER NOT NULL CHECK (default_entitlement_enforcement IN (0, 1)),
    hide_secrets INTEGER NOT NULL CHECK (hide_secrets IN (0, 1)),
    properties TEXT NOT NULL
) STRICT;

CREATE INDEX partner_parent ON partner (parent_id, id) WHERE parent_id IS NOT NULL;

CREATE TABLE account_secret (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    kind TEXT NOT NULL CHECK (kind IN ('user', 'admin')),
    state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'revoked')),
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    ciphertext BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    disabled_at INTEGER,
    CHECK (is_primary = 0 OR state = 'enabled')
) STRICT;

CREATE INDEX account_secret_partner ON account_secret (partner_id, id);
CREATE UNIQUE INDEX account_secret_primary ON account_secret (partner_id, kind) WHERE is_primary = 1;

CREATE TABLE user_login_data (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login_email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    config_partner_id INTEGER NOT NULL REFERENCES partner (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    password_updated_at INTEGER
) STRICT;

CREATE TABLE kuser (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    puser_id TEXT NOT NULL,
    login_data_id INTEGER REFERENCES user_login_data (id),
    is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    is_account_owner INTEGER NOT NULL CHECK (is_account_owner IN (0, 1)),
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    screen_name TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A user id may come back after its user was deleted (status 2).
CREATE UNIQUE INDEX kuser_live ON kuser (partner_id, puser_id) WHERE status <> 2;
CREATE UNIQUE INDEX kuser_owner ON kuser (partner_id) WHERE is_account_owner = 1 AND status <> 2;
CREATE INDEX kuser_login ON kuser (login_data_id, id) WHERE login_data_id IS NOT NULL;

CREATE TABLE user_role (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    system_name TEXT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    permission_names TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX user_role_partner ON user_role (partner_id, id);
CREATE UNIQUE INDEX user_role_system_name ON user_role (partner_id, system_name)
    WHERE system_name IS NOT NULL AND status <> 3;

CREATE TABLE kuser_to_user_role (
    kuser_id INTEGER NOT NULL REFERENCES kuser (id),
    user_role_id INTEGER NOT NULL REFERENCES user_role (id),
    PRIMARY KEY (kuser_id, user_role_id)
) STRICT;

CREATE INDEX kuser_to_user_role_role ON kuser_to_user_role (user_role_id, kuser_id);

CREATE TABLE widget (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    source_widget_id TEXT,
    root_widget_id TEXT,
    entry_id TEXT,
    ui_conf_id INTEGER,
    security_type INTEGER NOT NULL,
    security_policy INTEGER NOT NULL,
    partner_data TEXT,
    partner_data_folded TEXT,
    enforce_entitlement INTEGER CHECK (enforce_entitlement IN (0, 1)),
    privacy_context TEXT,
    add_embed_html5_support INTEGER NOT NULL CHECK (add_embed_html5_support IN (0, 1)),
    roles TEXT,
    privileges TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1))
) STRICT;

CREATE INDEX widget_partner ON widget (partner_id, created_at, id) WHERE deleted = 0;

-- `key` is the hash of a token, the hash of a session group, or the id of a secret as 8 bytes.
-- `until` NULL: for ever. Read whole and in order at each start, so it lies in order.
CREATE TABLE revocation (
    kind TEXT NOT NULL CHECK (kind IN ('token', 'session_group', 'secret')),
    key BLOB NOT NULL,
    partner_id INTEGER NOT NULL,
    until INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX revocation_until ON revocation (until) WHERE until IS NOT NULL;

CREATE TABLE action_counter (
    hash BLOB NOT NULL PRIMARY KEY,
    partner_id INTEGER NOT NULL,
    remaining INTEGER NOT NULL CHECK (remaining >= 0),
    until INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX action_counter_until ON action_counter (until);

CREATE TABLE refusal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    partner_id INTEGER,
    service TEXT NOT NULL,
    action TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    user_id TEXT,
    session_hash TEXT
) STRICT;

CREATE INDEX refusal_request ON refusal (request_id, id);
CREATE INDEX refusal_at ON refusal (at);

-- Account 0 holds what is shared by all accounts. It has no secrets, so it never signs.
INSERT INTO partner (id, name, status, admin_name, admin_email, description, created_at, updated_at, ks_version,
        ks_max_expiry, v1_allowed, may_impersonate, default_entitlement_enforcement, hide_secrets, properties)
    VALUES (0, 'Templates', 1, '', '', '', 0, 0, 2, 86400, 0, 0, 0, 1, '{}');

INSERT INTO user_role (id, partner_id, system_name, name, description, status, permission_names, tags, created_at, updated_at)
VALUES
    (1, 0, 'NO_SESSION_ROLE', 'No session', 'Calls without a session.', 1,
        'ALWAYS_ALLOWED_ACTIONS', '', 0, 0),
    (2, 0, 'BASE_USER_SESSION_ROLE', 'Basic user session', 'User sessions without roles of their own.', 1,
        'BASE_USER_SESSION_PERMISSION', '', 0, 0),
    (3, 0, 'WIDGET_SESSION_ROLE', 'Widget session', 'Anonymous sessions started from a widget.', 1,
        'WIDGET_SESSION_PERMISSION', '', 0, 0),
    (4, 0, 'PARTNER_ADMIN_ROLE', 'Publisher Administrator', 'Everything within the account.', 1,
        '*', 'kmc,partner_admin', 0, 0),
    (5, 0, 'PLAYBACK_BASE_ROLE', 'Playback', 'Playback only.', 1,
        'PLAYBACK_BASE_PERMISSION,WIDGET_SESSION_PERMISSION', '', 0, 0);
