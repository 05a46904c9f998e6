//! Suite: what the application keeps beside messages.

use wk_model::{ClientSeq, MessageLocal, MessageSeq, Written};

use super::fixtures::{everything, group, insert_all, local_message, server_message, write, write_and_drop};
use super::full::HOSTILE;
use crate::Store;

fn local(played: bool, extra: &str) -> MessageLocal {
    MessageLocal { played, extra: extra.into() }
}

pub(super) fn every_field_is_kept_by_row(store: &mut dyn Store) {
    let rows = insert_all(store, &[server_message(&group(), 1), server_message(&group(), 2)]);
    let other = insert_all(store, &[local_message(&group(), 2, 1)]);
    let [first, second, unsent] = [rows[0].client_seq, rows[1].client_seq, other[0].client_seq];
    for text in HOSTILE {
        write(store, |tx| {
            assert!(tx.set_message_local(unsent, &local(true, text)).unwrap().is_change());
            assert_eq!(tx.set_message_local(unsent, &local(true, text)).unwrap(), Written::Unchanged);
        });
        let kept = store.reader().unwrap().message_locals(&[second, unsent, first, unsent]).unwrap();
        assert_eq!(kept, [(unsent, local(true, text))]);
    }
    write(store, |tx| {
        assert_eq!(tx.set_message_local(first, &local(false, "1")).unwrap(), Written::Inserted);
        assert_eq!(tx.set_message_local(first, &local(true, "1")).unwrap(), Written::Updated);
        assert_eq!(tx.set_message_local(ClientSeq::NONE, &local(true, "")).unwrap(), Written::Missing);
        let group = group();
        let scan = everything(&group);
        let extras: Vec<String> =
            tx.scan_messages_with_extras(&scan).unwrap().into_iter().map(|it| it.local.extra).collect();
        assert_eq!(extras, ["1", "", HOSTILE[HOSTILE.len() - 1]]);
    });
    assert_eq!(store.reader().unwrap().message_locals(&[]).unwrap(), []);
}

pub(super) fn it_goes_with_its_message(store: &mut dyn Store) {
    let messages: Vec<_> = (1..=4).map(|seq| server_message(&group(), seq)).collect();
    let rows: Vec<ClientSeq> = insert_all(store, &messages).iter().map(|row| row.client_seq).collect();
    write(store, |tx| {
        for row in &rows {
            assert_eq!(tx.set_message_local(*row, &local(true, "x")).unwrap(), Written::Inserted);
        }
    });
    let kept = |store: &mut dyn Store| -> Vec<ClientSeq> {
        let kept = store.reader().unwrap().message_locals(&rows).unwrap();
        kept.into_iter().map(|(row, _)| row).collect()
    };
    write_and_drop(store, |tx| {
        assert!(tx.remove_message(rows[1]).unwrap());
        assert_eq!(tx.message_locals(&rows).unwrap().len(), 3);
    });
    assert_eq!(kept(store), rows);
    write(store, |tx| assert!(tx.remove_message(rows[1]).unwrap()));
    assert_eq!(kept(store), [rows[0], rows[2], rows[3]]);
    write(store, |tx| {
        // What is changed keeps it.
        let mut message = tx.message(rows[0]).unwrap().unwrap();
        message.topic = "another".into();
        tx.update_message(&message).unwrap();
        assert_eq!(tx.remove_messages_from(&group(), MessageSeq::new(4)).unwrap(), 1);
    });
    assert_eq!(kept(store), [rows[0], rows[2]]);
    write(store, |tx| assert_eq!(tx.remove_messages_to(&group(), MessageSeq::new(1)).unwrap(), 1));
    assert_eq!(kept(store), [rows[2]]);
}
