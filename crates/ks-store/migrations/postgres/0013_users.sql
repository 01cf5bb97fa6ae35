-- What lists of users, groups and memberships are read from, so that they do not grow with the account.

-- How often an account's users, groups or memberships changed in any way by which lists find them: raised by triggers, so
-- that nothing remembered is believed for too long, whoever writes, programs of an older version and SQL by hand included.
ALTER TABLE content_version ADD COLUMN users BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION raise_users_of_many() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO content_version (partner_id, categories, entries, users)
        SELECT DISTINCT partner_id, 0, 0, 1 FROM altered
        ON CONFLICT (partner_id) DO UPDATE SET users = content_version.users + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION raise_users() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO content_version (partner_id, categories, entries, users) VALUES (NEW.partner_id, 0, 0, 1)
        ON CONFLICT (partner_id) DO UPDATE SET users = content_version.users + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER kuser_comes AFTER INSERT ON kuser REFERENCING NEW TABLE AS altered
    FOR EACH STATEMENT EXECUTE FUNCTION raise_users_of_many();

CREATE TRIGGER kuser_goes AFTER DELETE ON kuser REFERENCING OLD TABLE AS altered
    FOR EACH STATEMENT EXECUTE FUNCTION raise_users_of_many();

CREATE TRIGGER kuser_kgroup_comes AFTER INSERT ON kuser_kgroup REFERENCING NEW TABLE AS altered
    FOR EACH STATEMENT EXECUTE FUNCTION raise_users_of_many();

CREATE TRIGGER kuser_kgroup_goes AFTER DELETE ON kuser_kgroup REFERENCING OLD TABLE AS altered
    FOR EACH STATEMENT EXECUTE FUNCTION raise_users_of_many();

CREATE TRIGGER kuser_alters AFTER UPDATE OF partner_id, puser_id, puser_id_folded, type, status, is_admin,
        is_account_owner, screen_name, screen_name_folded, email, email_folded, first_name, first_name_folded, last_name, last_name_folded, tags, tags_folded, role_ids, created_at,
        updated_at, login_data_id, retired ON kuser
    FOR EACH ROW EXECUTE FUNCTION raise_users();

CREATE TRIGGER kuser_kgroup_alters AFTER UPDATE ON kuser_kgroup FOR EACH ROW EXECUTE FUNCTION raise_users();

-- How many users and groups there are of each kind, without retired ids: kept by triggers, too.
CREATE TABLE user_count (
    partner_id BIGINT NOT NULL,
    type BIGINT NOT NULL,
    status BIGINT NOT NULL,
    is_admin BIGINT NOT NULL,
    has_login BIGINT NOT NULL,
    users BIGINT NOT NULL,
    PRIMARY KEY (partner_id, type, status, is_admin, has_login)
);

-- Once for each statement: a row that changes as often as many users are added at once would become slow.
CREATE FUNCTION count_added_users() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_count (partner_id, type, status, is_admin, has_login, users)
        SELECT partner_id, type, status, is_admin, CAST(login_data_id IS NOT NULL AS INTEGER), count(*)
        FROM added WHERE retired = 0 GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (partner_id, type, status, is_admin, has_login)
        DO UPDATE SET users = user_count.users + excluded.users;
    RETURN NULL;
END $$;

CREATE TRIGGER kuser_added AFTER INSERT ON kuser REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_added_users();

CREATE FUNCTION count_removed_users() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_count AS c SET users = c.users - r.users
        FROM (SELECT partner_id, type, status, is_admin, CAST(login_data_id IS NOT NULL AS INTEGER) AS has_login,
            count(*) AS users FROM removed WHERE retired = 0 GROUP BY 1, 2, 3, 4, 5) AS r
        WHERE c.partner_id = r.partner_id AND c.type = r.type AND c.status = r.status AND c.is_admin = r.is_admin
        AND c.has_login = r.has_login;
    RETURN NULL;
END $$;

CREATE TRIGGER kuser_removed AFTER DELETE ON kuser REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_removed_users();

CREATE FUNCTION count_changed_user() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_count SET users = users - 1 WHERE OLD.retired = 0 AND partner_id = OLD.partner_id AND type = OLD.type
        AND status = OLD.status AND is_admin = OLD.is_admin
        AND has_login = CAST(OLD.login_data_id IS NOT NULL AS INTEGER);
    INSERT INTO user_count (partner_id, type, status, is_admin, has_login, users)
        SELECT NEW.partner_id, NEW.type, NEW.status, NEW.is_admin, CAST(NEW.login_data_id IS NOT NULL AS INTEGER), 1
        WHERE NEW.retired = 0
        ON CONFLICT (partner_id, type, status, is_admin, has_login) DO UPDATE SET users = user_count.users + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER kuser_changed AFTER UPDATE OF partner_id, type, status, is_admin, login_data_id, retired ON kuser
    FOR EACH ROW WHEN ((OLD.partner_id, OLD.type, OLD.status, OLD.is_admin, OLD.login_data_id IS NOT NULL, OLD.retired)
        <> (NEW.partner_id, NEW.type, NEW.status, NEW.is_admin, NEW.login_data_id IS NOT NULL, NEW.retired))
    EXECUTE FUNCTION count_changed_user();

INSERT INTO user_count (partner_id, type, status, is_admin, has_login, users)
    SELECT partner_id, type, status, is_admin, CAST(login_data_id IS NOT NULL AS INTEGER), count(*) FROM kuser
    WHERE retired = 0 GROUP BY 1, 2, 3, 4, 5;

-- Each order that lists of users may have, with the status, since deleted ones are passed over.
CREATE INDEX kuser_listed ON kuser (partner_id, id, status);
DROP INDEX kuser_partner;
CREATE INDEX kuser_created ON kuser (partner_id, created_at, id, status);
CREATE INDEX kuser_updated ON kuser (partner_id, updated_at, id, status);
-- As lists order what may be missing.
CREATE INDEX kuser_named ON kuser (partner_id, puser_id NULLS FIRST, id, status);

-- What is rare among many users.
CREATE INDEX kuser_admin ON kuser (partner_id, created_at, id, status) WHERE is_admin = 1;
CREATE INDEX kuser_group ON kuser (partner_id, created_at, id, status) WHERE type <> 0;
CREATE INDEX kuser_with_login ON kuser (partner_id, created_at, id, status) WHERE login_data_id IS NOT NULL;

CREATE INDEX kuser_kgroup_created ON kuser_kgroup (partner_id, created_at, id, status);
CREATE INDEX kuser_kgroup_updated ON kuser_kgroup (partner_id, updated_at, id, status);
CREATE INDEX kuser_kgroup_puser ON kuser_kgroup (partner_id, puser_id, id, status);
CREATE INDEX kuser_kgroup_pgroup ON kuser_kgroup (partner_id, pgroup_id, id, status);
