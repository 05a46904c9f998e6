//! Suite: reminders.

use wk_model::{Reminder, ReminderFilter, ReminderId, ReminderKind, Written};

use super::fixtures::{group, write};
use super::full::{hostile_group, reminder, version};
use crate::{Store, StoreTx};

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let all = [
        reminder(i64::MIN, &group()),
        Reminder {
            uid: None,
            publisher: None,
            locate: false,
            done: true,
            done_unsent: false,
            ..reminder(1, &group())
        },
        reminder(i64::MAX, &hostile_group()),
    ];
    write(store, |tx| all.iter().for_each(|one| tx.put_reminder(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.reminder(one.id).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.reminder(ReminderId::new(2)).unwrap(), None);
    assert_eq!(reader.reminders(&ReminderFilter::default()).unwrap(), all);
    assert_eq!(reader.reminders_done_unsent().unwrap(), [all[0].clone(), all[2].clone()]);
}

pub(super) fn they_are_listed_by_filter(store: &mut dyn Store) {
    let make = |id: i64, kind, done, done_unsent| {
        let channel = if id % 2 == 0 { group() } else { hostile_group() };
        Reminder { kind, done, done_unsent, ..reminder(id, &channel) }
    };
    let (mention, join) = (ReminderKind::MENTION, ReminderKind::JOIN_REQUEST);
    let all = [
        make(1, mention, false, false),
        make(2, mention, true, false),
        make(3, join, false, true),
        make(4, join, false, false),
        make(6, mention, false, false),
    ];
    write(store, |tx| all.iter().for_each(|one| tx.put_reminder(one).unwrap()));
    let mut reader = store.reader().unwrap();
    let mut listed = |change: &dyn Fn(&mut ReminderFilter)| {
        let mut filter = ReminderFilter::default();
        change(&mut filter);
        reader.reminders(&filter).unwrap().iter().map(|one| one.id.get()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&|f| f.channel = Some(group())), [2, 4, 6]);
    assert_eq!(listed(&|f| f.kind = Some(join)), [3, 4]);
    assert_eq!(listed(&|f| f.done = Some(true)), [2, 3]);
    assert_eq!(listed(&|f| f.done = Some(false)), [1, 4, 6]);
    assert_eq!(listed(&|f| (f.channel, f.kind, f.done) = (Some(group()), Some(mention), Some(false))), [6]);
    assert_eq!(listed(&|f| f.channel = Some(wk_model::ChannelId::person("g"))), [0; 0]);
}

pub(super) fn what_was_done_here_stays_done(store: &mut dyn Store) {
    let id = ReminderId::new(1);
    let says = |n, done| Reminder { version: version(n), done, done_unsent: true, ..reminder(1, &group()) };
    write(store, |tx| {
        let state = |tx: &mut dyn StoreTx| {
            let row = tx.reminder(id).unwrap().unwrap();
            (row.done, row.done_unsent)
        };
        assert_eq!(tx.mark_reminder_done(id).unwrap(), Written::Missing);
        assert_eq!(tx.reminder_done_uploaded(id).unwrap(), Written::Missing);
        assert_eq!(tx.save_reminder(&says(2, false)).unwrap(), Written::Inserted);
        assert_eq!(state(tx), (false, false), "what is done here is not the server's to say");
        assert_eq!(tx.mark_reminder_done(id).unwrap(), Written::Updated);
        assert_eq!(tx.mark_reminder_done(id).unwrap(), Written::Unchanged);
        assert_eq!(tx.save_reminder(&says(1, false)).unwrap(), Written::Older);
        assert_eq!(tx.save_reminder(&says(3, false)).unwrap(), Written::Updated);
        assert_eq!(state(tx), (false, true));
        assert_eq!(tx.reminders_done_unsent().unwrap().len(), 1);
        assert_eq!(tx.reminder_done_uploaded(id).unwrap(), Written::Updated);
        assert_eq!(tx.reminder_done_uploaded(id).unwrap(), Written::Unchanged);
        assert_eq!(state(tx), (true, false));
        assert_eq!(tx.reminders_done_unsent().unwrap(), []);
        assert_eq!(tx.save_reminder(&says(4, true)).unwrap(), Written::Updated);
        assert_eq!(state(tx), (true, false));
    });
}
