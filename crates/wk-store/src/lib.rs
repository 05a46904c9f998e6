//! What a WuKongIM client keeps, as small traits over one transaction.
//!
//! - [`Store`] opens the one write transaction ([`StoreTx`]) and readers ([`StoreReader`]).
//! - One trait per noun and side: [`MessageRead`]/[`MessageWrite`], [`CoverageRead`]/[`CoverageWrite`], …
//! - [`MemoryStore`] keeps everything in memory; other crates keep it on disk.
//! - The `suite` feature has the tests that every backend passes, as the macro `store_suite!`.
//!
//! A backend stores and finds; it takes no decision about messages.

mod error;
mod memory;
#[cfg(feature = "suite")]
pub mod suite;
mod traits;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use traits::{
    AccountRead, AccountWrite, ChannelLog, ConversationRead, ConversationWrite, CoverageRead, CoverageWrite,
    Insert, MAX_SEQ, MessageRead, MessageScan, MessageWrite, OutboxRead, OutboxWrite, SearchRead,
    SearchWrite, Store, StoreRead, StoreReader, StoreTx,
};
pub use traits::{
    ChannelRead, ChannelWrite, CommandSeenRead, CommandSeenWrite, ConversationExtraRead,
    ConversationExtraWrite, ConversationItem, ConversationOrder, ConversationQueryRead, CursorRead,
    CursorWrite, MemberRead, MemberWrite, MessageDay, MessageExtraRead, MessageExtraWrite, MessageFilter,
    MessageLocalRead, MessageLocalWrite, MessageQueryRead, NounRead, NounWrite, PendingActionRead,
    PendingActionWrite, PinnedMessageRead, PinnedMessageWrite, ReactionRead, ReactionWrite, ReceiptRead,
    ReceiptWrite, ReminderRead, ReminderWrite, RobotRead, RobotWrite, ServerRead, ServerWrite, UnreadTotal,
};
pub use wk_model as model;
