//! The connection: opening, handshake, keepalive, backoff, and the states that only the application ends.

mod backoff;
mod handshake;
mod state;

use wk_store::model::proto::{Frame, Packet, PacketType, ReasonCode};
use wk_store::model::{Account, Instant};

use crate::engine::{Cx, LinkId, Output};
use crate::event::{ConnectionState, DisconnectCause, Event};
use crate::session::backoff::Backoff;
use crate::session::handshake::Welcome;
pub(crate) use crate::session::state::Online;
use crate::session::state::State;

/// What a frame means to the other machines.
pub(crate) enum Incoming {
    /// Nothing.
    Nothing,
    /// The session began; these frames came before its CONNACK (docs/servers.md T3).
    WentOnline(Vec<Frame>),
    /// A packet of the running session.
    Deliver(Frame),
}

/// How many unanswered handshakes in a row are no accident (docs/servers.md T59).
const SILENT_HANDSHAKES: u32 = 3;

/// Frames kept until CONNACK tells how to read them. More than a server has in flight before it answers.
const MAX_EARLY_FRAMES: usize = 1024;

pub(crate) struct Session {
    account: Account,
    state: State,
    backoff: Backoff,
    /// Handshakes in a row that the server did not answer.
    silent: u32,
    last_link: u64,
    sessions: u64,
}

impl Session {
    /// Links are numbered from behind `last_link`.
    pub(crate) fn new(account: Account, last_link: u64) -> Self {
        Self {
            account,
            state: State::Offline,
            backoff: Backoff::default(),
            silent: 0,
            last_link,
            sessions: 0,
        }
    }

    pub(crate) const fn online(&self) -> Option<&Online> {
        match &self.state {
            State::Online(online) => Some(online),
            _ => None,
        }
    }

