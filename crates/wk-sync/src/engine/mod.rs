//! The engine: one input at a time, handed to the machines, and what they want done.

mod config;
mod context;
mod health;
mod input;
pub(crate) mod jobs;
mod memory;
mod output;
mod outputs;
pub(crate) mod retry;

pub use config::{Config, ConversationSource, Entropy, JobId, LinkId, Ticket};
pub(crate) use context::{Core, Cx};
pub use input::{Answer, Input};
pub use memory::EngineMemory;
pub use output::{Output, Question, Reply};
use wk_store::model::proto::{Frame, Packet};
use wk_store::model::{Account, ChannelId, ClientSeq, Instant, Now};
use wk_store::{StoreError, StoreTx};

use crate::command::{CommandPull, Commands};
use crate::conversation::{self, ConversationSync, How};
use crate::error::EngineError;
use crate::event::Origin;
use crate::expiry::Expiry;
use crate::extras::{self, Extras};
use crate::history::{History, clear};
use crate::inbox;
use crate::outbox::Outbox;
use crate::record::{Fact, is_in_log};
use crate::session::{Incoming, Session};
use crate::source::{PulledMessage, SourceError};
use crate::stream::Streams;
use jobs::Purpose;

/// Every decision of one account, as a state machine without IO.
///
/// # Contract
/// 1. Open one store transaction, call [`handle`](Self::handle) for every input that waits, commit. Only then drain
///    [`poll_output`](Self::poll_output) and carry the outputs out in their order.
/// 2. Call `handle` with [`Input::Timeout`] when the moment of [`poll_timeout`](Self::poll_timeout) has come. Calling
///    it too early does no harm. Time must not run backwards.
/// 3. If `handle` or the commit fails, drop the transaction and the engine with all its outputs, close its connection
///    and [`load`](Self::load) a new one: what the engine holds in memory is a copy of the store, and every input may
///    come twice.
pub struct Engine {
    core: Core,
    session: Session,
    outbox: Outbox,
    history: History,
    sync: ConversationSync,
    commands: Commands,
    command_pull: CommandPull,
    extras: Extras,
    expiry: Expiry,
    streams: Streams,
}

impl Engine {
    /// Loads an account from its store; a fresh store becomes this account's.
    ///
    /// # Errors
    /// The store belongs to another uid ([`StoreError::WrongAccount`]), or failed.
    pub fn load(
        config: Config,
        entropy: Box<dyn Entropy>,
        tx: &mut dyn StoreTx,
    ) -> Result<Self, EngineError> {
        let mut core = Core::new(config, entropy);
        let account = match tx.account()? {
            Some(account) if account.uid == core.config.uid => account,
            Some(account) => {
                return Err(StoreError::WrongAccount { owner: account.uid, uid: core.config.uid }.into());
            }
            None => {
                let account = Account { uid: core.config.uid.clone(), device_id: core.random_name() };
                tx.set_account(&account)?;
                account
            }
        };
        let outbox = Outbox::load(tx)?;
        let (history, sync) = (History::default(), ConversationSync::default());
        let (commands, extras, expiry) = (Commands::load(tx)?, Extras::load(tx)?, Expiry::load(tx)?);
        let streams = Streams::load(tx)?;
        // Late news for an engine that was dropped must name no link or question of this one.
        let first = core.random_u32().into();
        core.jobs.start_at(first);
        Ok(Self {
            core,
            session: Session::new(account, first),
            outbox,
            history,
            sync,
            commands,
            command_pull: CommandPull::default(),
            extras,
            expiry,
            streams,
        })
    }

