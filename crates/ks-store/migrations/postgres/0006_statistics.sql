-- How many calls an account had, by hour (its first second), action and outcome ('' for a success). Added up in memory
-- and written some seconds later, so a crash may lose the last of them; they decide nothing.
CREATE TABLE call_count (
    partner_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL CHECK (calls >= 0),
    PRIMARY KEY (partner_id, hour, service, action, code)
);

CREATE INDEX call_count_hour ON call_count (hour);
