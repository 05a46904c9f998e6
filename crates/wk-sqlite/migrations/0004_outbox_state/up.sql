-- How a message gets out: what must happen before, and which order it keeps.

-- 0 is waiting or sent, as the attempts say; 1 while its upload is to be done; 2 when it was cancelled and the server
-- may have it.
ALTER TABLE outbox ADD COLUMN state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2);
-- 1 where it waits for no other message of its channel, and none for it.
ALTER TABLE outbox ADD COLUMN relaxed INTEGER NOT NULL DEFAULT 0 CHECK (relaxed IN (0, 1));

-- From here on the lowest of the free bits of message.flags (bit 5) is the third bit of the status.

PRAGMA user_version = 4;
