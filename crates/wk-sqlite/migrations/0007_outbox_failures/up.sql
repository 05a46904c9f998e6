-- How often getting a message out failed in a way that may pass, so that a restart does not begin to count anew.
ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);

PRAGMA user_version = 7;
