-- What has still to be done: told to the server or to the application, or done when its time comes. AUTOINCREMENT,
-- because a late answer to a removed action must not be taken for one to another.
CREATE TABLE pending_action (
    action_id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- 1 command, 2 burn, 16 revoke, 17 delete for all, 18 react, 19 pin, 20 delete conversation.
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 255),
    channel INTEGER NOT NULL REFERENCES channel,
    -- The message it is about and its seq, 0 where it is about the channel.
    message_id INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    -- Unix milliseconds: when it was asked for, or when it is due.
    at INTEGER NOT NULL,
    -- A word that the kind needs: the sender of a command, the emoji of a reaction.
    text TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX pending_action_subject ON pending_action (kind, channel, message_id);

-- Up to which seq the user deleted the conversation: it is listed again when something newer comes. NULL where it was
-- not deleted.
ALTER TABLE conversation ADD COLUMN deleted_to INTEGER CHECK (deleted_to >= 0);

PRAGMA user_version = 6;
