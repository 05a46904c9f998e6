//! Suite: any order and multiplicity of the same server writes and local edits ends in the same rows.

use wk_model::{
    ChannelInfo, MemberInfo, MessageExtraInfo, MessageId, PinnedMessage, Reaction, Reminder, ReminderId,
    Robot, Uid,
};

use super::fixtures::{group, write, write_and_drop};
use super::full;
use crate::{Store, StoreTx};

/// What one transaction may do, told by a number.
type Step = fn(&mut dyn StoreTx, u64);

/// What the server says in version `n`: each version its own.
const SERVER: [Step; 8] = [
    |tx, n| {
        let (top, name) = (n % 2 == 0, format!("name {n}"));
        let info = ChannelInfo { top, name, ..full::channel_info(n) };
        let _ = tx.save_channel_info(&group(), &info).unwrap();
    },
    |tx, n| {
        let info = MemberInfo { deleted: n % 2 == 0, name: format!("name {n}"), ..full::member_info(n) };
        let _ = tx.save_member(&group(), &Uid::new("bob"), &info).unwrap();
    },
    |tx, n| {
        let state = full::state(n as usize);
        let _ = tx.save_conversation_extra(&group(), full::version(n), &state).unwrap();
    },
    |tx, n| {
        let pinned = [None, Some(true), Some(false)][n as usize % 3];
        let edit = (n % 2 == 0).then(|| full::edit(n as usize));
        let info = MessageExtraInfo { pinned, edit, read_count: n as u32, ..full::extra_info(n) };
        let _ = tx.save_message_extra(MessageId::new(1), &group(), &info).unwrap();
    },
    |tx, n| {
        let (seq, deleted, emoji) = (full::version(n), n % 3 == 0, format!("emoji {n}"));
        let reaction = Reaction { seq, deleted, emoji, ..full::reaction(1, "bob", &group()) };
        let _ = tx.save_reaction(&reaction).unwrap();
    },
    |tx, n| {
        let (version, deleted) = (full::version(n), n % 2 == 0);
        let _ =
            tx.save_pinned_message(&PinnedMessage { version, deleted, ..full::pinned(1, &group()) }).unwrap();
    },
    |tx, n| {
        let (version, done, text) = (full::version(n), n % 3 == 0, format!("text {n}"));
        let reminder = Reminder { version, done, text, ..full::reminder(1, &group()) };
        let _ = tx.save_reminder(&reminder).unwrap();
    },
    |tx, n| {
        let (version, username) = (full::version(n), format!("name {n}"));
        let mut robot = Robot { version, username, ..full::robot("r") };
        robot.menus.truncate(n as usize % 4);
        let _ = tx.save_robot(&robot).unwrap();
    },
];

/// What the user does here, the same each time.
const LOCAL: [Step; 5] = [
    |tx, _| {
        let _ = tx.set_channel_local(&group(), &full::channel_local()).unwrap();
    },
    |tx, _| {
        let _ = tx.edit_conversation_extra(&group(), &full::state(99)).unwrap();
    },
    |tx, _| {
        let _ = tx.edit_message(MessageId::new(1), &group(), &full::edit(99)).unwrap();
    },
    // These two need a row, so the first version is always told before.
    |tx, _| {
        let _ = tx.set_member_avatar_cache_key(&group(), &Uid::new("bob"), "key").unwrap();
    },
    |tx, _| {
        let _ = tx.mark_reminder_done(ReminderId::new(1)).unwrap();
    },
];

const NEWEST: u64 = 6;

/// The last round commits; those before leave a fresh store.
const LAST: usize = 100;

pub(super) fn any_order_ends_in_the_same_rows(store: &mut dyn Store) {
    let mut steps: Vec<(Step, u64)> =
        SERVER.into_iter().flat_map(|step| (1..=NEWEST).map(move |n| (step, n))).collect();
    steps.extend(LOCAL.map(|step| (step, 0)));
    let first: Vec<(Step, u64)> = SERVER.into_iter().map(|step| (step, 1)).collect();
    let in_order = |tx: &mut dyn StoreTx| {
        first.iter().chain(&steps).for_each(|(step, n)| step(tx, *n));
        dump(tx)
    };
    let mut expected = String::new();
    write_and_drop(store, |tx| expected = in_order(tx));
    assert!(expected.contains(&format!("name {NEWEST}")), "{expected}");
    let mut dice = Dice(11);
    for round in 0..=LAST {
        let mut order = steps.clone();
        // Some are told more than once.
        for _ in 0..dice.roll(60) {
            order.push(steps[dice.roll(steps.len())]);
        }
        for place in (1..order.len()).rev() {
            order.swap(place, dice.roll(place + 1));
        }
        // Some transactions are undone and told again, as after a crash.
        let (done, undone) = order.split_at(dice.roll(order.len()));
        let mut found = String::new();
        let run = |tx: &mut dyn StoreTx, steps: &[(Step, u64)]| steps.iter().for_each(|(step, n)| step(tx, *n));
        if round == LAST {
            write(store, |tx| run(tx, &first));
            write(store, |tx| run(tx, done));
            write_and_drop(store, |tx| run(tx, undone));
            write(store, |tx| run(tx, undone));
            found = dump(&mut *store.begin().unwrap());
        } else {
            write_and_drop(store, |tx| {
                run(tx, &first);
                run(tx, &order);
                found = dump(tx);
            });
        }
        assert_eq!(found, expected, "round {round}");
    }
}

fn dump(tx: &mut dyn StoreTx) -> String {
    let id = MessageId::new(1);
    format!(
        "{:#?}",
        (
            tx.channel(&group()).unwrap(),
            tx.member(&group(), &Uid::new("bob")).unwrap(),
            tx.conversation_extra(&group()).unwrap(),
            tx.message_extra(id).unwrap(),
            tx.reaction(id, &Uid::new("bob")).unwrap(),
            tx.pinned_message(id).unwrap(),
            tx.reminder(ReminderId::new(1)).unwrap(),
            tx.robot(&Uid::new("r")).unwrap(),
        )
    )
}

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}
