//! A pull whose answer never comes is given up, and asked for again by whoever reads there next.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::pulls::*;
use common::*;
use wk_sync::store::model::GapCause;

#[test]
fn a_pull_that_is_never_answered_is_given_up_and_asked_again() {
    let mut world = hundred();
    world.ask(older(81, 20));
    let request = asked(&world);
    // The question is lost on its way.
    world.pending.clear();
    world.wait(world.rig.config.source_timeout);
    let page = served(&mut world);
    let gap = page.incomplete.unwrap();
    assert!(matches!(gap.cause, GapCause::Source(_)), "{gap:?}");
    assert_eq!((page.messages.len(), gap.first, gap.last), (0, seq(1), Some(seq(80))));
    world.ask(older(81, 20));
    assert_eq!(asked(&world), request);
    answer(&mut world, 61..=80, true);
    assert_eq!(seqs(&served(&mut world)), (61..=80).collect::<Vec<_>>());
}
