DROP INDEX message_expiry;
DROP INDEX message_time;
DROP TABLE search_index;
DROP TABLE search;
PRAGMA user_version = 1;
