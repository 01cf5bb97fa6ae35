-- Users in full, groups, memberships, logins. Folded columns hold lower case, for searches.

ALTER TABLE kuser ADD COLUMN type INTEGER NOT NULL DEFAULT 0 CHECK (type BETWEEN 0 AND 2);
ALTER TABLE kuser ADD COLUMN puser_id_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE kuser ADD COLUMN screen_name_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE kuser ADD COLUMN email_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE kuser ADD COLUMN first_name TEXT;
ALTER TABLE kuser ADD COLUMN first_name_folded TEXT;
ALTER TABLE kuser ADD COLUMN last_name TEXT;
ALTER TABLE kuser ADD COLUMN last_name_folded TEXT;
ALTER TABLE kuser ADD COLUMN tags TEXT;
ALTER TABLE kuser ADD COLUMN tags_folded TEXT;
-- What kuser_to_user_role says, joined by commas: lists filter on it.
ALTER TABLE kuser ADD COLUMN role_ids TEXT NOT NULL DEFAULT '';
-- What lists do not ask for, by the names of the API.
ALTER TABLE kuser ADD COLUMN properties TEXT NOT NULL DEFAULT '{}';
-- The session id of sessions that a login starts; another one after each revocation.
ALTER TABLE kuser ADD COLUMN session_group TEXT NOT NULL DEFAULT '';
ALTER TABLE kuser ADD COLUMN status_updated_at INTEGER;
ALTER TABLE kuser ADD COLUMN deleted_at INTEGER;
ALTER TABLE kuser ADD COLUMN last_login_at INTEGER;

UPDATE kuser SET puser_id_folded = lower(puser_id), screen_name_folded = lower(screen_name),
    email_folded = lower(email), session_group = lower(hex(randomblob(16))),
    role_ids = coalesce((SELECT group_concat(user_role_id) FROM kuser_to_user_role WHERE kuser_id = kuser.id), '');

CREATE INDEX kuser_partner ON kuser (partner_id, created_at, id) WHERE status <> 2;
CREATE INDEX kuser_deleted ON kuser (partner_id, puser_id, updated_at) WHERE status = 2;

-- Hashes of earlier passwords, newest first, as a JSON list.
ALTER TABLE user_login_data ADD COLUMN previous_passwords TEXT NOT NULL DEFAULT '[]';
ALTER TABLE user_login_data ADD COLUMN reset_key_hash BLOB;
ALTER TABLE user_login_data ADD COLUMN reset_key_until INTEGER;
-- The seed of the second factor, sealed under the key-encryption key, and the last step whose code was used.
ALTER TABLE user_login_data ADD COLUMN totp_seed BLOB;
ALTER TABLE user_login_data ADD COLUMN totp_step INTEGER;
ALTER TABLE user_login_data ADD COLUMN last_login_partner_id INTEGER REFERENCES partner (id);

-- Wrong passwords, by the hash of the address that was tried and by where the caller was; origin '' counts all.
CREATE TABLE login_failure (
    key BLOB NOT NULL,
    origin TEXT NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    blocked_until INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (key, origin)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_failure_last ON login_failure (last_at);

CREATE TABLE kuser_kgroup (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    kuser_id INTEGER NOT NULL REFERENCES kuser (id),
    kgroup_id INTEGER NOT NULL REFERENCES kuser (id),
    puser_id TEXT NOT NULL,
    pgroup_id TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status IN (0, 1)),
    creation_mode INTEGER NOT NULL,
    user_role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX kuser_kgroup_live ON kuser_kgroup (kuser_id, kgroup_id) WHERE status = 0;
CREATE INDEX kuser_kgroup_group ON kuser_kgroup (kgroup_id, id) WHERE status = 0;
CREATE INDEX kuser_kgroup_partner ON kuser_kgroup (partner_id, id);
