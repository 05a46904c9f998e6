//! Suite: the list of conversations.

use wk_model::{ChannelId, ChannelType, Conversation, Message, MessageSeq, Uid, UnixMillis, Visibility};

use super::fixtures::{conversation, group, hidden, insert_all, local_message, seq, server_message, write};
use crate::{ConversationOrder, Store, StoreError};

pub(super) fn an_unknown_conversation_is_none(store: &mut dyn Store) {
    insert_all(store, &[server_message(&group(), 1)]);
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.conversation(&group()).unwrap(), None);
    assert_eq!(reader.conversation(&ChannelId::person("nobody")).unwrap(), None);
    assert_eq!(reader.conversations().unwrap(), []);
    assert_eq!(reader.conversations_with_read_unsent().unwrap(), []);
}

pub(super) fn what_is_put_is_read(store: &mut dyn Store) {
    let all = [full(&group()), full(&ChannelId::person("it's \"me\"; --"))];
    write(store, |tx| all.iter().for_each(|one| tx.put_conversation(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.conversation(&one.channel).unwrap().as_ref(), Some(one));
        assert!(reader.conversations().unwrap().contains(one));
    }
    assert_eq!(reader.conversations().unwrap().len(), 2);
}

pub(super) fn the_last_put_counts(store: &mut dyn Store) {
    write(store, |tx| tx.put_conversation(&full(&group())).unwrap());
    // The store takes what it is given; that numbers never fall is the caller's rule.
    let lower = conversation(&group(), 0);
    write(store, |tx| tx.put_conversation(&lower).unwrap());
    assert_eq!(store.reader().unwrap().conversations().unwrap(), [lower]);
}

pub(super) fn the_last_message_is_not_written(store: &mut dyn Store) {
    let claimed = Conversation { last_message: Some(server_message(&group(), 5)), ..full(&group()) };
    write(store, |tx| tx.put_conversation(&claimed).unwrap());
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.conversation(&group()).unwrap(), Some(full(&group())));
    assert_eq!(reader.message_by_seq(&group(), seq(5)).unwrap(), None);
}

pub(super) fn the_last_message_is_the_newest_visible_one(store: &mut dyn Store) {
    let (quiet, other) = (ChannelId::group("quiet"), ChannelId::person("g"));
    let stored = insert_all(
        store,
        &[
            server_message(&group(), 9),
            hidden(server_message(&group(), 11)),
            local_message(&group(), 10, 1),
            server_message(&group(), 10),
            Message { visibility: Visibility::Deleted, ..local_message(&group(), 11, 7) },
            hidden(server_message(&quiet, 1)),
            Message { message_id: 5.into(), ..server_message(&other, 3) },
        ],
    );
    write(store, |tx| {
        tx.put_conversation(&conversation(&group(), 3)).unwrap();
        tx.put_conversation(&conversation(&quiet, 2)).unwrap();
        tx.put_conversation(&conversation(&other, 1)).unwrap();
        let read = tx.conversation(&group()).unwrap().and_then(|one| one.last_message);
        assert_eq!(read.as_ref(), Some(&stored[2]));
    });
    let mut reader = store.reader().unwrap();
    let last: Vec<_> = reader.conversations().unwrap().into_iter().map(|one| one.last_message).collect();
    assert_eq!(last, [Some(stored[2].clone()), None, Some(stored[6].clone())]);
    assert_eq!(reader.conversation(&quiet).unwrap(), Some(conversation(&quiet, 2)));
}

pub(super) fn the_last_message_follows_its_row(store: &mut dyn Store) {
    let stored = insert_all(store, &[server_message(&group(), 1), server_message(&group(), 2)]);
    let last = |store: &mut dyn Store| {
        store.reader().unwrap().conversation(&group()).unwrap().and_then(|one| one.last_message)
    };
    write(store, |tx| tx.put_conversation(&full(&group())).unwrap());
    assert_eq!(last(store).as_ref(), Some(&stored[1]));
    let edited = Message { from_uid: Uid::new("carol"), topic: "t".into(), ..stored[1].clone() };
    write(store, |tx| tx.update_message(&edited).unwrap());
    assert_eq!(last(store), Some(edited.clone()));
    write(store, |tx| tx.update_message(&hidden(edited.clone())).unwrap());
    assert_eq!(last(store).as_ref(), Some(&stored[0]));
    write(store, |tx| tx.update_message(&edited).unwrap());
    write(store, |tx| tx.remove_message(edited.client_seq).map(|_| ()).unwrap());
    assert_eq!(last(store).as_ref(), Some(&stored[0]));
    write(store, |tx| tx.remove_messages_from(&group(), seq(1)).map(|_| ()).unwrap());
    assert_eq!(last(store), None);
}

