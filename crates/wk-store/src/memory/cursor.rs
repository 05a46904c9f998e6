//! Cursors in memory.

use wk_model::{Cursor, Version};

use super::{Access, View, Writing};
use crate::{CursorRead, CursorWrite, StoreError};

impl<A: Access> CursorRead for View<A> {
    fn cursor(&mut self, cursor: &Cursor) -> Result<Version, StoreError> {
        Ok(self.0.read(|state| state.tables.cursors.get(cursor).copied().unwrap_or_default()))
    }
}

impl CursorWrite for View<Writing<'_>> {
    fn put_cursor(&mut self, cursor: &Cursor, value: Version) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.cursors, cursor.clone(), Some(value));
        Ok(())
    }

    fn clear_cursors(&mut self) -> Result<(), StoreError> {
        let all: Vec<Cursor> = self.0.state.tables.cursors.keys().cloned().collect();
        for cursor in all {
            self.0.put_row(|tables| &mut tables.cursors, cursor, None);
        }
        Ok(())
    }
}
