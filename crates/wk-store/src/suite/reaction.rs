//! Suite: reactions.

use wk_model::{Cursor, MessageId, Reaction, Uid, Version, Written};

use super::fixtures::{group, write};
use super::full::{HOSTILE, hostile_group, reaction, text, version};
use crate::Store;

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let mut all = Vec::new();
    for uid in HOSTILE {
        all.push(Reaction { emoji: text(5), ..reaction(i64::MIN, uid, &hostile_group()) });
        all.push(reaction(i64::MAX, uid, &group()));
    }
    write(store, |tx| all.iter().for_each(|one| tx.put_reaction(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.reaction(one.message_id, &one.uid).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.reaction(MessageId::new(i64::MIN), &Uid::new("nobody")).unwrap(), None);
    all.sort_by(|a, b| (a.message_id, &a.uid).cmp(&(b.message_id, &b.uid)));
    let ids = [i64::MAX, i64::MIN, 3, i64::MAX].map(MessageId::new);
    assert_eq!(reader.reactions(&ids).unwrap(), all);
    assert_eq!(reader.reactions(&[]).unwrap(), []);
}

pub(super) fn a_user_has_one_reaction_to_a_message(store: &mut dyn Store) {
    let of = |n: u64, emoji: &str, deleted| Reaction {
        seq: version(n),
        emoji: emoji.into(),
        deleted,
        ..reaction(1, "bob", &group())
    };
    write(store, |tx| {
        let shown = |tx: &mut dyn crate::StoreTx| {
            let found = tx.reactions(&[MessageId::new(1)]).unwrap();
            found.into_iter().map(|one| one.emoji).collect::<Vec<_>>()
        };
        assert_eq!(tx.save_reaction(&of(2, "+", false)).unwrap(), Written::Inserted);
        assert_eq!(tx.save_reaction(&of(3, "-", false)).unwrap(), Written::Updated);
        assert_eq!(tx.save_reaction(&of(1, "?", false)).unwrap(), Written::Older);
        assert_eq!(tx.save_reaction(&of(3, "?", false)).unwrap(), Written::Unchanged);
        assert_eq!(shown(tx), ["-"]);
        assert_eq!(tx.save_reaction(&of(4, "-", true)).unwrap(), Written::Updated);
        assert_eq!(shown(tx), [""; 0]);
        // Taken back is remembered: an older page does not bring it again.
        assert_eq!(tx.save_reaction(&of(3, "-", false)).unwrap(), Written::Older);
        assert_eq!(shown(tx), [""; 0]);
        assert!(tx.reaction(MessageId::new(1), &Uid::new("bob")).unwrap().unwrap().deleted);
    });
}

pub(super) fn removing_reactions_moves_no_cursor(store: &mut dyn Store) {
    let cursor = Cursor::Reactions(group());
    write(store, |tx| {
        for id in 1..=3 {
            let _ = tx.save_reaction(&reaction(id, "bob", &group())).unwrap();
        }
        let _ = tx.save_reaction(&reaction(4, "bob", &hostile_group())).unwrap();
        assert_eq!(tx.raise_cursor(&cursor, version(9)).unwrap(), Written::Inserted);
    });
    write(store, |tx| {
        assert_eq!(tx.remove_reactions(&group()).unwrap(), 3);
        assert_eq!(tx.remove_reactions(&group()).unwrap(), 0);
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.reactions(&[1, 2, 3].map(MessageId::new)).unwrap(), []);
    assert_eq!(reader.reactions(&[MessageId::new(4)]).unwrap().len(), 1);
    assert_eq!(reader.cursor(&cursor).unwrap(), version(9));
    assert_eq!(reader.cursor(&Cursor::Reactions(hostile_group())).unwrap(), Version::ZERO);
}
