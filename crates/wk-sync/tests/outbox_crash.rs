//! A process that may die at any moment loses nothing that it stored, and every receiver sees each message once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::*;
use proptest::prelude::*;
use wk_sync::store::model::{ChannelId, MessageStatus, NewMessage, text_payload};
use wk_sync::{Input, Ticket};

#[derive(Debug, Clone, Copy)]
enum Step {
    Send(usize),
    Deliver(u16),
    /// All that comes to the client arrives in one transaction.
    Batch,
    Connect,
    Cut,
    Wait(u64),
    Rule(OnSend),
    /// The process dies in the middle of the next send: before the commit, or after so many of its outputs.
    SendAndDie(usize, Option<usize>),
    /// The same in the middle of a timeout.
    TimeoutAndDie(Option<usize>),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let rule = prop_oneof![Just(OnSend::Lose), Just(OnSend::LoseAnswer)];
    let outputs = proptest::option::of(0..8_usize);
    prop_oneof![
        6 => (0..3_usize).prop_map(Step::Send),
        12 => any::<u16>().prop_map(Step::Deliver),
        2 => Just(Step::Batch),
        3 => Just(Step::Connect),
        1 => Just(Step::Cut),
        1 => (0..25_u64).prop_map(Step::Wait),
        2 => rule.prop_map(Step::Rule),
        2 => (0..3_usize, outputs.clone()).prop_map(|(which, outputs)| Step::SendAndDie(which, outputs)),
        1 => outputs.prop_map(Step::TimeoutAndDie),
        1 => Just(Step::Restart),
    ]
}

fn channel(which: usize) -> ChannelId {
    ChannelId::group(format!("g{which}"))
}

fn online(world: &mut World) {
    world.act(Input::Connect);
    world.wait(Duration::from_millis(10));
}

fn take(world: &mut World, step: Step, number: usize) {
    let message = |which| NewMessage::new(channel(which), text_payload(&format!("{number}")));
    match step {
        Step::Send(which) => {
            world.send_message(message(which));
        }
        Step::Deliver(_) if world.pending.is_empty() => {}
        Step::Deliver(which) => world.deliver(usize::from(which) % world.pending.len()),
        Step::Batch => world.deliver_at_once(),
        Step::Connect => online(world),
        Step::Cut => world.cut(),
        Step::Wait(secs) => world.wait(Duration::from_secs(secs)),
        // v3 reads a connection in order: it does not lose one SEND and take the next.
        Step::Rule(OnSend::Lose) if world.server.flavour == Flavour::V3 => {}
        Step::Rule(rule) => world.server.on_send.push_back(rule),
        Step::SendAndDie(which, outputs) => {
            let input = Input::Send { ticket: Ticket::new(0), message: message(which) };
            die(world, input, outputs);
        }
        Step::TimeoutAndDie(outputs) => {
            world.rig.sleep(Duration::from_secs(5));
            die(world, Input::Timeout, outputs);
        }
        Step::Restart => world.restart(),
    }
}

fn die(world: &mut World, input: Input, outputs: Option<usize>) {
    match outputs {
        Some(outputs) => world.crash(input, outputs),
        None => world.fail(input),
    }
}

proptest! {
    #![proptest_config(cases(500, 40_000))]

    #[test]
    fn nothing_stored_is_lost_and_nobody_sees_a_message_twice(
        v3 in any::<bool>(),
        seed in any::<u64>(),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new(seed, if v3 { Flavour::V3 } else { Flavour::V2 });
        world.server.strict = true;
        for (number, step) in steps.into_iter().enumerate() {
            take(&mut world, step, number);
        }
        world.server.on_send.clear();
        online(&mut world);
        world.wait(Duration::from_secs(120));
        prop_assert!(world.rig.outbox().is_empty());
        for which in 0..3 {
            let mut rows = world.rig.rows(&channel(which));
            prop_assert!(rows.iter().all(|row| row.status == MessageStatus::Sent && !row.position.is_local()));
            let empty = Default::default();
            let log = world.server.logs.get(&channel(which)).unwrap_or(&empty);
            // What a receiver shows: of each number the lowest seq.
            let mut seen = BTreeMap::new();
            for message in &log.messages {
                seen.entry(&message.client_msg_no).or_insert(message);
            }
            prop_assert_eq!(seen.len(), log.messages.len(), "the log holds a copy");
            prop_assert_eq!(seen.len(), rows.len());
            for row in &rows {
                let message = seen[&row.client_msg_no.as_str().to_owned()];
                prop_assert_eq!(&message.payload, &row.payload);
                prop_assert_eq!((message.id, message.seq), (row.message_id, row.message_seq().get()));
            }
            let in_the_log = rows.iter().map(|row| row.client_seq).collect::<Vec<_>>();
            rows.sort_by_key(|row| row.client_seq);
            prop_assert_eq!(in_the_log, rows.iter().map(|row| row.client_seq).collect::<Vec<_>>());
        }
    }
}
