//! Questions about the messages that are stored: by their names, by sender, by type, by day, and how many.

use wk_sync::store::model::{
    ChannelId, ContentType, Direction, Message, MessageId, MessageSeq, Position, Uid, UtcOffset,
};
use wk_sync::store::{MessageDay, MessageFilter, StoreReader};

use crate::{Error, Messages};

/// None of these asks a server: they know what is stored, which [`Messages::history`] brings.
impl Messages<'_> {
    /// The messages with these ids of the server's, in the order of the ids.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_ids(&self, message_ids: Vec<MessageId>) -> Result<Vec<Message>, Error> {
        self.client.read(move |reader| reader.messages_by_ids(&message_ids)).await
    }

    /// The server's message at a seq of a channel.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_seq(&self, channel: &ChannelId, seq: MessageSeq) -> Result<Option<Message>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.message_by_seq(&channel, seq)).await
    }

    /// The newest visible messages of some types before a place, the newest first: the images and videos of a channel.
    /// [`Position::MAX`] begins at the end; the place of the last one goes on.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn gallery(
        &self,
        channel: &ChannelId,
        content_types: Vec<ContentType>,
        before: Position,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        self.newest(channel, None, content_types, before, limit).await
    }

    /// The newest visible messages of a sender before a place, the newest first, as [`Messages::gallery`].
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn from_sender(
        &self,
        channel: &ChannelId,
        from_uid: &Uid,
        before: Position,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        self.newest(channel, Some(from_uid.clone()), Vec::new(), before, limit).await
    }

    async fn newest(
        &self,
        channel: &ChannelId,
        from_uid: Option<Uid>,
        content_types: Vec<ContentType>,
        before: Position,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let channel = channel.clone();
        let read = move |reader: &mut dyn StoreReader| {
            reader.filter_messages(&MessageFilter {
                channel: &channel,
                from_uid: from_uid.as_ref(),
                content_types: &content_types,
                from: Position::MIN,
                to: before.prev(),
                direction: Direction::Older,
                limit,
            })
        };
        self.client.read(read).await
    }

    /// The days on which a channel has visible messages, ascending, and how many each has: a calendar. The offset says
    /// where the days begin.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn days(&self, channel: &ChannelId, offset: UtcOffset) -> Result<Vec<MessageDay>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.message_days(&channel, offset)).await
    }

    /// The first visible message of a day of [`Messages::days`]: where [`PageQuery::around`](crate::PageQuery::around)
    /// goes on.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn first_of_day(
        &self,
        channel: &ChannelId,
        day: i64,
        offset: UtcOffset,
    ) -> Result<Option<Message>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.first_message_of_day(&channel, day, offset)).await
    }

    /// How many visible messages of a channel are stored.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn count(&self, channel: &ChannelId) -> Result<u64, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.count_messages(&channel)).await
    }

    /// The lowest and the highest seq of the messages of a channel that are stored, hidden ones included.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn seq_bounds(&self, channel: &ChannelId) -> Result<Option<(MessageSeq, MessageSeq)>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.seq_bounds(&channel)).await
    }
}
