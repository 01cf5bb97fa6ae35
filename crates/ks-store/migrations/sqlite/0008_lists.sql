-- What lists are read from, so that none looks at more than it shows.

-- How often an account's categories, and how often its entries, changed in any way that lists can show, each with what
-- belongs to them. What a process has counted is true for as long as the number stays the same.
CREATE TABLE content_version (
    partner_id INTEGER NOT NULL PRIMARY KEY REFERENCES partner (id),
    categories INTEGER NOT NULL,
    entries INTEGER NOT NULL
) STRICT;

-- The entries that lists show unless they ask for something else, for those from whom nothing is hidden: with all columns
-- that finding them takes, so that they are counted without looking at them.
CREATE INDEX entry_usual ON entry (partner_id, created_at, id, type, status, moderation_status, display_in_search)
    WHERE status = 2 AND moderation_status NOT IN (1, 3) AND display_in_search NOT IN (-2, -1);

-- As the account is compared, too, an index without it would not be taken.
DROP INDEX entry_owner;
CREATE INDEX entry_owner ON entry (partner_id, kuser_id, created_at, id) WHERE status <> 3;
CREATE INDEX category_user_category ON category_user (partner_id, category_id, id) WHERE status <> 4;
CREATE INDEX category_user_puser ON category_user (partner_id, puser_id, id) WHERE status <> 4;
CREATE INDEX category_entry_category_id ON category_entry (partner_id, category_id, id) WHERE status <> 3;
CREATE INDEX category_entry_entry_id ON category_entry (partner_id, entry_id, id) WHERE status <> 3;

-- With what decides who sees a category.
DROP INDEX category_depth;
CREATE INDEX category_depth ON category (partner_id, depth, id, status, appear_in_list, privacy, members_of)
    WHERE status < 3;

-- Which properties of answers programs want, and which related objects with them.
CREATE TABLE response_profile (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    system_name TEXT,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    version INTEGER NOT NULL,
    -- What it says, by the names of the API.
    properties TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX response_profile_partner ON response_profile (partner_id, id) WHERE status <> 3;
CREATE UNIQUE INDEX response_profile_name ON response_profile (partner_id, system_name) WHERE status = 2;
