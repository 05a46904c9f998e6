//! Which connections a user has: login, displacement, kicks (docs/servers.md §2.2).

use std::sync::Arc;

use tokio::time::Instant;
use wk_model::{ChannelType, DeviceFlag, ReasonCode};
use wkproto::DeviceLevel;

use super::World;
use super::ids::VISITOR_SUFFIX;
use super::session::{Outgoing, Session};
use super::user::Token;
use crate::config::Generation;

impl World {
    /// The rank of a device that may log in, nothing if it may not. Nobody is told the reason.
    pub(crate) fn authenticate(
        &self,
        uid: &str,
        flag: DeviceFlag,
        token: &str,
        check: bool,
    ) -> Option<DeviceLevel> {
        // v3 stores tokens and never looks at them.
        let level = if check && self.generation == Generation::V2 && !uid.ends_with(VISITOR_SUFFIX) {
            let known = self.users.get(uid)?.tokens.get(&flag)?;
            if token.is_empty() || known.token != token {
                return None;
            }
            known.level
        } else {
            DeviceLevel::SLAVE
        };
        let banned = self.channels.get(uid, ChannelType::PERSON).is_some_and(|own| own.info.ban);
        (!banned).then_some(level)
    }

    pub(crate) fn next_session_id(&mut self) -> u64 {
        self.sessions_made += 1;
        self.sessions_made
    }

    /// Adds a connection and lets the ones it displaces fall silent.
    pub(crate) fn login(&mut self, session: Arc<Session>, silent_at: Instant) {
        let user = self.users.entry(session.uid.clone()).or_default();
        for other in user.sessions_of(session.device_flag) {
            if self.generation == Generation::V3 {
                // There are no masters, and no words.
                if other.device_id == session.device_id {
                    other.close();
                }
            } else if other.device_id == session.device_id {
                other.fall_silent_at(silent_at);
            } else if session.device_level == DeviceLevel::MASTER {
                other.push(kick("login in other device"));
                other.fall_silent_at(silent_at);
            }
        }
        user.sessions.push(session);
    }

    /// Forgets a connection. The user stays.
    pub(crate) fn logout(&mut self, session: &Session) {
        if let Some(user) = self.users.get_mut(&session.uid) {
            user.sessions.retain(|other| other.id != session.id);
        }
    }

    pub(crate) fn set_token(&mut self, uid: &str, flag: DeviceFlag, level: DeviceLevel, token: &str) {
        self.user(uid).tokens.insert(flag, Token { token: token.to_owned(), level });
    }

    /// Ends all sessions of a device flag after a new token for a master device, even that of the same device.
    pub(crate) fn kick_for_token(&mut self, uid: &str, flag: DeviceFlag, silent_at: Instant) {
        let generation = self.generation;
        for session in self.user(uid).sessions_of(flag) {
            if generation == Generation::V2 {
                session.push(kick("账号在其他设备上登录"));
            }
            session.fall_silent_at(silent_at);
        }
    }

    /// Takes the token of a device flag away and ends its sessions; nothing happens if it never had one.
    pub(crate) fn quit_device(&mut self, uid: &str, flag: DeviceFlag, silent_at: Instant) {
        let generation = self.generation;
        let user = self.user(uid);
        let Some(known) = user.tokens.get_mut(&flag) else { return };
        known.token.clear();
        for session in user.sessions_of(flag) {
            if generation == Generation::V2 {
                session.push(kick(""));
            }
            session.fall_silent_at(silent_at);
        }
    }
}

fn kick(text: &'static str) -> Outgoing {
    Outgoing::Disconnect { reason: ReasonCode::CONNECT_KICK, text }
}
