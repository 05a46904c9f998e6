//! Suite: messages by their names.

use std::slice;

use bytes::Bytes;
use wk_model::proto::{ReasonCode, Setting};
use wk_model::{
    ChannelId, ChannelType, ClientMsgNo, ClientSeq, ContentType, Message, MessageHeader, MessageId, MessageStatus,
    Position, Uid, UnixMillis, Visibility,
};

use super::fixtures::{
    at, group, insert, insert_all, local_message, rows, seq, server_message, write,
};
use crate::{Insert, MessageRead, Store, StoreError, StoreTx};

pub(super) fn an_inserted_message_is_found_by_every_name(store: &mut dyn Store) {
    let messages = [server_message(&group(), 1), server_message(&ChannelId::person("bob"), 1)];
    let stored = write(store, |tx| {
        let stored = messages.each_ref().map(|message| insert(tx, message));
        stored.iter().for_each(|message| assert_found(tx, message));
        stored
    });
    let mut reader = store.reader().unwrap();
    stored.iter().for_each(|message| assert_found(&mut *reader, message));
}

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let base = server_message(&group(), 1);
    let header = |no_persist, red_dot, sync_once| MessageHeader { no_persist, red_dot, sync_once };
    let mut variants = vec![
        Message { header: header(true, false, false), setting: Setting::from_bits(0xff), ..base.clone() },
        Message { header: header(false, true, false), topic: "topic".into(), ..base.clone() },
        Message { header: header(false, false, true), expire: u32::MAX, ..base.clone() },
        Message { header: header(true, true, true), timestamp: UnixMillis::new(i64::MIN), ..base.clone() },
        Message { timestamp: UnixMillis::new(i64::MAX), content_type: ContentType::new(i32::MAX), ..base.clone() },
        Message { content_type: ContentType::new(i32::MIN), message_id: MessageId::new(i64::MIN), ..base.clone() },
        Message { message_id: MessageId::new(i64::MAX), from_uid: Uid::new(""), ..base.clone() },
        Message { channel: ChannelId::new("", ChannelType::new(255)), ..base.clone() },
    ];
    for status in [MessageStatus::Sending, MessageStatus::Sent, MessageStatus::Failed] {
        variants.push(Message { status, ..base.clone() });
    }
    for visibility in [Visibility::Visible, Visibility::Hidden, Visibility::Deleted] {
        variants.push(Message { visibility, ..base.clone() });
    }
    for code in [0, 1, 13, 255] {
        variants.push(Message { reason_code: Some(ReasonCode::new(code)), ..base.clone() });
    }
    for variant in variants {
        let stored = insert_all(store, slice::from_ref(&variant)).remove(0);
        assert_found(&mut *store.reader().unwrap(), &stored);
        write(store, |tx| assert!(tx.remove_message(stored.client_seq).unwrap()));
    }
}

pub(super) fn hostile_texts_are_kept(store: &mut dyn Store) {
    let texts = [
        "it's", "\"quoted\"", "100 %", "a_b", "\0", "a\0b", "'; DROP TABLE message; --", "你好", "👩‍👩‍👧", "\u{202e}", "?1",
        "$1", "\\", "\r\n", " padded ", "A", "a", "1", "01", "1.0", "NULL",
    ];
    let stored: Vec<Message> = write(store, |tx| {
        let messages = texts.iter().enumerate().map(|(n, text)| Message {
            message_id: MessageId::new(n as i64 + 1),
            client_msg_no: ClientMsgNo::new(*text),
            from_uid: Uid::new(*text),
            topic: (*text).to_owned(),
            payload: Bytes::copy_from_slice(text.as_bytes()),
            ..server_message(&ChannelId::group(*text), 1)
        });
        messages.map(|message| insert(tx, &message)).collect()
    });
    let mut reader = store.reader().unwrap();
    for message in &stored {
        assert_found(&mut *reader, message);
        assert_eq!(rows(&mut *reader, &message.channel), slice::from_ref(message));
    }
}

