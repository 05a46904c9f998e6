//! A robot and the commands it offers.

use crate::version::set;
use crate::{Uid, Version, Written};

/// A robot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Robot {
    /// Its uid.
    pub id: Uid,
    /// The name to search for it.
    pub username: String,
    /// The application's status: 1 works.
    pub status: i32,
    /// The server's number of its last change, menus included.
    pub version: Version,
    /// It answers while a message is typed.
    pub inline_on: bool,
    /// The hint to show then.
    pub placeholder: String,
    /// The commands it offers, in its order.
    pub menus: Vec<RobotMenu>,
}

/// A command that a robot offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct RobotMenu {
    /// What to send.
    pub command: String,
    /// What it does.
    pub remark: String,
    /// The application's kind of entry.
    pub kind: String,
}

impl Robot {
    /// Takes what the server says of the same robot, unless newer is known.
    pub fn merge(&mut self, news: Self) -> Written {
        news.version.refused_by(self.version).unwrap_or_else(|| set(self, news))
    }
}
