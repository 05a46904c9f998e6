//! A logged-in connection as the rest of the server sees it: where packets for it go, and how it ends.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use wk_model::{DeviceFlag, MessageId, MessageSeq, ReasonCode};
use wkproto::{Cipher, DeviceLevel, Flags, ProtocolVersion};

use super::message::Message;

/// A packet that waits to be written.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    Connack {
        encoded: bytes::Bytes,
    },
    Sendack {
        flags: Flags,
        message_id: MessageId,
        client_seq: u32,
        seq: MessageSeq,
        reason: ReasonCode,
        /// v3 says it again.
        client_msg_no: Option<Arc<str>>,
    },
    Recv(Push),
    Event(Arc<PushedEvent>),
    Pong,
    Disconnect {
        reason: ReasonCode,
        text: &'static str,
    },
}

/// An event on its way to the connections of a user.
#[derive(Debug)]
pub(crate) struct PushedEvent {
    pub(crate) id: String,
    pub(crate) event_type: String,
    /// In milliseconds since 1970, as whoever made the event said.
    pub(crate) timestamp: i64,
    pub(crate) data: bytes::Bytes,
}

/// A message on its way to one connection. A resend repeats it with the same time.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) message: Arc<Message>,
    pub(crate) flags: Flags,
    /// When it was first pushed, in seconds since 1970.
    pub(crate) timestamp: i32,
}

/// What the tasks of a connection are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    /// Fall silent then: a displaced connection stays open and gets nothing more (docs/servers.md T56).
    pub(crate) silent_at: Option<Instant>,
    /// Close the connection.
    pub(crate) close: bool,
    /// Neither read nor write, as if the network had lost the other side.
    pub(crate) half_open: bool,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) uid: Arc<str>,
    pub(crate) device_id: Arc<str>,
    pub(crate) device_flag: DeviceFlag,
    pub(crate) device_level: DeviceLevel,
    pub(crate) version: ProtocolVersion,
    pub(crate) cipher: Cipher,
    queue: mpsc::Sender<Outgoing>,
    orders: watch::Sender<Orders>,
    silent: AtomicBool,
    /// When the last PING came, or the login, in milliseconds since 1970.
    pinged_ms: AtomicI64,
    unacked: Mutex<Unacked>,
}

/// What a session is made of.
pub(crate) struct Login {
    pub(crate) id: u64,
    pub(crate) uid: Arc<str>,
    pub(crate) device_id: Arc<str>,
    pub(crate) device_flag: DeviceFlag,
    pub(crate) device_level: DeviceLevel,
    pub(crate) version: ProtocolVersion,
    pub(crate) cipher: Cipher,
    /// In milliseconds since 1970.
    pub(crate) at_ms: i64,
}

impl Session {
    pub(crate) fn new(login: Login, queue: mpsc::Sender<Outgoing>, orders: watch::Sender<Orders>) -> Self {
        let Login { id, uid, device_id, device_flag, device_level, version, cipher, at_ms } = login;
        Self {
            id,
            uid,
            device_id,
            device_flag,
            device_level,
            version,
            cipher,
            queue,
            orders,
            silent: AtomicBool::new(false),
            pinged_ms: AtomicI64::new(at_ms),
            unacked: Mutex::default(),
        }
    }

