//! SENDs of one connection: taken in the order of arrival or, as the real server does it, nearly so.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wk_model::{MessageId, MessageSeq, ReasonCode, Setting};
use wkproto::{CryptoError, Flags, Frame, Packet, Send, WireStr};

use super::turns::{Turn, Turns};
use crate::config::{Config, Generation};
use crate::random::Random;
use crate::shared::Shared;
use crate::world::ids::SYSTEM_DEVICE_ID;
use crate::world::send::{Draft, Origin, Stored};
use crate::world::session::{Outgoing, Session};

/// The SENDs that came and are not handled yet.
pub(super) struct Sends {
    random: Option<Random>,
    batch: Vec<Frame>,
    /// A SEND that lets the next one go first, but not for longer than this.
    held: Option<(Frame, Instant)>,
    turns: Option<Turns>,
}

/// What became of a SEND.
enum Outcome {
    Ack(Outgoing),
    NoAck,
    /// The server fails in the middle of the batch and forgets the rest of it (docs/servers.md T12).
    LoseBatch,
    /// v3 closes the connection.
    Close,
}

impl Sends {
    pub(super) fn new(config: &Config, random: Random) -> Self {
        let is_v3 = config.generation == Generation::V3;
        let random = (!is_v3 && config.quirks.reorder_pipelined_sends).then_some(random);
        let turns = (is_v3 && config.quirks.slow_first_send).then(Turns::default);
        Self { random, batch: Vec::new(), held: None, turns }
    }

    pub(super) fn add(&mut self, frame: Frame) {
        self.batch.push(frame);
    }

    /// Until when a SEND is held back.
    pub(super) fn held_until(&self) -> Option<Instant> {
        self.held.as_ref().map(|(_, until)| *until).or_else(|| self.turns.as_ref()?.due())
    }

    /// Handles what one read brought. False if the connection is to be closed for it.
    pub(super) async fn handle(&mut self, shared: &Shared, session: &Arc<Session>) -> bool {
        let unanswered = self.batch.len() + self.turns.as_ref().map_or(0, Turns::len);
        if shared.config.generation == Generation::V3 && unanswered > V3_UNANSWERED {
            // It answers none of them (docs/servers.md T55).
            return false;
        }
        self.reorder(shared.clock.now());
        self.run(shared, session).await
    }

    /// Handles what was held back for long enough. False if the connection is to be closed for it.
    pub(super) async fn wake(&mut self, shared: &Shared, session: &Arc<Session>) -> bool {
        self.batch.extend(self.held.take().map(|(frame, _)| frame));
        self.run(shared, session).await
    }

    /// The client is gone: what was held back is handled, and what had no turn yet is forgotten.
    pub(super) async fn finish(&mut self, shared: &Shared, session: &Arc<Session>) {
        self.turns = None;
        self.wake(shared, session).await;
    }

    async fn run(&mut self, shared: &Shared, session: &Arc<Session>) -> bool {
        let batch = std::mem::take(&mut self.batch);
        let Some(turns) = &mut self.turns else {
            for frame in batch {
                match handle(shared, session, &frame) {
                    Outcome::Ack(ack) => session.reply(ack).await,
                    Outcome::NoAck => {}
                    Outcome::LoseBatch => return true,
                    Outcome::Close => return false,
                }
            }
            return true;
        };
        turns.add(batch);
        let (now, timings) = (shared.clock.now(), &shared.config.timings);
        while let Some(turn) = turns.next(now, timings, |frame| is_first(shared, session, frame)) {
            let outcome = match turn {
                Turn::Handle(frame) => handle(shared, session, &frame),
                Turn::Refuse(frame) => refuse(session, &frame),
            };
            match outcome {
                Outcome::Ack(ack) => session.reply(ack).await,
                Outcome::NoAck | Outcome::LoseBatch => {}
                Outcome::Close => return false,
            }
        }
        true
    }

    /// SENDs in flight together change places now and then (docs/servers.md T54): within a batch a later part goes
    /// first, and a single SEND waits a moment for the next one to overtake it.
    fn reorder(&mut self, now: Instant) {
        let Some(random) = &mut self.random else { return };
        if let Some((held, _)) = self.held.take() {
            // Behind the first of the new ones.
            let place = self.batch.len().min(1);
            self.batch.insert(place, held);
        } else if self.batch.len() == 1 && random.one_in(8) {
            self.held = self.batch.pop().map(|frame| (frame, now + HOLD));
        } else if self.batch.len() > 1 && random.one_in(4) {
            let turn = random.below(self.batch.len() as u64);
            self.batch.rotate_left(usize::try_from(turn).unwrap_or(0));
        }
    }
}

