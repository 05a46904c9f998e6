//! Every pull covers something new, finds the end of the channel, or ends in an error: it is not asked again as it was.

use proptest::prelude::*;
use wk_sync::Question;

use super::common::cases;
use super::walk::{request, walk};

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_4_every_pull_grows_coverage_or_ends_in_an_error(walk in walk()) {
        let (mut covered, mut before) = (0, Vec::new());
        walk.run(|seen| {
            let open: Vec<_> = seen.world.open.iter().filter(|(_, question)| matches!(question, Question::Pull(_))).collect();
            let grew = seen.log.covered.len() > covered;
            if let Some(answered) = &seen.pulled
                && !grew
            {
                for (job, question) in &open {
                    let new = !before.contains(*job);
                    let Some(again) = request(question).filter(|_| new) else { continue };
                    let same = (again.start, again.end, again.direction)
                        == (answered.start, answered.end, answered.direction);
                    prop_assert!(!same || again.limit > answered.limit, "{answered:?} is asked again as it was");
                }
            }
            for (_, page) in &seen.pages {
                // Each seq of the log can cost one, and finding the end three.
                let most = u32::try_from(walk.log.len() + walk.steps.len()).unwrap() * 2 + 6;
                prop_assert!(page.pulls <= most, "{} pulls", page.pulls);
            }
            before = open.into_iter().map(|(job, _)| *job).collect();
            covered = seen.log.covered.len();
            Ok(())
        })?;
    }
}
