//! Plays recorded sessions against a live server: says what the clients said, and expects what the server said.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use wk_devserver::DevServer;
use wk_model::MessageId;
use wkproto::{Encoder, Frame, MsgKey, Packet, PacketType, Recvack, Send, WireStr};

use super::capture::{Capture, Direction, Event, Recorded, decode, is_signed};
use super::clock::HeldClock;
use super::seen::Seen;
use super::until;
use super::wire::Client;

/// The sessions of one capture in the order of their events.
pub(crate) struct Replay<'s> {
    server: &'s DevServer,
    clock: HeldClock,
    sessions: Vec<Recorded>,
    clients: Vec<Option<Client>>,
    /// What is still to be played, last first.
    script: Vec<Step>,
    /// Which live message a recorded one is.
    ids: HashMap<MessageId, MessageId>,
    /// The times that RECVs carried, by live id, session and nothing else: a resend repeats them.
    times: HashMap<(MessageId, usize), i32>,
    closed_by_server: HashSet<usize>,
    mute: HashSet<usize>,
}

struct Step {
    at: Duration,
    session: usize,
    action: Action,
}

enum Action {
    Open,
    Play(Event),
}

impl<'s> Replay<'s> {
    /// `starts` are the moments, in milliseconds, at which the sessions of the capture begin.
    pub(crate) fn new(server: &'s DevServer, clock: HeldClock, capture: Capture, starts: &[u64]) -> Self {
        let sessions = capture.sessions;
        assert_eq!(sessions.len(), starts.len());
        let mut script =
            merge(sessions.iter().zip(starts).map(|(session, start)| (*start, &*session.events)));
        script.reverse();
        let clients = sessions.iter().map(|_| None).collect();
        Self {
            server,
            clock,
            sessions,
            clients,
            script,
            ids: HashMap::new(),
            times: HashMap::new(),
            closed_by_server: HashSet::new(),
            mute: HashSet::new(),
        }
    }

    /// Of these sessions the server closes the connection; of all others the client did.
    pub(crate) fn closed_by_server(mut self, sessions: impl IntoIterator<Item = usize>) -> Self {
        self.closed_by_server.extend(sessions);
        self
    }

    /// These sessions get no answers in the end, not even to a PING.
    pub(crate) fn mute(mut self, sessions: impl IntoIterator<Item = usize>) -> Self {
        self.mute.extend(sessions);
        self
    }

    /// Plays up to a note.
    pub(crate) async fn play_to(&mut self, note: &str) {
        loop {
            let step = self.script.pop().unwrap_or_else(|| panic!("no note {note:?}"));
            let found = matches!(&step.action, Action::Play(event) if event.dir == Direction::Note && event.note == note);
            self.play(step).await;
            if found {
                return;
            }
        }
    }

    /// Plays up to a packet.
    pub(crate) async fn play_to_packet(&mut self, packet: &str) {
        loop {
            let step = self.script.pop().unwrap_or_else(|| panic!("no {packet}"));
            let found = matches!(&step.action, Action::Play(event) if event.packet == packet);
            self.play(step).await;
            if found {
                return;
            }
        }
    }

    /// Plays everything before the next packet of a type.
    pub(crate) async fn play_before_packet(&mut self, packet: &str) {
        let is_it = |step: &Step| matches!(&step.action, Action::Play(event) if event.packet == packet);
        while !is_it(self.script.last().unwrap_or_else(|| panic!("no {packet}"))) {
            let step = self.script.pop().expect("looked at");
            self.play(step).await;
        }
    }

    /// Plays everything that happened before a moment.
    pub(crate) async fn play_before(&mut self, moment: Duration) {
        while self.script.last().is_some_and(|step| step.at < moment) {
            let step = self.script.pop().expect("looked at");
            self.play(step).await;
        }
        self.clock.advance_to(moment).await;
    }

    /// Plays what is left, and checks that nothing came that was not recorded.
    pub(crate) async fn finish(mut self) {
        while let Some(step) = self.script.pop() {
            self.play(step).await;
        }
        for session in 0..self.sessions.len() {
            self.close(session).await;
        }
    }

    pub(crate) fn client(&mut self, session: usize) -> &mut Client {
        self.clients[session].as_mut().expect("an open connection")
    }

    async fn play(&mut self, Step { at, session, action }: Step) {
        self.clock.advance_to(at).await;
        match action {
            Action::Open => {
                let accepted = self.server.stats().connections_accepted;
                let mut client = Client::open(self.server.tcp_addr()).await;
                until("it is accepted", || self.server.stats().connections_accepted > accepted).await;
                client.version = self.sessions[session].version();
                self.clients[session] = Some(client);
            }
            Action::Play(event) => match event.dir {
                Direction::Note => {}
                // Into the void.
                Direction::C2s if self.clients[session].is_none() => {}
                Direction::C2s => self.say(session, &event).await,
                Direction::S2c if event.packet == "CLOSE" && self.closed_by_server.contains(&session) => {
                    // The recorded server's timers were a little early.
                    self.clock.advance_to(at + Duration::from_millis(20)).await;
                    let context = self.context(session, &event);
                    let mut client = self.clients[session].take().expect("an open connection");
                    assert!(client.next_for(&context).await.is_none(), "{context}: a packet and not the end");
                }
                Direction::S2c if event.packet == "CLOSE" => self.close(session).await,
                Direction::S2c => self.expect(session, &event).await,
            },
        }
    }

