//! The writing side of a connection: whatever waits goes out in one write.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;
use wk_model::{MessageId, Setting};
use wkproto::{Disconnect, EncodeError, Encoder, Event, Flags, Packet, Recv, Sendack, StreamFlag, WireStr};

use super::connection::ordered_to_close;
use super::stream::WriteHalf;
use crate::config::Generation;
use crate::shared::Shared;
use crate::stats::Traffic;
use crate::world::session::{Orders, Outgoing, Push, Session};
use crate::world::v3::send::channel_for;

/// The writing half of a connection: bytes counted, and cut where a fault says so.
pub(super) struct Outbound {
    half: WriteHalf,
    cut_after: Option<u64>,
}

impl Outbound {
    pub(super) fn new(half: WriteHalf, cut_after: Option<u64>) -> Self {
        Self { half, cut_after }
    }

    /// Writes all, or as much as a fault lets through. False when the connection is at its end.
    pub(super) async fn write(&mut self, bytes: &[u8], traffic: &Traffic) -> bool {
        let allowed = match self.cut_after {
            Some(left) => bytes.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(bytes),
            None => bytes,
        };
        if self.half.write(allowed).await.is_err() {
            return false;
        }
        traffic.bytes_out.add(allowed.len() as u64);
        if let Some(left) = &mut self.cut_after {
            *left -= allowed.len() as u64;
        }
        self.cut_after != Some(0)
    }
}

/// Writes what is queued until the connection is closed.
pub(super) async fn run(
    shared: Arc<Shared>,
    session: Arc<Session>,
    mut outbound: Outbound,
    mut queue: mpsc::Receiver<Outgoing>,
    mut orders: watch::Receiver<Orders>,
) {
    let mut batch = Vec::new();
    let mut scratch = Scratch::default();
    loop {
        let Orders { close, silent_at, .. } = *orders.borrow_and_update();
        if close {
            break;
        }
        let now = shared.clock.now();
        let is_over = silent_at.is_some_and(|at| at <= now) && !session.is_silent();
        if is_over && shared.config.generation == Generation::V3 {
            break;
        }
        if is_over {
            // Nothing is delivered any more and nothing answered, but the socket stays open.
            session.fall_silent();
            shared.world().logout(&session);
        }
        tokio::select! {
            _ = queue.recv_many(&mut batch, BATCH) => {}
            _ = orders.changed() => continue,
            () = sleep_until(silent_at.unwrap_or(now)), if silent_at.is_some() && !session.is_silent() => continue,
        }
        if session.is_silent() {
            batch.clear();
            continue;
        }
        for outgoing in batch.drain(..) {
            if let Err(error) = scratch.encode(&shared, &session, outgoing) {
                tracing::warn!(%error, session = session.id, "a packet cannot be encoded");
            }
        }
        let written = tokio::select! {
            written = outbound.write(&scratch.bytes, &shared.counters.tcp) => written,
            () = ordered_to_close(&mut orders) => false,
        };
        if !written {
            break;
        }
        scratch.bytes.clear();
        scratch.bytes.shrink_to(KEPT_CAPACITY);
    }
    session.close();
}

/// Buffers that are used for one write after the other.
#[derive(Default)]
struct Scratch {
    bytes: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Scratch {
    fn encode(&mut self, shared: &Shared, session: &Session, outgoing: Outgoing) -> Result<(), EncodeError> {
        let packet = match &outgoing {
            Outgoing::Connack { encoded } => {
                self.bytes.extend_from_slice(encoded);
                return Ok(());
            }
            Outgoing::Recv(push) => return self.encode_recv(shared, session, push),
            Outgoing::Sendack { flags, message_id, client_seq, seq, reason, client_msg_no } => {
                Packet::Sendack(Sendack {
                    flags: *flags,
                    message_id: *message_id,
                    client_seq: *client_seq,
                    message_seq: *seq,
                    reason: *reason,
                    client_msg_no: client_msg_no.as_deref().map(WireStr::from),
                })
            }
            Outgoing::Event(event) => Packet::Event(Event {
                flags: Flags::EMPTY,
                id: WireStr::from(&*event.id),
                event_type: WireStr::from(&*event.event_type),
                timestamp: event.timestamp,
                data: &event.data,
            }),
            Outgoing::Pong => Packet::Pong,
            Outgoing::Disconnect { reason, text } => Packet::Disconnect(Disconnect {
                flags: Flags::EMPTY,
                reason: *reason,
                reason_text: WireStr::from(*text),
            }),
        };
        encoder(session).encode(&packet, &mut self.bytes)
    }

    fn encode_recv(&mut self, shared: &Shared, session: &Session, push: &Push) -> Result<(), EncodeError> {
        let message = &*push.message;
        let is_v3 = shared.config.generation == Generation::V3;
        if is_v3 && session.unacked().len() >= V3_UNACKED {
            return Ok(());
        }
        self.ciphertext.clear();
        let own_name;
        session.cipher.encrypt_into(&message.payload, &mut self.ciphertext);
        let mut recv = Recv {
            flags: push.flags,
            setting: if is_v3 { Setting::EMPTY } else { message.setting },
            msg_key: WireStr::EMPTY,
            from_uid: WireStr::from(if is_v3 { &*message.from } else { message.visible_from() }),
            channel_id: WireStr::from(if is_v3 {
                own_name = channel_for(message, &session.uid);
                &*own_name
            } else {
                message.channel_for(&session.uid)
            }),
            channel_type: message.channel_type,
            expire: if is_v3 { 0 } else { message.expire },
            client_msg_no: WireStr::from(&*message.client_msg_no),
            stream_flag: StreamFlag::default(),
            stream_no: WireStr::EMPTY,
            stream_id: stream_id(message.id),
            message_id: message.id,
            message_seq: message.seq,
            timestamp: push.timestamp,
            topic: if is_v3 { WireStr::EMPTY } else { WireStr::from(&*message.topic) },
            payload: &self.ciphertext,
        };
        let key = session.cipher.recv_msg_key(&recv);
        recv.msg_key = WireStr::from(key.as_str());
        encoder(session).encode(&recv.into(), &mut self.bytes)?;
        shared.counters.recvs.add(1);
        if !push.flags.contains(Flags::NO_PERSIST) {
            session.unacked().insert(push.clone(), shared.clock.now(), shared.config.limits.unacked);
        }
        Ok(())
    }
}

fn encoder(session: &Session) -> Encoder {
    Encoder::new(session.version).relay()
}

/// Sessions before version 5 find the message's id where streams had theirs.
fn stream_id(id: MessageId) -> u64 {
    id.get().cast_unsigned()
}

/// How many RECVs without RECVACK a v3 server bears before it drops more (docs/servers.md T17).
const V3_UNACKED: usize = 1024;
/// How many packets go into one write.
const BATCH: usize = 256;
/// The room that the buffer of a connection keeps after a large packet.
const KEPT_CAPACITY: usize = 64 * 1024;
