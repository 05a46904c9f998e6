//! The traits of a store: a read and a write side per noun, one transaction over all of them.

mod account;
mod conversation;
mod coverage;
mod message;
mod outbox;
mod search;

pub use account::{AccountRead, AccountWrite};
pub use conversation::{ConversationRead, ConversationWrite};
pub use coverage::{ChannelLog, CoverageRead, CoverageWrite};
pub use message::{Insert, MessageRead, MessageScan, MessageWrite};
pub use outbox::{OutboxRead, OutboxWrite};
pub use search::{SearchRead, SearchWrite};

use crate::StoreError;

/// Everything one can read.
pub trait StoreRead:
    MessageRead + CoverageRead + ConversationRead + OutboxRead + AccountRead + SearchRead
{
}

impl<T> StoreRead for T where
    T: MessageRead + CoverageRead + ConversationRead + OutboxRead + AccountRead + SearchRead + ?Sized
{
}

/// A write transaction. It sees its own writes; dropping it without [`StoreTx::commit`] undoes them all.
///
/// After [`StoreError::Backend`] the transaction is spoilt: nothing of it can be committed any more. Every other
/// error leaves the transaction as it was before the call.
pub trait StoreTx:
    StoreRead + MessageWrite + CoverageWrite + ConversationWrite + OutboxWrite + AccountWrite + SearchWrite
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
}
