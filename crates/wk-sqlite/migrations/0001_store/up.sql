-- Everything a client keeps of one account. All ids and numbers are 64-bit integers.

-- Whose file this is: one row, written once.
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uid TEXT NOT NULL,
    device_id TEXT NOT NULL
) STRICT;

-- Every channel that another table names, and what is known for certain of its log. Rows are never deleted, so
-- that a number once read stays valid.
CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    -- The channel's id as its members write it, and its type: together they name it.
    name TEXT NOT NULL,
    channel_type INTEGER NOT NULL,
    -- The largest seq heard of, 0 for none.
    tail INTEGER NOT NULL DEFAULT 0 CHECK (tail >= 0),
    -- The user cleared the channel up to this seq, 0 for never.
    cleared_to INTEGER NOT NULL DEFAULT 0 CHECK (cleared_to >= 0),
    -- The covered ranges of seqs, ascending: '1-20,35-40'. One text and not a row per range, because it is always
    -- read and written as a whole and mostly has one range. Last, because it may be long.
    covered TEXT NOT NULL DEFAULT '',
    UNIQUE (name, channel_type)
) STRICT;

-- Every sender. Like channels they are never deleted.
CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE message (
    -- The order of writing. AUTOINCREMENT, so that the number of a deleted row is not given to another.
    client_seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel INTEGER NOT NULL REFERENCES channel,
    -- The position: the server's seq and 0, or for a local message the seq it stands behind and a count from 1.
    seq INTEGER NOT NULL CHECK (seq >= 0),
    local_index INTEGER NOT NULL CHECK (local_index BETWEEN 0 AND 4294967295),
    -- NULL before the server accepted it.
    message_id INTEGER,
    sender INTEGER NOT NULL REFERENCES user,
    -- NULL where the sender gave none.
    client_msg_no TEXT,
    -- Unix milliseconds.
    timestamp INTEGER NOT NULL,
    -- Fields of a few bits each in one integer, because every column costs time in every read: from the lowest bit
    -- status (2), no_persist (1), red_dot (1), sync_once (1), free (3), setting (8), reason code (8), whether there
    -- is a reason code (1).
    flags INTEGER NOT NULL,
    -- NULL where lists show it, otherwise why not: 1 hidden, 2 deleted. Apart from the flags for the index below.
    hidden INTEGER CHECK (hidden > 0),
    content_type INTEGER NOT NULL,
    -- Seconds, 0 for ever.
    expire INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;

-- The order of a channel: a page is a range of this index.
CREATE UNIQUE INDEX message_position ON message (channel, seq, local_index);
-- The same without what lists do not show: the newest visible message is one step, however many are hidden.
CREATE INDEX message_visible ON message (channel, seq, local_index) WHERE hidden IS NULL;
CREATE UNIQUE INDEX message_message_id ON message (message_id) WHERE message_id IS NOT NULL;
-- Per channel and sender, so that nobody's choice of numbers touches another's message.
CREATE UNIQUE INDEX message_client_msg_no ON message (channel, sender, client_msg_no)
    WHERE client_msg_no IS NOT NULL;

CREATE TABLE conversation (
    channel INTEGER PRIMARY KEY REFERENCES channel,
    -- The newest seq heard of, how far it was read, and the newest seq that is the user's own.
    last_seq INTEGER NOT NULL CHECK (last_seq >= 0),
    read_to INTEGER NOT NULL CHECK (read_to >= 0),
    own_seq INTEGER NOT NULL CHECK (own_seq >= 0),
    -- Unix milliseconds of the newest message.
    timestamp INTEGER NOT NULL,
    -- 1 while the server has to be told of read_to.
    read_unsent INTEGER NOT NULL CHECK (read_unsent IN (0, 1))
) STRICT;

-- The newest visible message of each conversation is looked up, not stored, so that it cannot be stale.
CREATE VIEW conversation_last AS
    SELECT conversation.*, (
        SELECT client_seq FROM message
        WHERE message.channel = conversation.channel AND hidden IS NULL
        ORDER BY seq DESC, local_index DESC LIMIT 1
    ) AS last_message
    FROM conversation;

-- What the server has not acknowledged. No reference to message: an entry must outlive a deleted row.
CREATE TABLE outbox (
    client_seq INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channel,
    -- How often it was handed to a connection; 0 while the server cannot have it.
    attempts INTEGER NOT NULL CHECK (attempts BETWEEN 0 AND 4294967295),
    -- Unix milliseconds.
    queued_at INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 1;
