//! Nothing of which the server has not told is ever shown as if nothing were there.

use proptest::prelude::*;
use wk_sync::store::ChannelLog;
use wk_sync::store::model::{Anchor, Direction, MessageSeq, Page, PageQuery};

use super::common::cases;
use super::walk::walk;

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_6_nothing_uncovered_is_shown_as_contiguous(walk in walk()) {
        walk.run(|seen| {
            for (query, page) in &seen.pages {
                check(query, page, &seen.log)?;
            }
            Ok(())
        })?;
    }
}

fn check(query: &PageQuery, page: &Page, log: &ChannelLog) -> Result<(), TestCaseError> {
    let unknown = |from: u64, to: u64| (from..=to).find(|seq| !log.covered.contains(MessageSeq::new(*seq)));
    let seqs: Vec<u64> = page.messages.iter().map(|message| message.position.seq.get()).collect();
    for (message, pair) in page.messages.iter().zip(seqs.windows(2)) {
        // Behind a local message the next seq is the first that must be known.
        let from = pair[0] + u64::from(message.position.is_local());
        let hole = unknown(from.max(1), pair[1].saturating_sub(u64::from(pair[0] == pair[1])));
        let local_pair = pair[0] == pair[1];
        prop_assert!(
            local_pair || hole.is_none(),
            "{hole:?} lies between {pair:?} of {query:?}, known {log:?}"
        );
    }
    // Both ends are where the page says they are.
    let (first, last) = match (seqs.first(), seqs.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return Ok(()),
    };
    if page.reached_start
        && (query.direction == Direction::Older || matches!(query.anchor, Anchor::Around(_)))
    {
        prop_assert_eq!(unknown(1, first.saturating_sub(1)), None, "below the start");
    }
    if page.reached_end {
        prop_assert_eq!(unknown(last + 1, log.tail.get()), None, "behind the end");
    }
    if let Some(gap) = &page.incomplete {
        let last = gap.last.map_or_else(|| gap.first.get(), MessageSeq::get);
        prop_assert!(!log.covered.contains(gap.first) && !log.covered.contains(MessageSeq::new(last)));
    }
    Ok(())
}
