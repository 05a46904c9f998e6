//! Commands: each is told once.
//!
//! It is written down before that, and told again after a restart until the application is done with it.
//!
//! The name of a command and the order to tell it are written in one transaction; the event leaves after its commit. A
//! crash before the commit leaves it unacknowledged, so the server pushes it again; a crash after it finds the order in
//! the store. What no server keeps is not kept here either.

mod builtin;
mod pull;

use std::collections::VecDeque;
use std::time::Duration;

use wk_store::model::{
    ActionId, ActionKind, ChannelId, CommandSeen, Message, MessageSeq, PayloadHead, PendingAction,
    ReceivedCommand,
};
use wk_store::{StoreError, StoreTx};

use crate::engine::Cx;
use crate::event::Event;

pub(crate) use builtin::obey;
pub(crate) use pull::CommandPull;

/// How many commands wait for the application at most; the oldest give way.
const MOST_WAITING: usize = 1000;
/// How long a command waits for the application, and how long its name is remembered.
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);

/// The commands that the application has not said it is done with.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    waiting: VecDeque<ActionId>,
    /// What waited when the engine was loaded has still to be told.
    retell: bool,
}

impl Commands {
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let actions = tx.pending_actions()?.into_iter();
        let waiting = actions.filter(|(_, action)| action.kind == ActionKind::Command).map(|(id, _)| id);
        Ok(Self { waiting: waiting.collect(), retell: true })
    }

    /// The application connects for the first time since the engine was loaded: it listens now.
    pub(crate) fn connect(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        if !std::mem::take(&mut self.retell) {
            return Ok(());
        }
        let oldest = before(cx);
        cx.tx.forget_commands(oldest)?;
        for id in std::mem::take(&mut self.waiting) {
            let Some(action) = cx.tx.pending_action(id)? else { continue };
            if action.at < oldest {
                cx.tx.remove_pending_action(id)?;
                continue;
            }
            self.waiting.push_back(id);
            cx.emit(Event::Command(ReceivedCommand::waiting(id, action)));
        }
        Ok(())
    }

    /// A command came. `log` is the log of commands that its seq counts in, where that is known: most servers do not
    /// say it (docs/servers.md T57), and then its id is its only name. Says whether it was told.
    pub(crate) fn received(
        &mut self,
        cx: &mut Cx<'_>,
        message: &Message,
        log: Option<(ChannelId, MessageSeq)>,
    ) -> Result<bool, StoreError> {
        if !PayloadHead::read(&message.payload).is_visible_to(&cx.core.config.uid, &message.from_uid) {
            return Ok(false);
        }
        let mut command = ReceivedCommand::of(message);
        if !message.header.no_persist && !message.message_id.is_zero() {
            let (channel, seq) = log.unwrap_or_else(|| (message.channel.clone(), MessageSeq::ZERO));
            let seen_at = cx.now.unix;
            let seen = CommandSeen { channel, seq, message_id: message.message_id, seen_at };
            if !cx.tx.note_command(&seen)?.is_change() {
                return Ok(false);
            }
            command.id = Some(self.keep(cx, message)?);
        }
        obey(cx, &command)?;
        cx.emit(Event::Command(command));
        Ok(true)
    }

    /// The application is done with a command. Says whether it waited.
    pub(crate) fn done(&mut self, cx: &mut Cx<'_>, id: ActionId) -> Result<bool, StoreError> {
        let was_waiting = self.waiting.contains(&id);
        if was_waiting {
            self.waiting.retain(|waiting| *waiting != id);
            cx.tx.remove_pending_action(id)?;
        }
        Ok(was_waiting)
    }

    fn keep(&mut self, cx: &mut Cx<'_>, message: &Message) -> Result<ActionId, StoreError> {
        let id = cx.tx.add_pending_action(&PendingAction {
            kind: ActionKind::Command,
            channel: message.channel.clone(),
            message_id: message.message_id,
            seq: MessageSeq::ZERO,
            at: message.timestamp,
            text: message.from_uid.as_str().to_owned(),
            payload: message.payload.clone(),
        })?;
        self.waiting.push_back(id);
        while self.waiting.len() > MOST_WAITING {
            let Some(oldest) = self.waiting.pop_front() else { break };
            tracing::warn!(%oldest, "too many commands wait for the application, the oldest is dropped");
            cx.tx.remove_pending_action(oldest)?;
        }
        Ok(id)
    }
}

fn before(cx: &Cx<'_>) -> wk_store::model::UnixMillis {
    cx.now.unix.offset(-i64::try_from(KEEP.as_millis()).unwrap_or(i64::MAX))
}
