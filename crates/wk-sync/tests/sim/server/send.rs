//! A SEND on its way through the server: lost, refused, stored, answered.

use std::time::Duration;

use bytes::Bytes;
use wk_sync::store::model::proto::{Flags, Packet, Send, Sendack};
use wk_sync::store::model::{ChannelId, MessageHeader, MessageId, MessageSeq, ReasonCode, Setting};

use super::{Out, Server, Task, pack};
use crate::common::Stored;
use crate::letters::{Kind, log_of};
use crate::queue::{Wire, millis};
use crate::weather::Luck as _;

/// How many unanswered SENDs a client may have (docs/servers.md T55).
const WINDOW: usize = 128;

/// A SEND as it was read.
#[derive(Debug, Clone)]
pub struct Arrived {
    uid: String,
    log: ChannelId,
    wire_seq: u32,
    number: String,
    header: MessageHeader,
    setting: Setting,
    expire: u32,
    payload: Bytes,
}

impl Server {
    pub(super) fn arrived(&mut self, wire: Wire, send: &Send<'_>) {
        let is_v2 = self.is_v2();
        self.packets += 1;
        let Some(conn) = self.conns.get_mut(&wire) else { return };
        let payload: Bytes = match &conn.cipher {
            Some(cipher) => cipher.open_send(send).unwrap().into(),
            None => Bytes::copy_from_slice(send.payload),
        };
        let channel = ChannelId::new(send.channel_id.to_str().unwrap(), send.channel_type);
        let arrived = Arrived {
            uid: conn.uid.clone(),
            log: log_of(&conn.uid, &channel),
            wire_seq: send.client_seq,
            number: send.client_msg_no.to_str().unwrap().to_owned(),
            header: header(send.flags),
            setting: send.setting,
            expire: send.expire,
            payload,
        };
        let letter = self.letters.get_mut(&arrived.payload);
        assert_eq!((&letter.author, letter.device), (&arrived.uid, Some(wire.device)), "sent by another");
        assert_eq!(letter.log, arrived.log, "sent elsewhere");
        let number = letter.number.get_or_insert_with(|| arrived.number.clone());
        assert_eq!(*number, arrived.number, "the same message under another number");
        let sent = letter.sent.get_or_insert_with(|| arrived.payload.clone());
        assert_eq!(*sent, arrived.payload, "the same message with another payload");
        assert!(!self.letters.is_draft(&arrived.payload), "sent before it was uploaded");
        if is_v2 && self.luck.chance(self.weather.lose_send) {
            self.tally.add("send lost");
            return;
        }
        conn.unanswered += 1;
        assert!(conn.unanswered <= WINDOW || is_v2, "{} SENDs in flight", conn.unanswered);
        let mut ready = self.now + millis(self.luck.within(&(0..=30)));
        if !is_v2 {
            // v3 works on the packets of a session one after the other, v2 on all at once (docs/servers.md T54).
            ready = ready.max(conn.busy_until);
            conn.busy_until = ready;
        }
        let wait = ready - self.now;
        self.later(wait, Task::Take(wire, Box::new(arrived)));
    }

    pub(super) fn take(&mut self, wire: Wire, sent: Arrived) {
        let refuse = self.log_knows(&sent).is_none() && self.luck.chance(self.weather.refuse);
        let letter = self.letters.get_mut(&sent.payload);
        let answer = if refuse || letter.refused {
            self.tally.add("send refused");
            letter.refused = true;
            (MessageId::ZERO, 0, ReasonCode::NOT_IN_WHITELIST)
        } else if self.luck.chance(self.weather.refuse_now) {
            self.tally.add("send refused for now");
            self.letters.get_mut(&sent.payload).delayed = true;
            // It may be stored all the same (docs/servers.md T15).
            if self.luck.chance(5000) {
                self.store(wire, &sent);
            }
            let reason =
                if self.luck.chance(5000) { ReasonCode::SYSTEM_ERROR } else { ReasonCode::NODE_NOT_MATCH };
            (MessageId::ZERO, 0, reason)
        } else {
            self.store(wire, &sent)
        };
        self.answer_send(wire, &sent, answer);
    }

