-- Categories, their members, entries, and what lists under entitlement are read from.
-- Folded columns hold lower case, for searches.

CREATE TABLE category (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    -- 0: a root.
    parent_id INTEGER NOT NULL,
    depth INTEGER NOT NULL CHECK (depth >= 0),
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    -- Names from the root on, and ids, joined by `>`: descendants are a range of either.
    full_name TEXT NOT NULL,
    full_name_folded TEXT NOT NULL,
    full_ids TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),
    description TEXT,
    description_folded TEXT,
    tags TEXT,
    tags_folded TEXT,
    reference_id TEXT,
    reference_id_folded TEXT,
    appear_in_list INTEGER NOT NULL CHECK (appear_in_list IN (1, 3)),
    privacy INTEGER NOT NULL CHECK (privacy BETWEEN 1 AND 3),
    inheritance_type INTEGER NOT NULL CHECK (inheritance_type IN (1, 2)),
    user_join_policy INTEGER NOT NULL CHECK (user_join_policy BETWEEN 1 AND 3),
    default_permission_level INTEGER NOT NULL CHECK (default_permission_level BETWEEN 0 AND 4),
    contribution_policy INTEGER NOT NULL CHECK (contribution_policy IN (1, 2)),
    owner_id INTEGER REFERENCES kuser (id),
    owner_puser_id TEXT,
    -- Own contexts, and those with what is inherited; comma lists as clients see them.
    privacy_context TEXT NOT NULL,
    privacy_contexts TEXT NOT NULL,
    -- 0: the category has members of its own.
    inherited_parent_id INTEGER NOT NULL,
    -- Whose members count: the inherited parent, or the category itself.
    members_of INTEGER NOT NULL,
    moderation INTEGER CHECK (moderation BETWEEN -1 AND 1),
    is_aggregation INTEGER CHECK (is_aggregation BETWEEN -1 AND 1),
    aggregation_categories TEXT NOT NULL,
    entries_count INTEGER NOT NULL,
    direct_entries_count INTEGER NOT NULL,
    pending_entries_count INTEGER NOT NULL,
    members_count INTEGER NOT NULL,
    pending_members_count INTEGER NOT NULL,
    direct_sub_categories_count INTEGER NOT NULL,
    partner_sort_value INTEGER NOT NULL,
    -- What lists do not ask for, by the names of the API.
    properties TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX category_full_name ON category (partner_id, full_name) WHERE status < 3;
CREATE INDEX category_full_ids ON category (partner_id, full_ids) WHERE status < 3;
CREATE INDEX category_parent ON category (partner_id, parent_id, id) WHERE status < 3;
CREATE INDEX category_depth ON category (partner_id, depth, id) WHERE status < 3;
CREATE INDEX category_members_of ON category (members_of, id) WHERE status < 3;

-- The contexts of each category, in lower case, since they are compared so; '' where it has none (DEFAULT).
CREATE TABLE category_context (
    partner_id INTEGER NOT NULL,
    context TEXT NOT NULL,
    category_id INTEGER NOT NULL REFERENCES category (id),
    PRIMARY KEY (category_id, context)
) STRICT, WITHOUT ROWID;

CREATE INDEX category_context_partner ON category_context (partner_id, context, category_id);

