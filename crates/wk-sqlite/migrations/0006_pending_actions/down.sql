ALTER TABLE conversation DROP COLUMN deleted_to;
DROP INDEX pending_action_subject;
DROP TABLE pending_action;
PRAGMA user_version = 5;