    pub(crate) fn connect(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.state, State::Offline | State::Waiting { .. }) {
            self.backoff.reset();
            self.silent = 0;
            self.open(cx);
        }
    }

    pub(crate) fn disconnect(&mut self, cx: &mut Cx<'_>) {
        if !matches!(self.state, State::Offline) {
            self.end(cx, ConnectionState::Offline);
        }
    }

    /// The user is back: no wait is worth it any more, and a connection that died meanwhile should be noticed.
    pub(crate) fn wake(&mut self, cx: &mut Cx<'_>) {
        match self.state {
            State::Waiting { .. } => {
                self.backoff.reset();
                self.open(cx);
            }
            State::Online(_) => self.probe(cx, cx.now.instant),
            _ => {}
        }
    }

    /// Nothing sent on the old network's connection can be relied on.
    pub(crate) fn network_changed(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.state, State::Offline) {
            return;
        }
        self.backoff.reset();
        if self.state.link().is_some() {
            self.close(cx);
            let (delay, cause) = (std::time::Duration::ZERO, DisconnectCause::NetworkChanged);
            cx.emit(Event::Connection(ConnectionState::Waiting { delay, cause }));
        }
        self.open(cx);
    }

    /// Asks the server whether it is still there, unless it was heard after `since` or is being asked already.
    pub(crate) fn probe(&mut self, cx: &mut Cx<'_>, since: Instant) {
        let State::Online(online) = &mut self.state else { return };
        if online.last_heard > since || online.probe.is_some() {
            return;
        }
        if online.slept(cx) {
            return self.fail_after_sleep(cx);
        }
        online.probe = Some(cx.after(cx.core.config.probe_timeout));
        online.ping(cx);
    }

    /// What the server did not push while the device slept, only the sync of a new session brings.
    fn fail_after_sleep(&mut self, cx: &mut Cx<'_>) {
        self.fail(cx, DisconnectCause::Lost { reason: "no PING for too long".to_owned() });
    }

    /// Ends the running session because it no longer works, and connects again.
    pub(crate) fn drop_link(&mut self, cx: &mut Cx<'_>, reason: &str) {
        if self.state.link().is_some() {
            self.fail(cx, DisconnectCause::Lost { reason: reason.to_owned() });
        }
    }

    pub(crate) fn link_up(&mut self, cx: &mut Cx<'_>, link: LinkId) {
        if matches!(self.state, State::Connecting { link: wanted, .. } if wanted == link) {
            self.state = State::Settling { link, until: cx.after(cx.core.config.settle_time) };
        }
    }

    pub(crate) fn link_down(&mut self, cx: &mut Cx<'_>, link: LinkId, reason: String) {
        if self.state.link() != Some(link) {
            return;
        }
        let cause = match &self.state {
            State::Handshaking { .. } => self.silence(),
            State::Connecting { .. } => DisconnectCause::Unreachable { reason },
            _ => DisconnectCause::Lost { reason },
        };
        self.fail(cx, cause);
    }

    pub(crate) fn frame(&mut self, cx: &mut Cx<'_>, link: LinkId, frame: Frame) -> Incoming {
        if self.state.link() != Some(link) {
            return Incoming::Nothing;
        }
        match &mut self.state {
            State::Online(online) => {
                online.last_heard = cx.now.instant;
                online.probe = None;
                self.online_frame(cx, frame)
            }
            State::Handshaking { early, .. } if frame.packet_type() != PacketType::Connack => {
                if early.len() < MAX_EARLY_FRAMES {
                    early.push(frame);
                }
                Incoming::Nothing
            }
            State::Handshaking { secret, early, .. } => {
                let welcome = handshake::read(&frame, secret);
                let early = std::mem::take(early);
                self.welcome(cx, link, welcome, early)
            }
            _ => Incoming::Nothing,
        }
    }

    pub(crate) fn deadline(&self, silence_limit: std::time::Duration) -> Option<Instant> {
        match &self.state {
            State::Offline => None,
            State::Waiting { until } | State::Settling { until, .. } => Some(*until),
            State::Connecting { deadline, .. } | State::Handshaking { deadline, .. } => Some(*deadline),
            State::Online(online) => Some(online.next_ping.min(online.dead_at(silence_limit))),
        }
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now.instant;
        match &mut self.state {
            State::Waiting { until } if *until <= now => self.open(cx),
            State::Settling { link, until } if *until <= now => {
                let link = *link;
                self.greet(cx, link);
            }
            State::Connecting { deadline, .. } if *deadline <= now => {
                self.fail(cx, DisconnectCause::Unreachable { reason: "it did not open in time".to_owned() });
            }
            State::Handshaking { deadline, .. } if *deadline <= now => {
                let cause = self.silence();
                self.fail(cx, cause);
            }
            State::Online(online) if online.dead_at(cx.core.config.silence_limit) <= now => {
                self.fail(cx, DisconnectCause::Lost { reason: "the server fell silent".to_owned() });
            }
            State::Online(online) if online.slept(cx) => self.fail_after_sleep(cx),
            State::Online(online) if online.next_ping <= now => online.ping(cx),
            _ => {}
        }
    }

    fn open(&mut self, cx: &mut Cx<'_>) {
        self.last_link += 1;
        let link = LinkId(self.last_link);
        self.state = State::Connecting { link, deadline: cx.after(cx.core.config.connect_timeout) };
        cx.core.out.push_back(Output::Connect(link));
        cx.emit(Event::Connection(ConnectionState::Connecting));
    }

    /// Writes CONNECT. Nothing may follow it until CONNACK came (docs/servers.md T2).
    fn greet(&mut self, cx: &mut Cx<'_>, link: LinkId) {
        let (secret, bytes) = handshake::connect(cx, &self.account);
        match bytes {
            Ok(bytes) => {
                let deadline = cx.after(cx.core.config.handshake_timeout);
                self.state = State::Handshaking { link, deadline, secret, early: Vec::new() };
                cx.core.out.push_back(Output::Transmit { link, bytes });
            }
            Err(error) => {
                // A uid or token that the wire cannot carry: no reconnect will help.
                tracing::error!(%error, "CONNECT cannot be written");
                self.end(cx, ConnectionState::Refused { reason: ReasonCode::AUTH_FAIL });
            }
        }
    }

    fn welcome(&mut self, cx: &mut Cx<'_>, link: LinkId, welcome: Welcome, early: Vec<Frame>) -> Incoming {
        match welcome {
            Welcome::Accepted { version, cipher, clock_offset } => {
                self.silent = 0;
                self.sessions += 1;
                cx.core.online = Some(self.sessions);
                cx.core.clock_offset = clock_offset;
                let now = cx.now.instant;
                self.state = State::Online(Box::new(Online {
                    link,
                    version,
                    cipher,
                    since: now,
                    last_heard: now,
                    next_ping: now + cx.core.config.ping_interval,
                    probe: None,
                }));
                cx.emit(Event::Connection(ConnectionState::Online { version }));
                Incoming::WentOnline(early)
            }
            Welcome::Refused(reason) => {
                self.end(cx, ConnectionState::Refused { reason });
                Incoming::Nothing
            }
            Welcome::TryAgain(reason) => {
                self.fail(cx, DisconnectCause::Lost { reason });
                Incoming::Nothing
            }
        }
    }

    fn online_frame(&mut self, cx: &mut Cx<'_>, frame: Frame) -> Incoming {
        let version = match &self.state {
            State::Online(online) => online.version,
            _ => return Incoming::Nothing,
        };
        match frame.packet_type() {
            PacketType::Pong => Incoming::Nothing,
            // Up to ten more seconds the server would still push: it is over now (docs/servers.md T25).
            PacketType::Disconnect => {
                let (reason, text) = match frame.decode(version) {
                    Ok(Packet::Disconnect(packet)) => {
                        (packet.reason, packet.reason_text.to_string_lossy().into_owned())
                    }
                    _ => (ReasonCode::CONNECT_KICK, String::new()),
                };
                self.end(cx, ConnectionState::Kicked { reason, text });
                Incoming::Nothing
            }
            _ => Incoming::Deliver(frame),
        }
    }

    const fn silence(&mut self) -> DisconnectCause {
        self.silent = self.silent.saturating_add(1);
        let in_a_row = self.silent;
        if in_a_row < SILENT_HANDSHAKES {
            DisconnectCause::SilentHandshake { in_a_row }
        } else {
            DisconnectCause::RefusedOrOverloaded { in_a_row }
        }
    }

    fn fail(&mut self, cx: &mut Cx<'_>, cause: DisconnectCause) {
        // A CONNACK alone is no success: two installations with one device id displace each other right after it
        // (docs/servers.md T27), and would do so without a pause.
        if self.online().is_some_and(|online| online.since + cx.core.config.ping_interval <= cx.now.instant) {
            self.backoff.reset();
        }
        self.close(cx);
        // The first silence is most likely a CONNECT that the server missed (docs/servers.md T59).
        let delay = match cause {
            DisconnectCause::SilentHandshake { in_a_row: 1 } => std::time::Duration::ZERO,
            _ => self.backoff.next_delay(cx),
        };
        self.state = State::Waiting { until: cx.after(delay) };
        cx.emit(Event::Connection(ConnectionState::Waiting { delay, cause }));
    }

    fn end(&mut self, cx: &mut Cx<'_>, state: ConnectionState) {
        self.close(cx);
        cx.emit(Event::Connection(state));
    }

    fn close(&mut self, cx: &mut Cx<'_>) {
        if let Some(link) = self.state.link() {
            cx.core.out.push_back(Output::Close(link));
        }
        self.state = State::Offline;
        cx.core.online = None;
    }
}
