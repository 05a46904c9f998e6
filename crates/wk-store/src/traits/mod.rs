//! The traits of a store: a read and a write side per noun, one transaction over all of them.

mod account;
mod change;
mod channel;
mod command_seen;
mod conversation;
mod conversation_extra;
mod conversation_query;
mod coverage;
mod cursor;
mod member;
mod message;
mod message_extra;
mod message_local;
mod message_query;
mod noun;
mod outbox;
mod pending_action;
mod pinned_message;
mod reaction;
mod receipt;
mod reminder;
mod robot;
mod search;
mod server;

pub use account::{AccountRead, AccountWrite};
pub use channel::{ChannelRead, ChannelWrite};
pub use command_seen::{CommandSeenRead, CommandSeenWrite};
pub use conversation::{ConversationRead, ConversationWrite};
pub use conversation_extra::{ConversationExtraRead, ConversationExtraWrite};
pub use conversation_query::{ConversationItem, ConversationOrder, ConversationQueryRead, UnreadTotal};
pub use coverage::{ChannelLog, CoverageRead, CoverageWrite};
pub use cursor::{CursorRead, CursorWrite};
pub use member::{MemberRead, MemberWrite};
pub use message::{Insert, MAX_SEQ, MessageRead, MessageScan, MessageWrite};
pub use message_extra::{MessageExtraRead, MessageExtraWrite};
pub use message_local::{MessageLocalRead, MessageLocalWrite};
pub use message_query::{MessageDay, MessageFilter, MessageQueryRead};
pub use noun::{NounRead, NounWrite};
pub use outbox::{OutboxRead, OutboxWrite};
pub use pending_action::{PendingActionRead, PendingActionWrite};
pub use pinned_message::{PinnedMessageRead, PinnedMessageWrite};
pub use reaction::{ReactionRead, ReactionWrite};
pub use receipt::{ReceiptRead, ReceiptWrite};
pub use reminder::{ReminderRead, ReminderWrite};
pub use robot::{RobotRead, RobotWrite};
pub use search::{SearchRead, SearchWrite};
pub use server::{ServerRead, ServerWrite};

use crate::StoreError;

/// Everything one can read.
pub trait StoreRead:
    MessageRead + CoverageRead + ConversationRead + OutboxRead + AccountRead + SearchRead + NounRead
{
}

impl<T> StoreRead for T where
    T: MessageRead
        + CoverageRead
        + ConversationRead
        + OutboxRead
        + AccountRead
        + SearchRead
        + NounRead
        + ?Sized
{
}

/// A write transaction. It sees its own writes; dropping it without [`StoreTx::commit`] undoes them all.
///
/// After [`StoreError::Backend`] the transaction is spoilt: nothing of it can be committed any more. Every other
/// error leaves the transaction as it was before the call.
pub trait StoreTx:
    StoreRead
    + MessageWrite
    + CoverageWrite
    + ConversationWrite
    + OutboxWrite
    + AccountWrite
    + SearchWrite
    + NounWrite
{
    /// Makes all writes durable together.
    ///
    /// # Errors
    /// The backend failed; then none of the writes happened.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A handle that reads committed data, apart from the writer. Each call sees one consistent state.
pub trait StoreReader: StoreRead + Send {}

impl<T: StoreRead + Send> StoreReader for T {}

/// The data of one account.
pub trait Store: Send {
    /// Opens the write transaction; there is never more than one.
    ///
    /// # Errors
    /// The backend failed.
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError>;

    /// Opens a reader that may be used on another thread while transactions go on.
    ///
    /// A backend may let a read wait for the end of the open transaction, so the thread that holds a transaction
    /// must not read from a reader.
    ///
    /// # Errors
    /// The backend failed.
    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError>;

    /// Does a little of what writes left for later, in a transaction of its own, and says whether there is more. To be
    /// called between other things; it takes some milliseconds. Nothing is wrong where it is never called, only slower.
    ///
    /// # Errors
    /// The backend failed; then nothing was done.
    fn maintain(&mut self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