pub(super) fn large_and_empty_payloads_are_kept(store: &mut dyn Store) {
    let large: Vec<u8> = (0..1 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let payloads = [Bytes::from(large), Bytes::new(), Bytes::from_static(b"\xff\x00\xfe")];
    let messages = payloads.map(|payload| Message { payload, ..server_message(&group(), 1) });
    for message in messages {
        let stored = insert_all(store, &[message]).remove(0);
        assert_found(&mut *store.reader().unwrap(), &stored);
        write(store, |tx| assert!(tx.remove_message(stored.client_seq).unwrap()));
    }
}

pub(super) fn missing_names_find_nothing(store: &mut dyn Store) {
    let nameless = Message { client_msg_no: ClientMsgNo::new(""), ..local_message(&group(), 0, 1) };
    let stored = insert_all(store, &[nameless, server_message(&group(), 7)]);
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.message(ClientSeq::NONE).unwrap(), None);
    assert_eq!(reader.message(ClientSeq::new(i64::MAX)).unwrap(), None);
    assert_eq!(reader.message_by_id(MessageId::ZERO).unwrap(), None);
    assert_eq!(reader.message_by_id(MessageId::new(-1)).unwrap(), None);
    for number in [0, 1, 8, u64::MAX] {
        assert_eq!(reader.message_by_seq(&group(), seq(number)).unwrap(), None, "{number}");
    }
    assert_eq!(reader.message_by_seq(&ChannelId::person("g"), seq(7)).unwrap(), None);
    let mut by_number = |channel: &ChannelId, from: &str, number: &str| {
        reader.message_by_client_msg_no(channel, &Uid::new(from), &ClientMsgNo::new(number)).unwrap()
    };
    assert_eq!(by_number(&group(), "alice", ""), None);
    assert_eq!(by_number(&group(), "alice", "g-7"), None);
    assert_eq!(by_number(&group(), "nobody", "g-7"), None);
    assert_eq!(by_number(&ChannelId::person("g"), "bob", "g-7"), None);
    assert_eq!(by_number(&group(), "bob", "g-7").as_ref(), Some(&stored[1]));
}

pub(super) fn the_number_of_the_argument_is_ignored(store: &mut dyn Store) {
    let first = insert_all(store, &[server_message(&group(), 1)]).remove(0);
    let claims = Message { client_seq: first.client_seq, ..server_message(&group(), 2) };
    let second = insert_all(store, &[claims]).remove(0);
    assert_ne!(second.client_seq, first.client_seq);
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [first, second]);
}

pub(super) fn numbers_of_rows_grow_and_are_never_reused(store: &mut dyn Store) {
    // Backwards, so that the order in the channel is not the order of writing.
    let stored = insert_all(store, &[3, 2, 1].map(|n| server_message(&group(), n)));
    assert!(stored[0].client_seq > ClientSeq::NONE);
    assert!(stored.is_sorted_by(|a, b| a.client_seq < b.client_seq));
    write(store, |tx| stored.iter().for_each(|row| assert!(tx.remove_message(row.client_seq).unwrap())));
    let next = insert_all(store, &[server_message(&group(), 3)]).remove(0);
    assert!(next.client_seq > stored[2].client_seq);
}

pub(super) fn the_message_id_clashes_first(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    let names_of_all = Message {
        message_id: stored[0].message_id,
        client_msg_no: stored[1].client_msg_no.clone(),
        position: stored[2].position,
        ..server_message(&group(), 9)
    };
    assert_clash(store, &names_of_all, &stored[0]);
    // The id is unique across channels.
    let elsewhere = server_message(&ChannelId::person("x"), 1);
    assert_clash(store, &Message { message_id: stored[0].message_id, ..elsewhere }, &stored[0]);
}

pub(super) fn the_client_number_clashes_second(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    let number_and_place = Message {
        client_msg_no: stored[1].client_msg_no.clone(),
        position: stored[2].position,
        ..server_message(&group(), 9)
    };
    assert_clash(store, &number_and_place, &stored[1]);
}

pub(super) fn the_position_clashes_last(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    assert_clash(store, &Message { position: stored[2].position, ..server_message(&group(), 9) }, &stored[2]);
    let local = insert_all(store, &[local_message(&group(), 3, 1)]).remove(0);
    assert_clash(store, &Message { position: local.position, ..server_message(&group(), 9) }, &local);
}

pub(super) fn a_clash_writes_nothing(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    let stranger = ChannelId::person("stranger");
    let twin = Message {
        message_id: stored[0].message_id,
        from_uid: Uid::new("mallory"),
        payload: Bytes::from_static(b"other"),
        ..server_message(&stranger, 1)
    };
    assert_clash(store, &twin, &stored[0]);
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), stored);
    assert_eq!(rows(&mut *reader, &stranger), []);
    assert_eq!(reader.tails().unwrap(), []);
}

pub(super) fn the_same_client_number_of_others_hides_nothing(store: &mut dyn Store) {
    let number = ClientMsgNo::new("campaign");
    let same = |message: Message| Message { client_msg_no: number.clone(), ..message };
    let carol = Message { from_uid: Uid::new("carol"), ..server_message(&group(), 2) };
    let messages = [
        same(server_message(&group(), 1)),
        same(carol),
        same(server_message(&ChannelId::person("x"), 1)),
        same(server_message(&ChannelId::group("h"), 1)),
    ];
    let stored = insert_all(store, &messages);
    let mut reader = store.reader().unwrap();
    stored.iter().for_each(|message| assert_found(&mut *reader, message));
}

