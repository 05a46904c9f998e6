//! WuKongIM storage on SQLite.
