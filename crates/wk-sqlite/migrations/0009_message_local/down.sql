DROP TABLE message_local;
PRAGMA user_version = 8;
