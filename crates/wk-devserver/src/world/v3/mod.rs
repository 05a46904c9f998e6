//! What the world of a v3 server does in its own way: memberships in the place of conversations, and the way of a message.

mod permission;
pub(crate) mod reads;
pub(crate) mod roster;
pub(crate) mod send;
pub(crate) mod streams;
