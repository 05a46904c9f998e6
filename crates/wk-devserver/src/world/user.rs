//! A user: the tokens of their devices, their connections, their conversations and commands.

use std::collections::HashMap;
use std::sync::Arc;

use wk_model::DeviceFlag;
use wkproto::DeviceLevel;

use super::conversation::{ChannelKey, Conversations};
use super::session::Session;
use super::v3::roster::Roster;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) token: String,
    pub(crate) level: DeviceLevel,
}

#[derive(Debug, Default)]
pub(crate) struct User {
    pub(crate) tokens: HashMap<DeviceFlag, Token>,
    pub(crate) sessions: Vec<Arc<Session>>,
    pub(crate) conversations: Conversations,
    /// The command logs the user gets something from.
    pub(crate) commands: Conversations,
    /// How far the commands go that were pulled last: the next acknowledgement is about them.
    pub(crate) pulled_commands: Vec<(ChannelKey, u64)>,
    /// v3: the command logs that the user bound, and how far each was taken.
    pub(crate) bound_commands: HashMap<ChannelKey, u64>,
    /// What v3 has in the place of conversations.
    pub(crate) roster: Roster,
}

impl User {
    pub(crate) fn sessions_of(&self, flag: DeviceFlag) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.iter().filter(move |session| session.device_flag == flag)
    }
}
