//! The outbox in SQLite.

use diesel::prelude::*;
use wk_store::model::{ClientSeq, Ordering, OutboxEntry, OutboxState, UnixMillis};
use wk_store::{OutboxRead, OutboxWrite, StoreError};

use crate::fixed::{Fixed, Sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::{corrupt, from_db};
use crate::schema::outbox;

impl<A: Access> OutboxRead for View<A> {
    fn outbox(&mut self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.0.with(|link| {
            let rows = outbox::table
                .order(outbox::client_seq)
                .load::<(i64, i64, i64, i64, i64, i64, i64)>(&mut link.connection)
                .map_err(failed("reads the outbox"))?;
            let entries = rows.into_iter().map(
                |(client_seq, channel, attempts, queued_at, state, relaxed, failures)| {
                    let (code, attempts) = (from_db("outbox state", state)?, from_db("attempts", attempts)?);
                    Ok(OutboxEntry {
                        client_seq: ClientSeq::new(client_seq),
                        channel: link.channel(channel)?,
                        state: OutboxState::from_code(code, attempts)
                            .ok_or_else(|| corrupt("outbox state", code))?,
                        ordering: if relaxed == 0 { Ordering::InOrder } else { Ordering::Relaxed },
                        queued_at: UnixMillis::new(queued_at),
                        failures: from_db("failures", failures)?,
                    })
                },
            );
            entries.collect()
        })
    }
}

impl OutboxWrite for View<Writing<'_>> {
    fn put_outbox(&mut self, entry: &OutboxEntry) -> Result<(), StoreError> {
        self.0.with(|link| {
            let values = [
                entry.client_seq.get().into(),
                link.intern_channel(&entry.channel)?.into(),
                i64::from(entry.state.attempts()).into(),
                entry.queued_at.get().into(),
                i64::from(entry.state.code()).into(),
                i64::from(entry.ordering == Ordering::Relaxed).into(),
                i64::from(entry.failures).into(),
            ];
            Fixed::new(PutOutbox, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes to the outbox"))
        })
    }

    fn remove_outbox(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError> {
        self.0.with(|link| {
            diesel::delete(outbox::table.find(client_seq.get()))
                .execute(&mut link.connection)
                .map(|removed| removed > 0)
                .map_err(failed("removes from the outbox"))
        })
    }
}

#[derive(Clone, Copy)]
struct PutOutbox;

impl Sql for PutOutbox {
    const TEXT: &'static str = "\
        INSERT INTO outbox (client_seq, channel, attempts, queued_at, state, relaxed, failures) \
        VALUES (?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT (client_seq) DO UPDATE SET \
        channel = excluded.channel, attempts = excluded.attempts, queued_at = excluded.queued_at, \
        state = excluded.state, relaxed = excluded.relaxed, failures = excluded.failures";
}
