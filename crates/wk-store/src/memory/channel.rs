//! Channels in memory.

use wk_model::{Channel, ChannelFilter, ChannelId};

use super::{Access, View, Writing};
use crate::{ChannelRead, ChannelWrite, StoreError};

impl<A: Access> ChannelRead for View<A> {
    fn channel(&mut self, id: &ChannelId) -> Result<Option<Channel>, StoreError> {
        Ok(self.0.read(|state| state.tables.channels.get(id).cloned()))
    }

    fn channels(&mut self, filter: &ChannelFilter) -> Result<Vec<Channel>, StoreError> {
        Ok(self.0.read(|state| {
            let found = state.tables.channels.values().filter(|channel| filter.matches(channel));
            let mut found: Vec<Channel> = found.cloned().collect();
            // The map is ordered by id first.
            found.sort_by_key(|channel| channel.id.channel_type());
            found
        }))
    }
}

impl ChannelWrite for View<Writing<'_>> {
    fn put_channel(&mut self, channel: &Channel) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.channels, channel.id.clone(), Some(channel.clone()));
        Ok(())
    }
}