    /// The client's end of a session, of which nothing may be left unread.
    async fn close(&mut self, session: usize) {
        let Some(mut client) = self.clients[session].take() else { return };
        if self.mute.contains(&session) {
            let more = client.pending().await;
            assert!(more.is_none(), "session {session}: {more:?} on a silent connection");
        } else {
            client.ping().await;
        }
    }

    async fn say(&mut self, session: usize, event: &Event) {
        let frames = event.frames();
        let bytes = if frames.is_empty() {
            event.bytes()
        } else {
            frames.iter().flat_map(|frame| self.translate(session, frame)).collect()
        };
        self.write(session, &bytes).await;
    }

    /// Writes, and waits until the server has read it.
    pub(crate) async fn write(&mut self, session: usize, bytes: &[u8]) {
        let read = self.server.stats().tcp_bytes_in + bytes.len() as u64;
        self.client(session).write(bytes).await;
        until("the server has read it", || self.server.stats().tcp_bytes_in >= read).await;
    }

    /// A recorded packet for the live session: with its keys and its message ids.
    fn translate(&self, session: usize, frame: &Frame) -> Vec<u8> {
        let recorded = &self.sessions[session];
        let version = recorded.version();
        match frame.packet_type() {
            PacketType::Send => {}
            PacketType::Recvack => {
                let Packet::Recvack(ack) = decode(frame, version) else { unreachable!() };
                let message_id = *self.ids.get(&ack.message_id).expect("a known message");
                return Encoder::new(version)
                    .to_bytes(&Recvack { message_id, ..ack }.into())
                    .unwrap()
                    .to_vec();
            }
            _ => return frame.as_bytes().to_vec(),
        }
        let (Some(old), Some(live)) =
            (recorded.cipher(), self.clients[session].as_ref().unwrap().cipher.as_ref())
        else {
            return frame.as_bytes().to_vec();
        };
        let Packet::Send(send) = decode(frame, version) else { unreachable!() };
        // What was not encrypted at all, or empty, stays as it was.
        let payload = match old.decrypt(send.payload) {
            Ok(text) => live.encrypt(&text),
            Err(_) => send.payload.to_vec(),
        };
        let mut translated = Send { payload: &payload, ..send };
        let key: MsgKey;
        if is_signed(&send, &old) {
            key = live.send_msg_key(&translated);
            translated.msg_key = WireStr::from(key.as_str());
        }
        Encoder::new(version).relay().to_bytes(&translated.into()).unwrap().to_vec()
    }

    async fn expect(&mut self, session: usize, event: &Event) {
        let context = self.context(session, event);
        let version = self.sessions[session].version();
        let old = self.sessions[session].cipher();
        let recorded = match event.frames().as_slice() {
            [frame] => Seen::of(&decode(frame, version), old.as_ref()),
            _ => Seen::long_recv(event.flags, &event.fields),
        };
        let secret = self.sessions[session].secret();
        let client = self.client(session);
        let frame = client.next_for(&context).await.unwrap_or_else(|| panic!("{context}: the end"));
        let packet = decode(&frame, version);
        if let Packet::Connack(connack) = &packet {
            client.cipher = secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes()).ok();
        }
        let live = Seen::of(&packet, client.cipher.as_ref());
        assert!(recorded.matches(&live), "{context}:\nrecorded {recorded:?}\nlive     {live:?}");
        let live_id = match &packet {
            Packet::Sendack(ack) => Some(ack.message_id),
            Packet::Recv(recv) => {
                let first = *self.times.entry((recv.message_id, session)).or_insert(recv.timestamp);
                assert_eq!(recv.timestamp, first, "{context}: a resend has another time");
                Some(recv.message_id)
            }
            _ => None,
        };
        if let (Some(recorded_id), Some(live_id)) = (event.message_id(), live_id) {
            let known = *self.ids.entry(recorded_id).or_insert(live_id);
            assert_eq!(known, live_id, "{context}: another message");
        }
    }

    fn context(&self, session: usize, event: &Event) -> String {
        let Recorded { uid, device_id, .. } = &self.sessions[session];
        format!("session {session} ({uid}, {device_id}), {} at {} ms", event.packet, event.t_ms)
    }
}

/// One script for all sessions. The order within a session is kept; of two sessions at the same millisecond the one
/// in which a client speaks goes first.
fn merge<'e>(sessions: impl Iterator<Item = (u64, &'e [Event])>) -> Vec<Step> {
    let mut queues: Vec<VecDeque<Step>> = sessions
        .enumerate()
        .map(|(session, (start, events))| {
            let step = |t_ms, action| Step { at: Duration::from_millis(start + t_ms), session, action };
            let played = events.iter().map(|event| step(event.t_ms, Action::Play(event.clone())));
            [step(0, Action::Open)].into_iter().chain(played).collect()
        })
        .collect();
    let rank = |step: &Step| {
        let heard = matches!(&step.action, Action::Play(event) if event.dir == Direction::S2c);
        (step.at, heard)
    };
    let mut script = Vec::new();
    while let Some(next) =
        queues.iter_mut().filter(|queue| !queue.is_empty()).min_by_key(|queue| rank(&queue[0]))
    {
        script.extend(next.pop_front());
    }
    script
}
