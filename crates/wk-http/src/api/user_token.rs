//! `POST /user/token`: the token that a user logs in with.

use std::fmt;

use serde::Serialize;
use wk_sync::SourceError;
use wk_sync::store::model::Uid;
use wk_sync::store::model::proto::{DeviceFlag, DeviceLevel};

use crate::HttpSource;
use crate::exchange::refused;

/// The longest text that a CONNECT packet can carry.
const MAX_TOKEN: usize = 32_767;

/// A token for a user's devices of one kind. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the caller must fill every field")]
pub struct TokenRequest {
    /// Whose devices.
    pub uid: Uid,
    /// The token, up to 32,767 bytes.
    pub token: String,
    /// The kind of device.
    pub device_flag: DeviceFlag,
    /// Whether devices of this kind displace each other.
    pub device_level: DeviceLevel,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("uid", &self.uid)
            .field("device_flag", &self.device_flag)
            .field("device_level", &self.device_level)
            .finish_non_exhaustive()
    }
}

pub(crate) async fn register(source: &HttpSource, request: &TokenRequest) -> Result<(), SourceError> {
    #[derive(Serialize)]
    struct Body<'a> {
        uid: &'a str,
        token: &'a str,
        device_flag: u8,
        device_level: u8,
    }
    request.uid.check().map_err(|flaw| refused(&flaw.to_string()))?;
    if !(1..=MAX_TOKEN).contains(&request.token.len()) {
        let len = request.token.len();
        return Err(refused(&format!("a token has 1 to {MAX_TOKEN} bytes, this one has {len}")));
    }
    let body = Body {
        uid: request.uid.as_str(),
        token: &request.token,
        device_flag: request.device_flag.value(),
        device_level: request.device_level.value(),
    };
    source.tell("user/token", &body).await
}
