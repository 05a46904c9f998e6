//! The page around a message: the vectors of the mobile SDKs' documentation, and an oracle that holds the whole log.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::pulls::{answer, asked_for, covered, hundred, seqs, served};
use common::*;
use proptest::prelude::*;
use wk_sync::store::model::{Direction, GapCause, MessageSeq, OrderSeq, Page, PageQuery, Position};
use wk_sync::{Event, Input, SourceError};

/// A hundred messages of which some are hidden from everybody, and nothing known of them.
fn unknown(hidden: &[u64]) -> World {
    let mut world = World::online(1, Flavour::V2);
    for seq in 1..=100 {
        let hide = hidden.contains(&seq);
        world.server.append(&group(), if hide { Stored::hidden("bob") } else { Stored::text("bob", "x") });
    }
    world
}

/// The same, and everything is known.
fn known(hidden: &[u64]) -> World {
    let mut world = unknown(hidden);
    world.page(PageQuery::newest(group()).limit(1_000));
    world
}

fn around(seq: u64, limit: u32) -> PageQuery {
    PageQuery::around(group(), at(seq, 0)).limit(limit)
}

fn shown(world: &mut World, query: PageQuery) -> Vec<u64> {
    let page = world.page(query);
    assert_eq!(page.incomplete, None);
    seqs(&page)
}

const SEED: [u64; 9] = [16, 17, 19, 20, 21, 22, 23, 24, 25];

#[test]
fn vector_a_a_deleted_message_is_not_made_up_for() {
    for limit in [9, 10] {
        assert_eq!(shown(&mut known(&[18]), around(20, limit)), SEED, "limit {limit}");
    }
}

#[test]
fn vector_b_with_nothing_deleted_the_page_is_full() {
    assert_eq!(shown(&mut known(&[]), around(20, 10)), (16..=25).collect::<Vec<_>>());
}

#[test]
fn vector_c_at_the_end_the_older_half_gets_what_the_newer_leaves_over() {
    let mut world = known(&[]);
    assert_eq!(shown(&mut world, around(100, 10)), (91..=100).collect::<Vec<_>>());
    assert_eq!(shown(&mut world, around(97, 10)), (91..=100).collect::<Vec<_>>());
    let page = world.page(around(90, 10));
    assert!(seqs(&page).contains(&90), "the target is inside");
}

#[test]
fn vector_d_at_the_start_the_newer_half_gets_what_the_older_leaves_over() {
    let mut world = known(&[]);
    let page = world.page(around(1, 10));
    assert_eq!(seqs(&page), (1..=10).collect::<Vec<_>>());
    assert!(page.reached_start && !page.reached_end);
    assert_eq!(shown(&mut world, around(3, 10)), (1..=10).collect::<Vec<_>>());
}

#[test]
fn vector_e_with_nothing_stored_one_pull_is_enough() {
    for (target, limit, expected) in
        [(20, 10, 16..=25), (100, 10, 91..=100), (97, 10, 91..=100), (1, 10, 1..=10), (2, 1, 2..=2)]
    {
        let mut world = unknown(&[]);
        let page = world.page(around(target, limit));
        assert_eq!((seqs(&page), page.pulls), (expected.collect::<Vec<_>>(), 1), "around {target}");
        assert_eq!(world.server.pulls.len(), 1);
        assert_eq!(world.server.pulls[0].direction, Direction::Newer);
    }
    assert_eq!(shown(&mut unknown(&[18]), around(20, 9)), SEED);
}

#[test]
fn vector_f_around_a_local_message_the_window_lies_behind_its_seq() {
    let mut world = known(&[]);
    // Written when 20 was the newest.
    let query = PageQuery::around(group(), OrderSeq::new(20_001).into()).limit(10);
    assert_eq!(shown(&mut world, query.clone()), [17, 18, 19, 20, 21, 22, 23, 24, 25]);
    let mut world = World::new(2, Flavour::V2);
    for _ in 0..20 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.page(PageQuery::newest(group()));
    let local = world.send(&group(), "local");
    assert_eq!(local.position, at(20, 1));
    for _ in 20..100 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    let page = world.page(query);
    let positions: Vec<_> = page.messages.iter().map(|message| message.position).collect();
    let mut expected: Vec<Position> = (17..=25).map(|seq| at(seq, 0)).collect();
    expected.insert(4, at(20, 1));
    assert_eq!(positions, expected);
}

