ALTER TABLE outbox DROP COLUMN failures;
PRAGMA user_version = 6;
