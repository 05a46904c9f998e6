//! Changing a row, or a new one, by a rule of the model: the same for every backend.

use wk_model::Written;

/// Changes a stored row, or a new one if there is none. Gives the row and what happened; the caller writes it where
/// [`Written::is_change`] says so.
pub(super) fn change<T>(
    stored: Option<T>,
    new: impl FnOnce() -> T,
    edit: impl FnOnce(&mut T) -> Written,
) -> (T, Written) {
    match stored {
        Some(mut row) => {
            let written = edit(&mut row);
            (row, written)
        }
        None => {
            let mut row = new();
            // Whatever the rule says of a row that nobody had: it is there now.
            let _ = edit(&mut row);
            (row, Written::Inserted)
        }
    }
}
