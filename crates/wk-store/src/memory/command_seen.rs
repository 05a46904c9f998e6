//! Handled commands in memory.

use wk_model::{CommandSeen, UnixMillis};

use super::table::CommandKey;
use super::{Access, View, Writing};
use crate::{CommandSeenRead, CommandSeenWrite, StoreError};

impl<A: Access> CommandSeenRead for View<A> {
    fn is_command_seen(&mut self, command: &CommandSeen) -> Result<bool, StoreError> {
        Ok(self.0.read(|state| keys(command).any(|key| state.tables.commands_seen.contains_key(&key))))
    }
}

impl CommandSeenWrite for View<Writing<'_>> {
    fn put_command_seen(&mut self, command: &CommandSeen) -> Result<(), StoreError> {
        for key in keys(command) {
            if !self.0.state.tables.commands_seen.contains_key(&key) {
                self.0.put_row(|tables| &mut tables.commands_seen, key, Some(command.seen_at));
            }
        }
        Ok(())
    }

    fn forget_commands(&mut self, before: UnixMillis) -> Result<u64, StoreError> {
        let all = &self.0.state.tables.commands_seen;
        let old: Vec<CommandKey> =
            all.iter().filter(|(_, seen_at)| **seen_at < before).map(|(key, _)| key.clone()).collect();
        let forgotten = old.len() as u64;
        for key in old {
            self.0.put_row(|tables| &mut tables.commands_seen, key, None);
        }
        Ok(forgotten)
    }
}

/// The names of a command.
fn keys(command: &CommandSeen) -> impl Iterator<Item = CommandKey> {
    let CommandSeen { channel, seq, message_id, .. } = command;
    let seq = (!seq.is_zero()).then(|| CommandKey::Seq(channel.clone(), *seq));
    let id = (!message_id.is_zero()).then_some(CommandKey::Id(*message_id));
    seq.into_iter().chain(id)
}
