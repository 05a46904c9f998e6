//! Coverage in memory.

use std::mem;

use wk_model::{ChannelId, MessageSeq};

use super::state::Undo;
use super::{Access, View, Writing};
use crate::{ChannelLog, CoverageRead, CoverageWrite, StoreError};

impl<A: Access> CoverageRead for View<A> {
    fn channel_log(&mut self, channel: &ChannelId) -> Result<ChannelLog, StoreError> {
        Ok(self
            .0
            .read(|state| state.channels.get(channel).map(|found| found.log.clone()).unwrap_or_default()))
    }

    fn tails(&mut self) -> Result<Vec<(ChannelId, MessageSeq)>, StoreError> {
        Ok(self.0.read(|state| {
            let tails = state.channels.iter().map(|(channel, found)| (channel.clone(), found.log.tail));
            tails.filter(|(_, tail)| !tail.is_zero()).collect()
        }))
    }
}

impl CoverageWrite for View<Writing<'_>> {
    fn set_channel_log(&mut self, channel: &ChannelId, log: &ChannelLog) -> Result<(), StoreError> {
        let Writing { state, undo } = &mut self.0;
        let before = mem::replace(&mut state.channel_mut(channel).log, log.clone());
        undo.push(Undo::Log(channel.clone(), before));
        Ok(())
    }
}
