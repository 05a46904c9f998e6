//! The pace of messages: how much goes into one, and what it waits for.

use bytes::BytesMut;
use wkproto::{PacketType, Peek, peek};

/// No message is larger, unless one packet is. Servers buffer what they have not taken apart, and v3 closes above
/// 1 MiB (docs/servers.md §2.3).
const MESSAGE: usize = 256 << 10;

/// PING as it is on the wire, in every version.
const PING: u8 = PacketType::Ping.value() << 4;

/// v2 servers lose what follows when two messages reach them in one read (docs/servers.md T58). So, once started,
/// each message ends with a PING, and the next one waits for the PONG.
#[derive(Debug, Default)]
pub(super) struct Pace {
    started: bool,
    /// PINGs that were written and are not answered, the application's own among them.
    unanswered: usize,
}

impl Pace {
    pub(super) const fn start(&mut self) {
        self.started = true;
    }

    pub(super) const fn pong(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Takes the next message from the front of what waits; nothing while the last one is not answered.
    pub(super) fn take(&mut self, waiting: &mut BytesMut) -> Option<BytesMut> {
        if self.started && self.unanswered > 0 {
            return None;
        }
        let (len, pings, ends_with_ping) = whole_packets(waiting);
        let mut message = waiting.split_to(len);
        self.unanswered = self.unanswered.saturating_add(pings);
        if self.started && !ends_with_ping {
            message.extend_from_slice(&[PING]);
            self.unanswered = self.unanswered.saturating_add(1);
        }
        Some(message)
    }
}

/// The packets that fit into a message, at least one: how long they are, how many are PINGs, and whether the last
/// one is. What cannot be taken apart, which a sender does not queue, goes as it is.
fn whole_packets(waiting: &[u8]) -> (usize, usize, bool) {
    let (mut len, mut pings, mut last_is_ping) = (0, 0, false);
    while let Some(rest) = waiting.get(len..).filter(|rest| !rest.is_empty()) {
        let Ok(Peek::Frame(packet)) = peek(rest, usize::MAX) else { return (waiting.len(), pings, false) };
        if len > 0 && len.saturating_add(packet) > MESSAGE {
            break;
        }
        last_is_ping = rest.first() == Some(&PING);
        pings += usize::from(last_is_ping);
        len += packet;
    }
    (len, pings, last_is_ping)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An EVENT of 3 bytes.
    const EVENT: [u8; 3] = [0xc0, 1, 0];

    fn taken(pace: &mut Pace, waiting: &mut BytesMut) -> Option<Vec<u8>> {
        pace.take(waiting).map(|message| message.to_vec())
    }

    #[test]
    fn without_a_start_everything_goes_at_once() {
        let mut pace = Pace::default();
        for _ in 0..2 {
            let mut waiting = BytesMut::from(&[&EVENT[..], &EVENT[..]].concat()[..]);
            assert_eq!(taken(&mut pace, &mut waiting), Some([EVENT, EVENT].concat()));
        }
    }

    #[test]
    fn a_message_ends_with_a_ping_and_the_next_waits_for_its_pong() {
        let mut pace = Pace::default();
        pace.start();
        let mut waiting = BytesMut::from(&EVENT[..]);
        assert_eq!(taken(&mut pace, &mut waiting), Some(vec![0xc0, 1, 0, 0x70]));
        waiting.extend_from_slice(&EVENT);
        assert_eq!(taken(&mut pace, &mut waiting), None);
        waiting.extend_from_slice(&EVENT);
        pace.pong();
        assert_eq!(taken(&mut pace, &mut waiting), Some([&EVENT[..], &EVENT[..], &[0x70]].concat()));
    }

    #[test]
    fn every_ping_is_waited_for_and_none_is_doubled() {
        let mut pace = Pace::default();
        // This one is written before the pace starts, and its PONG comes after.
        assert_eq!(taken(&mut pace, &mut BytesMut::from(&[0x70][..])), Some(vec![0x70]));
        pace.start();
        let mut waiting = BytesMut::from(&[0x70, 0xc0, 1, 0, 0x70][..]);
        assert_eq!(taken(&mut pace, &mut waiting), None);
        pace.pong();
        assert_eq!(taken(&mut pace, &mut waiting), Some(vec![0x70, 0xc0, 1, 0, 0x70]));
        waiting.extend_from_slice(&EVENT);
        pace.pong();
        assert_eq!(taken(&mut pace, &mut waiting), None);
        pace.pong();
        assert!(taken(&mut pace, &mut waiting).is_some());
    }

    #[test]
    fn large_heaps_are_cut_between_packets() {
        let mut pace = Pace::default();
        let packet = [&[0xc0, 0x80, 0x80, 0x06][..], &vec![0; 6 << 14]].concat();
        let mut waiting = BytesMut::from(&packet.repeat(5)[..]);
        let mut lengths = Vec::new();
        while !waiting.is_empty() {
            lengths.push(pace.take(&mut waiting).unwrap().len() / packet.len());
        }
        assert_eq!(lengths, [2, 2, 1]);
        let large = [&[0xc0, 0x80, 0x80, 0x40][..], &vec![0; 64 << 14]].concat();
        assert_eq!(pace.take(&mut BytesMut::from(&large[..])).unwrap().len(), large.len());
    }
}