CREATE TABLE category_user (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    category_id INTEGER NOT NULL REFERENCES category (id),
    kuser_id INTEGER NOT NULL REFERENCES kuser (id),
    puser_id TEXT NOT NULL,
    permission_level INTEGER NOT NULL CHECK (permission_level BETWEEN 0 AND 4),
    permission_names TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),
    update_method INTEGER NOT NULL CHECK (update_method IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX category_user_live ON category_user (category_id, kuser_id) WHERE status <> 4;
CREATE INDEX category_user_kuser ON category_user (kuser_id, status, category_id, permission_level);
CREATE INDEX category_user_partner ON category_user (partner_id, id) WHERE status <> 4;

-- Metadata of entries.
CREATE TABLE entry (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    type TEXT NOT NULL,
    status INTEGER NOT NULL,
    moderation_status INTEGER NOT NULL,
    moderation_count INTEGER NOT NULL,
    display_in_search INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT,
    description_folded TEXT,
    tags TEXT,
    tags_folded TEXT,
    admin_tags TEXT,
    admin_tags_folded TEXT,
    -- Who owns it and who made it. The names follow when a user gets another id.
    kuser_id INTEGER REFERENCES kuser (id),
    puser_id TEXT,
    creator_kuser_id INTEGER REFERENCES kuser (id),
    creator_puser_id TEXT,
    -- The entry whose visibility counts instead.
    parent_entry_id TEXT,
    root_entry_id TEXT,
    redirect_entry_id TEXT,
    replacing_entry_id TEXT,
    replaced_entry_id TEXT,
    replacement_status TEXT,
    reference_id TEXT,
    -- Rank times 1000, since no column holds fractions.
    rank INTEGER NOT NULL,
    total_rank INTEGER NOT NULL,
    votes INTEGER NOT NULL,
    group_id INTEGER,
    access_control_id INTEGER,
    conversion_profile_id INTEGER,
    partner_sort_value INTEGER NOT NULL,
    start_date INTEGER,
    end_date INTEGER,
    media_type INTEGER,
    source_type TEXT,
    media_date INTEGER,
    plays INTEGER NOT NULL,
    views INTEGER NOT NULL,
    last_played_at INTEGER,
    duration INTEGER,
    ms_duration INTEGER,
    -- What free text looks for, in lower case.
    search_text TEXT NOT NULL,
    -- What lists do not ask for, by the names of the API.
    properties TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX entry_created ON entry (partner_id, created_at, id) WHERE status <> 3;
CREATE INDEX entry_updated ON entry (partner_id, updated_at, id) WHERE status <> 3;
CREATE INDEX entry_name ON entry (partner_id, name, id) WHERE status <> 3;
CREATE INDEX entry_owner ON entry (kuser_id, created_at, id) WHERE status <> 3;
CREATE INDEX entry_creator ON entry (creator_kuser_id) WHERE creator_kuser_id IS NOT NULL;
CREATE INDEX entry_reference ON entry (partner_id, reference_id, id) WHERE reference_id IS NOT NULL AND status <> 3;
CREATE INDEX entry_below ON entry (partner_id, created_at, id) WHERE parent_entry_id IS NOT NULL AND status <> 3;
CREATE INDEX entry_parent ON entry (parent_entry_id, id) WHERE parent_entry_id IS NOT NULL;

-- Co-editors, co-publishers and co-viewers: users and groups.
CREATE TABLE entry_user (
    entry_id TEXT NOT NULL REFERENCES entry (id),
    kuser_id INTEGER NOT NULL REFERENCES kuser (id),
    puser_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'publish', 'view')),
    -- In the order in which they were given.
    position INTEGER NOT NULL,
    PRIMARY KEY (entry_id, kind, kuser_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_user_kuser ON entry_user (kuser_id, entry_id);

CREATE TABLE category_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    category_id INTEGER NOT NULL REFERENCES category (id),
    entry_id TEXT NOT NULL REFERENCES entry (id),
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),
    creator_kuser_id INTEGER REFERENCES kuser (id),
    creator_puser_id TEXT,
    -- The category's contexts when the row was made.
    privacy_context TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX category_entry_live ON category_entry (entry_id, category_id) WHERE status <> 3;
CREATE INDEX category_entry_entry ON category_entry (entry_id, status, category_id);
CREATE INDEX category_entry_category ON category_entry (category_id, status, entry_id);
CREATE INDEX category_entry_partner ON category_entry (partner_id, created_at, id) WHERE status <> 3;

-- Who finds an entry in a list, by context: derived from category, category_context and category_entry, in the
-- transactions that change those. `context` is in lower case, '' for DEFAULT.
--
-- `audience` 0: everybody; 1: everybody who is signed in; 2: the members of a category; 3: those above the level NONE.
-- In each context an entry has either one row of the first two, with category 0, or one for each such category.
--
-- `listed` 1: lists show it unless they ask for something else; 2: the same, if they show its parent; 0: they do not.
-- `sole` 1: the entry's only row in the context, so that rows need not be told apart to be counted.
CREATE TABLE entry_key (
    partner_id INTEGER NOT NULL,
    context TEXT NOT NULL,
    audience INTEGER NOT NULL CHECK (audience BETWEEN 0 AND 3),
    category_id INTEGER NOT NULL,
    sole INTEGER NOT NULL CHECK (sole IN (0, 1)),
    listed INTEGER NOT NULL CHECK (listed BETWEEN 0 AND 2),
    created_at INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    type TEXT NOT NULL,
    PRIMARY KEY (partner_id, context, audience, category_id, sole, listed, created_at, entry_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_key_newest ON entry_key
    (partner_id, context, listed, created_at, entry_id, audience, category_id, type);
CREATE INDEX entry_key_entry ON entry_key (entry_id, context, audience, category_id);

-- How many rows of entry_key with `sole` 1 there are of each kind, kept in the transactions that change them: exact, and
-- not to be counted for each list.
CREATE TABLE entry_key_count (
    partner_id INTEGER NOT NULL,
    context TEXT NOT NULL,
    audience INTEGER NOT NULL,
    category_id INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    type TEXT NOT NULL,
    keys INTEGER NOT NULL,
    PRIMARY KEY (partner_id, context, audience, category_id, listed, type)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_puser ON entry (partner_id, puser_id, created_at, id) WHERE status <> 3;

-- What moderators were told of entries.
CREATE TABLE moderation_flag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partner_id INTEGER NOT NULL REFERENCES partner (id),
    entry_id TEXT NOT NULL REFERENCES entry (id),
    puser_id TEXT,
    is_settled INTEGER NOT NULL CHECK (is_settled IN (0, 1)),
    comments TEXT,
    flag_type INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX moderation_flag_entry ON moderation_flag (entry_id, is_settled, id);