pub(super) fn the_list_is_newest_first_with_ties_by_channel(store: &mut dyn Store) {
    let expected = [
        conversation(&ChannelId::group("a"), 50),
        conversation(&ChannelId::person("B"), 40),
        conversation(&ChannelId::person("a"), 40),
        conversation(&ChannelId::person("aa"), 40),
        conversation(&ChannelId::person("é"), 40),
        conversation(&ChannelId::group("A"), 40),
        conversation(&ChannelId::new("0", ChannelType::new(200)), 40),
        conversation(&ChannelId::person("z"), -1),
    ];
    write(store, |tx| {
        for index in [6, 3, 0, 7, 5, 2, 4, 1] {
            tx.put_conversation(&expected[index]).unwrap();
        }
        assert_eq!(tx.conversations().unwrap(), expected);
    });
    assert_eq!(store.reader().unwrap().conversations().unwrap(), expected);
}

pub(super) fn only_unsent_read_positions_are_listed(store: &mut dyn Store) {
    let unsent = |name: &str| Conversation { read_unsent: true, ..full(&ChannelId::group(name)) };
    let told = |name: &str| Conversation { read_unsent: false, ..full(&ChannelId::group(name)) };
    insert_all(store, &[server_message(&ChannelId::group("a"), 1)]);
    write(store, |tx| {
        for one in [unsent("a"), told("b"), unsent("c"), unsent("d")] {
            tx.put_conversation(&one).unwrap();
        }
        tx.put_conversation(&told("d")).unwrap();
    });
    let mut listed = store.reader().unwrap().conversations_with_read_unsent().unwrap();
    listed.sort_by(|a, b| a.channel.cmp(&b.channel));
    assert_eq!(listed, [unsent("a"), unsent("c")]);
}

pub(super) fn one_id_with_two_types_is_two_conversations(store: &mut dyn Store) {
    let (person, group) = (conversation(&ChannelId::person("x"), 2), conversation(&ChannelId::group("x"), 1));
    write(store, |tx| {
        tx.put_conversation(&person).unwrap();
        tx.put_conversation(&group).unwrap();
    });
    assert_eq!(store.reader().unwrap().conversations().unwrap(), [person, group]);
}

pub(super) fn numbers_fit_or_are_refused(store: &mut dyn Store) {
    let edge = i64::MAX as u64;
    let with = |number: u64| Conversation {
        last_seq: seq(number),
        read_to: seq(number),
        own_seq: seq(number),
        timestamp: UnixMillis::new(i64::MIN),
        ..full(&group())
    };
    write(store, |tx| tx.put_conversation(&with(edge)).unwrap());
    assert_eq!(store.reader().unwrap().conversation(&group()).unwrap(), Some(with(edge)));
    for field in 0..3 {
        let mut beyond = with(edge);
        let fields: [&mut MessageSeq; 3] = [&mut beyond.last_seq, &mut beyond.read_to, &mut beyond.own_seq];
        *fields[field] = seq(u64::MAX - 1);
        let expected = write(store, |tx| match tx.put_conversation(&beyond) {
            Ok(()) => beyond.clone(),
            Err(StoreError::OutOfRange { value, .. }) => {
                assert_eq!(value, u64::MAX - 1);
                with(edge)
            }
            Err(other) => panic!("{other}"),
        });
        assert_eq!(store.reader().unwrap().conversation(&group()).unwrap(), Some(expected));
        write(store, |tx| tx.put_conversation(&with(edge)).unwrap());
    }
}

pub(super) fn a_deleted_conversation_is_listed_when_something_newer_comes(store: &mut dyn Store) {
    let deleted = Conversation { deleted_to: Some(seq(30)), ..full(&group()) };
    write(store, |tx| tx.put_conversation(&deleted).unwrap());
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.conversation(&group()).unwrap(), Some(deleted.clone()));
    assert_eq!(reader.conversations().unwrap(), []);
    assert_eq!(reader.conversation_list(ConversationOrder::Time).unwrap(), []);
    assert_eq!(reader.unread_total().unwrap().counted, 0);
    let revived = Conversation { last_seq: seq(32), ..deleted };
    write(store, |tx| tx.put_conversation(&revived).unwrap());
    assert_eq!(reader.conversations().unwrap(), [revived]);
    assert_eq!(reader.conversation_list(ConversationOrder::Time).unwrap().len(), 1);
    // What was deleted counts as read.
    assert_eq!(reader.unread_total().unwrap().counted, 2);
    write(store, |tx| tx.put_conversation(&Conversation { deleted_to: None, ..full(&group()) }).unwrap());
    assert_eq!(reader.conversations().unwrap().len(), 1);
}

fn full(channel: &ChannelId) -> Conversation {
    Conversation {
        last_seq: seq(30),
        read_to: seq(20),
        own_seq: seq(10),
        read_unsent: true,
        ..conversation(channel, 1_700_000_000)
    }
}
