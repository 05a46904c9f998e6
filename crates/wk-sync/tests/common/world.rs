//! An engine, its server, and between them a network that delivers what and when the test says.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use wk_sync::store::model::proto::{Frame, Packet};
use wk_sync::store::model::{ChannelId, Instant, Message, NewMessage, Page, PageQuery};
use wk_sync::{
    Answer, ConnectionState, DisconnectCause, Event, Input, JobId, LinkId, Output, QueryError, Question,
    Reply, SendError, Ticket,
};

use super::rig::{ALICE, Rig};
use super::server::{Flavour, Server};

/// Something on its way.
#[derive(Debug)]
pub enum Pending {
    Open(LinkId),
    ToServer(LinkId, Bytes),
    ToClient(LinkId, Frame),
    Question(JobId, Question),
    Answer(JobId, Answer),
}

pub struct World {
    pub rig: Rig,
    pub server: Server,
    pub pending: Vec<Pending>,
    /// The questions without an answer.
    pub open: BTreeMap<JobId, Question>,
    pub events: Vec<Event>,
    pub pages: Vec<(Ticket, Page)>,
    pub stored: Vec<Result<Message, SendError>>,
    pub refused: Vec<(Ticket, QueryError)>,
    pub done: usize,
    /// Connections can be opened.
    pub reachable: bool,
    links: HashSet<LinkId>,
    tickets: u64,
    /// How many of the events belong to processes that died.
    pub(super) past: usize,
}

impl World {
    pub fn new(seed: u64, flavour: Flavour) -> Self {
        Self::with(Rig::new(seed), Server::new(seed, flavour, ALICE))
    }

    pub fn with(rig: Rig, server: Server) -> Self {
        Self {
            rig,
            server,
            pending: Vec::new(),
            open: BTreeMap::new(),
            events: Vec::new(),
            pages: Vec::new(),
            stored: Vec::new(),
            refused: Vec::new(),
            done: 0,
            reachable: true,
            links: HashSet::new(),
            tickets: 0,
            past: 0,
        }
    }

    /// A world that is online and idle.
    pub fn online(seed: u64, flavour: Flavour) -> Self {
        let mut world = Self::new(seed, flavour);
        world.connect();
        world
    }

    pub fn connect(&mut self) {
        self.act(Input::Connect);
        self.settle();
        self.wait(self.rig.config.settle_time);
        assert!(matches!(self.state(), Some(ConnectionState::Online { .. })), "{:?}", self.state());
    }

    /// Connects up to the moment at which the sync is asked and not answered.
    pub fn connect_before_sync(&mut self) -> JobId {
        let is_sync =
            |(job, question): (&JobId, &Question)| matches!(question, Question::Sync(_)).then_some(*job);
        self.act(Input::Connect);
        loop {
            if let Some(job) = self.open.iter().find_map(is_sync) {
                return job;
            }
            if self.pending.is_empty() {
                self.rig.sleep(Duration::from_secs(1));
                self.act(Input::Timeout);
            } else {
                self.deliver(0);
            }
        }
    }

    /// The connection breaks, and both sides notice.
    pub fn cut(&mut self) {
        for link in std::mem::take(&mut self.links) {
            self.forget(link);
            self.act(Input::LinkDown { link, reason: "cut".to_owned() });
        }
    }

    pub fn act(&mut self, input: Input) {
        self.act_all([input]);
    }

    /// One transaction.
    pub fn act_all(&mut self, inputs: impl IntoIterator<Item = Input>) {
        let outputs = self.rig.run(inputs);
        self.server.unix_ms = self.rig.unix_ms();
        for output in outputs {
            self.route(output);
        }
    }

    pub fn send(&mut self, channel: &ChannelId, text: &str) -> Message {
        let payload = wk_sync::store::model::text_payload(text);
        self.send_message(NewMessage::new(channel.clone(), payload))
    }

    pub fn send_message(&mut self, message: NewMessage) -> Message {
        let ticket = self.ticket();
        self.act(Input::Send { ticket, message });
        self.stored.pop().expect("an answer to a send").expect("a good message")
    }