    fn answer_send(&mut self, wire: Wire, sent: &Arrived, answer: (MessageId, u64, ReasonCode)) {
        let is_v2 = self.is_v2();
        let Some(conn) = self.conns.get_mut(&wire).filter(|conn| !conn.zombie) else { return };
        conn.unanswered = conn.unanswered.saturating_sub(1);
        let (message_id, seq, reason) = answer;
        let ack = Sendack {
            message_id,
            client_seq: sent.wire_seq,
            message_seq: MessageSeq::new(seq),
            reason,
            client_msg_no: (!is_v2).then(|| sent.number.as_str().into()),
            ..Sendack::default()
        };
        let frame = pack(Packet::Sendack(ack), conn.version);
        if is_v2 && self.luck.chance(self.weather.lose_ack) {
            self.tally.add("sendack lost");
            return;
        }
        self.out.push(Out::Write(wire, frame));
    }

    fn log_knows(&self, sent: &Arrived) -> Option<&Stored> {
        self.logs.get(&sent.log)?.known(&sent.uid, &sent.number)
    }

    /// v3 knows a number that it has seen, v2 stores the message again.
    fn store(&mut self, wire: Wire, sent: &Arrived) -> (MessageId, u64, ReasonCode) {
        let is_v2 = self.is_v2();
        let (id, at_ms) = (self.mint(), self.unix_ms());
        let message = Stored {
            id,
            at_ms,
            header: sent.header,
            setting: sent.setting,
            expire: sent.expire,
            ..Stored::with_payload(&sent.uid, sent.payload.clone()).numbered(&sent.number)
        };
        if sent.header.no_persist {
            // v3 takes it and delivers it to nobody (docs/servers.md T50).
            if !is_v2 {
                return (MessageId::ZERO, 0, ReasonCode::SUCCESS);
            }
            self.fan_out(&sent.log, message, Some(wire));
            return (id, 0, ReasonCode::SUCCESS);
        }
        let command_log = sent.header.sync_once && !is_v2;
        let logs = if command_log { &mut self.command_logs } else { &mut self.logs };
        let log = logs.entry(sent.log.clone()).or_default();
        if let Some(known) = log.known(&sent.uid, &sent.number).filter(|_| !is_v2) {
            assert_eq!(known.payload, sent.payload, "v3 refuses a number that it knows with another payload");
            return (known.id, known.seq, ReasonCode::SUCCESS);
        }
        let stored = log.append(message).clone();
        if !command_log {
            self.ids.insert(id, (sent.log.clone(), stored.seq));
        }
        let seq = stored.seq;
        self.fan_out(&sent.log, stored, Some(wire));
        (id, seq, ReasonCode::SUCCESS)
    }

    /// Somebody without a device writes, over HTTP.
    pub fn post(&mut self, author: &str, log: &ChannelId, kind: Kind, number: &str) {
        let payload = self.letters.write(author, None, log.clone(), kind);
        let (id, at_ms) = (self.mint(), self.unix_ms());
        let command = kind == Kind::Command;
        let header = MessageHeader { sync_once: command, ..MessageHeader::default() };
        let message = Stored { id, at_ms, header, ..Stored::with_payload(author, payload).numbered(number) };
        // Commands sent over HTTP have a log of their own in both generations (docs/servers.md T57).
        let logs = if command { &mut self.command_logs } else { &mut self.logs };
        let stored = logs.entry(log.clone()).or_default().append(message).clone();
        if !command {
            self.ids.insert(id, (log.clone(), stored.seq));
        }
        self.fan_out(log, stored, None);
    }

    /// The wait after which v2 repeats a RECV that nobody acknowledged.
    pub(super) fn retry_wait(&mut self) -> Duration {
        Duration::from_secs(self.luck.within(&(60..=90)))
    }
}

fn header(flags: Flags) -> MessageHeader {
    MessageHeader {
        no_persist: flags.contains(Flags::NO_PERSIST),
        red_dot: flags.contains(Flags::RED_DOT),
        sync_once: flags.contains(Flags::SYNC_ONCE),
    }
}
