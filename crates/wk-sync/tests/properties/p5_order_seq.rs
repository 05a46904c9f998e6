//! Order numbers ascend strictly with the rows' numbers to break ties, and that of a server message never changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use wk_sync::store::model::OrderSeq;

use super::common::cases;
use super::walk::walk;

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_5_order_seq_ascends_strictly_and_never_changes_for_a_server_message(walk in walk()) {
        let mut known: BTreeMap<i64, OrderSeq> = BTreeMap::new();
        walk.run(|seen| {
            let shown = seen.pages.iter().map(|(_, page)| &page.messages);
            for messages in shown.chain([&seen.rows]) {
                let keys: Vec<_> =
                    messages.iter().map(|message| (message.order_seq(), message.client_seq)).collect();
                prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
            }
            for row in seen.rows.iter().filter(|row| !row.position.is_local()) {
                let order = *known.entry(row.message_id.get()).or_insert_with(|| row.order_seq());
                prop_assert_eq!(order, row.order_seq());
                prop_assert_eq!(order.get(), row.message_seq().get() * 1000);
            }
            Ok(())
        })?;
    }
}
