DROP TABLE outbox;
DROP VIEW conversation_last;
DROP TABLE conversation;
DROP TABLE message;
DROP TABLE user;
DROP TABLE channel;
DROP TABLE account;
PRAGMA user_version = 0;
