//! What has still to be done, in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use wk_store::model::{ActionId, ActionKind, ChannelId, MessageId, MessageSeq, PendingAction, UnixMillis};
use wk_store::{PendingActionRead, PendingActionWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{corrupt, from_db, to_db};

impl<A: Access> PendingActionRead for View<A> {
    fn pending_actions(&mut self) -> Result<Vec<(ActionId, PendingAction)>, StoreError> {
        self.0.with(|link| {
            let rows: Vec<ActionRow> = Fetch::new(All, [])
                .load(&mut link.connection)
                .map_err(failed("reads what has still to be done"))?;
            rows.into_iter().map(|row| row.into_action(link)).collect()
        })
    }

    fn pending_action(&mut self, id: ActionId) -> Result<Option<PendingAction>, StoreError> {
        self.0.with(|link| {
            let row: Option<ActionRow> = Fetch::new(ById, [id.get().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads something that has still to be done"))?;
            Ok(row.map(|row| row.into_action(link)).transpose()?.map(|(_, action)| action))
        })
    }

    fn pending_action_for(
        &mut self,
        kind: ActionKind,
        channel: &ChannelId,
        message_id: MessageId,
    ) -> Result<Option<(ActionId, PendingAction)>, StoreError> {
        self.0.with(|link| {
            let Some(channel) = link.find_channel(channel)? else { return Ok(None) };
            let subject = [i64::from(kind.code()).into(), channel.into(), message_id.get().into()];
            let row: Option<ActionRow> = Fetch::new(BySubject, subject)
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads something that has still to be done"))?;
            row.map(|row| row.into_action(link)).transpose()
        })
    }
}

impl PendingActionWrite for View<Writing<'_>> {
    fn add_pending_action(&mut self, action: &PendingAction) -> Result<ActionId, StoreError> {
        self.0.with(|link| {
            let seq = to_db("seq of an action", action.seq.get())?;
            let channel = link.intern_channel(&action.channel)?;
            let (kind, message_id) = (i64::from(action.kind.code()), action.message_id.get());
            let failed = || failed("adds something that has still to be done");
            Fixed::new(Replace, [kind.into(), channel.into(), message_id.into()])
                .execute(&mut link.connection)
                .map_err(failed())?;
            let values = [
                kind.into(),
                channel.into(),
                message_id.into(),
                seq.into(),
                action.at.get().into(),
                (&action.text).into(),
                action.payload.as_ref().into(),
            ];
            let id: i64 = Fixed::new(Add, values).get_result(&mut link.connection).map_err(failed())?;
            Ok(ActionId::new(id))
        })
    }

    fn remove_pending_action(&mut self, id: ActionId) -> Result<bool, StoreError> {
        self.0.with(|link| {
            Fixed::new(Remove, [id.get().into()])
                .execute(&mut link.connection)
                .map(|removed| removed > 0)
                .map_err(failed("removes something that was done"))
        })
    }
}

type Columns = (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, Text, Binary);

macro_rules! columns {
    () => {
        "action_id, kind, channel, message_id, seq, at, text, payload"
    };
}

sql!(All -> Columns, "SELECT ", columns!(), " FROM pending_action ORDER BY action_id");
sql!(ById -> Columns, "SELECT ", columns!(), " FROM pending_action WHERE action_id = ?");
sql!(
    BySubject -> Columns,
    "SELECT ", columns!(), " FROM pending_action WHERE kind = ? AND channel = ? AND message_id = ?"
);
sql!(Replace, "DELETE FROM pending_action WHERE kind = ? AND channel = ? AND message_id = ?");
sql!(
    Add,
    "INSERT INTO pending_action (kind, channel, message_id, seq, at, text, payload) \
    VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING action_id"
);
sql!(Remove, "DELETE FROM pending_action WHERE action_id = ?");

#[derive(Queryable)]
struct ActionRow {
    action_id: i64,
    kind: i64,
    channel: i64,
    message_id: i64,
    seq: i64,
    at: i64,
    text: String,
    payload: Vec<u8>,
}

impl ActionRow {
    fn into_action(self, link: &mut Link) -> Result<(ActionId, PendingAction), StoreError> {
        let code: u8 = from_db("kind of an action", self.kind)?;
        let kind = ActionKind::from_code(code).ok_or_else(|| corrupt("kind of an action", self.kind))?;
        let action = PendingAction {
            kind,
            channel: link.channel(self.channel)?,
            message_id: MessageId::new(self.message_id),
            seq: MessageSeq::new(from_db("seq of an action", self.seq)?),
            at: UnixMillis::new(self.at),
            text: self.text,
            payload: self.payload.into(),
        };
        Ok((ActionId::new(self.action_id), action))
    }
}