pub(super) fn what_is_empty_never_clashes(store: &mut dyn Store) {
    let nameless = |index| Message { client_msg_no: ClientMsgNo::new(""), ..local_message(&group(), 5, index) };
    let numbered = (10..13).map(|n| Message { client_msg_no: ClientMsgNo::new(""), ..server_message(&group(), n) });
    let stored = insert_all(store, &(1..4).map(nameless).chain(numbered).collect::<Vec<_>>());
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
}

pub(super) fn an_update_replaces_every_field(store: &mut dyn Store) {
    let before = insert_all(store, &[local_message(&group(), 3, 1)]).remove(0);
    let after = Message {
        client_seq: before.client_seq,
        message_id: MessageId::new(77),
        position: at(8, 0),
        client_msg_no: ClientMsgNo::new("other"),
        channel: ChannelId::person("elsewhere"),
        from_uid: Uid::new("carol"),
        timestamp: UnixMillis::new(1),
        header: MessageHeader { no_persist: true, red_dot: false, sync_once: true },
        setting: Setting::RECEIPT,
        topic: "topic".into(),
        expire: 9,
        content_type: ContentType::IMAGE,
        payload: Bytes::from_static(b"{}"),
        status: MessageStatus::Failed,
        reason_code: Some(ReasonCode::new(4)),
        visibility: Visibility::Deleted,
    };
    write(store, |tx| {
        tx.update_message(&after).unwrap();
        assert_found(tx, &after);
    });
    let mut reader = store.reader().unwrap();
    assert_found(&mut *reader, &after);
    assert_eq!(rows(&mut *reader, &group()), []);
    assert_eq!(rows(&mut *reader, &after.channel), [after]);
}

pub(super) fn an_update_frees_what_it_replaced(store: &mut dyn Store) {
    let before = insert_all(store, &[server_message(&group(), 1)]).remove(0);
    let moved = Message { client_seq: before.client_seq, ..server_message(&group(), 2) };
    write(store, |tx| tx.update_message(&moved).unwrap());
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.message_by_id(before.message_id).unwrap(), None);
    assert_eq!(reader.message_by_seq(&group(), seq(1)).unwrap(), None);
    drop(reader);
    let again = insert_all(store, &[before]).remove(0);
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [again, moved]);
}

pub(super) fn an_update_that_keeps_its_number_frees_its_id_and_its_place(store: &mut dyn Store) {
    let mut row = insert_all(store, &[local_message(&group(), 1, 1)]).remove(0);
    let places = [2, 3].map(|n| server_message(&group(), n));
    for Message { message_id, position, .. } in &places {
        row = Message { message_id: *message_id, position: *position, ..row };
        write(store, |tx| tx.update_message(&row).unwrap());
        let mut reader = store.reader().unwrap();
        assert_found(&mut *reader, &row);
        assert_eq!(rows(&mut *reader, &group()), slice::from_ref(&row));
    }
    let again = insert_all(store, &[places[0].clone()]).remove(0);
    assert_found(&mut *store.reader().unwrap(), &again);
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [again, row]);
}

pub(super) fn an_update_keeps_its_own_names(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    let edited = Message { payload: Bytes::from_static(b"edited"), ..stored[1].clone() };
    write(store, |tx| tx.update_message(&edited).unwrap());
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [stored[0].clone(), edited, stored[2].clone()]);
}

pub(super) fn an_update_of_no_row_is_refused(store: &mut dyn Store) {
    write(store, |tx| {
        for client_seq in [ClientSeq::NONE, ClientSeq::new(42)] {
            let refused = tx.update_message(&Message { client_seq, ..server_message(&group(), 1) });
            assert!(matches!(refused, Err(StoreError::NoSuchMessage(row)) if row == client_seq), "{refused:?}");
        }
    });
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), []);
}

pub(super) fn an_update_that_duplicates_is_refused_and_changes_nothing(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    let (row, other) = (&stored[0], &stored[1]);
    write(store, |tx| {
        for twin in [
            Message { message_id: other.message_id, ..row.clone() },
            Message { client_msg_no: other.client_msg_no.clone(), ..row.clone() },
            Message { position: other.position, ..row.clone() },
        ] {
            let refused = tx.update_message(&Message { topic: "changed".into(), ..twin });
            let Err(StoreError::Duplicate(named)) = refused else { panic!("{refused:?}") };
            assert_eq!(named, row.client_seq);
        }
        assert_eq!(rows(tx, &group()), stored);
    });
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
}

