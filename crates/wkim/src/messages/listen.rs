//! Hearing of messages: as a stream, as a stream that begins with what is stored, or by callbacks.

use wk_sync::StreamUpdate;
use wk_sync::store::model::{ChannelId, Direction, Message, MessageSeq, PageQuery, Position};
use wk_sync::store::{MessageScan, StoreTx};

use crate::listeners::{Callbacks, callback};
use crate::request::Request;
use crate::{Error, Event, Events, MessageEvent, Messages, Timeline};

impl Messages<'_> {
    /// What happens to messages from now on.
    pub fn events(&self) -> Events<MessageEvent> {
        self.client.events().filter_map(MessageEvent::of)
    }

    /// What messages that are still being written say from now on, such as the answers of an AI.
    ///
    /// v2 pushes that. v3 does not: there the data source is asked, after one second, two and so on up to half a minute while
    /// there is nothing new, for messages that a pull showed as being written and for pushed texts without text. For others
    /// call [`Messages::follow`].
    pub fn streams(&self) -> Events<StreamUpdate> {
        self.client.events().filter_map(|event| match event {
            Event::Stream(update) => Some(update),
            _ => None,
        })
    }

    /// Follows a message of the last ten minutes that may still be written, until it is complete or says nothing new for ten
    /// minutes: what it says comes by [`Messages::streams`]. Only needed on v3, and there only for a message that begins with
    /// something else than a text without text, such as a content of the application's own: a push does not tell
    /// (docs/servers.md §8).
    ///
    /// # Errors
    /// [`Error::Query`] for a message that no server has; [`Error::Store`], [`Error::Stopped`].
    pub async fn follow(&self, message: &Message) -> Result<(), Error> {
        let row = message.client_seq;
        self.client.ask(|answer| Request::FollowStream(row, answer)).await
    }

    /// The newest stored messages of a channel, ascending, and what happens to its messages from then on. Both are taken
    /// together: every event comes after the messages, and none is missing in between.
    ///
    /// # Errors
    /// [`Error::Query`] for a limit of 0 or over 10,000; [`Error::Store`], [`Error::Stopped`].
    pub async fn subscribe(
        &self,
        channel: &ChannelId,
        limit: u32,
    ) -> Result<(Vec<Message>, Events<MessageEvent>), Error> {
        if !(1..=PageQuery::MAX_LIMIT).contains(&limit) {
            return Err(wk_sync::QueryError::Limit { limit }.into());
        }
        let of = channel.clone();
        let newest = move |tx: &mut dyn StoreTx| {
            let mut messages = tx.scan_messages(&MessageScan {
                channel: &of,
                from: Position::MIN,
                to: Position::MAX,
                direction: Direction::Older,
                limit,
                visible_only: true,
            })?;
            messages.sort_by_key(|message| message.position);
            Ok(messages)
        };
        let (messages, events) = self.client.snapshot(newest).await?;
        let channel = channel.clone();
        Ok((messages, events.filter_map(move |event| MessageEvent::of(event)?.within(&channel))))
    }

    /// The newest messages of a channel as a list for a user interface, which loads more in both directions and keeps itself up to
    /// date.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn timeline(&self, channel: &ChannelId) -> Result<Timeline, Error> {
        Timeline::open(self.client.clone(), channel.clone()).await
    }

    /// Calls back with each own message that was stored, before it is sent: show it now.
    ///
    /// All callbacks of one key are called one after the other, in the order in which things became true. A callback that was
    /// there under the key is replaced. The callbacks run as a task; what blocks belongs elsewhere.
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_inserted(&self, key: &str, call: impl FnMut(Message) + Send + 'static) -> Result<(), Error> {
        self.listen(key, |callbacks| callbacks.inserted = Some(callback(call)))
    }

    /// Calls back with messages that were not known before, of any channel. See [`Messages::on_inserted`].
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_new(&self, key: &str, call: impl FnMut(Vec<Message>) + Send + 'static) -> Result<(), Error> {
        self.listen(key, |callbacks| callbacks.new = Some(callback(call)))
    }

    /// Calls back with each stored message that changed; its status and its reason code say how sending went. See
    /// [`Messages::on_inserted`].
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_refresh(&self, key: &str, call: impl FnMut(Message) + Send + 'static) -> Result<(), Error> {
        self.listen(key, |callbacks| callbacks.refreshed = Some(callback(call)))
    }

    /// Calls back with messages that are no longer shown, because they were deleted, expired or burnt, as they were before. All
    /// are of one channel. See [`Messages::on_inserted`].
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_removed(
        &self,
        key: &str,
        call: impl FnMut(Vec<Message>) + Send + 'static,
    ) -> Result<(), Error> {
        self.listen(key, |callbacks| callbacks.removed = Some(callback(call)))
    }

    /// Calls back with each channel that was cleared here, and the highest seq that went. See [`Messages::on_inserted`].
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_cleared(
        &self,
        key: &str,
        mut call: impl FnMut(ChannelId, MessageSeq) + Send + 'static,
    ) -> Result<(), Error> {
        let call = callback(move |(channel, up_to)| call(channel, up_to));
        self.listen(key, |callbacks| callbacks.cleared = Some(call))
    }

    /// Calls back when what is shown has to be loaded again: so many events were dropped because the callbacks of this key were
    /// too slow, or, with 0, what was stored of a channel changed as a whole. See [`Messages::on_inserted`].
    ///
    /// # Errors
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn on_reload(&self, key: &str, call: impl FnMut(u64) + Send + 'static) -> Result<(), Error> {
        self.listen(key, |callbacks| callbacks.reload = Some(callback(call)))
    }

    /// Removes the callback of [`Messages::on_inserted`] with this key.
    pub fn remove_on_inserted(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.inserted = None);
    }

    /// Removes the callback of [`Messages::on_new`] with this key.
    pub fn remove_on_new(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.new = None);
    }

    /// Removes the callback of [`Messages::on_refresh`] with this key.
    pub fn remove_on_refresh(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.refreshed = None);
    }

    /// Removes the callback of [`Messages::on_removed`] with this key.
    pub fn remove_on_removed(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.removed = None);
    }

    /// Removes the callback of [`Messages::on_cleared`] with this key.
    pub fn remove_on_cleared(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.cleared = None);
    }

    /// Removes the callback of [`Messages::on_reload`] with this key.
    pub fn remove_on_reload(&self, key: &str) {
        self.unlisten(key, |callbacks| callbacks.reload = None);
    }

    /// Removes every callback with this key.
    pub fn remove_listeners(&self, key: &str) {
        self.unlisten(key, |callbacks| *callbacks = Callbacks::default());
    }

    fn listen(&self, key: &str, change: impl FnOnce(&mut Callbacks)) -> Result<(), Error> {
        self.client.listeners().change(key, || self.events(), change)
    }

    /// Taking away starts nothing, so it needs no runtime.
    fn unlisten(&self, key: &str, change: impl FnOnce(&mut Callbacks)) {
        self.listen(key, change).ok();
    }
}
