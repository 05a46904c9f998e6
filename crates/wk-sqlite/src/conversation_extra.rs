//! What a user leaves in conversations, in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use wk_store::model::{
    ChannelId, ConversationExtra, ConversationExtraState, MessageSeq, UnixMillis, Version,
};
use wk_store::{ConversationExtraRead, ConversationExtraWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> ConversationExtraRead for View<A> {
    fn conversation_extra(&mut self, channel: &ChannelId) -> Result<Option<ConversationExtra>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(None) };
            let row: Option<ConversationExtraRow> = Fetch::new(ByChannel, [number.into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads what was left in a conversation"))?;
            row.map(|row| row.into_extra(link)).transpose()
        })
    }

    fn conversation_extras_pending(&mut self) -> Result<Vec<ConversationExtra>, StoreError> {
        self.0.with(|link| {
            let rows: Vec<ConversationExtraRow> = Fetch::new(Pending, [])
                .load(&mut link.connection)
                .map_err(failed("reads what was left in conversations and not uploaded"))?;
            rows.into_iter().map(|row| row.into_extra(link)).collect()
        })
    }
}

impl ConversationExtraWrite for View<Writing<'_>> {
    fn put_conversation_extra(&mut self, extra: &ConversationExtra) -> Result<(), StoreError> {
        let none = ConversationExtraState::default();
        let (remote, pending) = (&extra.remote, extra.pending.as_ref().unwrap_or(&none));
        self.0.with(|link| {
            let version = to_db("version of a conversation's extra", extra.version.get())?;
            let [keep_seq, browse_to, pending_keep_seq, pending_browse_to] =
                [remote.keep_seq, remote.browse_to, pending.keep_seq, pending.browse_to]
                    .map(|seq| to_db("reading position", seq.get()));
            let values = [
                link.intern_channel(&extra.channel)?.into(),
                version.into(),
                (&remote.draft).into(),
                remote.draft_updated_at.get().into(),
                keep_seq?.into(),
                remote.keep_offset.into(),
                browse_to?.into(),
                extra.pending.is_some().into(),
                (&pending.draft).into(),
                pending.draft_updated_at.get().into(),
                pending_keep_seq?.into(),
                pending.keep_offset.into(),
                pending_browse_to?.into(),
            ];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes what was left in a conversation"))
        })
    }
}

type State = (Text, BigInt, BigInt, BigInt, BigInt);

/// All columns, in the groups of [`ConversationExtraRow`].
pub(crate) type ConversationExtraColumns = (BigInt, BigInt, State, Bool, State);

macro_rules! columns {
    () => {
        "channel, version, draft, draft_updated_at, keep_seq, keep_offset, browse_to, pending, \
        pending_draft, pending_draft_updated_at, pending_keep_seq, pending_keep_offset, pending_browse_to"
    };
}
pub(crate) use columns as conversation_extra_columns;

sql!(
    ByChannel -> ConversationExtraColumns,
    "SELECT ", columns!(), " FROM conversation_extra WHERE channel = ?"
);
sql!(
    Pending -> ConversationExtraColumns,
    "SELECT ", columns!(), " FROM conversation_extra WHERE pending = 1"
);
sql!(
    Put,
    "INSERT INTO conversation_extra (channel, version, draft, draft_updated_at, keep_seq, keep_offset, \
    browse_to, pending, pending_draft, pending_draft_updated_at, pending_keep_seq, pending_keep_offset, \
    pending_browse_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET \
    version = excluded.version, draft = excluded.draft, draft_updated_at = excluded.draft_updated_at, \
    keep_seq = excluded.keep_seq, keep_offset = excluded.keep_offset, browse_to = excluded.browse_to, \
    pending = excluded.pending, pending_draft = excluded.pending_draft, pending_draft_updated_at = \
    excluded.pending_draft_updated_at, pending_keep_seq = excluded.pending_keep_seq, pending_keep_offset = \
    excluded.pending_keep_offset, pending_browse_to = excluded.pending_browse_to"
);

/// The columns of what was left in a conversation.
#[derive(Queryable)]
pub(crate) struct ConversationExtraRow {
    channel: i64,
    version: i64,
    remote: StateRow,
    is_pending: bool,
    pending: StateRow,
}

#[derive(Queryable)]
pub(crate) struct StateRow {
    draft: String,
    draft_updated_at: i64,
    keep_seq: i64,
    keep_offset: i64,
    browse_to: i64,
}

impl ConversationExtraRow {
    pub(crate) fn into_extra(self, link: &mut Link) -> Result<ConversationExtra, StoreError> {
        Ok(ConversationExtra {
            channel: link.channel(self.channel)?,
            version: Version::new(from_db("version of a conversation's extra", self.version)?),
            remote: self.remote.into_state()?,
            pending: self.is_pending.then(|| self.pending.into_state()).transpose()?,
        })
    }
}

impl StateRow {
    fn into_state(self) -> Result<ConversationExtraState, StoreError> {
        Ok(ConversationExtraState {
            draft: self.draft,
            draft_updated_at: UnixMillis::new(self.draft_updated_at),
            keep_seq: MessageSeq::new(from_db("reading position", self.keep_seq)?),
            keep_offset: from_db("shift of a list", self.keep_offset)?,
            browse_to: MessageSeq::new(from_db("reading position", self.browse_to)?),
        })
    }
}
