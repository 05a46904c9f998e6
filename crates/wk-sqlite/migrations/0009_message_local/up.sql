-- What the application keeps beside a message, only here. It goes with the message.
CREATE TABLE message_local (
    client_seq INTEGER PRIMARY KEY REFERENCES message (client_seq) ON DELETE CASCADE,
    -- Whether the user has played it.
    played INTEGER NOT NULL CHECK (played IN (0, 1)),
    -- JSON of the application, empty for none.
    extra TEXT NOT NULL
) STRICT;

PRAGMA user_version = 9;
