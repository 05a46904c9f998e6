-- Searching messages, and finding those whose life is over.

-- The words of each visible message, under the number of its row. What a word is, the program decides: it gives the
-- tokens separated by spaces, and they hold no character that this tokenizer would split or change. Only which row
-- has which tokens is kept (no text, no places); the message itself says whether and where it matches.
CREATE VIRTUAL TABLE search USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- How far the index is: one row.
CREATE TABLE search_index (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Which rules made the tokens. Another number than the program's has the index made anew.
    version INTEGER NOT NULL,
    -- The rows from next_row to last_row are still to be indexed; none if next_row is behind last_row.
    next_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL
) STRICT;

INSERT INTO search_index (id, version, next_row, last_row) VALUES (1, 0, 1, 0);

-- The order in which searches of all channels go through what lists show.
CREATE INDEX message_time ON message (timestamp) WHERE hidden IS NULL;

-- When lives end, in Unix milliseconds.
CREATE INDEX message_expiry ON message (timestamp + expire * 1000) WHERE expire > 0;

PRAGMA user_version = 2;
