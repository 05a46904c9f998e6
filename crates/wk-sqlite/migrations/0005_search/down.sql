DROP INDEX receipt_channel;
ALTER TABLE member DROP COLUMN folded;
ALTER TABLE channel_info DROP COLUMN folded;
DROP TRIGGER search_extra_removed;
DROP TRIGGER search_extra_changed;
DROP TRIGGER search_extra_added;
DROP TRIGGER search_message_removed;
DROP TRIGGER search_message_changed;
DROP TABLE search_queue;
DROP TABLE search_index;
CREATE TABLE search_index (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    next_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL
) STRICT;
INSERT INTO search_index (id, version, next_row, last_row) VALUES (1, 0, 1, 0);
PRAGMA user_version = 4;
