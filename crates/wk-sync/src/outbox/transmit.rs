//! Putting a message on the wire, or first asking whether it is already there.

use bytes::Bytes;
use wk_store::StoreError;
use wk_store::model::proto::{EncodeError, Flags, Packet, ProtocolVersion, Send};
use wk_store::model::{ChannelId, ClientSeq, Message, MessageStatus, Uid};

use crate::engine::jobs::Purpose;
use crate::engine::{Cx, JobId, Output, Question};
use crate::event::Event;
use crate::inbox::names;
use crate::outbox::queue::{Item, Progress};
use crate::outbox::{Flight, Outbox};
use crate::session::Online;
use crate::source::FindRequest;

/// How many SENDs to channels without any message may be in flight on v3. It takes half a second for each, one after the other,
/// lets everything else of the connection wait, and refuses what it has not come to in five seconds (docs/servers.md T71).
const FIRST_SENDS: usize = 4;

impl Outbox {
    /// Sends what a channel may send now.
    pub(super) fn advance(
        &mut self,
        cx: &mut Cx<'_>,
        online: &Online,
        channel: &ChannelId,
    ) -> Result<(), StoreError> {
        // v3 servers know a number they have seen; v2 servers would store the message twice.
        let idempotent = online.version.has_wide_seq();
        while let Some((client_seq, item)) = self.queue.next_to_send(channel) {
            if self.flights.len() >= cx.core.config.send_window {
                self.queue.nominate(channel);
                return Ok(());
            }
            let Some(message) = Self::row(cx, client_seq)? else {
                self.forget(cx, channel, client_seq)?;
                continue;
            };
            if item.cancelled && item.progress == Progress::Unknown {
                self.give_up(cx, message, MessageStatus::Cancelled)?;
                continue;
            }
            if item.cancelled || (!idempotent && item.attempts > 0 && item.progress == Progress::Ready) {
                self.ask_first(cx, &message);
                continue;
            }
            let begins = idempotent && !message.header.no_persist && !is_known(cx, channel)?;
            if begins && self.first_sends() >= FIRST_SENDS {
                self.strangers.insert((client_seq, channel.clone()));
                return Ok(());
            }
            self.transmit(cx, online, &message, item, begins)?;
        }
        Ok(())
    }

    /// Lets as many channels without messages go on as may.
    pub(super) fn admit_strangers(&mut self) {
        for _ in self.first_sends()..FIRST_SENDS {
            let Some((_, channel)) = self.strangers.pop_first() else { return };
            self.queue.nominate(&channel);
        }
    }

    fn first_sends(&self) -> usize {
        self.flights.values().filter(|flight| flight.begins).count()
    }

    /// The data source was asked whether the server has a message, and the answer has been written down.
    pub(crate) fn not_found(&mut self, channel: &ChannelId, client_seq: ClientSeq, job: JobId) {
        self.queue.not_found(channel, client_seq, job);
    }

    fn ask_first(&mut self, cx: &mut Cx<'_>, message: &Message) {
        let purpose = Purpose::Find { channel: message.channel.clone(), client_seq: message.client_seq };
        let request = FindRequest {
            uid: cx.core.config.uid.clone(),
            channel: message.channel.clone(),
            client_msg_nos: vec![message.client_msg_no.clone()],
        };
        let job = cx.ask(purpose, Question::Find(request));
        self.queue.asking(&message.channel, message.client_seq, job);
    }

    fn transmit(
        &mut self,
        cx: &mut Cx<'_>,
        online: &Online,
        message: &Message,
        item: Item,
        begins: bool,
    ) -> Result<(), StoreError> {
        let wire_seq = self.last_wire_seq.wrapping_add(1).max(1);
        let (channel, client_seq) = (message.channel.clone(), message.client_seq);
        let bytes = match encode(online, &cx.core.config.uid, message, wire_seq, item.attempts > 0) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(%error, %client_seq, "a stored message cannot be sent");
                return self.give_up(cx, message.clone(), MessageStatus::Failed);
            }
        };
        self.last_wire_seq = wire_seq;
        // Counted before the bytes leave: after a crash the server may have the message.
        self.queue.count_attempt(&channel, client_seq);
        if let Some(entry) = self.queue.entry(&channel, client_seq) {
            cx.tx.put_outbox(&entry)?;
        }
        self.fresh.remove(&client_seq);
        let (sent_at, config) = (cx.now.instant, &cx.core.config);
        let (probe_at, deadline) = (Some(sent_at + config.probe_after), sent_at + config.ack_timeout);
        self.flights.insert(wire_seq, Flight { channel, client_seq, begins, sent_at, probe_at, deadline });
        cx.core.out.push_back(Output::Transmit { link: online.link, bytes });
        Ok(())
    }

    /// Ends a message's way; its `reason_code` says what the server said, if it said anything.
    pub(super) fn give_up(
        &mut self,
        cx: &mut Cx<'_>,
        mut message: Message,
        status: MessageStatus,
    ) -> Result<(), StoreError> {
        message.status = status;
        cx.tx.update_message(&message)?;
        self.forget(cx, &message.channel, message.client_seq)?;
        cx.emit(Event::Refreshed(message));
        Ok(())
    }
}

/// Whether the server named a message of the channel.
fn is_known(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<bool, StoreError> {
    Ok(!cx.core.logs.get(&mut *cx.tx, channel)?.tail.is_zero())
}

fn encode(
    online: &Online,
    sender: &Uid,
    message: &Message,
    wire_seq: u32,
    again: bool,
) -> Result<Bytes, EncodeError> {
    let channel_id = names::write(&message.channel, online.version, sender);
    let version: ProtocolVersion = online.version;
    let mut flags = Flags::EMPTY;
    for (set, flag) in [
        (message.header.no_persist, Flags::NO_PERSIST),
        (message.header.red_dot, Flags::RED_DOT),
        (message.header.sync_once, Flags::SYNC_ONCE),
        (again, Flags::DUP),
    ] {
        if set {
            flags = flags.with(flag);
        }
    }
    let encrypted = online.cipher.as_ref().map(|cipher| cipher.encrypt(&message.payload));
    let mut packet = Send {
        flags,
        setting: message.setting,
        client_seq: wire_seq,
        client_msg_no: message.client_msg_no.as_str().into(),
        channel_id: (&*channel_id).into(),
        channel_type: message.channel.channel_type(),
        expire: message.expire,
        topic: message.topic.as_str().into(),
        payload: encrypted.as_deref().unwrap_or(&message.payload),
        ..Send::default()
    };
    let msg_key = online.cipher.as_ref().map(|cipher| cipher.send_msg_key(&packet));
    if let Some(key) = &msg_key {
        packet.msg_key = key.as_str().into();
    }
    Packet::Send(packet).to_bytes(version)
}