#[test]
fn vector_g_a_target_that_is_not_there_gives_the_nearest_window() {
    for mut world in [known(&[]), unknown(&[])] {
        let page = world.page(around(500, 10));
        assert_eq!((seqs(&page), &page.incomplete), ((91..=100).collect::<Vec<_>>(), &None));
        assert!(page.reached_end);
        assert!(page.pulls <= 2, "{}", page.pulls);
    }
    // Its place is there, and nothing in it.
    assert_eq!(shown(&mut known(&[20]), around(20, 10)), [16, 17, 18, 19, 21, 22, 23, 24, 25]);
    let mut empty = World::online(3, Flavour::V2);
    let page = empty.page(around(7, 10));
    assert!(page.messages.is_empty() && page.reached_start && page.reached_end);
}

#[test]
fn local_messages_behind_the_last_one_belong_to_the_newer_half() {
    let mut world = known(&[]);
    world.server.on_send.extend([OnSend::Lose; 9]);
    for number in 0..3 {
        world.send(&group(), &number.to_string());
    }
    let page = world.page(around(100, 10));
    let positions: Vec<_> = page.messages.iter().map(|message| message.position).collect();
    let expected: Vec<_> =
        (94..=100).map(|seq| at(seq, 0)).chain((1..=3).map(|index| at(100, index))).collect();
    assert_eq!(positions, expected);
}

#[test]
fn only_what_is_missing_of_the_window_is_pulled() {
    let mut world = hundred();
    // 81 to 100 are known.
    world.ask(around(79, 10));
    assert_eq!(asked_for(&world), (75, 81, Direction::Newer, 6));
    answer(&mut world, 75..=80, false);
    assert_eq!(seqs(&served(&mut world)), (75..=84).collect::<Vec<_>>());
    assert_eq!(covered(&world), [(75, 100)]);
    world.ask(around(98, 10));
    assert!(world.open.is_empty(), "all of it is known");
    assert_eq!(seqs(&served(&mut world)), (91..=100).collect::<Vec<_>>());
}

#[test]
fn where_the_source_fails_what_is_certain_around_the_target_is_served() {
    let mut world = hundred();
    world.server.failures.extend([SourceError::TimedOut, SourceError::TimedOut]);
    let page = world.page(around(82, 10));
    assert_eq!(seqs(&page), (81..=87).collect::<Vec<_>>());
    let gap = page.incomplete.unwrap();
    assert_eq!((gap.first.get(), gap.last.map(MessageSeq::get)), (1, Some(80)));
    assert!(matches!(gap.cause, GapCause::Source(_)));
    // Of a target in a hole nothing is certain.
    let page = world.page(around(50, 10));
    assert!(page.messages.is_empty() && page.incomplete.is_some() && !page.reached_start);
}

#[test]
fn a_page_that_needs_the_source_says_so_once() {
    let mut world = hundred();
    world.page(around(90, 10));
    let pulling =
        |world: &World| world.events.iter().filter(|event| matches!(event, Event::Pulling(_))).count();
    assert_eq!(pulling(&world), 0, "it is stored");
    world.server.max_limit = 3;
    let page = world.page(PageQuery::older_than(group(), at(81, 0)).limit(10));
    assert_eq!((page.messages.len(), page.pulls), (10, 4));
    assert_eq!(pulling(&world), 1, "however many pulls it takes");
}

