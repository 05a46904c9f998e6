//! Suite: what a user leaves in conversations.

use wk_model::{ChannelId, ConversationExtra, ConversationExtraState, Version, Written};

use super::fixtures::{conversation, group, write};
use super::full::{conversation_extra, hostile_group, state, version};
use crate::{Store, StoreError};

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let quiet = ConversationExtra { pending: None, ..conversation_extra(&ChannelId::person("g")) };
    let empty = ConversationExtra {
        pending: Some(ConversationExtraState::default()),
        ..ConversationExtra::new(ChannelId::group("empty"))
    };
    let all = [conversation_extra(&group()), conversation_extra(&hostile_group()), quiet, empty];
    write(store, |tx| all.iter().for_each(|one| tx.put_conversation_extra(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.conversation_extra(&one.channel).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.conversation_extra(&ChannelId::group("nobody")).unwrap(), None);
    let mut pending = reader.conversation_extras_pending().unwrap();
    pending.sort_by(|a, b| a.channel.cmp(&b.channel));
    assert_eq!(pending, [all[3].clone(), all[0].clone(), all[1].clone()]);
}

pub(super) fn a_draft_stays_on_top_of_what_the_server_says(store: &mut dyn Store) {
    write(store, |tx| {
        let g = &group();
        assert_eq!(tx.edit_conversation_extra(g, &state(9)).unwrap(), Written::Inserted);
        assert_eq!(tx.edit_conversation_extra(g, &state(9)).unwrap(), Written::Unchanged);
        assert_eq!(tx.save_conversation_extra(g, version(2), &state(1)).unwrap(), Written::Updated);
        assert_eq!(tx.save_conversation_extra(g, version(1), &state(3)).unwrap(), Written::Older);
        assert_eq!(tx.save_conversation_extra(g, version(2), &state(3)).unwrap(), Written::Unchanged);
        let row = tx.conversation_extra(g).unwrap().unwrap();
        assert_eq!((row.state(), &row.remote, row.version), (&state(9), &state(1), version(2)));
        assert_eq!(tx.conversation_extras_pending().unwrap(), [row]);
    });
}

pub(super) fn only_what_was_uploaded_is_no_longer_pending(store: &mut dyn Store) {
    write(store, |tx| {
        let g = &group();
        assert_eq!(tx.conversation_extra_uploaded(g, version(1), &state(1)).unwrap(), Written::Missing);
        let _ = tx.edit_conversation_extra(g, &state(1)).unwrap();
        let _ = tx.edit_conversation_extra(g, &state(2)).unwrap();
        // The answer to the first edit comes after the second was made.
        assert_eq!(tx.conversation_extra_uploaded(g, version(1), &state(1)).unwrap(), Written::Updated);
        assert_eq!(tx.conversation_extra(g).unwrap().unwrap().state(), &state(2));
        assert_eq!(tx.conversation_extras_pending().unwrap().len(), 1);
        assert_eq!(tx.conversation_extra_uploaded(g, version(2), &state(2)).unwrap(), Written::Updated);
        assert_eq!(tx.conversation_extras_pending().unwrap(), []);
        assert_eq!(tx.conversation_extra_uploaded(g, version(2), &state(2)).unwrap(), Written::Unchanged);
        let row = tx.conversation_extra(g).unwrap().unwrap();
        assert_eq!((row.state(), row.version), (&state(2), version(2)));
    });
}

pub(super) fn conversations_and_drafts_do_not_touch_each_other(store: &mut dyn Store) {
    write(store, |tx| {
        tx.put_conversation_extra(&conversation_extra(&group())).unwrap();
        assert_eq!(tx.conversations().unwrap(), []);
        tx.put_conversation(&conversation(&group(), 5)).unwrap();
        assert_eq!(tx.conversation_extra(&group()).unwrap(), Some(conversation_extra(&group())));
        assert_eq!(tx.conversation(&group()).unwrap(), Some(conversation(&group(), 5)));
    });
}

pub(super) fn numbers_fit_or_are_refused(store: &mut dyn Store) {
    let fits = conversation_extra(&group());
    for field in 0..5 {
        let mut beyond = fits.clone();
        let largest = wk_model::MessageSeq::MAX;
        match field {
            0 => beyond.version = Version::new(u64::MAX),
            1 => beyond.remote.keep_seq = largest,
            2 => beyond.remote.browse_to = largest,
            3 => beyond.pending.as_mut().unwrap().keep_seq = largest,
            _ => beyond.pending.as_mut().unwrap().browse_to = largest,
        }
        write(store, |tx| {
            tx.put_conversation_extra(&fits).unwrap();
            let expected = match tx.put_conversation_extra(&beyond) {
                Ok(()) => beyond,
                Err(StoreError::OutOfRange { value: u64::MAX, .. }) => fits.clone(),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(tx.conversation_extra(&group()).unwrap(), Some(expected));
        });
    }
}
