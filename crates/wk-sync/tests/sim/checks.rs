//! What must hold at every step: no page hides a gap, nothing is told twice, nothing acknowledged is lost, order is kept.

use wk_sync::Output;
use wk_sync::store::StoreReader;
use wk_sync::store::model::proto::{Decoder, Flags, Packet, PacketType, ProtocolVersion};
use wk_sync::store::model::{
    Anchor, ChannelId, ClientMsgNo, Direction, Message, MessageId, Page, PageQuery, Position, Uid, Visibility,
};

use super::common::Flavour;
use super::expiry::AHEAD_MS;
use super::letters::{Kind, channel_of, log_of};
use super::queue::Wire;
use super::server::Log;
use super::world::World;

impl World {
    /// A device has acknowledged these RECVs: then they are in its store.
    pub fn check_acknowledged(&self, wire: Wire, acknowledged: &[MessageId]) {
        let device = &self.devices[wire.device];
        for id in acknowledged {
            let Some((log, seq)) = self.server.ids.get(id) else { continue };
            if self.server.wiped.contains(log)
                || self.may_be_gone(wire.device, &channel_of(&device.uid, log), *seq)
            {
                continue;
            }
            let message = self.server.logs[log].get(*seq).unwrap();
            if message.header.sync_once {
                continue;
            }
            let channel = channel_of(&device.uid, log);
            let mut reader = device.rig.reader();
            let kept = reader.message_by_id(*id).unwrap().is_some()
                || by_number(&mut *reader, &channel, &message.from, &message.client_msg_no).is_some();
            assert!(kept, "{log:?} {seq} was acknowledged and is not stored");
        }
    }

    /// What a device puts on its connection: in the order of writing, one of a channel at a time, and marked as a
    /// repetition if it is one.
    pub fn check_sends(&mut self, at: usize, outputs: &[Output]) {
        for output in outputs {
            let Output::Transmit { bytes, .. } = output else { continue };
            let mut decoder = Decoder::new();
            decoder.extend(bytes);
            while let Some(frame) = decoder.next_frame().unwrap() {
                if frame.packet_type() != PacketType::Send {
                    continue;
                }
                let Ok(Packet::Send(send)) = frame.decode(self.version()) else {
                    panic!("a SEND nobody can read")
                };
                let channel = ChannelId::new(send.channel_id.to_str().unwrap(), send.channel_type);
                let number = send.client_msg_no.to_str().unwrap();
                self.check_send(at, &channel, number, send.flags.contains(Flags::DUP));
            }
        }
    }

    fn check_send(&mut self, at: usize, channel: &ChannelId, number: &str, marked: bool) {
        let device = &self.devices[at];
        let mut reader = device.rig.reader();
        // A later input of the same transaction may have ended its life, or cleared it.
        let row = by_number(&mut *reader, channel, &device.uid, number).filter(|row| row.payload != "{}");
        let Some(row) = row else {
            let excused = device.clears.contains(channel) || device.mortal.contains(channel);
            assert!(excused, "{number} is sent to {channel:?} and is not stored");
            return;
        };
        let outbox = reader.outbox().unwrap();
        let waits = outbox.iter().any(|entry| entry.client_seq == row.client_seq);
        let older = outbox.iter().find(|entry| {
            let retried = device.retried.contains(&entry.client_seq);
            entry.channel == *channel && entry.client_seq < row.client_seq && !retried
        });
        if let (true, Some(older)) = (waits, older) {
            panic!("{:?} is sent while {older:?} has no answer: servers may swap them", row.payload);
        }
        let letter = self.server.letters.get_mut(&row.payload);
        assert!(
            letter.withdrawn || marked == letter.handed,
            "{:?}: the mark of a repetition is wrong",
            row.payload
        );
        letter.handed = true;
    }

    const fn version(&self) -> ProtocolVersion {
        match self.plan.flavour {
            Flavour::V2 => ProtocolVersion::V5,
            Flavour::V3 => ProtocolVersion::V6,
        }
    }

