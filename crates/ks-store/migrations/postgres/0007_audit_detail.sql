-- What the other columns of an entry cannot say, in words.
ALTER TABLE audit ADD COLUMN detail TEXT COLLATE "C";
