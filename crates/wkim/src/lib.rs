//! A WuKongIM client: connection, messages, history, conversations.
