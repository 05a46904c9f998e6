-- When the server took the newest message that was cleared, in ms since 1970, or 0: it tells a new log from a late message.
ALTER TABLE channel ADD COLUMN cleared_at INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 8;
