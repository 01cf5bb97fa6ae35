-- How many calls an account had, by hour (its first second), action and outcome ('' for a success). Added up in memory
-- and written some seconds later, so a crash may lose the last of them; they decide nothing.
CREATE TABLE call_count (
    partner_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    service TEXT NOT NULL,
    action TEXT NOT NULL,
    code TEXT NOT NULL,
    calls INTEGER NOT NULL CHECK (calls >= 0),
    PRIMARY KEY (partner_id, hour, service, action, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX call_count_hour ON call_count (hour);
