//! What changed from one list to the next.

use std::collections::HashSet;
use std::hash::Hash;

/// A step from one list to the next. Steps are applied one after the other: each index counts in the list that the steps
/// before it left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListDiff<T> {
    /// An item stands at an index, what was there and behind it moves one up.
    Insert {
        /// Where.
        index: usize,
        /// What.
        item: T,
    },
    /// The item at an index changed.
    Set {
        /// Where.
        index: usize,
        /// Into what.
        item: T,
    },
    /// The item at an index is gone, what was behind it moves one down.
    Remove {
        /// Where.
        index: usize,
    },
}

impl<T> ListDiff<T> {
    /// Takes the step in a list. An index that the list does not have changes nothing.
    pub fn apply(self, list: &mut Vec<T>) {
        match self {
            Self::Insert { index, item } if index <= list.len() => list.insert(index, item),
            Self::Set { index, item } => {
                if let Some(place) = list.get_mut(index) {
                    *place = item;
                }
            }
            Self::Remove { index } if index < list.len() => drop(list.remove(index)),
            Self::Insert { .. } | Self::Remove { .. } => {}
        }
    }
}

/// An item that keeps its identity while it changes.
pub trait Keyed {
    /// What stays the same.
    type Key: Eq + Hash;

    /// What stays the same of this item.
    fn key(&self) -> Self::Key;
}

/// Makes `shown` equal to `wanted`, whose keys are all different, and says by which steps.
pub(super) fn reconcile<T: Keyed + Clone + PartialEq>(shown: &mut Vec<T>, wanted: &[T]) -> Vec<ListDiff<T>> {
    let mut steps = Vec::new();
    let mut step = |list: &mut Vec<T>, step: ListDiff<T>| {
        step.clone().apply(list);
        steps.push(step);
    };
    let kept: HashSet<T::Key> = wanted.iter().map(T::key).collect();
    for index in (0..shown.len()).rev() {
        if shown.get(index).is_some_and(|item| !kept.contains(&item.key())) {
            step(shown, ListDiff::Remove { index });
        }
    }
    let known: HashSet<T::Key> = shown.iter().map(T::key).collect();
    for (index, item) in wanted.iter().enumerate() {
        match shown.get(index) {
            Some(same) if same == item => continue,
            Some(same) if same.key() == item.key() => {
                step(shown, ListDiff::Set { index, item: item.clone() });
                continue;
            }
            _ => {}
        }
        if known.contains(&item.key())
            && let Some(old) = shown.iter().skip(index).position(|other| other.key() == item.key())
        {
            step(shown, ListDiff::Remove { index: index + old });
        }
        step(shown, ListDiff::Insert { index, item: item.clone() });
    }
    // Only a key that is there twice leaves anything here.
    for index in (wanted.len()..shown.len()).rev() {
        step(shown, ListDiff::Remove { index });
    }
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Item(u8, u8);

    impl Keyed for Item {
        type Key = u8;

        fn key(&self) -> u8 {
            self.0
        }
    }

    fn list() -> impl Strategy<Value = Vec<Item>> {
        proptest::collection::vec((0..12_u8, 0..3_u8), 0..12).prop_map(|items| {
            let mut seen = HashSet::new();
            items
                .into_iter()
                .filter(|(key, _)| seen.insert(*key))
                .map(|(key, value)| Item(key, value))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5_000) })]

        #[test]
        fn the_steps_lead_from_any_list_to_any_other(before in list(), after in list()) {
            let mut shown = before.clone();
            let steps = reconcile(&mut shown, &after);
            prop_assert_eq!(&shown, &after);
            let mut applied = before.clone();
            for step in steps.clone() {
                step.apply(&mut applied);
            }
            prop_assert_eq!(&applied, &after);
            // What stays where it is between its neighbours is not touched.
            if before == after {
                prop_assert_eq!(steps, []);
            }
        }
    }

    #[test]
    fn usual_changes_are_few_steps() {
        let list = |keys: &[u8]| -> Vec<Item> { keys.iter().map(|key| Item(*key, 0)).collect() };
        for (before, after, steps) in [
            (&[1, 2, 3][..], &[1, 2, 3, 4][..], 1),
            (&[1, 2, 3], &[0, 1, 2, 3], 1),
            (&[1, 2, 3], &[1, 3], 1),
            (&[1, 2, 3, 4], &[4, 1, 2, 3], 2),
            (&[], &[1, 2], 2),
        ] {
            assert_eq!(reconcile(&mut list(before), &list(after)).len(), steps, "{before:?} {after:?}");
        }
        assert_eq!(
            reconcile(&mut vec![Item(1, 0)], &[Item(1, 1)]),
            [ListDiff::Set { index: 0, item: Item(1, 1) }]
        );
    }
}
