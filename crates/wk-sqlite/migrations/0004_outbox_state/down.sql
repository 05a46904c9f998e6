ALTER TABLE outbox DROP COLUMN relaxed;
ALTER TABLE outbox DROP COLUMN state;
PRAGMA user_version = 3;