fn handle(shared: &Shared, session: &Session, frame: &Frame) -> Outcome {
    let Ok(Packet::Send(send)) = frame.decode(session.version) else { return Outcome::NoAck };
    shared.counters.sends.add(1);
    if shared.faults.loses_send() {
        return Outcome::NoAck;
    }
    let is_v3 = shared.config.generation == Generation::V3;
    let opened = if is_v3 && send.setting.contains(Setting::NO_ENCRYPT) {
        Ok(send.payload.to_vec())
    } else {
        session.cipher.open_send(&send)
    };
    if is_v3 && opened.is_err() {
        return Outcome::Close;
    }
    let now = shared.clock.unix_secs();
    let mut world = shared.world();
    let message_id = world.next_message_id(shared.clock.unix_ms());
    let result = match opened {
        Ok(payload) if payload.is_empty() && is_v3 => Err(ReasonCode::PAYLOAD_DECODE_ERROR),
        Ok(payload) => {
            let draft = draft(session, &send, message_id, payload);
            world.send(draft, Origin::Session(session), now, &shared.faults)
        }
        Err(_) if world.is_send_banned(&session.uid) => Err(ReasonCode::SEND_BAN),
        Err(CryptoError::PayloadLength { .. } | CryptoError::Padding) => return Outcome::LoseBatch,
        Err(_) => Err(ReasonCode::PAYLOAD_DECODE_ERROR),
    };
    drop(world);
    let nothing = if is_v3 { MessageId::new(0) } else { message_id };
    let (message_id, seq, reason) = match result {
        Ok(Stored { id, seq }) => (id, seq, ReasonCode::SUCCESS),
        Err(reason) => (nothing, MessageSeq::ZERO, reason),
    };
    if !seq.is_zero() {
        shared.counters.messages_stored.add(1);
    }
    if *session.device_id == *SYSTEM_DEVICE_ID || shared.faults.loses_sendack() {
        return Outcome::NoAck;
    }
    Outcome::Ack(Outgoing::Sendack {
        flags: if is_v3 { Flags::EMPTY } else { send.flags },
        message_id,
        client_seq: send.client_seq,
        seq,
        reason,
        client_msg_no: (is_v3 && !send.client_msg_no.is_empty()).then(|| text(send.client_msg_no)),
    })
}

/// Whether a SEND would be stored as the first message of its channel.
fn is_first(shared: &Shared, session: &Session, frame: &Frame) -> bool {
    let Ok(Packet::Send(send)) = frame.decode(session.version) else { return false };
    shared.world().would_begin(
        &session.uid,
        &session.device_id,
        &draft(session, &send, MessageId::new(0), Vec::new()),
    )
}

/// What v3 answers to what it did not come to.
fn refuse(session: &Session, frame: &Frame) -> Outcome {
    let Ok(Packet::Send(send)) = frame.decode(session.version) else { return Outcome::NoAck };
    Outcome::Ack(Outgoing::Sendack {
        flags: Flags::EMPTY,
        message_id: MessageId::new(0),
        client_seq: send.client_seq,
        seq: MessageSeq::ZERO,
        reason: ReasonCode::NODE_NOT_MATCH,
        client_msg_no: (!send.client_msg_no.is_empty()).then(|| text(send.client_msg_no)),
    })
}

fn text(field: WireStr<'_>) -> Arc<str> {
    Arc::from(&*field.to_string_lossy())
}

fn draft(session: &Session, send: &Send<'_>, id: MessageId, payload: Vec<u8>) -> Draft {
    Draft {
        id,
        flags: send.flags,
        setting: send.setting,
        from: session.uid.clone(),
        device_id: None,
        client_msg_no: text(send.client_msg_no),
        channel_id: text(send.channel_id),
        channel_type: send.channel_type,
        topic: text(send.topic),
        expire: send.expire,
        payload: payload.into(),
    }
}

/// More SENDs without an answer than this are too many for v3.
const V3_UNANSWERED: usize = 256;
/// How long a SEND waits for another one to overtake it.
const HOLD: Duration = Duration::from_millis(1);