    /// Queues a packet. A client that reads too slowly is disconnected instead.
    pub(crate) fn push(&self, packet: Outgoing) {
        if self.is_silent() {
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(packet) {
            tracing::warn!(session = self.id, "disconnecting a client that reads too slowly");
            self.close();
        }
    }

    /// Queues a packet and waits for room, which holds the client back that caused it.
    pub(crate) async fn reply(&self, packet: Outgoing) {
        if !self.is_silent() {
            // The writer only goes away with the connection; the reader notices that itself.
            let _ = self.queue.send(packet).await;
        }
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    pub(crate) fn pinged_ms(&self) -> i64 {
        self.pinged_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn note_ping(&self, at_ms: i64) {
        self.pinged_ms.store(at_ms, Ordering::Relaxed);
    }

    pub(crate) fn fall_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    pub(crate) fn close(&self) {
        self.orders.send_modify(|orders| orders.close = true);
    }

    pub(crate) fn go_half_open(&self) {
        self.fall_silent();
        self.orders.send_modify(|orders| orders.half_open = true);
    }

    /// Lets the connection fall silent then, or earlier if it was told so before.
    pub(crate) fn fall_silent_at(&self, when: Instant) {
        self.orders.send_modify(|orders| {
            orders.silent_at = Some(orders.silent_at.map_or(when, |earlier| earlier.min(when)));
        });
    }

    pub(crate) fn unacked(&self) -> MutexGuard<'_, Unacked> {
        self.unacked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The RECVs that a client has not acknowledged, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Unacked {
    waiting: HashMap<MessageId, Waiting>,
    /// In the order of their pushes; entries whose message is no longer waiting are stale.
    order: VecDeque<MessageId>,
}

#[derive(Debug)]
struct Waiting {
    push: Push,
    since: Instant,
    resends: u32,
}

impl Unacked {
    /// Remembers a RECV that is written; beyond `limit` the oldest is forgotten.
    pub(crate) fn insert(&mut self, push: Push, now: Instant, limit: usize) {
        let id = push.message.id;
        if self.waiting.contains_key(&id) {
            return;
        }
        self.waiting.insert(id, Waiting { push, since: now, resends: 0 });
        self.order.push_back(id);
        while self.waiting.len() > limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
        }
        // Acknowledged ids stay in the queue until it is twice as long as what waits.
        if self.order.len() > 2 * self.waiting.len() + 16 {
            let waiting = &self.waiting;
            self.order.retain(|id| waiting.contains_key(id));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn acknowledge(&mut self, id: MessageId) {
        self.waiting.remove(&id);
        if self.waiting.is_empty() {
            self.order.clear();
        }
    }

    /// Takes what has waited since `before` to send it again, in order. Each is sent at most `limit` more times.
    pub(crate) fn due(&mut self, before: Instant, now: Instant, limit: u32) -> Vec<Push> {
        let mut due = Vec::new();
        let waiting = &mut self.waiting;
        self.order.retain(|id| {
            let Some(entry) = waiting.get_mut(id) else { return false };
            if entry.since <= before {
                if entry.resends >= limit {
                    waiting.remove(id);
                    return false;
                }
                entry.resends += 1;
                entry.since = now;
                due.push(entry.push.clone());
            }
            true
        });
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use wk_model::{ChannelType, Setting};

    fn push(id: i64) -> Push {
        let message = Message {
            id: MessageId::new(id),
            seq: MessageSeq::FIRST,
            flags: Flags::EMPTY,
            setting: Setting::EMPTY,
            from: "a".into(),
            client_msg_no: "".into(),
            channel: "g".into(),
            shown_channel: "g".into(),
            channel_type: ChannelType::GROUP,
            topic: "".into(),
            expire: 0,
            timestamp: 0,
            payload: bytes::Bytes::new(),
        };
        Push { message: Arc::new(message), flags: Flags::EMPTY, timestamp: 0 }
    }

    fn ids(pushes: &[Push]) -> Vec<i64> {
        pushes.iter().map(|push| push.message.id.get()).collect()
    }

    #[tokio::test(start_paused = true)]
    #[allow(clippy::disallowed_methods, reason = "the test needs a point in time, any will do")]
    async fn what_is_not_acknowledged_is_due_until_the_limit() {
        let (mut unacked, start) = (Unacked::default(), Instant::now());
        let at = |secs| start + Duration::from_secs(secs);
        for id in 1..=3 {
            unacked.insert(push(id), at(id.unsigned_abs()), 10);
        }
        unacked.acknowledge(MessageId::new(2));
        assert_eq!(ids(&unacked.due(at(2), at(60), 2)), [1]);
        assert_eq!(ids(&unacked.due(at(3), at(61), 2)), [3]);
        assert_eq!(ids(&unacked.due(at(61), at(120), 2)), [1, 3]);
        assert!(unacked.due(at(120), at(180), 2).is_empty());
        assert!(unacked.waiting.is_empty() && unacked.order.is_empty());
    }

    #[tokio::test(start_paused = true)]
    #[allow(clippy::disallowed_methods, reason = "the test needs a point in time, any will do")]
    async fn memory_is_bounded() {
        let (mut unacked, now) = (Unacked::default(), Instant::now());
        for id in 1..=1000 {
            unacked.insert(push(id), now, 10);
        }
        assert_eq!(ids(&unacked.due(now, now, 1)), (991..=1000).collect::<Vec<_>>());
        for id in 2000..=9000 {
            unacked.insert(push(id), now, 100);
            unacked.acknowledge(MessageId::new(id));
        }
        assert!(unacked.order.len() < 100, "{}", unacked.order.len());
    }
}
