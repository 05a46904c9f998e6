-- Searching without making inserts slower: writes of messages leave the index alone. New rows are brought in later, by
-- their numbers; rows that change after that are noted here, by triggers, so that no write can forget to. Searches
-- look at both kinds themselves.

DROP TABLE search_index;

-- How far the index is: one row.
CREATE TABLE search_index (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Which rules made the tokens. Another number than the program's has the index made anew.
    version INTEGER NOT NULL,
    -- Rows from this number on are not in the index.
    next_row INTEGER NOT NULL
) STRICT;

-- What earlier schemas indexed knows nothing of edits: it is made anew.
INSERT INTO search_index (id, version, next_row) VALUES (1, 0, 1);

-- Rows below next_row that say something else than the index, or are gone.
CREATE TABLE search_queue (
    client_seq INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER search_message_changed
AFTER UPDATE OF channel, sender, message_id, content_type, hidden, payload ON message
WHEN old.client_seq < (SELECT next_row FROM search_index) AND (
    old.payload IS NOT new.payload OR old.hidden IS NOT new.hidden OR old.channel IS NOT new.channel
    OR old.sender IS NOT new.sender OR old.content_type IS NOT new.content_type
    OR (old.message_id IS NOT new.message_id
        AND EXISTS (SELECT 1 FROM message_extra WHERE message_id IN (old.message_id, new.message_id)))
)
BEGIN
    INSERT INTO search_queue (client_seq) VALUES (old.client_seq) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER search_message_removed
AFTER DELETE ON message
WHEN old.hidden IS NULL AND old.client_seq < (SELECT next_row FROM search_index)
BEGIN
    INSERT INTO search_queue (client_seq) VALUES (old.client_seq) ON CONFLICT DO NOTHING;
END;

-- A message is found by its edited text, and not at all once it is taken back.
CREATE TRIGGER search_extra_added
AFTER INSERT ON message_extra
WHEN new.edit IS NOT NULL OR new.pending_edit IS NOT NULL OR new.revoked OR new.mutual_deleted
BEGIN
    INSERT INTO search_queue (client_seq) SELECT client_seq FROM message
    WHERE message_id = new.message_id AND client_seq < (SELECT next_row FROM search_index)
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER search_extra_changed
AFTER UPDATE OF edit, pending_edit, revoked, mutual_deleted ON message_extra
WHEN old.edit IS NOT new.edit OR old.pending_edit IS NOT new.pending_edit
    OR old.revoked IS NOT new.revoked OR old.mutual_deleted IS NOT new.mutual_deleted
BEGIN
    INSERT INTO search_queue (client_seq) SELECT client_seq FROM message
    WHERE message_id = new.message_id AND client_seq < (SELECT next_row FROM search_index)
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER search_extra_removed
AFTER DELETE ON message_extra
WHEN old.edit IS NOT NULL OR old.pending_edit IS NOT NULL OR old.revoked OR old.mutual_deleted
BEGIN
    INSERT INTO search_queue (client_seq) SELECT client_seq FROM message
    WHERE message_id = old.message_id AND client_seq < (SELECT next_row FROM search_index)
    ON CONFLICT DO NOTHING;
END;

-- The names of a channel and of a member as searches compare them, NULL where an earlier schema wrote the row.
ALTER TABLE channel_info ADD COLUMN folded TEXT;
ALTER TABLE member ADD COLUMN folded TEXT;

-- Receipts that one upload takes.
CREATE INDEX receipt_channel ON receipt (channel, seq, message_id);

PRAGMA user_version = 5;
