//! What the user does to messages that were sent.

use bytes::Bytes;
use wk_sync::Change;
use wk_sync::store::model::{
    ChannelId, ClientSeq, MessageId, MessageLocal, MessageSeq, MessageWithExtra, PinnedMessage, Position,
};
use wk_sync::store::{MessageScan, StoreReader};

use crate::{Direction, Error, Messages};

/// Everything here is written down before it returns. What a server has to be told is told when there is a connection,
/// after a restart too; [`Event::ReportFailed`](crate::Event::ReportFailed) says that it does not want it.
impl Messages<'_> {
    /// Gives a message another payload. It shows at once.
    ///
    /// # Errors
    /// [`Error::Query`] if no server has such a message, or the payload is empty or too large; [`Error::Store`],
    /// [`Error::Stopped`].
    pub async fn edit(&self, message_id: MessageId, payload: Bytes) -> Result<(), Error> {
        self.client.change(Change::Edit { message_id, payload }).await
    }

    /// Takes a message back. It shows when the server has taken it, like everything below that a server has to hear.
    ///
    /// # Errors
    /// [`Error::Query`] if no server has such a message; [`Error::Store`], [`Error::Stopped`].
    pub async fn revoke(&self, message_id: MessageId) -> Result<(), Error> {
        self.client.change(Change::Revoke(message_id)).await
    }

    /// Deletes a message for all its readers.
    ///
    /// # Errors
    /// As [`Messages::revoke`].
    pub async fn delete_for_all(&self, message_id: MessageId) -> Result<(), Error> {
        self.client.change(Change::DeleteForAll(message_id)).await
    }

    /// Deletes messages here. No server is told, and no page brings them back.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn delete(&self, rows: Vec<ClientSeq>) -> Result<(), Error> {
        self.client.change(Change::Delete(rows)).await
    }

    /// Reacts to a message. Another emoji replaces the one before, the same one takes it back.
    ///
    /// # Errors
    /// As [`Messages::revoke`].
    pub async fn react(&self, message_id: MessageId, emoji: impl Into<String> + Send) -> Result<(), Error> {
        let emoji = emoji.into();
        self.client.change(Change::React { message_id, emoji }).await
    }

    /// Pins a message to its channel, or no longer.
    ///
    /// # Errors
    /// As [`Messages::revoke`].
    pub async fn pin(&self, message_id: MessageId, pinned: bool) -> Result<(), Error> {
        self.client.change(Change::Pin { message_id, pinned }).await
    }

    /// The messages that are pinned to a channel, the newest first.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn pinned(&self, channel: &ChannelId) -> Result<Vec<PinnedMessage>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.pinned_messages(&channel)).await
    }

    /// The user read these messages: the senders of those that ask for a receipt are told, together after two seconds.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn mark_read(&self, channel: &ChannelId, seqs: Vec<MessageSeq>) -> Result<(), Error> {
        self.client.change(Change::Receipts { channel: channel.clone(), seqs }).await
    }

    /// The user viewed a message. One that burns after reading is deleted here when its time is over; the first time
    /// counts, restarts give it no more.
    ///
    /// # Errors
    /// As [`Messages::revoke`].
    pub async fn viewed(&self, row: ClientSeq) -> Result<(), Error> {
        self.client.change(Change::Viewed(row)).await
    }

    /// Sets what is kept beside a message on this device only: that a voice was played, the application's own data. It may
    /// be set before the message is sent, and goes with the message. [`Messages::with_extras`] and
    /// [`MessageEvent::Changed`](crate::MessageEvent::Changed) tell it.
    ///
    /// # Errors
    /// [`Error::Query`] if there is no such message; [`Error::Store`], [`Error::Stopped`].
    pub async fn set_local(&self, row: ClientSeq, local: MessageLocal) -> Result<(), Error> {
        self.client.change(Change::Message { client_seq: row, local }).await
    }

    /// The visible messages from one position to another, both included, with what happened to them and the reactions to
    /// them. Only what is stored: [`Messages::history`] first brings what is missing.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn with_extras(
        &self,
        channel: &ChannelId,
        from: Position,
        to: Position,
    ) -> Result<Vec<MessageWithExtra>, Error> {
        let channel = channel.clone();
        let read = move |reader: &mut dyn StoreReader| {
            reader.scan_messages_with_extras(&MessageScan {
                channel: &channel,
                from,
                to,
                direction: Direction::Newer,
                limit: u32::MAX,
                visible_only: true,
            })
        };
        self.client.read(read).await
    }
}
