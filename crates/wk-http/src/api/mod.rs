//! The endpoints, one per file.

pub(crate) mod conversation_list;
pub(crate) mod conversation_retry;
pub(crate) mod conversation_sync;
pub(crate) mod delete_conversation;
pub(crate) mod max_message_seq;
pub(crate) mod message_sync;
pub(crate) mod message_syncack;
pub(crate) mod messages;
pub(crate) mod messagesync;
pub(crate) mod messagesyncbatch;
pub(crate) mod route;
pub(crate) mod stream;
pub(crate) mod unread;
pub(crate) mod user_token;

pub use route::Route;
pub use user_token::TokenRequest;