/// The window as its rules say, from the whole log.
fn oracle(last: u64, hidden: &[bool], target: u64, limit: u64) -> Vec<u64> {
    let visible = |seq: &u64| !hidden[usize::try_from(*seq).unwrap()];
    let target = target.min(last);
    let half = limit.div_ceil(2) - 1;
    let slots = half.min(target.saturating_sub(1));
    let older = |slots: u64| (target - slots..target).filter(visible).collect::<Vec<_>>();
    let own = u64::from(target > 0 && visible(&target));
    let room = (limit.div_ceil(2) + half - slots).min(limit - own - older(slots).len() as u64);
    let newer: Vec<u64> = (target + 1..=last).filter(visible).take(usize::try_from(room).unwrap()).collect();
    let over = room - newer.len() as u64;
    let older = older((slots + over).min(target.saturating_sub(1)));
    older.into_iter().chain((target..=target).filter(|_| own == 1)).chain(newer).collect()
}

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_3_every_window_around_a_message_is_the_oracles(
        hidden in proptest::collection::vec(prop::bool::weighted(0.2), 1..80),
        flavour in prop_oneof![Just(Flavour::V2), Just(Flavour::V3)],
        known in proptest::collection::vec((0..80_u64, 1..20_u32, any::<bool>()), 0..4),
        windows in proptest::collection::vec((0..100_u64, 1..30_u32), 1..5),
        (max_limit, connected, failing) in (prop_oneof![3 => Just(10_000_u32), 1 => 1..6_u32], any::<bool>(), 0..3_u8),
    ) {
        let mut world = World::new(7, flavour);
        world.server.max_limit = max_limit;
        let last = hidden.len() as u64 - 1;
        for hide in &hidden[1..] {
            let message = if *hide { Stored::only_for("bob", "carol") } else { Stored::text("bob", "x") };
            world.server.append(&group(), message);
        }
        if connected {
            world.connect();
        }
        for (anchor, limit, older) in known {
            let mut query = PageQuery::older_than(group(), at(anchor, 0)).limit(limit);
            query.direction = if older { Direction::Older } else { Direction::Newer };
            world.page(query);
        }
        for (target, limit) in windows {
            if failing == 0 {
                world.server.failures.push_back(SourceError::TimedOut);
            }
            let page = world.page(around(target, limit));
            world.server.failures.clear();
            check(&page, &oracle(last, &hidden, target, limit.into()), &hidden, target)?;
            prop_assert!(failing == 0 || page.incomplete.is_none(), "{:?}", page.incomplete);
        }
    }
}

fn check(page: &Page, oracle: &[u64], hidden: &[bool], target: u64) -> Result<(), TestCaseError> {
    let served = seqs(page);
    let visible: Vec<u64> = (1..hidden.len() as u64).filter(|seq| !hidden[*seq as usize]).collect();
    // An empty page has reached what lies on that side of its target.
    let (first, last) = (served.first().unwrap_or(&target), served.last().unwrap_or(&target));
    prop_assert!(!page.reached_start || !visible.iter().any(|seq| seq < first), "{:?}", visible);
    prop_assert!(!page.reached_end || !visible.iter().any(|seq| seq > last), "{:?}", visible);
    if page.incomplete.is_none() {
        prop_assert_eq!(&served, oracle);
    } else {
        // Nothing is shown across a hole.
        let (Some(first), Some(last)) = (served.first(), served.last()) else { return Ok(()) };
        let stretch = visible.iter().filter(|seq| (first..=last).contains(seq)).copied().collect::<Vec<_>>();
        prop_assert_eq!(served, stretch);
    }
    Ok(())
}

#[test]
fn limits_that_harm_are_refused_here_too() {
    let mut world = World::online(9, Flavour::V2);
    for limit in [0, 10_001] {
        world.act(Input::Page { ticket: wk_sync::Ticket::new(1), query: around(5, limit) });
        assert!(world.refused.pop().is_some());
    }
    let page = world.page(around(u64::MAX, 10_000));
    assert!(page.messages.is_empty());
    let page = world.page(PageQuery::around(group(), Position::MAX).limit(1));
    assert!(page.messages.is_empty());
}