    /// What a device said to be stored, and not long ago, is there after its process died. The rest is counted at the
    /// end.
    pub fn check_stored(&self, at: usize, newest: usize) {
        let mut reader = self.devices[at].rig.reader();
        for (row, payload) in self.devices[at].stored.iter().rev().take(newest) {
            // What was cleared goes, and what stood in a log that was lost.
            let log = &self.server.letters.get(payload).log;
            let cleared = self.devices[at].clears.contains(&channel_of(&self.devices[at].uid, log));
            let letter = self.server.letters.get(payload);
            if cleared || self.server.wiped.contains(log) || self.is_letter_over(letter) {
                continue;
            }
            let kept = reader.message(*row).unwrap();
            let number = self.server.letters.find(payload);
            let is_kept = kept.is_some_and(|kept| {
                self.server.letters.find(&kept.payload) == number || letter.burns.is_some() && is_ash(&kept)
            });
            assert!(is_kept, "{payload:?} was stored and is gone");
        }
    }

    /// Listeners are told of a message once, of nothing that is not theirs to see, and of nothing that is not stored.
    pub fn check_told(&mut self, at: usize, message: &Message) {
        let over = self.may_be_gone(at, &message.channel, message.message_seq().get());
        let device = &mut self.devices[at];
        assert!(
            self.server.letters.shows(&message.payload, &device.uid),
            "told of what is hidden: {message:?}"
        );
        if message.message_seq().is_zero() {
            assert_eq!(self.server.letters.get(&message.payload).kind, Kind::Transient, "{message:?}");
            return;
        }
        if self.server.wiped.contains(&log_of(&device.uid, &message.channel)) {
            // It may be of the log that was lost, and what was known of the new one may have been dropped with it.
            device.told.insert(message.message_id);
            return;
        }
        assert!(device.told.insert(message.message_id), "told twice: {message:?}");
        if !message.client_msg_no.is_empty() {
            let (from, number) =
                (message.from_uid.as_str().to_owned(), message.client_msg_no.as_str().to_owned());
            let number = (message.channel.clone(), from, number);
            // Of a message that was cleared nothing is known any more, so a copy of it is news.
            let cleared = device.clears.contains(&message.channel);
            assert!(device.told_numbers.insert(number) || cleared, "told of a copy: {message:?}");
        }
        // A later input of the same transaction may have found the first one of which this is a copy, or cleared it.
        let mut reader = device.rig.reader();
        let (from, number) = (message.from_uid.as_str(), message.client_msg_no.as_str());
        let stored = reader.message_by_id(message.message_id).unwrap().is_some()
            || by_number(&mut *reader, &message.channel, from, number).is_some();
        let cleared = device.rig.log(&message.channel).cleared_to >= message.message_seq();
        assert!(!device.gone.contains(&message.message_id), "told of what is gone: {message:?}");
        let ended = message.expires_at().is_some_and(|end| end.get() + AHEAD_MS < self.server.unix_ms());
        assert!(!ended, "told of what has expired: {message:?}");
        assert!(stored || cleared || over, "told of what is not stored: {message:?}");
        let log = &self.server.logs[&log_of(&device.uid, &message.channel)];
        check_is_real(log, message);
    }

