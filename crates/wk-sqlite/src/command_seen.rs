//! Handled commands in SQLite.

use diesel::prelude::*;
use wk_store::model::{CommandSeen, UnixMillis};
use wk_store::{CommandSeenRead, CommandSeenWrite, StoreError};

use crate::fixed::{Fixed, sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::to_db;

impl<A: Access> CommandSeenRead for View<A> {
    fn is_command_seen(&mut self, command: &CommandSeen) -> Result<bool, StoreError> {
        self.0.with(|link| {
            let seq = to_db("seq of a command", command.seq.get())?;
            // No row has the number 0, nor this channel.
            let channel = link.find_channel(&command.channel)?.unwrap_or(UNKNOWN);
            let values = [channel.into(), seq.into(), command.message_id.get().into()];
            let found: i64 = Fixed::new(CountSeen, values)
                .get_result(&mut link.connection)
                .map_err(failed("looks for a command"))?;
            Ok(found > 0)
        })
    }
}

impl CommandSeenWrite for View<Writing<'_>> {
    fn put_command_seen(&mut self, command: &CommandSeen) -> Result<(), StoreError> {
        let (id, seen_at) = (command.message_id, command.seen_at.get());
        self.0.with(|link| {
            let seq = to_db("seq of a command", command.seq.get())?;
            let by_seq = (seq > 0).then(|| link.intern_channel(&command.channel)).transpose()?;
            let by_seq = by_seq.map(|channel| (channel, seq));
            let by_id = (!id.is_zero()).then(|| (OF_IDS, id.get()));
            for (channel, number) in by_seq.into_iter().chain(by_id) {
                Fixed::new(Note, [channel.into(), number.into(), seen_at.into()])
                    .execute(&mut link.connection)
                    .map_err(failed("notes a command"))?;
            }
            Ok(())
        })
    }

    fn forget_commands(&mut self, before: UnixMillis) -> Result<u64, StoreError> {
        self.0.with(|link| {
            Fixed::new(Forget, [before.get().into()])
                .execute(&mut link.connection)
                .map(|forgotten| forgotten as u64)
                .map_err(failed("forgets commands"))
        })
    }
}

/// In place of a channel's number, for message ids.
const OF_IDS: i64 = 0;
/// A number that no channel has.
const UNKNOWN: i64 = -1;

sql!(
    CountSeen,
    "SELECT count(*) FROM command_seen WHERE channel = ? AND number = ? OR channel = 0 AND number = ?"
);
sql!(Note, "INSERT INTO command_seen (channel, number, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
sql!(Forget, "DELETE FROM command_seen WHERE seen_at < ?");
