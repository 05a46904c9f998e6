//! Questions about messages that need no server: by ids, by sender, by type, by day, and counts.

use wk_model::{
    ChannelId, ContentType, Direction, Message, MessageId, MessageSeq, Position, Uid, UnixMillis, UtcOffset,
};

use crate::StoreError;

/// The visible messages of a stretch that a sender sent or that are of certain types.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a question in full")]
pub struct MessageFilter<'a> {
    /// The channel.
    pub channel: &'a ChannelId,
    /// Only of this sender.
    pub from_uid: Option<&'a Uid>,
    /// Only of these types; all where there are none.
    pub content_types: &'a [ContentType],
    /// The lowest position, included.
    pub from: Position,
    /// The highest position, included.
    pub to: Position,
    /// [`Direction::Older`] reads down from `to`, [`Direction::Newer`] up from `from`.
    pub direction: Direction,
    /// The most rows to read.
    pub limit: u32,
}

/// A day of a calendar, with messages in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row of a calendar")]
pub struct MessageDay {
    /// Days since 1970-01-01, by the clock of the offset that was asked for.
    pub day: i64,
    /// How many visible messages it has.
    pub count: u64,
}

/// Answers questions about messages.
pub trait MessageQueryRead {
    /// The messages with these server ids that are stored, in the order of the ids.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn messages_by_ids(&mut self, message_ids: &[MessageId]) -> Result<Vec<Message>, StoreError>;

    /// The visible messages that a filter asks for, in the order they are read.
    ///
    /// # Errors
    /// As [`MessageQueryRead::messages_by_ids`].
    fn filter_messages(&mut self, filter: &MessageFilter<'_>) -> Result<Vec<Message>, StoreError>;

    /// The days on which a channel has visible messages, ascending.
    ///
    /// # Errors
    /// As [`MessageQueryRead::messages_by_ids`].
    fn message_days(&mut self, channel: &ChannelId, offset: UtcOffset)
    -> Result<Vec<MessageDay>, StoreError>;

    /// The first visible message of a day, in the order of the channel.
    ///
    /// # Errors
    /// As [`MessageQueryRead::messages_by_ids`].
    fn first_message_of_day(
        &mut self,
        channel: &ChannelId,
        day: i64,
        offset: UtcOffset,
    ) -> Result<Option<Message>, StoreError>;

    /// When the next life of a message ends, or has ended without that it was removed.
    ///
    /// # Errors
    /// The backend failed.
    fn next_expiry(&mut self) -> Result<Option<UnixMillis>, StoreError>;

    /// How many visible messages of a channel are stored.
    ///
    /// # Errors
    /// The backend failed.
    fn count_messages(&mut self, channel: &ChannelId) -> Result<u64, StoreError>;

    /// The lowest and the highest seq of the server messages of a channel that are stored, hidden ones included.
    ///
    /// # Errors
    /// The backend failed, or a number makes no sense.
    fn seq_bounds(&mut self, channel: &ChannelId) -> Result<Option<(MessageSeq, MessageSeq)>, StoreError>;
}
