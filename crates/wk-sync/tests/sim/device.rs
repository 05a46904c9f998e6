//! A device: an engine over its store, and what its application knows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use bytes::Bytes;
use wk_sync::store::MemoryStore;
use wk_sync::store::model::{
    ActionId, ChannelId, ClientSeq, DeviceFlag, Instant, MessageId, Page, PageQuery, Uid, Version,
};
use wk_sync::{Config, ConnectionState, Input, JobId, Question, Ticket, Topic};

use super::common::Rig;
use super::extras::Subject;

/// What the application waits for.
#[derive(Debug, Clone)]
pub enum Waiting {
    Stored(Bytes),
    Page(PageQuery),
    Done,
    /// The word that these words are written down.
    Word(Vec<(Subject, usize)>),
    /// The word that a view of a message counts, which then has so many seconds.
    Viewed(usize, u32),
    /// The word that a command is done.
    Command(MessageId),
}

pub struct Device {
    pub rig: Rig,
    pub uid: String,
    /// Counts the processes.
    pub life: u32,
    pub running: bool,
    pub state: ConnectionState,
    /// Asleep or busy until then; what happens meanwhile is handled in one transaction.
    pub busy_until: Instant,
    pub mailbox: Vec<Input>,
    /// A wake is planned.
    pub waking: bool,
    pub waiting: BTreeMap<Ticket, Waiting>,
    pub asked: BTreeMap<JobId, Question>,
    /// What was reported to be stored.
    pub stored: Vec<(ClientSeq, Bytes)>,
    /// Messages that listeners were told of as new, by their ids and by their senders' numbers.
    pub told: HashSet<MessageId>,
    pub told_numbers: HashSet<(ChannelId, String, String)>,
    /// Commands that the application was told of, those it waits to be done with, and those that are done.
    pub commands: HashSet<MessageId>,
    pub commands_open: Vec<(MessageId, ActionId)>,
    pub commands_done: HashSet<MessageId>,
    pub pages: BTreeMap<ChannelId, Page>,
    /// The tails of the channels that pages are waited for, before the transaction that answers.
    pub tails: BTreeMap<ChannelId, u64>,
    /// Own messages that were given up and sent again: what was written later may be on its way before them.
    pub retried: HashSet<ClientSeq>,
    /// The tails of channels when their logs were lost.
    pub lost_tails: BTreeMap<ChannelId, u64>,
    /// Channels that were cleared at any time.
    pub clears: HashSet<ChannelId>,
    /// Up to where they were cleared.
    pub cleared: BTreeMap<ChannelId, u64>,
    /// Of the page that was answered last.
    pub answered: Option<(PageQuery, Page)>,
    /// What the conversation syncs brought, and how often one was asked.
    pub synced: usize,
    pub syncs: usize,
    /// How many further pages of a list were asked.
    pub turned: usize,
    pub questions: usize,
    /// Channels to which it sent messages that end.
    pub mortal: HashSet<ChannelId>,
    /// Messages that are not shown any more.
    pub gone: HashSet<MessageId>,
    /// When viewed letters may be over, and when they are.
    pub viewed: BTreeMap<usize, i64>,
    pub burning: BTreeMap<usize, i64>,
    /// Messages whose uploads are paused.
    pub paused: BTreeSet<ClientSeq>,
    /// How many questions there were of what happened to messages, and the versions they began behind.
    pub fetches: usize,
    pub fetched: BTreeMap<Topic, Version>,
    /// The versions of what was told of messages.
    pub versions: BTreeMap<MessageId, Version>,
    pub pulls: usize,
    tickets: u64,
}

impl Device {
    pub fn new(seed: u64, uid: &str, number: usize) -> Self {
        let mut config = Config::new(Uid::new(uid));
        config.offers.commands = true;
        config.offers.message_extras = true;
        config.offers.reactions = true;
        config.offers.pinned_messages = true;
        config.upload_timeout = Duration::from_secs(45);
        config.device_flag = if number == 0 { DeviceFlag::APP } else { DeviceFlag::PC };
        Self {
            rig: Rig::with(seed, config, MemoryStore::new()).unwrap(),
            uid: uid.to_owned(),
            life: 0,
            running: true,
            state: ConnectionState::Offline,
            busy_until: Instant::default(),
            mailbox: Vec::new(),
            waking: false,
            waiting: BTreeMap::new(),
            asked: BTreeMap::new(),
            stored: Vec::new(),
            told: HashSet::new(),
            told_numbers: HashSet::new(),
            commands: HashSet::new(),
            commands_open: Vec::new(),
            commands_done: HashSet::new(),
            pages: BTreeMap::new(),
            tails: BTreeMap::new(),
            retried: HashSet::new(),
            lost_tails: BTreeMap::new(),
            clears: HashSet::new(),
            cleared: BTreeMap::new(),
            answered: None,
            synced: 0,
            syncs: 0,
            turned: 0,
            questions: 0,
            mortal: HashSet::new(),
            gone: HashSet::new(),
            viewed: BTreeMap::new(),
            burning: BTreeMap::new(),
            paused: BTreeSet::new(),
            fetches: 0,
            fetched: BTreeMap::new(),
            versions: BTreeMap::new(),
            pulls: 0,
            tickets: 0,
        }
    }

    pub fn ticket(&mut self, waiting: Waiting) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket::new(self.tickets);
        self.waiting.insert(ticket, waiting);
        ticket
    }

    /// Notes what is known of the channels that pages are waited for.
    pub fn note_tails(&mut self) {
        self.tails.clear();
        self.cleared.clear();
        for waiting in self.waiting.values() {
            if let Waiting::Page(query) = waiting {
                let log = self.rig.log(&query.channel);
                self.tails.insert(query.channel.clone(), log.tail.get());
                self.cleared.insert(query.channel.clone(), log.cleared_to.get());
            }
        }
    }

    /// When it wants to be called, if it can be.
    pub fn deadline(&self) -> Option<Instant> {
        let wanted = self.running.then(|| self.rig.engine.poll_timeout()).flatten()?;
        Some(wanted.max(self.busy_until))
    }

    pub const fn is_online(&self) -> bool {
        matches!(self.state, ConnectionState::Online { .. })
    }

    /// What it waited for is not coming any more.
    pub fn forget(&mut self) {
        self.mailbox.clear();
        self.waiting.clear();
        self.asked.clear();
        self.pages.clear();
        self.commands_open.clear();
        self.paused.clear();
        self.state = ConnectionState::Offline;
    }
}
