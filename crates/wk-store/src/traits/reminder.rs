//! Reminders: what asks for the user's attention.

use wk_model::{Reminder, ReminderFilter, ReminderId, Written};

use super::change::change;
use crate::StoreError;

/// Reads reminders.
pub trait ReminderRead {
    /// One reminder.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn reminder(&mut self, id: ReminderId) -> Result<Option<Reminder>, StoreError>;

    /// The reminders that a filter matches, in the order of their ids.
    ///
    /// # Errors
    /// As [`ReminderRead::reminder`].
    fn reminders(&mut self, filter: &ReminderFilter) -> Result<Vec<Reminder>, StoreError>;

    /// Those that are done here and of which the server has to be told, in the order of their ids.
    ///
    /// # Errors
    /// As [`ReminderRead::reminder`].
    fn reminders_done_unsent(&mut self) -> Result<Vec<Reminder>, StoreError>;
}

/// Writes reminders.
pub trait ReminderWrite: ReminderRead {
    /// Writes a reminder, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_reminder(&mut self, reminder: &Reminder) -> Result<(), StoreError>;

    /// Takes what the server says, unless newer is known. Its `done_unsent` is not taken: what was done here stays.
    ///
    /// # Errors
    /// As [`ReminderWrite::put_reminder`].
    fn save_reminder(&mut self, reminder: &Reminder) -> Result<Written, StoreError> {
        let stored = self.reminder(reminder.id)?;
        let new = || Reminder { done_unsent: false, ..reminder.clone() };
        let (row, written) = change(stored, new, |row| row.merge(reminder.clone()));
        if written.is_change() {
            self.put_reminder(&row)?;
        }
        Ok(written)
    }

    /// The user did it; the server has to be told until [`ReminderWrite::reminder_done_uploaded`].
    ///
    /// # Errors
    /// As [`ReminderWrite::put_reminder`].
    fn mark_reminder_done(&mut self, id: ReminderId) -> Result<Written, StoreError> {
        let Some(mut row) = self.reminder(id)? else { return Ok(Written::Missing) };
        let written = row.mark_done();
        if written.is_change() {
            self.put_reminder(&row)?;
        }
        Ok(written)
    }

    /// The server knows that it is done.
    ///
    /// # Errors
    /// As [`ReminderWrite::put_reminder`].
    fn reminder_done_uploaded(&mut self, id: ReminderId) -> Result<Written, StoreError> {
        let Some(mut row) = self.reminder(id)? else { return Ok(Written::Missing) };
        let written = row.done_uploaded();
        if written.is_change() {
            self.put_reminder(&row)?;
        }
        Ok(written)
    }
}
