//! Rows that a transaction writes once, however often they change in it: each channel's log and conversation.
//!
//! Every message changes both, and a transaction has many messages of a channel. What waits is written before anything
//! reads it, and before the commit.

use std::collections::BTreeMap;

use diesel::prelude::*;
use wk_store::StoreError;
use wk_store::model::SeqSet;

use crate::conversation::ConversationRow;
use crate::coverage::format_covered;
use crate::fixed::{Fixed, sql};
use crate::link::{Link, failed};

/// What waits, by the numbers of the channels.
#[derive(Debug, Default)]
pub(crate) struct Deferred {
    /// What is covered becomes a text only when it is written.
    logs: BTreeMap<i64, (LogRow, SeqSet)>,
    conversations: BTreeMap<i64, ConversationRow>,
}

/// What a row of a channel says of its log, besides what is covered.
#[derive(Debug, Default)]
pub(crate) struct LogRow {
    pub(crate) tail: i64,
    pub(crate) cleared_to: i64,
    pub(crate) cleared_at: i64,
}

impl Deferred {
    pub(crate) fn put_log(&mut self, channel: i64, row: LogRow, covered: &SeqSet) {
        let (known, known_covered) = self.logs.entry(channel).or_default();
        *known = row;
        known_covered.clone_from(covered);
    }

    pub(crate) fn put_conversation(&mut self, row: ConversationRow) {
        self.conversations.insert(row.channel, row);
    }

    /// The open transaction was undone, and so is what waited in it.
    pub(crate) fn rolled_back(&mut self) {
        *self = Self::default();
    }
}

impl Link {
    /// Writes what waits.
    pub(crate) fn write_deferred(&mut self) -> Result<(), StoreError> {
        for (number, row) in std::mem::take(&mut self.deferred.logs) {
            let (LogRow { tail, cleared_to, cleared_at }, covered) = row;
            let covered = format_covered(&covered)?;
            let values =
                [tail.into(), cleared_to.into(), cleared_at.into(), (&covered).into(), number.into()];
            Fixed::new(SetLog, values)
                .execute(&mut self.connection)
                .map_err(failed("writes what is known of a channel"))?;
        }
        for row in std::mem::take(&mut self.deferred.conversations).into_values() {
            let values = [
                row.channel.into(),
                row.last_seq.into(),
                row.read_to.into(),
                row.own_seq.into(),
                row.timestamp.into(),
                row.read_unsent.into(),
                row.deleted_to.into(),
            ];
            Fixed::new(PutConversation, values)
                .execute(&mut self.connection)
                .map_err(failed("writes a conversation"))?;
        }
        Ok(())
    }
}

sql!(SetLog, "UPDATE channel SET tail = ?, cleared_to = ?, cleared_at = ?, covered = ? WHERE id = ?");

// Names its columns and updates in place, so that columns it does not know keep their values.
sql!(
    PutConversation,
    "INSERT INTO conversation (channel, last_seq, read_to, own_seq, timestamp, read_unsent, deleted_to) \
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET \
     last_seq = excluded.last_seq, read_to = excluded.read_to, own_seq = excluded.own_seq, \
     timestamp = excluded.timestamp, read_unsent = excluded.read_unsent, deleted_to = excluded.deleted_to"
);

#[cfg(test)]
mod tests {
    use wk_store::model::{ChannelId, Conversation, MessageSeq};
    use wk_store::{ChannelLog, Store};

    use crate::SqliteStore;
    use crate::statement_tests::traced;

    fn channel() -> ChannelId {
        ChannelId::group("team")
    }

    fn log(tail: u64) -> ChannelLog {
        ChannelLog { tail: MessageSeq::new(tail), ..ChannelLog::default() }
    }

    fn conversation(last_seq: u64) -> Conversation {
        Conversation { last_seq: MessageSeq::new(last_seq), ..Conversation::new(channel()) }
    }

    #[test]
    fn a_transaction_writes_each_row_once_and_reads_the_last_of_it() {
        let (mut store, statements) = traced();
        let writes = || {
            let run = std::mem::take(&mut statements.lock().unwrap().run);
            let is_write = |sql: &&String| {
                sql.starts_with("UPDATE channel SET") || sql.starts_with("INSERT INTO conversation")
            };
            run.iter().filter(is_write).count()
        };
        let mut tx = store.begin().unwrap();
        for seq in 1..=50 {
            tx.set_channel_log(&channel(), &log(seq)).unwrap();
            tx.put_conversation(&conversation(seq)).unwrap();
        }
        assert_eq!(writes(), 0);
        assert_eq!(tx.channel_log(&channel()).unwrap(), log(50));
        assert_eq!(tx.conversation(&channel()).unwrap(), Some(conversation(50)));
        assert_eq!(writes(), 2);
        for seq in 51..=99 {
            tx.set_channel_log(&channel(), &log(seq)).unwrap();
            tx.put_conversation(&conversation(seq)).unwrap();
        }
        assert_eq!(tx.tails().unwrap(), [(channel(), MessageSeq::new(99))]);
        assert_eq!(tx.conversations().unwrap(), [conversation(99)]);
        tx.put_conversation(&conversation(100)).unwrap();
        tx.commit().unwrap();
        assert_eq!(writes(), 3);
        let mut reader = store.reader().unwrap();
        assert_eq!(reader.channel_log(&channel()).unwrap(), log(99));
        assert_eq!(reader.conversation(&channel()).unwrap(), Some(conversation(100)));
    }

    #[test]
    fn what_waited_goes_with_its_transaction() {
        let mut store = SqliteStore::in_memory().unwrap();
        let mut tx = store.begin().unwrap();
        tx.set_channel_log(&channel(), &log(7)).unwrap();
        tx.put_conversation(&conversation(7)).unwrap();
        drop(tx);
        let mut tx = store.begin().unwrap();
        assert_eq!(tx.channel_log(&channel()).unwrap(), ChannelLog::default());
        assert_eq!(tx.conversation(&channel()).unwrap(), None);
        tx.commit().unwrap();
    }
}
