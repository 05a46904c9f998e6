//! A user: the tokens of their devices, their connections, their conversations.

use std::collections::HashMap;
use std::sync::Arc;

use wk_model::DeviceFlag;
use wkproto::DeviceLevel;

use super::conversation::Conversations;
use super::session::Session;

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
}

impl User {
    pub(crate) fn sessions_of(&self, flag: DeviceFlag) -> impl Iterator<Item = &Arc<Session>> {
        self.sessions.iter().filter(move |session| session.device_flag == flag)
    }
}
