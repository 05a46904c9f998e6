//! Cursors: how far each kind of data was fetched.

use wk_model::{Cursor, Version, Written};

use crate::StoreError;

/// Reads cursors.
pub trait CursorRead {
    /// The value of a cursor, [`Version::ZERO`] before it was raised.
    ///
    /// # Errors
    /// The backend failed, or the value makes no sense.
    fn cursor(&mut self, cursor: &Cursor) -> Result<Version, StoreError>;
}

/// Writes cursors.
pub trait CursorWrite: CursorRead {
    /// Sets a cursor to any value: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or the value does not fit.
    fn put_cursor(&mut self, cursor: &Cursor, value: Version) -> Result<(), StoreError>;

    /// Raises a cursor. It never falls: [`Written::Older`] where it is higher.
    ///
    /// # Errors
    /// As [`CursorWrite::put_cursor`].
    fn raise_cursor(&mut self, cursor: &Cursor, value: Version) -> Result<Written, StoreError> {
        let stored = self.cursor(cursor)?;
        if value <= stored {
            return Ok(if value < stored { Written::Older } else { Written::Unchanged });
        }
        self.put_cursor(cursor, value)?;
        Ok(if stored == Version::ZERO { Written::Inserted } else { Written::Updated })
    }

    /// Removes all cursors, so that everything is fetched again: for another server.
    ///
    /// # Errors
    /// The backend failed.
    fn clear_cursors(&mut self) -> Result<(), StoreError>;
}
