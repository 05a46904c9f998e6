//! Messages: found by any of their names, and in the order of their channel.

use wk_model::{
    ChannelId, ClientMsgNo, ClientSeq, Direction, Message, MessageId, MessageSeq, Position, Uid, UnixMillis,
};

use crate::StoreError;

/// The largest seq that every backend can hold: 2⁶³ − 1. Larger ones are refused with
/// [`StoreError::OutOfRange`] where a backend cannot hold them; whoever takes seqs from outside looks first.
pub const MAX_SEQ: MessageSeq = MessageSeq::new(i64::MAX as u64);

/// A stretch of a channel, read from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a question in full")]
pub struct MessageScan<'a> {
    /// The channel.
    pub channel: &'a ChannelId,
    /// The lowest position, included.
    pub from: Position,
    /// The highest position, included.
    pub to: Position,
    /// [`Direction::Older`] reads down from `to`, [`Direction::Newer`] up from `from`.
    pub direction: Direction,
    /// The most rows to read.
    pub limit: u32,
    /// Leave out rows that lists do not show.
    pub visible_only: bool,
}

/// What an insert did.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_enums, reason = "a row is written or it is not")]
pub enum Insert {
    /// The row was written and got this number.
    Inserted(ClientSeq),
    /// Nothing was written: this row has the same message id, or else the same (channel, sender, client_msg_no),
    /// or else the same (channel, position). The first in this order is named.
    Clash(Message),
}

/// Reads messages.
pub trait MessageRead {
    /// The message in a row.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn message(&mut self, client_seq: ClientSeq) -> Result<Option<Message>, StoreError>;

    /// The message with a server id; nothing for [`MessageId::ZERO`].
    ///
    /// # Errors
    /// As [`MessageRead::message`].
    fn message_by_id(&mut self, message_id: MessageId) -> Result<Option<Message>, StoreError>;

    /// The server message at a seq of a channel; nothing for [`MessageSeq::ZERO`].
    ///
    /// # Errors
    /// As [`MessageRead::message`].
    fn message_by_seq(&mut self, channel: &ChannelId, seq: MessageSeq)
    -> Result<Option<Message>, StoreError>;

    /// The message that a sender gave a number; nothing for an empty number.
    ///
    /// # Errors
    /// As [`MessageRead::message`].
    fn message_by_client_msg_no(
        &mut self,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Option<Message>, StoreError>;

    /// The messages of a stretch, in the order they are read; none where `from` lies behind `to`.
    ///
    /// # Errors
    /// As [`MessageRead::message`].
    fn scan_messages(&mut self, scan: &MessageScan<'_>) -> Result<Vec<Message>, StoreError>;
}

/// Writes messages.
///
/// Three things are unique: the message id where it is not [`MessageId::ZERO`]; (channel, position); (channel,
/// sender, client_msg_no) where the number is not empty. So no sender's choice of numbers can touch another's
/// message.
pub trait MessageWrite: MessageRead {
    /// Writes a new row; `message.client_seq` is ignored.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn insert_message(&mut self, message: &Message) -> Result<Insert, StoreError>;

    /// Replaces every field of the row `message.client_seq`.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMessage`]; [`StoreError::Duplicate`] if it would share what is unique with another row;
    /// or the backend failed.
    fn update_message(&mut self, message: &Message) -> Result<(), StoreError>;

    /// Removes a row; says whether it was there.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_message(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError>;

    /// Removes the server messages of a channel from `seq` on; local ones stay. Says how many.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_messages_from(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError>;

    /// Removes every message of a channel up to `seq`, and the local ones that stand behind it or an earlier seq: what
    /// clearing a chat does. What hangs on them goes with them: outbox entries, extras, reactions and pins. Receipts
    /// stay, because their senders still have to be told. Says how many messages. The work grows with their number.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_messages_to(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError>;

    /// Removes up to so many messages that have expired ([`Message::is_expired`]), whatever their status and
    /// visibility, those that expired first before others (ties by row), with what hangs on them as in
    /// [`MessageWrite::remove_messages_to`]. Gives them as they were. Fewer than `limit` means that no more have
    /// expired.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn remove_expired(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Message>, StoreError>;
}