pub(super) fn a_removed_message_is_gone_and_its_names_are_free(store: &mut dyn Store) {
    let stored = insert_all(store, &three());
    write(store, |tx| {
        assert!(tx.remove_message(stored[1].client_seq).unwrap());
        assert!(!tx.remove_message(stored[1].client_seq).unwrap());
        assert!(!tx.remove_message(ClientSeq::NONE).unwrap());
        assert_eq!(tx.message(stored[1].client_seq).unwrap(), None);
        assert_eq!(tx.message_by_id(stored[1].message_id).unwrap(), None);
    });
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [stored[0].clone(), stored[2].clone()]);
    let again = insert_all(store, &stored[1..2]).remove(0);
    assert_found(&mut *store.reader().unwrap(), &again);
}

pub(super) fn removing_from_a_seq_keeps_local_messages(store: &mut dyn Store) {
    let other = ChannelId::person("g");
    let mut stored = insert_all(store, &(1..=6).map(|n| server_message(&group(), n)).collect::<Vec<_>>());
    let local = [local_message(&group(), 3, 1), local_message(&group(), 6, 1), local_message(&group(), 6, 2)];
    let local = insert_all(store, &local);
    let elsewhere = Message { message_id: MessageId::new(1), ..server_message(&other, 5) };
    let elsewhere = insert_all(store, &[elsewhere]);
    write(store, |tx| {
        assert_eq!(tx.remove_messages_from(&ChannelId::group("unknown"), seq(1)).unwrap(), 0);
        assert_eq!(tx.remove_messages_from(&group(), seq(7)).unwrap(), 0);
        assert_eq!(tx.remove_messages_from(&group(), seq(u64::MAX)).unwrap(), 0);
        assert_eq!(tx.remove_messages_from(&group(), seq(4)).unwrap(), 3);
    });
    let mut reader = store.reader().unwrap();
    stored.truncate(3);
    stored.extend(local);
    assert_eq!(rows(&mut *reader, &group()), stored);
    assert_eq!(rows(&mut *reader, &other), elsewhere);
    assert_eq!(reader.message_by_seq(&group(), seq(4)).unwrap(), None);
}

pub(super) fn seqs_fit_or_are_refused(store: &mut dyn Store) {
    let edge = i64::MAX as u64;
    let place = |seq: u64, index: u32| Message {
        position: at(seq, index),
        message_id: MessageId::ZERO,
        client_msg_no: ClientMsgNo::new(""),
        ..server_message(&group(), 1)
    };
    let fit = insert_all(store, &[place(edge - 1, u32::MAX), place(edge, 0), place(edge, u32::MAX)]);
    let beyond: Vec<Message> = [place(edge + 1, 0), place(u64::MAX - 1, 7), place(u64::MAX, u32::MAX)]
        .into_iter()
        .filter_map(|message| {
            write(store, |tx| match tx.insert_message(&message) {
                Ok(Insert::Inserted(client_seq)) => Some(Message { client_seq, ..message }),
                Err(StoreError::OutOfRange { value, .. }) => {
                    assert_eq!(value, message.position.seq.get());
                    let moved = Message { position: message.position, ..fit[0].clone() };
                    assert!(matches!(tx.update_message(&moved), Err(StoreError::OutOfRange { .. })));
                    None
                }
                other => panic!("{other:?}"),
            })
        })
        .collect();
    let expected: Vec<Message> = fit.into_iter().chain(beyond).collect();
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), expected);
    assert_eq!(reader.message_by_seq(&group(), seq(edge)).unwrap().as_ref(), Some(&expected[1]));
    assert_eq!(Position::MAX, at(u64::MAX, u32::MAX));
}

/// Three messages that share nothing.
fn three() -> [Message; 3] {
    [1, 2, 3].map(|n| server_message(&group(), n))
}

fn assert_found<R: MessageRead + ?Sized>(read: &mut R, message: &Message) {
    let Message { channel, from_uid, client_msg_no, .. } = message;
    let expected = Some(message);
    assert_eq!(read.message(message.client_seq).unwrap().as_ref(), expected);
    assert_eq!(read.message_by_id(message.message_id).unwrap().as_ref(), expected);
    assert_eq!(read.message_by_seq(channel, message.position.seq).unwrap().as_ref(), expected);
    assert_eq!(read.message_by_client_msg_no(channel, from_uid, client_msg_no).unwrap().as_ref(), expected);
}

fn assert_clash(store: &mut dyn Store, message: &Message, with: &Message) {
    let check = |tx: &mut dyn StoreTx| match tx.insert_message(message).unwrap() {
        Insert::Clash(row) => assert_eq!(row, *with),
        Insert::Inserted(client_seq) => panic!("inserted as row {client_seq}"),
    };
    write(store, check);
}
