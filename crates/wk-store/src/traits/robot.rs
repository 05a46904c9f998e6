//! Robots and the commands they offer.

use wk_model::{Robot, Uid, Written};

use super::change::change;
use crate::StoreError;

/// Reads robots.
pub trait RobotRead {
    /// One robot with its menus.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn robot(&mut self, id: &Uid) -> Result<Option<Robot>, StoreError>;
}

/// Writes robots.
pub trait RobotWrite: RobotRead {
    /// Writes a robot, new or known, with exactly these menus and without asking for versions.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_robot(&mut self, robot: &Robot) -> Result<(), StoreError>;

    /// Takes what the server says, unless newer is known.
    ///
    /// # Errors
    /// As [`RobotWrite::put_robot`].
    fn save_robot(&mut self, robot: &Robot) -> Result<Written, StoreError> {
        let stored = self.robot(&robot.id)?;
        let (row, written) = change(stored, || robot.clone(), |row| row.merge(robot.clone()));
        if written.is_change() {
            self.put_robot(&row)?;
        }
        Ok(written)
    }
}
