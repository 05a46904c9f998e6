//! What every machine works with while it handles one input.

use std::collections::HashMap;
use std::time::Duration;

use wk_store::model::{ChannelId, Conversation, Instant, Message, MessageSeq, Now, UnixMillis};
use wk_store::{StoreError, StoreTx};

use crate::engine::config::Settled;
use crate::engine::health::SourceHealth;
use crate::engine::jobs::{Jobs, Purpose};
use crate::engine::outputs::Outputs;
use crate::engine::{Config, Entropy, Output, Question, Reply, Ticket};
use crate::event::Event;
use crate::record::ChannelLogs;
use crate::stream::{self, StreamLane};
use crate::topic::{Offers, Topic};

/// One input being handled: the time, the transaction, and what the machines share.
pub(crate) struct Cx<'a> {
    pub(crate) now: Now,
    pub(crate) tx: &'a mut dyn StoreTx,
    pub(crate) core: &'a mut Core,
}

/// What the machines share.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) out: Outputs,
    pub(crate) jobs: Jobs,
    pub(crate) logs: ChannelLogs,
    /// Rows of conversations in use, cached over the store, without their newest messages.
    pub(crate) conversations: HashMap<ChannelId, Conversation>,
    /// The number of the session that is online, if one is.
    pub(crate) online: Option<u64>,
    /// The session whose conversation sync is done.
    pub(crate) synced: Option<u64>,
    /// Server time minus local time, in milliseconds (docs/servers.md T24).
    pub(crate) clock_offset: i64,
    /// Whether the data source can be reached, as far as its last answer tells.
    pub(crate) source: SourceHealth,
    /// Channels whose pushes left seqs out, and their tails before that, for the history.
    pub(crate) left_out: Vec<(ChannelId, MessageSeq)>,
    /// Own messages that were found to be at the server, for the outbox to forget.
    pub(crate) settled: Vec<Settled>,
    /// Own messages whose rows are gone, because their life ended before they were known to be sent.
    pub(crate) ended: Vec<Message>,
    /// Logs that were found to be recreated, and up to where they still hold, for their conversations.
    pub(crate) recreated: Vec<(ChannelId, MessageSeq)>,
    /// What the data source offers, as far as it has not refused it.
    pub(crate) offers: Offers,
    /// What was found to be out of date, for the extras to fetch.
    pub(crate) stale: Vec<Topic>,
    /// The earliest end of the life of a message that came, for the expiry.
    pub(crate) next_end: Option<UnixMillis>,
    /// Messages that came and are going to be written, for the streams.
    pub(crate) written: Vec<stream::Name>,
    /// What the data source said of messages that are being written, for the streams.
    pub(crate) streams: Vec<(stream::Name, Vec<StreamLane>)>,
}

impl Core {
    pub(crate) fn new(config: Config, entropy: Box<dyn Entropy>) -> Self {
        Self {
            offers: config.offers,
            stale: Vec::new(),
            next_end: None,
            written: Vec::new(),
            streams: Vec::new(),
            config,
            entropy,
            out: Outputs::default(),
            jobs: Jobs::default(),
            logs: ChannelLogs::default(),
            conversations: HashMap::new(),
            online: None,
            synced: None,
            clock_offset: 0,
            source: SourceHealth::default(),
            left_out: Vec::new(),
            settled: Vec::new(),
            ended: Vec::new(),
            recreated: Vec::new(),
        }
    }
}

impl Core {
    /// The expiry has to know when the life of a message ends, as soon as its row says so.
    pub(crate) fn note_end(&mut self, row: &Message) {
        let ends = [self.next_end, row.expires_at()];
        self.next_end = ends.into_iter().flatten().min();
    }

    /// 32 random hex digits: enough never to meet the same again.
    pub(crate) fn random_name(&mut self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        format!("{:032x}", u128::from_be_bytes(bytes))
    }

    pub(crate) fn random_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }
}

impl Cx<'_> {
    pub(crate) fn emit(&mut self, event: Event) {
        self.core.out.push_back(Output::Emit(event));
    }

    pub(crate) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.core.out.push_back(Output::Reply { ticket, reply });
    }

    pub(crate) fn ask(&mut self, purpose: Purpose, question: Question) -> crate::engine::JobId {
        self.ask_within(purpose, question, self.core.config.source_timeout)
    }

    pub(crate) fn ask_within(
        &mut self,
        purpose: Purpose,
        question: Question,
        wait: Duration,
    ) -> crate::engine::JobId {
        let job = self.core.jobs.open(purpose, self.after(wait));
        self.core.out.push_back(Output::Ask { job, question });
        job
    }

    pub(crate) fn after(&self, wait: Duration) -> Instant {
        self.now.instant + wait
    }

    /// The time by the server's clock.
    pub(crate) const fn server_now(&self) -> UnixMillis {
        self.now.unix.offset(self.core.clock_offset)
    }

    pub(crate) fn conversation_changed(&mut self, channel: &ChannelId) {
        self.core.out.push_conversation(channel);
    }

    /// A number below `bound`, evenly spread; 0 for 0.
    pub(crate) fn random_below(&mut self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.core.entropy.fill(&mut bytes);
        u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }

    /// Covers a range; gives the tail before.
    pub(crate) fn cover(
        &mut self,
        channel: &ChannelId,
        range: Option<wk_store::model::SeqRange>,
    ) -> Result<MessageSeq, StoreError> {
        self.core.logs.cover(&mut *self.tx, channel, range)
    }
}
