//! Numbers on their way in and out of the file: SQLite's integers are signed and have 64 bits.

use std::collections::BTreeSet;
use std::fmt::Write;

use wk_store::StoreError;
use wk_store::model::MessageId;

/// A number as it is stored.
pub(crate) fn to_db(what: &'static str, number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange { what, value: number })
}

/// A stored number as what it should be.
pub(crate) fn from_db<N: TryFrom<i64>>(what: &'static str, stored: i64) -> Result<N, StoreError> {
    N::try_from(stored).map_err(|_| corrupt(what, stored))
}

/// The error for a stored value that makes no sense.
pub(crate) fn corrupt(what: &'static str, value: impl ToString) -> StoreError {
    StoreError::Corrupt { what, value: value.to_string() }
}

/// Numbers for `json_each`, ascending and each once: one value, so that a statement has one text however many.
pub(crate) fn number_list(numbers: impl Iterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for number in numbers.collect::<BTreeSet<i64>>() {
        let comma = if text.len() == 1 { "" } else { "," };
        // Writing to a String has no way to fail.
        let _ = write!(text, "{comma}{number}");
    }
    text.push(']');
    text
}

/// Message ids for `json_each`.
pub(crate) fn id_list(message_ids: &[MessageId]) -> String {
    number_list(message_ids.iter().map(|id| id.get()))
}
