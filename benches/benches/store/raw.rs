//! The other side: the same rows by SQLite's own C API.
//!
//! With as little around it as rusqlite puts there: prepared statements, bound values, columns that are looked at and not
//! copied.

use std::hint::black_box;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, params};
use wk_store::model::{ChannelId, Message};

macro_rules! columns {
    () => {
        "client_seq, channel, seq, local_index, message_id, sender, client_msg_no, timestamp, flags, hidden, \
         content_type, expire, topic, payload"
    };
}

pub(crate) struct Raw(Connection);

impl Raw {
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        // As the store configures its own connections.
        connection
            .execute_batch(
                "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; \
                 PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;",
            )
            .unwrap();
        Self(connection)
    }

    pub(crate) fn channel(&self, channel: &ChannelId) -> i64 {
        self.number(
            "SELECT id FROM channel WHERE name = ? AND channel_type = ?",
            params![channel.id(), channel.channel_type().value()],
        )
    }

    pub(crate) fn number(&self, sql: &str, values: impl Params) -> i64 {
        self.0.query_row(sql, values, |row| row.get(0)).unwrap()
    }

    /// Runs a statement and looks at every column of every row; says how many rows.
    fn look(&self, sql: &str, values: impl Params) -> usize {
        let mut statement = self.0.prepare_cached(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query(values).unwrap();
        let mut count = 0;
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Integer(number) => drop(black_box(number)),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => drop(black_box(bytes)),
                    _ => {}
                }
            }
            count += 1;
        }
        count
    }

    /// A page down from a seq.
    pub(crate) fn page(&self, channel: i64, last: i64) -> usize {
        // The limit is in the text: SQLite prepares a statement anew when another is bound.
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM message WHERE channel = ? AND hidden IS NULL AND seq <= ? \
             ORDER BY seq DESC, local_index DESC LIMIT 20"
        );
        self.look(sql, params![channel, last])
    }

    pub(crate) fn conversations(&self) -> usize {
        let sql = "SELECT c.channel, last_seq, read_to, own_seq, c.timestamp, read_unsent, m.* FROM conversation_last c \
                   LEFT JOIN message m ON m.client_seq = c.last_message";
        self.look(sql, [])
    }

    /// The newest rows with a token.
    pub(crate) fn search(&self, expression: &str) -> usize {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM search CROSS JOIN message ON client_seq = search.rowid \
             WHERE search MATCH ? ORDER BY timestamp DESC LIMIT 20"
        );
        self.look(sql, params![expression])
    }

    /// Inserts messages of one channel and sender in one transaction.
    pub(crate) fn insert(&self, channel: i64, sender: i64, messages: &[Message]) {
        self.0.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
        {
            let mut insert = self
                .0
                .prepare_cached(
                    "INSERT INTO message (channel, seq, local_index, message_id, sender, client_msg_no, timestamp, \
                     flags, hidden, content_type, expire, topic, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .unwrap();
            for message in messages {
                let values = params![
                    channel,
                    message.position.seq.get() as i64,
                    0,
                    message.message_id.get(),
                    sender,
                    message.client_msg_no.as_str(),
                    message.timestamp.get(),
                    9,
                    None::<i64>,
                    message.content_type.value(),
                    message.expire,
                    &message.topic,
                    &message.payload[..],
                ];
                insert.execute(values).unwrap();
            }
        }
        self.0.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
    }
}
