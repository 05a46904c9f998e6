//! Suite: questions about messages.

use wk_model::{
    ChannelId, ContentType, Direction, Message, MessageId, Position, Uid, UnixMillis, UtcOffset, Visibility,
};

use super::fixtures::{at, group, hidden, insert_all, local_message, seq, server_message, write};
use super::full::{HOSTILE, hostile_group};
use crate::{MessageDay, MessageFilter, Store};

pub(super) fn messages_are_found_by_ids(store: &mut dyn Store) {
    let make = |n: u64, id: i64| Message { message_id: MessageId::new(id), ..server_message(&group(), n) };
    let local = local_message(&group(), 3, 1);
    let rows = insert_all(store, &[make(1, i64::MAX), make(2, -7), hidden(make(3, 5)), make(4, 6), local]);
    let mut reader = store.reader().unwrap();
    let ids = [5, i64::MAX, 404, -7, 5, 0].map(MessageId::new);
    assert_eq!(reader.messages_by_ids(&ids).unwrap(), [rows[1].clone(), rows[2].clone(), rows[0].clone()]);
    assert_eq!(reader.messages_by_ids(&[]).unwrap(), []);
    // More than a statement has places for values.
    let many: Vec<MessageId> = (-50_000..50_000).map(MessageId::new).collect();
    assert_eq!(reader.messages_by_ids(&many).unwrap().len(), 3);
}

fn filter(channel: &ChannelId) -> MessageFilter<'_> {
    MessageFilter {
        channel,
        from_uid: None,
        content_types: &[],
        from: Position::MIN,
        to: Position::MAX,
        direction: Direction::Newer,
        limit: u32::MAX,
    }
}

/// 300 places in two channels: senders with hostile names, five types, server and local rows, some not visible.
fn fill(store: &mut dyn Store) -> Vec<Message> {
    let make = |n: u64| {
        let channel = if n.is_multiple_of(3) { hostile_group() } else { group() };
        let row = if n.is_multiple_of(7) { local_message(&channel, n - 1, 1) } else { server_message(&channel, n) };
        let from_uid = Uid::new(HOSTILE[n as usize % 4]);
        let content_type = ContentType::new((n % 5) as i32);
        let visibility = match n % 11 {
            0 => Visibility::Hidden,
            1 => Visibility::Deleted,
            _ => Visibility::Visible,
        };
        Message { from_uid, content_type, visibility, ..row }
    };
    insert_all(store, &(1..=300).map(make).collect::<Vec<_>>())
}

pub(super) fn any_filter_equals_a_filtered_list(store: &mut dyn Store) {
    let rows = fill(store);
    let types: [&[ContentType]; 6] = [
        &[],
        &[ContentType::TEXT],
        &[ContentType::IMAGE],
        &[ContentType::IMAGE, ContentType::new(4), ContentType::IMAGE],
        &[ContentType::new(3), ContentType::TEXT],
        &[ContentType::new(i32::MIN)],
    ];
    let uids = [None, Some(HOSTILE[1]), Some(HOSTILE[3]), Some("nobody")].map(|uid| uid.map(Uid::new));
    let channel = group();
    let mut reader = store.reader().unwrap();
    for content_types in types {
        for from_uid in &uids {
            for (from, to) in [(Position::MIN, Position::MAX), (at(50, 1), at(200, 0)), (at(9, 0), at(8, 0))] {
                for (direction, limit) in
                    [(Direction::Newer, 1000), (Direction::Older, 1000), (Direction::Older, 3)]
                {
                    let from_uid = from_uid.as_ref();
                    let asked = MessageFilter {
                        from_uid,
                        content_types,
                        from,
                        to,
                        direction,
                        limit,
                        ..filter(&channel)
                    };
                    let mut expected: Vec<&Message> = rows
                        .iter()
                        .filter(|row| row.channel == channel && row.is_visible())
                        .filter(|row| from <= row.position && row.position <= to)
                        .filter(|row| from_uid.is_none_or(|uid| *uid == row.from_uid))
                        .filter(|row| content_types.is_empty() || content_types.contains(&row.content_type))
                        .collect();
                    expected.sort_by_key(|row| row.position);
                    if direction == Direction::Older {
                        expected.reverse();
                    }
                    expected.truncate(limit as usize);
                    assert!(reader.filter_messages(&asked).unwrap().iter().eq(expected), "{asked:?}");
                }
            }
        }
    }
    let unknown = ChannelId::group("unknown");
    assert_eq!(reader.filter_messages(&filter(&unknown)).unwrap(), []);
}

