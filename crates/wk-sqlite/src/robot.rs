//! Robots in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use wk_store::model::{Robot, RobotMenu, Uid, Version};
use wk_store::{RobotRead, RobotWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> RobotRead for View<A> {
    fn robot(&mut self, id: &Uid) -> Result<Option<Robot>, StoreError> {
        self.0.with(|link| {
            link.snapshot(|link| {
                let row: Option<(String, String, i64, i64, bool, String)> =
                    Fetch::new(ById, [id.as_str().into()])
                        .get_result(&mut link.connection)
                        .optional()
                        .map_err(failed("reads a robot"))?;
                let Some((_, username, status, version, inline_on, placeholder)) = row else {
                    return Ok(None);
                };
                let menus: Vec<(String, String, String)> = Fetch::new(Menus, [id.as_str().into()])
                    .load(&mut link.connection)
                    .map_err(failed("reads the menus of a robot"))?;
                let menus =
                    menus.into_iter().map(|(command, remark, kind)| RobotMenu { command, remark, kind });
                Ok(Some(Robot {
                    id: id.clone(),
                    username,
                    status: from_db("status of a robot", status)?,
                    version: Version::new(from_db("version of a robot", version)?),
                    inline_on,
                    placeholder,
                    menus: menus.collect(),
                }))
            })
        })
    }
}

impl RobotWrite for View<Writing<'_>> {
    fn put_robot(&mut self, robot: &Robot) -> Result<(), StoreError> {
        let id = robot.id.as_str();
        self.0.with(|link| {
            let version = to_db("version of a robot", robot.version.get())?;
            let values = [
                id.into(),
                (&robot.username).into(),
                robot.status.into(),
                version.into(),
                robot.inline_on.into(),
                (&robot.placeholder).into(),
            ];
            let connection = &mut link.connection;
            Fixed::new(Put, values).execute(connection).map_err(failed("writes a robot"))?;
            Fixed::new(RemoveMenus, [id.into()])
                .execute(connection)
                .map_err(failed("removes the menus of a robot"))?;
            for (place, menu) in (0i64..).zip(&robot.menus) {
                let RobotMenu { command, remark, kind } = menu;
                let values = [id.into(), place.into(), command.into(), remark.into(), kind.into()];
                Fixed::new(AddMenu, values)
                    .execute(connection)
                    .map_err(failed("writes a menu of a robot"))?;
            }
            Ok(())
        })
    }
}

macro_rules! columns {
    () => {
        "robot_id, username, status, version, inline_on, placeholder"
    };
}

sql!(
    ById -> (Text, Text, BigInt, BigInt, Bool, Text),
    "SELECT ", columns!(), " FROM robot WHERE robot_id = ?"
);
sql!(
    Menus -> (Text, Text, Text),
    "SELECT command, remark, kind FROM robot_menu WHERE robot_id = ? ORDER BY place"
);
sql!(
    Put,
    "INSERT INTO robot (robot_id, username, status, version, inline_on, placeholder) VALUES (?, ?, ?, ?, ?, \
    ?) ON CONFLICT (robot_id) DO UPDATE SET username = excluded.username, status = excluded.status, version \
    = excluded.version, inline_on = excluded.inline_on, placeholder = excluded.placeholder"
);
sql!(RemoveMenus, "DELETE FROM robot_menu WHERE robot_id = ?");
sql!(AddMenu, "INSERT INTO robot_menu (robot_id, place, command, remark, kind) VALUES (?, ?, ?, ?, ?)");
