//! Robots in memory.

use wk_model::{Robot, Uid};

use super::{Access, View, Writing};
use crate::{RobotRead, RobotWrite, StoreError};

impl<A: Access> RobotRead for View<A> {
    fn robot(&mut self, id: &Uid) -> Result<Option<Robot>, StoreError> {
        Ok(self.0.read(|state| state.tables.robots.get(id).cloned()))
    }
}

impl RobotWrite for View<Writing<'_>> {
    fn put_robot(&mut self, robot: &Robot) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.robots, robot.id.clone(), Some(robot.clone()));
        Ok(())
    }
}