pub(super) fn a_gallery_is_read_by_pages(store: &mut dyn Store) {
    let rows = fill(store);
    let (channel, content_types) = (group(), [ContentType::IMAGE]);
    let mut reader = store.reader().unwrap();
    let mut found: Vec<Message> = Vec::new();
    let mut to = Position::MAX;
    loop {
        let asked = MessageFilter {
            content_types: &content_types,
            direction: Direction::Older,
            limit: 4,
            to,
            ..filter(&channel)
        };
        let page = reader.filter_messages(&asked).unwrap();
        let Some(last) = page.last() else { break };
        // Behind the last one read: the position before it.
        to = match last.position {
            Position { seq, index: 0 } => Position::last_behind(seq.prev().unwrap()),
            Position { seq, index } => Position { seq, index: index - 1 },
        };
        found.extend(page);
    }
    let is_shown = |row: &&Message| {
        row.channel == channel && row.is_visible() && row.content_type == ContentType::IMAGE
    };
    let mut expected: Vec<Message> = rows.iter().filter(is_shown).cloned().collect();
    expected.sort_by_key(|row| std::cmp::Reverse(row.position));
    assert!(expected.len() > 20);
    assert_eq!(found, expected);
}

pub(super) fn a_calendar_counts_days_of_its_clock(store: &mut dyn Store) {
    const HOUR: i64 = 3_600_000;
    let at = |n: u64, hours: i64| Message {
        timestamp: UnixMillis::new(hours * HOUR),
        ..server_message(&group(), n)
    };
    let rows = insert_all(
        store,
        &[
            at(1, -25),
            Message { timestamp: UnixMillis::new(-1), ..at(2, 0) },
            at(4, 23),
            at(3, 24),
            hidden(at(5, 72)),
            at(6, 1),
            server_message(&hostile_group(), 1),
        ],
    );
    let mut reader = store.reader().unwrap();
    let days = |pairs: &[(i64, u64)]| {
        pairs.iter().map(|(day, count)| MessageDay { day: *day, count: *count }).collect::<Vec<_>>()
    };
    let east = UtcOffset::from_secs(3600);
    let west = UtcOffset::from_secs(-90 * 60);
    let mut of = |offset| reader.message_days(&group(), offset).unwrap();
    assert_eq!(of(UtcOffset::UTC), days(&[(-2, 1), (-1, 1), (0, 2), (1, 1)]));
    assert_eq!(of(east), days(&[(-1, 1), (0, 2), (1, 2)]));
    assert_eq!(of(west), days(&[(-2, 1), (-1, 2), (0, 2)]));
    assert_eq!(reader.message_days(&ChannelId::group("unknown"), east).unwrap(), []);
    // The first in the order of the channel, which is not always the earliest.
    let mut first = |day, offset| reader.first_message_of_day(&group(), day, offset).unwrap();
    assert_eq!(first(0, UtcOffset::UTC), Some(rows[2].clone()));
    assert_eq!(first(1, east), Some(rows[3].clone()));
    assert_eq!(first(-1, east), Some(rows[0].clone()));
    assert_eq!(first(3, UtcOffset::UTC), None, "hidden");
    assert_eq!(first(i64::MAX, west), None);
    assert_eq!(first(i64::MIN, east), None);
}

pub(super) fn counts_and_bounds(store: &mut dyn Store) {
    let (low, high) = (5, 1 << 40);
    insert_all(
        store,
        &[
            hidden(server_message(&group(), low)),
            local_message(&group(), 0, 1),
            server_message(&group(), 9),
            hidden(server_message(&group(), high)),
            local_message(&group(), high + 1, 1),
            local_message(&hostile_group(), 3, 1),
        ],
    );
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.count_messages(&group()).unwrap(), 3);
    assert_eq!(reader.count_messages(&ChannelId::person("g")).unwrap(), 0);
    assert_eq!(reader.seq_bounds(&group()).unwrap(), Some((seq(low), seq(high))));
    assert_eq!(reader.seq_bounds(&hostile_group()).unwrap(), None, "only a local message");
    assert_eq!(reader.seq_bounds(&ChannelId::person("g")).unwrap(), None);
    write(store, |tx| {
        assert_eq!(tx.remove_messages_from(&group(), seq(6)).unwrap(), 2);
        assert_eq!(tx.seq_bounds(&group()).unwrap(), Some((seq(low), seq(low))));
    });
}
