//! Reminders in memory.

use wk_model::{Reminder, ReminderFilter, ReminderId};

use super::{Access, View, Writing};
use crate::{ReminderRead, ReminderWrite, StoreError};

impl<A: Access> ReminderRead for View<A> {
    fn reminder(&mut self, id: ReminderId) -> Result<Option<Reminder>, StoreError> {
        Ok(self.0.read(|state| state.tables.reminders.get(&id).cloned()))
    }

    fn reminders(&mut self, filter: &ReminderFilter) -> Result<Vec<Reminder>, StoreError> {
        Ok(self.0.read(|state| {
            state.tables.reminders.values().filter(|reminder| filter.matches(reminder)).cloned().collect()
        }))
    }

    fn reminders_done_unsent(&mut self) -> Result<Vec<Reminder>, StoreError> {
        Ok(self.0.read(|state| {
            state.tables.reminders.values().filter(|reminder| reminder.done_unsent).cloned().collect()
        }))
    }
}

impl ReminderWrite for View<Writing<'_>> {
    fn put_reminder(&mut self, reminder: &Reminder) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.reminders, reminder.id, Some(reminder.clone()));
        Ok(())
    }
}