    /// Asks for a page and leaves it to the network to answer it.
    pub fn ask(&mut self, query: PageQuery) -> Ticket {
        let ticket = self.ticket();
        self.act(Input::Page { ticket, query });
        ticket
    }

    /// Asks for a page and waits for it.
    pub fn page(&mut self, query: PageQuery) -> Page {
        let ticket = self.ask(query);
        self.settle();
        let index = self.pages.iter().position(|(of, _)| *of == ticket).expect("an answer to a page");
        self.pages.remove(index).1
    }

    pub fn mark_read(&mut self, channel: &ChannelId, unread: u32) {
        let ticket = self.ticket();
        self.act(Input::MarkRead { ticket, channel: channel.clone(), unread });
    }

    /// The server pushes a stored message.
    pub fn push(&mut self, channel: &ChannelId, seq: u64) {
        let message = self.server.log(channel).get(seq).expect("a stored message").clone();
        let frame = self.server.recv(channel, &message);
        self.server_writes(frame);
    }

    /// The server writes something on the running connection.
    pub fn server_writes(&mut self, frame: Frame) {
        let link = self.server.session.as_ref().expect("a session").link;
        self.pending.push(Pending::ToClient(link, frame));
    }

    /// Everything on its way arrives, and what that causes, until nothing is.
    pub fn settle(&mut self) {
        for _ in 0..20_000 {
            if self.pending.is_empty() {
                return;
            }
            self.deliver(0);
        }
        panic!("it never ends");
    }

    /// One thing on its way arrives; what must come before it on the same connection comes instead of it.
    pub fn deliver(&mut self, index: usize) {
        let index = match &self.pending[index] {
            Pending::ToClient(link, _) => {
                self.first(|other| matches!(other, Pending::ToClient(of, _) if of == link))
            }
            Pending::ToServer(link, _) => {
                self.first(|other| matches!(other, Pending::ToServer(of, _) if of == link))
            }
            _ => index,
        };
        match self.pending.remove(index) {
            Pending::Open(link) if self.reachable => {
                self.links.insert(link);
                self.act(Input::LinkUp(link));
            }
            Pending::Open(link) => self.act(Input::LinkDown { link, reason: "unreachable".to_owned() }),
            Pending::ToServer(link, bytes) => {
                let answers = self.server.receive(link, &bytes);
                self.pending.extend(answers.into_iter().map(|frame| Pending::ToClient(link, frame)));
            }
            Pending::ToClient(link, frame) => {
                self.server.answered(link, &frame);
                self.act(Input::Frame { link, frame });
            }
            Pending::Question(job, question) => {
                let answer = self.server.answer(&question);
                self.pending.push(Pending::Answer(job, answer));
            }
            Pending::Answer(job, answer) => {
                self.open.remove(&job);
                self.act(Input::Answer { job, answer });
            }
        }
    }