    /// A page is a stretch of the channel without a hole, from its anchor on, and says why it ends.
    pub fn check_page(&self, at: usize, query: &PageQuery, page: &Page) {
        let uid = &self.devices[at].uid;
        let empty = Log::default();
        let log = self.server.logs.get(&log_of(uid, &query.channel)).unwrap_or(&empty);
        let shows = |seq: u64| {
            let shown = |payload| self.server.letters.shows(payload, uid);
            !log.is_copy(seq)
                && log.payload(seq).is_none_or(shown)
                && !self.may_be_gone(at, &query.channel, seq)
        };
        // No message of these seqs is missing from the page.
        let none_between = |low: u64, high: u64| {
            if let Some(hidden) = (low..=high.min(log.last())).find(|seq| shows(*seq)) {
                panic!("the page hides seq {hidden} of {:?}: {query:?} {page:#?}", query.channel);
            }
        };
        let messages = &page.messages;
        let limit = usize::try_from(query.limit).unwrap();
        assert!(messages.len() <= limit, "more than asked for");
        if self.server.wiped.contains(&log_of(uid, &query.channel)) {
            // Which of the two logs the device knows of yet, nobody can say; in the end it has the new one.
            return;
        }
        let cleared = self.devices[at].cleared.get(&query.channel).copied().unwrap_or(0);
        let shown = messages.iter().find(|message| (1..=cleared).contains(&message.message_seq().get()));
        assert_eq!(shown, None, "cleared up to {cleared}");
        for message in messages {
            let gone = self.devices[at].gone.contains(&message.message_id);
            assert!(!gone, "shows what is gone: {message:?}");
            if message.position.is_local() {
                let letter = self.server.letters.get(&message.payload);
                assert_eq!(letter.device, Some(at), "a local message of another device");
            } else {
                check_is_real(log, message);
                assert!(
                    self.server.letters.shows(&message.payload, uid),
                    "shows what is hidden: {message:?}"
                );
            }
        }
        for pair in messages.windows(2) {
            let [before, behind] = pair else { continue };
            assert!(before.position < behind.position, "not in order: {page:#?}");
            none_between(before.position.seq.get() + 1, last_before(behind.position));
        }
        let ends =
            messages.first().map(|first| first.position).zip(messages.last().map(|last| last.position));
        // What the device never heard of, no page can show.
        let tail = self.devices[at].tails.get(&query.channel).copied().unwrap_or(0);
        let unknown_head = page.incomplete.as_ref().is_some_and(|gap| gap.last.is_none());
        match (query.direction, ends) {
            (Direction::Older, Some((first, last))) => {
                if let (Some(top), false) = (top_of(query.anchor), unknown_head) {
                    none_between(last.seq.get() + 1, top.min(tail));
                }
                if page.reached_start {
                    none_between(1, last_before(first));
                }
            }
            (Direction::Newer, Some((first, _))) => {
                if let Some(bottom) = bottom_of(query.anchor) {
                    none_between(bottom, last_before(first));
                }
            }
            (Direction::Older, None) if page.reached_start && !unknown_head => {
                none_between(1, top_of(query.anchor).unwrap_or(tail).min(tail));
            }
            (_, None) => {}
        }
        let ended = match query.direction {
            Direction::Older => page.reached_start,
            Direction::Newer => page.reached_end,
        };
        // A window around a message does not make up for hidden ones.
        let says_why = ended || page.incomplete.is_some() || matches!(query.anchor, Anchor::Around(_));
        assert!(messages.len() == limit || says_why, "short without a reason: {query:?} {page:#?}");
    }
}

/// What is left of a message that was viewed.
pub fn is_ash(row: &Message) -> bool {
    row.visibility == Visibility::Deleted && &row.payload[..] == b"{}"
}

/// The server has this message, here, and so.
pub fn check_is_real(log: &Log, message: &Message) {
    let real = log.get(message.message_seq().get());
    let real = real.unwrap_or_else(|| panic!("nobody has this: {message:?}"));
    assert_eq!((real.id, &real.payload), (message.message_id, &message.payload), "seq {}", real.seq);
}

pub fn by_number(
    reader: &mut dyn StoreReader,
    channel: &ChannelId,
    from: &str,
    number: &str,
) -> Option<Message> {
    reader.message_by_client_msg_no(channel, &Uid::new(from), &ClientMsgNo::from(number)).unwrap()
}

/// The highest seq that lies wholly before a position.
fn last_before(position: Position) -> u64 {
    if position.is_local() { position.seq.get() } else { position.seq.get().saturating_sub(1) }
}

/// The highest seq of a page towards the start; the newest page begins wherever the channel ends.
fn top_of(anchor: Anchor) -> Option<u64> {
    match anchor {
        Anchor::Edge | Anchor::Around(_) => None,
        Anchor::At(position) => Some(position.seq.get()),
        Anchor::Beside(position) => Some(last_before(position)),
    }
}

/// The lowest seq of a page towards the end.
fn bottom_of(anchor: Anchor) -> Option<u64> {
    match anchor {
        Anchor::Edge => Some(1),
        Anchor::At(position) if !position.is_local() => Some(position.seq.get()),
        Anchor::At(position) | Anchor::Beside(position) => Some(position.seq.get() + 1),
        Anchor::Around(_) => None,
    }
}
