//! Suite: stretches of a channel.

use wk_model::{ChannelId, Direction, Message, MessageId, Position};

use super::fixtures::{at, everything, group, hidden, insert_all, local_message, rows, server_message, write};
use crate::{MessageScan, Store};

pub(super) fn an_unknown_channel_is_empty(store: &mut dyn Store) {
    insert_all(store, &[server_message(&group(), 1)]);
    assert_eq!(rows(&mut *store.reader().unwrap(), &ChannelId::group("unknown")), []);
    assert_eq!(rows(&mut *store.begin().unwrap(), &ChannelId::person("g")), []);
}

pub(super) fn both_directions_read_from_their_end(store: &mut dyn Store) {
    let group = group();
    fill(store, [5, 3, 1, 4, 2]);
    assert_eq!(seqs(store, &MessageScan { limit: 3, ..everything(&group) }), [1, 2, 3]);
    let down = MessageScan { direction: Direction::Older, limit: 3, ..everything(&group) };
    assert_eq!(seqs(store, &down), [5, 4, 3]);
}

pub(super) fn both_bounds_are_included(store: &mut dyn Store) {
    let group = group();
    fill(store, 1..=9);
    for direction in [Direction::Older, Direction::Newer] {
        let scan = MessageScan { from: at(3, 0), to: at(6, 0), direction, ..everything(&group) };
        let mut found = seqs(store, &scan);
        found.sort_unstable();
        assert_eq!(found, [3, 4, 5, 6], "{direction:?}");
        let one = MessageScan { from: at(3, 0), to: at(3, 0), ..scan };
        assert_eq!(seqs(store, &one), [3], "{direction:?}");
    }
}

pub(super) fn the_limit_counts_rows_read(store: &mut dyn Store) {
    let group = group();
    fill(store, 1..=5);
    for direction in [Direction::Older, Direction::Newer] {
        for (limit, expected) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (u32::MAX, 5)] {
            let scan = MessageScan { direction, limit, ..everything(&group) };
            assert_eq!(seqs(store, &scan).len(), expected, "{scan:?}");
        }
    }
}

pub(super) fn a_range_that_is_upside_down_is_empty(store: &mut dyn Store) {
    let group = group();
    fill(store, 1..=5);
    for (from, to) in [(at(4, 0), at(3, 0)), (at(3, 1), at(3, 0)), (Position::MAX, Position::MIN)] {
        for direction in [Direction::Older, Direction::Newer] {
            assert!(scanned(store, &MessageScan { from, to, direction, ..everything(&group) }).is_empty());
        }
    }
}

pub(super) fn hidden_messages_are_left_out_on_demand(store: &mut dyn Store) {
    let group = group();
    let message = |n| server_message(&group, n);
    insert_all(store, &(1..=9).map(|n| if n % 3 == 0 { message(n) } else { hidden(message(n)) }).collect::<Vec<_>>());
    let visible = MessageScan { visible_only: true, limit: 2, ..everything(&group) };
    assert_eq!(seqs(store, &visible), [3, 6]);
    assert_eq!(seqs(store, &MessageScan { direction: Direction::Older, ..visible }), [9, 6]);
    assert_eq!(seqs(store, &MessageScan { limit: u32::MAX, ..visible }), [3, 6, 9]);
    assert!(scanned(store, &MessageScan { from: at(4, 0), to: at(5, 9), ..visible }).is_empty());
    assert_eq!(seqs(store, &everything(&group)).len(), 9);
}

pub(super) fn bounds_tell_local_messages_apart(store: &mut dyn Store) {
    let group = group();
    fill(store, [4, 5]);
    insert_all(store, &[1, 2, 3].map(|index| local_message(&group, 4, index)));
    let mut positions = |from, to| {
        let scan = MessageScan { from, to, ..everything(&group) };
        let up: Vec<Position> = scanned(store, &scan).iter().map(|message| message.position).collect();
        let mut down = scanned(store, &MessageScan { direction: Direction::Older, ..scan });
        down.reverse();
        assert!(up.iter().eq(down.iter().map(|message| &message.position)), "{scan:?}");
        up
    };
    assert_eq!(positions(at(4, 0), at(4, 0)), [at(4, 0)]);
    assert_eq!(positions(at(4, 1), at(4, 2)), [at(4, 1), at(4, 2)]);
    assert_eq!(positions(at(4, 3), at(5, 0)), [at(4, 3), at(5, 0)]);
    assert_eq!(positions(at(3, 7), at(4, 1)), [at(4, 0), at(4, 1)]);
    assert_eq!(positions(at(4, 4), at(4, u32::MAX)), []);
    assert_eq!(positions(at(4, 4), at(9, 0)), [at(5, 0)]);
}