    /// Everything on its way to the client arrives in one transaction.
    pub fn deliver_at_once(&mut self) {
        let mut inputs = Vec::new();
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::ToClient(link, frame) => {
                    self.server.answered(link, &frame);
                    inputs.push(Input::Frame { link, frame });
                }
                Pending::Answer(job, answer) => {
                    self.open.remove(&job);
                    inputs.push(Input::Answer { job, answer });
                }
                other => self.pending.push(other),
            }
        }
        self.act_all(inputs);
    }

    /// Time passes on a fast network.
    pub fn wait(&mut self, wait: Duration) {
        let end = self.rig.now + wait;
        self.settle();
        while self.rig.sleep(end - self.rig.now) {
            self.act(Input::Timeout);
            self.settle();
        }
        self.server.unix_ms = self.rig.unix_ms();
    }

    /// Time passes, and nothing that is on its way arrives. Says when the engine acted.
    pub fn wait_cut_off(&mut self, wait: Duration) -> Vec<(Instant, Vec<Output>)> {
        let end = self.rig.now + wait;
        let mut acted = Vec::new();
        while self.rig.sleep(end - self.rig.now) {
            let outputs = self.rig.run([Input::Timeout]);
            acted.push((self.rig.now, outputs));
        }
        acted
    }

    pub fn state(&self) -> Option<&ConnectionState> {
        self.events[self.past..].iter().rev().find_map(|event| match event {
            Event::Connection(state) => Some(state),
            _ => None,
        })
    }

    pub fn states(&self) -> Vec<ConnectionState> {
        let states = self.events.iter().filter_map(|event| match event {
            Event::Connection(state) => Some(state.clone()),
            _ => None,
        });
        states.collect()
    }

    /// The waits before a new connection, and why.
    pub fn waits(&self) -> Vec<(Duration, DisconnectCause)> {
        let waits = self.states().into_iter().filter_map(|state| match state {
            ConnectionState::Waiting { delay, cause } => Some((delay, cause)),
            _ => None,
        });
        waits.collect()
    }

    /// The messages that listeners were told of as new, in their order.
    pub fn told(&self) -> Vec<&Message> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Messages { messages, .. } => Some(messages),
            _ => None,
        });
        told.flatten().collect()
    }

    pub fn first(&self, test: impl Fn(&Pending) -> bool) -> usize {
        self.pending.iter().position(test).expect("something on its way")
    }

    /// The seqs that the server has named on the connection and the client has not read yet.
    pub fn named_on_the_way(&self) -> Vec<u64> {
        let Some(session) = &self.server.session else { return Vec::new() };
        let named = self.pending.iter().filter_map(|pending| {
            let Pending::ToClient(_, frame) = pending else { return None };
            match frame.decode(session.version).unwrap() {
                Packet::Recv(recv) => Some(recv.message_seq.get()),
                Packet::Sendack(ack) => Some(ack.message_seq.get()),
                _ => None,
            }
        });
        named.collect()
    }

    /// A transaction whose commit fails. What the driver has written before still arrives.
    pub fn fail(&mut self, input: Input) {
        self.rig.run_and_fail([input]);
        self.die();
    }

    /// The process dies after the commit, when so many of the outputs are carried out, and starts again.
    pub fn crash(&mut self, input: Input, outputs: usize) {
        for output in self.rig.run([input]).into_iter().take(outputs) {
            self.route(output);
        }
        self.rig.restart();
        self.die();
    }

    fn die(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            if let Pending::ToServer(link, bytes) = pending {
                self.server.receive(link, &bytes);
            }
        }
        self.past = self.events.len();
        self.links.clear();
        self.open.clear();
        self.server.session = None;
    }

    /// The process dies and starts again; nothing that was on its way arrives.
    pub fn restart(&mut self) {
        self.pending.clear();
        self.rig.restart();
        self.die();
    }

    pub(super) const fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket::new(self.tickets)
    }

    fn forget(&mut self, link: LinkId) {
        self.server.hang_up(link);
        self.pending.retain(|pending| {
            !matches!(pending, Pending::Open(of) | Pending::ToServer(of, _) | Pending::ToClient(of, _) if *of == link)
        });
    }

    fn route(&mut self, output: Output) {
        match output {
            Output::Connect(link) => self.pending.push(Pending::Open(link)),
            Output::Transmit { link, bytes } => self.pending.push(Pending::ToServer(link, bytes)),
            Output::Close(link) => {
                self.links.remove(&link);
                self.forget(link);
            }
            Output::Ask { job, question } => {
                self.open.insert(job, question.clone());
                self.pending.push(Pending::Question(job, question));
            }
            Output::Abandon(job) => {
                self.open.remove(&job);
                self.pending.retain(|pending| {
                    !matches!(pending, Pending::Question(of, _) | Pending::Answer(of, _) if *of == job)
                });
            }
            Output::Reply { ticket, reply } => self.replied(ticket, reply),
            Output::Emit(event) => self.events.push(event),
            other => panic!("the driver does not know {other:?}"),
        }
    }

    fn replied(&mut self, ticket: Ticket, reply: Reply) {
        match reply {
            Reply::Stored(result) => self.stored.push(result),
            Reply::Page(Ok(page)) => self.pages.push((ticket, page)),
            Reply::Page(Err(error)) | Reply::Done(Err(error)) => self.refused.push((ticket, error)),
            Reply::Done(Ok(())) => self.done += 1,
            other => panic!("the application does not know {other:?}"),
        }
    }
}