    /// Takes in what happened.
    ///
    /// # Errors
    /// The store failed; see the contract.
    pub fn handle(&mut self, now: Now, input: Input, tx: &mut dyn StoreTx) -> Result<(), EngineError> {
        let session_before = self.core.online;
        let synced_before = self.core.synced;
        let Self { core, session, outbox, history, sync, commands, command_pull, extras, expiry, streams } =
            self;
        let mut cx = Cx { now, tx, core };
        let cx = &mut cx;
        match input {
            Input::Connect => {
                session.connect(cx);
                commands.connect(cx)?;
            }
            Input::Disconnect => session.disconnect(cx),
            Input::Wake => {
                cx.core.source.hope();
                session.wake(cx);
            }
            Input::NetworkChanged => {
                cx.core.source.hope();
                session.network_changed(cx);
            }
            Input::LinkUp(link) => session.link_up(cx, link),
            Input::LinkDown { link, reason } => session.link_down(cx, link, reason),
            Input::Frame { link, frame } => match session.frame(cx, link, frame) {
                Incoming::Nothing => {}
                Incoming::Deliver(frame) => deliver(cx, session, outbox, commands, streams, &frame)?,
                Incoming::WentOnline(early) => {
                    cx.core.source.hope();
                    outbox.online();
                    let has_pages = session.online().is_some_and(|online| online.version.has_wide_seq());
                    sync.online(cx, has_pages)?;
                    for frame in early {
                        deliver(cx, session, outbox, commands, streams, &frame)?;
                    }
                }
            },
            Input::Send { ticket, message } => outbox.send(cx, ticket, message)?,
            Input::Cancel { ticket, client_seq } => outbox.cancel(cx, ticket, client_seq)?,
            Input::Retry { ticket, client_seq } => outbox.retry(cx, ticket, client_seq)?,
            Input::PauseUpload { ticket, client_seq, paused } => {
                outbox.pause_upload(cx, ticket, client_seq, paused)?
            }
            Input::FollowStream { ticket, client_seq } => {
                let message = cx.tx.message(client_seq)?;
                let reply = Streams::follow(cx, message.as_ref())?;
                cx.reply(ticket, reply);
            }
            Input::OpenChannel(channel) => history.open(channel),
            Input::CloseChannel(channel) => history.close(&channel),
            Input::Clear { ticket, channel, up_to } => {
                clear(cx, extras, ticket, channel.clone(), up_to)?;
                outbox.cleared(cx, &channel)?;
            }
            Input::Page { ticket, query } => {
                extras.opened(cx, &query.channel);
                history.page(cx, ticket, query)?;
            }
            Input::Change { ticket, change } => {
                let done = extras::change(cx, extras, commands, expiry, change)?;
                cx.reply(ticket, Reply::Done(done));
            }
            Input::MarkRead { ticket, channel, unread } => {
                conversation::mark_read(cx, ticket, &channel, unread)?
            }
            Input::Answer { job, answer } => {
                let asked = Asked { outbox, history, sync, commands, command_pull, extras };
                asked.answered(cx, job, |purpose| purpose.accept(answer))?;
            }
            Input::Timeout => {
                for job in cx.core.jobs.expired(now.instant) {
                    cx.core.out.push_back(Output::Abandon(job));
                    let asked = Asked { outbox, history, sync, commands, command_pull, extras };
                    asked.answered(cx, job, |purpose| purpose.failed(SourceError::TimedOut))?;
                }
                session.timeout(cx);
                sync.timeout(cx)?;
                command_pull.timeout(cx);
                history.timeout(cx)?;
                expiry.timeout(cx)?;
                if outbox.timeout(cx) {
                    session.drop_link(cx, "the server does not answer what is sent");
                }
                if let Some(since) = outbox.waits_since(cx) {
                    session.probe(cx, since);
                }
            }
        }
        history.note_holes(cx);
        for (channel, client_seq) in std::mem::take(&mut cx.core.settled) {
            outbox.settled(&channel, client_seq);
        }
        for message in std::mem::take(&mut cx.core.ended) {
            outbox.life_ended(cx, &message)?;
        }
        if session_before.is_some() && cx.core.online != session_before {
            outbox.offline();
            sync.offline();
            command_pull.offline();
            extras.offline();
            streams.offline();
            cx.core.logs.doubt_all_heads();
        }
        if cx.core.synced.is_some() && cx.core.synced != synced_before {
            extras.synced(cx);
            command_pull.synced(cx, session.online().is_some_and(|online| online.version.has_wide_seq()));
        }
        outbox.pump(cx, session.online())?;
        if cx.core.online.is_some() {
            streams.settle(cx, session.online().is_some_and(|online| !online.version.has_wide_seq()))?;
            extras.pump(cx)?;
        }
        expiry.settle(cx);
        Ok(())
    }

    /// What to do next, after the commit.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.out.pop_front()
    }

    /// When to call [`handle`](Self::handle) with [`Input::Timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = [
            self.session.deadline(self.core.config.silence_limit),
            self.sync.deadline(),
            self.command_pull.deadline(),
            self.streams.deadline(self.core.online.is_some()),
            self.outbox.deadline(),
            self.history.deadline(),
            self.core.jobs.deadline(),
            self.extras.deadline(self.core.online.is_some() && self.core.online == self.core.synced),
            self.expiry.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }
}

