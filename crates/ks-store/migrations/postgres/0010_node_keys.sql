-- Which key-encryption keys each process that serves has, by their ids: one of the last minutes says that it is there. So
-- none is left behind when another key is taken up.
CREATE TABLE node_key (
    -- A number that the process has made up.
    node TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    current_key TEXT COLLATE "C" NOT NULL,
    -- Joined by commas.
    known_keys TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL
);
