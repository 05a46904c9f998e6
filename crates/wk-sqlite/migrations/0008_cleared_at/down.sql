ALTER TABLE channel DROP COLUMN cleared_at;
PRAGMA user_version = 7;