pub(super) fn thousands_of_local_messages_stand_between_two_server_messages(store: &mut dyn Store) {
    let group = group();
    let local = (1..=2000).rev().map(|index| local_message(&group, 7, index));
    insert_all(store, &[8, 7].map(|n| server_message(&group, n)).into_iter().chain(local).collect::<Vec<_>>());
    let found = rows(&mut *store.reader().unwrap(), &group);
    let expected: Vec<Position> = (0..=2000).map(|index| at(7, index)).chain([at(8, 0)]).collect();
    assert!(found.iter().map(|message| &message.position).eq(&expected));
    assert!(found.is_sorted_by(|a, b| a.order_seq() <= b.order_seq()));
    let newest = MessageScan { direction: Direction::Older, limit: 3, ..everything(&group) };
    let newest: Vec<Position> = scanned(store, &newest).iter().map(|message| message.position).collect();
    assert_eq!(newest, [at(8, 0), at(7, 2000), at(7, 1999)]);
}

pub(super) fn channels_do_not_mix(store: &mut dyn Store) {
    let channels = [ChannelId::group("x"), ChannelId::person("x"), ChannelId::group("X"), ChannelId::group("x ")];
    let messages: Vec<Message> = (1..=12)
        .map(|n| Message {
            message_id: MessageId::new(n as i64),
            ..server_message(&channels[n as usize % channels.len()], n)
        })
        .collect();
    let stored = insert_all(store, &messages);
    let mut reader = store.reader().unwrap();
    for channel in &channels {
        let expected: Vec<Message> = stored.iter().filter(|row| row.channel == *channel).cloned().collect();
        assert_eq!(expected.len(), 3);
        assert_eq!(rows(&mut *reader, channel), expected);
    }
}

pub(super) fn any_scan_equals_a_filtered_list(store: &mut dyn Store) {
    let channel = &group();
    let mut dice = Dice(42);
    let mut stored = Vec::new();
    for place in 0..200 {
        let (seq, index) = (place / 4, (place % 4) as u32);
        if dice.roll(3) > 0 {
            let message =
                if index == 0 { server_message(&group(), seq) } else { local_message(&group(), seq, index) };
            stored.push(if dice.roll(4) == 0 { hidden(message) } else { message });
        }
    }
    let stored = insert_all(store, &stored);
    write(store, |tx| {
        for _ in 0..500 {
            let mut place = || at(dice.roll(52), dice.roll(5) as u32);
            let (from, to) = (place(), place());
            let (limit, visible_only) = (dice.roll(30) as u32, dice.roll(2) == 0);
            let direction = if dice.roll(2) == 0 { Direction::Older } else { Direction::Newer };
            let scan = MessageScan { channel, from, to, direction, limit, visible_only };
            let inside = |row: &&Message| from <= row.position && row.position <= to;
            let mut expected: Vec<&Message> =
                stored.iter().filter(inside).filter(|row| !visible_only || row.is_visible()).collect();
            if direction == Direction::Older {
                expected.reverse();
            }
            expected.truncate(limit as usize);
            assert!(tx.scan_messages(&scan).unwrap().iter().eq(expected), "{scan:?}");
        }
    });
}

fn fill(store: &mut dyn Store, numbers: impl IntoIterator<Item = u64>) {
    insert_all(store, &numbers.into_iter().map(|n| server_message(&group(), n)).collect::<Vec<_>>());
}

fn scanned(store: &mut dyn Store, scan: &MessageScan<'_>) -> Vec<Message> {
    store.reader().unwrap().scan_messages(scan).unwrap()
}

fn seqs(store: &mut dyn Store, scan: &MessageScan<'_>) -> Vec<u64> {
    scanned(store, scan).iter().map(|message| message.position.seq.get()).collect()
}

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
