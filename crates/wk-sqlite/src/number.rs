//! Numbers on their way in and out of the file: SQLite's integers are signed and have 64 bits.

use wk_store::StoreError;

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
