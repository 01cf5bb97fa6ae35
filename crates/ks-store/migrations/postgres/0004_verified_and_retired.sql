-- Whether an address is its user's own, ids that are no longer used, and what app tokens may not exceed.

-- When somebody last set the password with a key that was mailed to the address; NULL: nobody did, or an account has set
-- another one since.
ALTER TABLE user_login_data ADD COLUMN verified_at BIGINT;

-- Whether the login may enter as this user: not where an account has only named an address whose login is another
-- account's making, until the address is verified.
ALTER TABLE kuser ADD COLUMN login_open BIGINT NOT NULL DEFAULT 1 CHECK (login_open IN (0, 1));
UPDATE kuser SET login_open = 0 WHERE EXISTS (SELECT 1 FROM user_login_data
    WHERE user_login_data.id = login_data_id AND config_partner_id <> kuser.partner_id);

-- 1: nobody; a user had this id and has another one now. Status 2, and in no list.
ALTER TABLE kuser ADD COLUMN retired BIGINT NOT NULL DEFAULT 0 CHECK (retired IN (0, 1));

-- What the session had that made an app token: permission names, joined by commas. NULL: everything.
ALTER TABLE app_token ADD COLUMN maker_rights TEXT COLLATE "C";
ALTER TABLE app_token ADD COLUMN maker_is_admin BIGINT NOT NULL DEFAULT 0 CHECK (maker_is_admin IN (0, 1));

-- Whether the address has a login. Rows of those that have none are bounded by the network that they come from.
ALTER TABLE login_failure ADD COLUMN is_known BIGINT NOT NULL DEFAULT 1 CHECK (is_known IN (0, 1));
CREATE INDEX login_failure_unknown ON login_failure (origin) WHERE is_known = 0;
