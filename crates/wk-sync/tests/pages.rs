//! Where a page comes from: the store where all is known, few pulls where it is not, and an honest hole.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::pulls::*;
use common::*;
use wk_sync::store::model::{Anchor, ChannelId, Direction, Gap, GapCause, PageQuery, Position, SeqRange};
use wk_sync::{Answer, Input, QueryError, SourceError, Ticket};

#[test]
fn a_verified_head_is_not_asked_for_again_until_the_connection_ends() {
    let mut world = hundred();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.pulls, page.reached_end), (0, true), "the sync named the last seq");
    // A channel without news is asked for once.
    world.cut();
    world.wait(std::time::Duration::from_secs(2));
    assert_eq!(world.page(PageQuery::newest(group())).pulls, 1);
    assert_eq!(world.page(PageQuery::newest(group())).pulls, 0);
    // Live messages keep it true.
    world.server.append(&group(), Stored::text("bob", "new"));
    world.push(&group(), 101);
    world.settle();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.pulls, seqs(&page)), (0, (82..=101).collect::<Vec<_>>()));
}

#[test]
fn the_newest_page_of_an_unknown_channel_is_one_pull() {
    let mut world = World::online(5, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    assert_eq!(asked_for(&world), (0, 0, Direction::Older, 20));
    answer(&mut world, 81..=100, true);
    assert_eq!(covered(&world), [(81, 100)]);
    let page = served(&mut world);
    assert!(page.reached_end && !page.reached_start && page.pulls == 1);
    // And one that is short holds all there is.
    let mut world = World::online(6, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    answer(&mut world, 3..=9, false);
    assert_eq!(covered(&world), [(1, 9)]);
    assert!(served(&mut world).reached_start);
}

#[test]
fn after_much_news_the_newest_page_skips_what_lies_between() {
    let mut world = World::new(7, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "x"));
    world.page(PageQuery::newest(group()));
    for _ in 0..500 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(seqs(&page), (482..=501).collect::<Vec<_>>());
    assert_eq!((page.pulls, page.reached_end, page.reached_start), (2, true, false));
}

#[test]
fn a_page_in_the_middle_of_an_unknown_channel_is_one_pull() {
    let mut world = World::online(8, Flavour::V2);
    world.ask(newer(50_000, 20));
    assert_eq!(asked_for(&world), (50_001, 0, Direction::Newer, 20));
    answer(&mut world, 50_001..=50_020, true);
    assert_eq!(covered(&world), [(50_001, 50_020)]);
    assert_eq!(served(&mut world).pulls, 1);
    // Nothing behind an anchor that lies beyond all says nothing of what comes before it.
    let mut world = World::online(9, Flavour::V2);
    world.ask(newer(50_000, 20));
    answer(&mut world, NOTHING, false);
    let page = served(&mut world);
    assert!(page.messages.is_empty() && page.reached_end);
    world.ask(PageQuery::newest(group()));
    assert_eq!(asked_for(&world), (0, 0, Direction::Older, 20));
}

#[test]
fn an_answer_without_progress_is_asked_for_once_more_and_then_an_error() {
    let mut world = hundred();
    world.ask(older(81, 10));
    answer(&mut world, NOTHING, true);
    assert_eq!(asked_for(&world), (80, 0, Direction::Older, 100));
    answer(&mut world, NOTHING, true);
    assert!(world.open.is_empty(), "it never loops");
    let page = served(&mut world);
    let hole = SeqRange::from_u64(1, 80).unwrap();
    assert_eq!(page.incomplete, Some(Gap::between(hole, GapCause::NoProgress)));
    assert_eq!((page.messages.len(), page.pulls, page.reached_start), (0, 2, false));
    assert_eq!(covered(&world), [(81, 100)]);
    // The larger limit may help.
    world.ask(older(81, 10));
    answer(&mut world, NOTHING, true);
    answer(&mut world, 1..=60, false);
    assert_eq!(seqs(&served(&mut world)), (51..=60).collect::<Vec<_>>());
}

#[test]
fn a_source_that_fails_proves_nothing_and_says_why() {
    let refused = SourceError::Refused { status: 400, message: "channel not found".to_owned() };
    for error in [refused, SourceError::NotSupported, SourceError::TimedOut] {
        let mut world = hundred();
        world.ask(older(86, 10));
        give(&mut world, Err(error.clone()));
        let page = served(&mut world);
        assert_eq!(seqs(&page), (81..=85).collect::<Vec<_>>());
        let hole = SeqRange::from_u64(1, 80).unwrap();
        assert_eq!(page.incomplete, Some(Gap::between(hole, GapCause::Source(error.to_string()))));
        assert_eq!(covered(&world), [(81, 100)]);
        world.ask(older(86, 10));
        assert_eq!(asked_for(&world).0, 80, "asked again");
    }
}

#[test]
fn without_a_connection_the_end_of_a_page_is_not_the_end_of_the_channel() {
    for limit in [10, 30] {
        let mut world = hundred();
        world.cut();
        world.server.broken = true;
        let page = world.page(PageQuery::newest(group()).limit(limit));
        let expected = if limit == 10 { 91..=100 } else { 81..=100 };
        assert_eq!(seqs(&page), expected.collect::<Vec<_>>(), "what is certain is served");
        assert!(!page.reached_end && !page.reached_start);
        let gap = page.incomplete.unwrap();
        let (first, last) = if limit == 10 { (101, None) } else { (1, Some(80)) };
        assert_eq!((gap.first.get(), gap.last.map(|seq| seq.get())), (first, last));
    }
}

#[test]
fn a_page_that_fails_is_complete_if_others_filled_the_hole_meanwhile() {
    let mut world = hundred();
    world.cut();
    world.ask(older(81, 10));
    world.ask(older(81, 11));
    world.settle();
    assert!(world.pages.drain(..).all(|(_, page)| page.incomplete.is_none()));
    let job = world.ask(older(61, 5));
    let first = world.pending.pop().unwrap();
    world.cut();
    world.wait(std::time::Duration::from_secs(2));
    let same = world.page(older(61, 5));
    let Pending::Question(failing, _) = first else { panic!("{first:?}") };
    world.act(Input::Answer { job: failing, answer: Answer::Pulled(Err(SourceError::TimedOut)) });
    let index = world.pages.iter().position(|(ticket, _)| *ticket == job).unwrap();
    let page = world.pages.remove(index).1;
    assert_eq!((seqs(&page), page.incomplete), (seqs(&same), None));
}

#[test]
fn a_pull_from_before_the_connection_says_nothing_of_the_end_to_a_page_of_it() {
    // Asked before there was any connection, or on an earlier one; the page before its answer comes, or after.
    for (earlier, waits) in [(false, true), (false, false), (true, true), (true, false)] {
        let mut world = World::new(14, Flavour::V2);
        if earlier {
            world.connect();
        }
        world.ask(PageQuery::newest(group()));
        let question = world.first(|pending| matches!(pending, Pending::Question(..)));
        world.deliver(question);
        let old = world.pending.pop().unwrap();
        world.cut();
        // It was answered before this message; the session begins after it, so nothing pushes it.
        world.server.append(&group(), Stored::text("bob", "between"));
        world.server.failures.push_back(SourceError::TimedOut);
        world.connect();
        let query = PageQuery::newest(group());
        let early = waits.then(|| world.ask(query.clone()));
        world.pending.insert(0, old);
        world.deliver(0);
        let ticket = early.unwrap_or_else(|| world.ask(query));
        world.settle();
        let page = &world.pages.iter().find(|(of, _)| *of == ticket).unwrap().1;
        assert_eq!((seqs(page), page.reached_end), (vec![1], true), "{earlier} {waits}");
    }
}

#[test]
fn questions_that_would_harm_a_server_are_refused() {
    let mut world = World::online(15, Flavour::V2);
    let bad = |world: &mut World, query: PageQuery| {
        world.act(Input::Page { ticket: Ticket::new(1), query });
        world.refused.pop().expect("refused").1
    };
    for limit in [0, 10_001, u32::MAX] {
        assert_eq!(bad(&mut world, PageQuery::newest(group()).limit(limit)), QueryError::Limit { limit });
    }
    for id in ["", &"x".repeat(256), "g____cmd"] {
        let error = bad(&mut world, PageQuery::newest(ChannelId::group(id)));
        assert!(matches!(error, QueryError::Id(_)), "{error:?}");
    }
    assert!(world.open.is_empty());
    // The own name is a channel like any other to read.
    let page = world.page(PageQuery::newest(ChannelId::person(ALICE)));
    assert!(page.reached_start && page.reached_end);
}

#[test]
fn positions_at_the_limits_do_no_harm() {
    for anchor in [
        Anchor::At(Position::MAX),
        Anchor::Beside(Position::MAX),
        Anchor::At(Position::MIN),
        Anchor::Beside(Position::MIN),
    ] {
        for direction in [Direction::Older, Direction::Newer] {
            let mut world = hundred();
            let mut query = PageQuery::newest(group()).limit(30);
            (query.anchor, query.direction) = (anchor, direction);
            let page = world.page(query);
            let (low, high) = (seqs(&page).first().copied(), seqs(&page).last().copied());
            let at_end = matches!(anchor, Anchor::At(Position::MAX) | Anchor::Beside(Position::MAX));
            match (at_end, direction) {
                (true, Direction::Older) => assert_eq!((low, high), (Some(71), Some(100))),
                (false, Direction::Newer) => assert_eq!((low, high), (Some(1), Some(30))),
                _ => assert_eq!((low, high), (None, None)),
            }
        }
    }
}