/// Hands a packet of the running session to its machine.
fn deliver(
    cx: &mut Cx<'_>,
    session: &Session,
    outbox: &mut Outbox,
    commands: &mut Commands,
    streams: &mut Streams,
    frame: &Frame,
) -> Result<(), StoreError> {
    let Some(online) = session.online() else { return Ok(()) };
    match frame.decode(online.version) {
        Ok(Packet::Recv(packet)) => inbox::recv(cx, commands, online, &packet),
        Ok(Packet::Sendack(packet)) => outbox.ack(cx, &packet),
        Ok(Packet::Event(packet)) => streams.event(cx, &packet),
        Ok(_) => Ok(()),
        // Its frame was whole, so what follows can still be read.
        Err(error) => {
            tracing::warn!(%error, packet = ?frame.packet_type(), "a packet cannot be read and is left out");
            Ok(())
        }
    }
}

/// The machines that ask the data source.
struct Asked<'a> {
    outbox: &'a mut Outbox,
    history: &'a mut History,
    sync: &'a mut ConversationSync,
    commands: &'a mut Commands,
    command_pull: &'a mut CommandPull,
    extras: &'a mut Extras,
}

impl Asked<'_> {
    /// Hands an answer to the machine that asked; a job that was given up has none any more.
    fn answered(
        self,
        cx: &mut Cx<'_>,
        job: JobId,
        answer: impl FnOnce(&Purpose) -> Answer,
    ) -> Result<(), StoreError> {
        let Self { outbox, history, sync, commands, command_pull, extras } = self;
        let Some(purpose) = cx.core.jobs.close(job) else { return Ok(()) };
        let answer = answer(&purpose);
        cx.core.source.answered(&answer, cx.now.instant);
        match (purpose, answer) {
            (Purpose::Pull(pull), Answer::Pulled(result)) => history.pulled(cx, job, pull, result),
            (Purpose::Sync { session }, Answer::Synced(result)) => sync.finished(cx, session, result),
            (Purpose::Find { channel, client_seq }, Answer::Found(result)) => {
                // Receivers of this SDK recognise a copy by its number, so sending again is the lesser harm.
                let messages = result.unwrap_or_else(|error| {
                    tracing::warn!(%error, "whether the server has a message could not be asked");
                    Vec::new()
                });
                found(cx, outbox, job, (&channel, client_seq), messages)
            }
            (Purpose::Upload { channel, client_seq }, Answer::Uploaded(result)) => {
                outbox.uploaded(cx, &channel, client_seq, result)
            }
            (Purpose::SetUnread { channel, read_to, session }, Answer::UnreadSet(result)) => {
                conversation::read_position_told(cx, &channel, read_to, session, result)
            }
            (Purpose::List { session }, Answer::Listed(result)) => sync.listed(cx, session, result),
            (Purpose::ListPull { session }, Answer::PulledBatch(result)) => sync.pulled(cx, session, result),
            (Purpose::ListRetry { session }, Answer::Listed(result)) => sync.retried(cx, session, result),
            (Purpose::Fetch { task }, Answer::Fetched(result)) => extras.fetched(cx, &task, result),
            (Purpose::Report { task, report }, Answer::Reported(result)) => {
                extras.reported(cx, &task, report, result)
            }
            (Purpose::Commands { session }, Answer::Commands(result)) => {
                command_pull.pulled(cx, commands, session, result)
            }
            (Purpose::CommandsTaken { session, more }, Answer::CommandsTaken(result)) => {
                command_pull.taken(cx, session, more, result);
                Ok(())
            }
            (purpose, _) => {
                tracing::error!(?purpose, "an answer of the wrong kind for its question");
                Ok(())
            }
        }
    }
}

/// The server has these of the messages that were asked for; what it does not have is sent again.
fn found(
    cx: &mut Cx<'_>,
    outbox: &mut Outbox,
    job: JobId,
    (channel, client_seq): (&ChannelId, ClientSeq),
    messages: Vec<PulledMessage>,
) -> Result<(), StoreError> {
    for message in messages.into_iter().filter(|message| is_in_log(message.message_seq)) {
        let range = wk_store::model::SeqRange::single(message.message_seq);
        conversation::take_in(cx, Fact::pulled(channel, message), How::Told(Origin::Sync))?;
        cx.cover(channel, range)?;
    }
    outbox.not_found(channel, client_seq, job);
    Ok(())
}
