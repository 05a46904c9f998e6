//! Coverage is sorted, disjoint and coalesced, lies at or below the tail, and only ever grows.

use proptest::prelude::*;
use wk_sync::store::model::SeqSet;

use super::common::cases;
use super::walk::walk;

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_1_coverage_is_sorted_disjoint_and_coalesced(walk in walk()) {
        let mut before = SeqSet::new();
        walk.run(|seen| {
            let ranges = seen.log.covered.ranges();
            prop_assert!(ranges.iter().all(|range| range.first().get() >= 1 && range.first() <= range.last()));
            // Two that touch would be one.
            let apart = ranges.windows(2).all(|pair| pair[0].last().get() + 1 < pair[1].first().get());
            prop_assert!(apart, "{ranges:?}");
            prop_assert!(seen.log.covered.max() <= seen.log.tail, "{:?}", seen.log);
            prop_assert!(seen.log.cleared_to <= seen.log.tail);
            for range in before.ranges() {
                let run = seen.log.covered.run_at(range.first());
                prop_assert!(run.is_some_and(|run| run.last() >= range.last()), "{range:?} is lost");
            }
            before = seen.log.covered.clone();
            Ok(())
        })?;
    }
}
