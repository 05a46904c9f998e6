//! Suite: what happened to messages.

use bytes::Bytes;
use wk_model::{
    Message, MessageEdit, MessageExtra, MessageExtraInfo, MessageId, MessageWithExtra, Version, Written,
};

use super::fixtures::{everything, group, insert_all, local_message, server_message, write};
use super::full::{HOSTILE, edit, extra_info, hostile_group, message_extra, reaction, version};
use crate::{Store, StoreError};

const ID: MessageId = MessageId::new(7);

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let empty_edit = MessageEdit { payload: Bytes::new(), ..edit(1) };
    let all = [
        message_extra(i64::MIN, &group()),
        message_extra(i64::MAX, &hostile_group()),
        MessageExtra::new(MessageId::new(1), group()),
        MessageExtra { pending_edit: Some(empty_edit), ..MessageExtra::new(MessageId::new(2), group()) },
        MessageExtra {
            info: MessageExtraInfo { pinned: Some(false), ..MessageExtraInfo::default() },
            ..MessageExtra::new(MessageId::new(3), group())
        },
    ];
    write(store, |tx| all.iter().for_each(|one| tx.put_message_extra(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.message_extra(one.message_id).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.message_extra(MessageId::new(4)).unwrap(), None);
    let asked = [3, i64::MAX, 4, 1, i64::MIN, 3].map(MessageId::new);
    let found = reader.message_extras(&asked).unwrap();
    assert_eq!(found, [all[0].clone(), all[2].clone(), all[4].clone(), all[1].clone()]);
    assert_eq!(reader.message_extras(&[]).unwrap(), []);
    let pending = reader.message_edits_pending().unwrap();
    assert_eq!(pending, [all[0].clone(), all[3].clone(), all[1].clone()]);
}

pub(super) fn a_stale_page_changes_nothing(store: &mut dyn Store) {
    let info = |n, read_count, revoked| MessageExtraInfo { read_count, revoked, ..extra_info(n) };
    write(store, |tx| {
        let g = &group();
        assert_eq!(tx.save_message_extra(ID, g, &info(5, 50, true)).unwrap(), Written::Inserted);
        assert_eq!(tx.save_message_extra(ID, g, &info(4, 40, false)).unwrap(), Written::Older);
        assert_eq!(tx.save_message_extra(ID, g, &info(5, 1, false)).unwrap(), Written::Unchanged);
        assert_eq!(tx.message_extra(ID).unwrap().unwrap().info, info(5, 50, true));
        assert_eq!(tx.save_message_extra(ID, g, &info(6, 60, true)).unwrap(), Written::Updated);
        assert_eq!(tx.message_extra(ID).unwrap().unwrap().info, info(6, 60, true));
    });
}

pub(super) fn versions_have_64_bits(store: &mut dyn Store) {
    let of = |number| MessageExtraInfo { version: Version::new(number), ..extra_info(0) };
    write(store, |tx| {
        let low = u64::from(u32::MAX);
        for (number, expected) in [
            (low - 1, Written::Inserted),
            (low + 1, Written::Updated),
            (low, Written::Older),
            (low * 4096 + 1, Written::Updated),
            (low + 2, Written::Older),
            (i64::MAX as u64, Written::Updated),
        ] {
            assert_eq!(tx.save_message_extra(ID, &group(), &of(number)).unwrap(), expected, "{number}");
        }
        match tx.save_message_extra(ID, &group(), &of(u64::MAX)) {
            Ok(written) => assert_eq!(written, Written::Updated),
            Err(StoreError::OutOfRange { value: u64::MAX, .. }) => {
                assert_eq!(tx.message_extra(ID).unwrap().unwrap().info, of(i64::MAX as u64));
            }
            Err(other) => panic!("{other}"),
        }
    });
}

pub(super) fn a_pending_edit_survives_what_the_server_says(store: &mut dyn Store) {
    write(store, |tx| {
        let g = &group();
        assert_eq!(tx.message_edit_uploaded(ID, &edit(9)).unwrap(), Written::Missing);
        assert_eq!(tx.edit_message(ID, g, &edit(8)).unwrap(), Written::Inserted);
        assert_eq!(tx.edit_message(ID, g, &edit(8)).unwrap(), Written::Unchanged);
        assert_eq!(tx.save_message_extra(ID, g, &extra_info(1)).unwrap(), Written::Updated);
        let row = tx.message_extra(ID).unwrap().unwrap();
        assert_eq!((row.edit(), &row.info), (Some(&edit(8)), &extra_info(1)));
        assert_eq!(tx.message_edits_pending().unwrap(), [row]);
        // The answer to the first edit comes after a second was made.
        assert_eq!(tx.edit_message(ID, g, &edit(9)).unwrap(), Written::Updated);
        assert_eq!(tx.message_edit_uploaded(ID, &edit(8)).unwrap(), Written::Unchanged);
        assert_eq!(tx.message_extra(ID).unwrap().unwrap().edit(), Some(&edit(9)));
        assert_eq!(tx.message_edit_uploaded(ID, &edit(9)).unwrap(), Written::Updated);
        assert_eq!(tx.message_edits_pending().unwrap(), []);
        // It shows on until the server says more.
        assert_eq!(tx.message_extra(ID).unwrap().unwrap().edit(), Some(&edit(9)));
        assert_eq!(tx.save_message_extra(ID, g, &extra_info(2)).unwrap(), Written::Updated);
        assert_eq!(tx.message_extra(ID).unwrap().unwrap().info, extra_info(2));
    });
}

pub(super) fn a_source_that_does_not_say_unpins_nothing(store: &mut dyn Store) {
    let says = |n, pinned| MessageExtraInfo { pinned, ..extra_info(n) };
    write(store, |tx| {
        let g = &group();
        let pinned = |tx: &mut dyn crate::StoreTx| tx.message_extra(ID).unwrap().unwrap().info.pinned;
        let _ = tx.save_message_extra(ID, g, &says(1, Some(true))).unwrap();
        assert_eq!(tx.save_message_extra(ID, g, &says(4, None)).unwrap(), Written::Updated);
        assert_eq!(pinned(tx), Some(true));
        // Older than the row, but the newest word on this.
        assert_eq!(tx.save_message_extra(ID, g, &says(3, Some(false))).unwrap(), Written::Updated);
        assert_eq!(pinned(tx), Some(false));
        assert_eq!(tx.save_message_extra(ID, g, &says(2, Some(true))).unwrap(), Written::Older);
        assert_eq!(pinned(tx), Some(false));
        let row = tx.message_extra(ID).unwrap().unwrap();
        assert_eq!((row.info.version, row.pinned_version), (version(4), version(3)));
    });
}

pub(super) fn a_scan_attaches_what_happened(store: &mut dyn Store) {
    let channel = &hostile_group();
    let rows = insert_all(
        store,
        &[server_message(channel, 1), server_message(channel, 2), local_message(channel, 2, 1)],
    );
    let id = rows[1].message_id;
    write(store, |tx| {
        tx.put_message_extra(&message_extra(id.get(), channel)).unwrap();
        for uid in ["bob", HOSTILE[0], "alice"] {
            tx.put_reaction(&reaction(id.get(), uid, channel)).unwrap();
        }
        tx.put_reaction(&wk_model::Reaction { deleted: true, ..reaction(id.get(), "carol", channel) }).unwrap();
        let scan = everything(channel);
        let plain = |message: &Message| MessageWithExtra {
            message: message.clone(),
            extra: None,
            reactions: Vec::new(),
            local: wk_model::MessageLocal::default(),
        };
        let second = MessageWithExtra {
            extra: Some(message_extra(id.get(), channel)),
            reactions: ["alice", "bob", HOSTILE[0]].map(|uid| reaction(id.get(), uid, channel)).into(),
            ..plain(&rows[1])
        };
        let expected = [plain(&rows[0]), second, plain(&rows[2])];
        assert_eq!(tx.scan_messages_with_extras(&scan).unwrap(), expected);
        assert_eq!(expected[0].payload(), &rows[0].payload);
        assert_eq!(expected[1].payload(), &edit(3).payload);
    });
    let found = store.reader().unwrap().scan_messages_with_extras(&everything(&group())).unwrap();
    assert_eq!(found, []);
}
