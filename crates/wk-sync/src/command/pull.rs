//! Pulling commands: what was not pushed, asked for after a connect, and again and again where servers push none.

use wk_store::StoreError;
use wk_store::model::{ChannelId, ChannelType, Instant, PageQuery, Uid};

use crate::command::Commands;
use crate::command_source::{CommandsRequest, CommandsTaken, PulledCommand};
use crate::engine::jobs::Purpose;
use crate::engine::retry::Retry;
use crate::engine::{Cx, Question};
use crate::inbox::names;
use crate::record::Fact;
use crate::source::SourceError;

/// When the commands of the account are asked for.
#[derive(Debug, Default)]
pub(crate) struct CommandPull {
    retry: Retry<2, 300>,
    /// When they are asked for without a reason.
    next: Option<Instant>,
    /// The server pushes some commands to nobody (docs/servers.md T49).
    polls: bool,
}

impl CommandPull {
    /// A session began and its conversations are synced.
    pub(crate) fn synced(&mut self, cx: &mut Cx<'_>, polls: bool) {
        self.polls = polls;
        self.ask(cx);
    }

    pub(crate) fn offline(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.retry.at(), self.next].into_iter().flatten().min()
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now.instant;
        if self.retry.is_due(now) || self.next.is_some_and(|next| next <= now) {
            self.ask(cx);
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_>) {
        (self.next, self.retry) = (None, Retry::default());
        let Some(session) = cx.core.online.filter(|_| cx.core.offers.commands) else { return };
        let request = CommandsRequest { uid: cx.core.config.uid.clone(), limit: PageQuery::MAX_LIMIT };
        cx.ask(Purpose::Commands { session }, Question::Commands(request));
    }

    /// The commands came. They are acknowledged once they are written down, and then there may be more.
    pub(crate) fn pulled(
        &mut self,
        cx: &mut Cx<'_>,
        commands: &mut Commands,
        session: u64,
        result: Result<Vec<PulledCommand>, SourceError>,
    ) -> Result<(), StoreError> {
        let pulled = match result {
            Ok(pulled) => pulled,
            Err(error) => {
                self.failed(cx, session, &error);
                return Ok(());
            }
        };
        let is_full = u32::try_from(pulled.len()).unwrap_or(u32::MAX) >= PageQuery::MAX_LIMIT;
        let last_seq = pulled.iter().map(|command| command.message.message_seq).max().unwrap_or_default();
        let news = take_in(cx, commands, pulled)?;
        if cx.core.online != Some(session) {
            return Ok(());
        }
        if last_seq.is_zero() {
            self.rest(cx);
            return Ok(());
        }
        // v2 gives those of young logs again, whatever is acknowledged: only news are a reason to go on.
        let more = is_full && news > 0;
        let taken = CommandsTaken { uid: cx.core.config.uid.clone(), last_seq };
        cx.ask(Purpose::CommandsTaken { session, more }, Question::CommandsTaken(taken));
        Ok(())
    }

    /// The source knows what was taken, or does not; then it gives the same again, which changes nothing.
    pub(crate) fn taken(
        &mut self,
        cx: &mut Cx<'_>,
        session: u64,
        more: bool,
        result: Result<(), SourceError>,
    ) {
        match result {
            Err(error) => self.failed(cx, session, &error),
            Ok(()) if cx.core.online != Some(session) => {}
            Ok(()) if more => self.ask(cx),
            Ok(()) => self.rest(cx),
        }
    }

    fn rest(&mut self, cx: &Cx<'_>) {
        self.next = self.polls.then(|| cx.after(cx.core.config.command_interval));
    }

    fn failed(&mut self, cx: &mut Cx<'_>, session: u64, error: &SourceError) {
        tracing::warn!(%error, "commands could not be pulled");
        if *error == SourceError::NotSupported {
            cx.core.offers.commands = false;
        } else if cx.core.online == Some(session) {
            self.retry.failed(cx.now.instant);
        }
    }
}

/// Tells of the commands that are new, in the order in which the server took them. Says how many those are.
fn take_in(
    cx: &mut Cx<'_>,
    commands: &mut Commands,
    pulled: Vec<PulledCommand>,
) -> Result<usize, StoreError> {
    let mut messages: Vec<_> = pulled
        .into_iter()
        .filter(|command| !command.message.message_id.is_zero())
        .map(|PulledCommand { channel, mut message }| {
            (message.header.sync_once, message.header.no_persist) = (true, false);
            let channel = named(&channel, &message.from_uid, &cx.core.config.uid);
            Fact::pulled(&channel, message).into_message(&cx.core.config.uid)
        })
        .collect();
    messages.sort_by_key(|message| (message.timestamp, message.position));
    let mut news = 0;
    for message in &messages {
        // Not by its seq: for a person, two logs can come under one name.
        news += usize::from(commands.received(cx, message, None)?);
    }
    Ok(news)
}

/// The channel as its reader names it.
fn named(channel: &ChannelId, from: &Uid, reader: &Uid) -> ChannelId {
    let from = crate::record::sender(from.clone());
    let named = names::read(channel.id(), channel.channel_type(), &from, reader);
    let is_own = named.channel_type() == ChannelType::PERSON && named.id() == reader.as_str();
    if is_own { ChannelId::person(from.as_str()) } else { named }
}
