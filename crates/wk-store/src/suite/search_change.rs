//! Suite: what searches find after messages changed, and bringing them into the index.

use wk_model::{
    ChannelId, ContentType, Message, MessageEdit, MessageExtraInfo, MessageId, Uid, UnixMillis, Version, text_payload,
};

use super::fixtures::{group, hidden, insert_all, seq, write, write_and_drop};
use super::search::{every, fill, found, query, text_message};
use crate::Store;

pub(super) fn what_is_changed_is_found_as_it_is_now(store: &mut dyn Store) {
    let [one, two] = <[Message; 2]>::try_from(fill(store, &["早上", "晚上"])).unwrap();
    let becomes = |store: &mut dyn Store, message: &Message| write(store, |tx| tx.update_message(message).unwrap());
    let edited = Message { payload: text_payload("中午"), ..one.clone() };
    becomes(store, &edited);
    assert_eq!(found(store, &query("早上")), [0; 0]);
    assert_eq!(found(store, &query("中午")), [1]);
    becomes(store, &hidden(edited.clone()));
    assert_eq!(found(store, &query("中午")), [0; 0]);
    becomes(store, &edited);
    becomes(store, &edited);
    assert_eq!(found(store, &query("中午")), [1]);
    let moved = Message {
        channel: ChannelId::person("carol"),
        from_uid: Uid::new("carol"),
        content_type: ContentType::new(77),
        ..two
    };
    becomes(store, &moved);
    assert_eq!(found(store, &query("晚上").channel(group())), [0; 0]);
    let narrow = query("晚上").channel(moved.channel).from_uid(Uid::new("carol"));
    assert_eq!(found(store, &narrow.content_types([ContentType::new(77)])), [2]);
}

pub(super) fn what_is_removed_is_not_found(store: &mut dyn Store) {
    let stored = fill(store, &["天气", "天气", "天气", "天气"]);
    write(store, |tx| {
        assert!(tx.remove_message(stored[1].client_seq).unwrap());
        assert_eq!(tx.remove_messages_from(&group(), seq(4)).unwrap(), 1);
    });
    assert_eq!(found(store, &query("天气")), [3, 1]);
    // A transaction finds what it writes itself.
    write(store, |tx| {
        tx.insert_message(&text_message(7, "天气")).unwrap();
        assert!(tx.remove_message(stored[0].client_seq).unwrap());
        let hits = every(tx, &query("天气"));
        assert_eq!(hits.iter().map(|hit| hit.message.position.seq.get()).collect::<Vec<_>>(), [7, 3]);
    });
}

pub(super) fn dropping_undoes_what_is_found(store: &mut dyn Store) {
    let stored = fill(store, &["天气", "天气"]);
    write_and_drop(store, |tx| {
        tx.insert_message(&text_message(3, "天气")).unwrap();
        assert!(tx.remove_message(stored[0].client_seq).unwrap());
        tx.update_message(&Message { payload: text_payload("地理"), ..stored[1].clone() }).unwrap();
        assert_eq!(every(tx, &query("天气")).len(), 1);
    });
    assert_eq!(found(store, &query("天气")), [2, 1]);
    assert_eq!(found(store, &query("地理")), [0; 0]);
}

pub(super) fn edited_messages_are_found_by_what_they_say_now(store: &mut dyn Store) {
    let stored = fill(store, &["早上", "晚上"]);
    let edit = |text: &str, at| MessageEdit { payload: text_payload(text), edited_at: UnixMillis::new(at) };
    let (id, other) = (stored[0].message_id, MessageId::new(4_711));
    let info = |version, text| MessageExtraInfo {
        version: Version::new(version),
        edit: Some(edit(text, 1)),
        ..MessageExtraInfo::default()
    };
    let save = |store: &mut dyn Store, id, info: &MessageExtraInfo| {
        write(store, |tx| assert!(tx.save_message_extra(id, &group(), info).unwrap().is_change()));
    };
    save(store, id, &info(1, "中午"));
    assert_eq!(found(store, &query("早上")), [0; 0]);
    assert_eq!(found(store, &query("中午")), [1]);
    let hits = every(&mut *store.reader().unwrap(), &query("午"));
    assert_eq!((hits[0].text.as_str(), &hits[0].message, &hits[0].highlights[0]), ("中午", &stored[0], &(3..6)));
    // An edit of this user stands on top; one that came before its message counts too.
    write(store, |tx| assert!(tx.edit_message(id, &group(), &edit("下午", 2)).unwrap().is_change()));
    save(store, id, &info(2, "夜里"));
    save(store, other, &info(1, "下午"));
    assert_eq!(found(store, &query("下午")), [1]);
    assert_eq!(found(store, &query("夜里")), [0; 0]);
    insert_all(store, &[Message { message_id: other, ..text_message(3, "天亮") }]);
    assert_eq!(found(store, &query("下午")), [3, 1]);
    assert_eq!(found(store, &query("天亮")), [0; 0]);
    // What the server says shows again once the edit is uploaded and answered.
    write(store, |tx| assert!(tx.message_edit_uploaded(id, &edit("下午", 2)).unwrap().is_change()));
    save(store, id, &info(3, "黄昏"));
    assert_eq!(found(store, &query("黄昏")), [1]);
    assert_eq!(found(store, &query("下午")), [3]);
    write_and_drop(store, |tx| {
        assert!(tx.save_message_extra(id, &group(), &info(4, "早上")).unwrap().is_change());
        assert_eq!(every(tx, &query("早上")).len(), 1);
    });
    assert_eq!(found(store, &query("早上")), [0; 0]);
}

pub(super) fn what_was_taken_back_is_not_found(store: &mut dyn Store) {
    let stored = fill(store, &["天气", "天气", "天气"]);
    assert_eq!(found(store, &query("天气")), [3, 2, 1]);
    let info = |version| MessageExtraInfo { version: Version::new(version), ..MessageExtraInfo::default() };
    let revoked = MessageExtraInfo { revoked: true, ..info(1) };
    let deleted = MessageExtraInfo { mutual_deleted: true, ..info(1) };
    for (id, info) in [(stored[0].message_id, &revoked), (stored[1].message_id, &deleted)] {
        write(store, |tx| assert!(tx.save_message_extra(id, &group(), info).unwrap().is_change()));
    }
    for text in ["天气", "天", ""] {
        assert_eq!(found(store, &query(text)), [3], "{text}");
    }
    let id = stored[0].message_id;
    write(store, |tx| assert!(tx.save_message_extra(id, &group(), &info(2)).unwrap().is_change()));
    assert_eq!(found(store, &query("天气")), [3, 1]);
}

pub(super) fn indexing_ends(store: &mut dyn Store) {
    let stored = fill(store, &["天气", "天气", "天气"]);
    write(store, |tx| tx.update_message(&hidden(stored[2].clone())).unwrap());
    let mut left = u64::MAX;
    while left > 0 {
        let before = left;
        left = write(store, |tx| tx.index_messages(1).unwrap());
        assert!(left < before);
    }
    write(store, |tx| {
        tx.update_message(&stored[2]).unwrap();
        tx.remove_message(stored[0].client_seq).unwrap();
        assert!(tx.index_messages(0).unwrap() <= 2);
        assert_eq!(tx.index_messages(100).unwrap(), 0);
        assert_eq!(tx.index_messages(100).unwrap(), 0);
    });
    assert_eq!(found(store, &query("天气")), [3, 2]);
}
