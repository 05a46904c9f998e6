//! Channels: their names, settings and presence.

use wk_model::{Channel, ChannelFilter, ChannelId, ChannelInfo, ChannelLocal, Presence, Written};

use super::change::change;
use crate::StoreError;

/// Reads channels.
pub trait ChannelRead {
    /// What is known of a channel.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn channel(&mut self, id: &ChannelId) -> Result<Option<Channel>, StoreError>;

    /// The channels that a filter matches, by type and then by id.
    ///
    /// # Errors
    /// As [`ChannelRead::channel`].
    fn channels(&mut self, filter: &ChannelFilter) -> Result<Vec<Channel>, StoreError>;
}

/// Writes channels. The methods that take a part leave the other parts as they are.
pub trait ChannelWrite: ChannelRead {
    /// Writes a whole channel, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_channel(&mut self, channel: &Channel) -> Result<(), StoreError>;

    /// Takes what the server says of a channel, unless newer is known.
    ///
    /// # Errors
    /// As [`ChannelWrite::put_channel`].
    fn save_channel_info(&mut self, id: &ChannelId, info: &ChannelInfo) -> Result<Written, StoreError> {
        let stored = self.channel(id)?;
        let (row, written) = change(stored, || Channel::new(id.clone()), |row| row.merge(info.clone()));
        if written.is_change() {
            self.put_channel(&row)?;
        }
        Ok(written)
    }

    /// Takes whether a user is online: the last word counts.
    ///
    /// # Errors
    /// As [`ChannelWrite::put_channel`].
    fn set_presence(&mut self, id: &ChannelId, presence: Presence) -> Result<Written, StoreError> {
        let stored = self.channel(id)?;
        let (row, written) = change(stored, || Channel::new(id.clone()), |row| row.set_presence(presence));
        if written.is_change() {
            self.put_channel(&row)?;
        }
        Ok(written)
    }

    /// Takes what was changed here.
    ///
    /// # Errors
    /// As [`ChannelWrite::put_channel`].
    fn set_channel_local(&mut self, id: &ChannelId, local: &ChannelLocal) -> Result<Written, StoreError> {
        let stored = self.channel(id)?;
        let (row, written) = change(stored, || Channel::new(id.clone()), |row| row.set_local(local.clone()));
        if written.is_change() {
            self.put_channel(&row)?;
        }
        Ok(written)
    }
}
