-- The entries that are played most are asked for as often as the newest ones.
CREATE INDEX entry_plays ON entry (partner_id, plays, id) WHERE status <> 3;
