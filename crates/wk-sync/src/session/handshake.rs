//! CONNECT and what its answer means.

use bytes::Bytes;
use wk_store::model::Account;
use wk_store::model::proto::{
    Cipher, ClientSecret, Connect, EncodeError, Flags, Frame, Packet, ProtocolVersion, ReasonCode,
};

use crate::engine::Cx;

/// What CONNACK says.
pub(crate) enum Welcome {
    /// The session begins.
    Accepted { version: ProtocolVersion, cipher: Option<Box<Cipher>>, clock_offset: i64 },
    /// The server does not want this user or device.
    Refused(ReasonCode),
    /// The server cannot now, or its answer cannot be read.
    TryAgain(String),
}

/// Makes the session's secret and the packet that carries its public half. Version 6 is asked for: v2 servers answer
/// with 5, and that tells the generations apart.
pub(crate) fn connect(cx: &mut Cx<'_>, account: &Account) -> (ClientSecret, Result<Bytes, EncodeError>) {
    let mut random = [0; 32];
    cx.core.entropy.fill(&mut random);
    let secret = ClientSecret::from_bytes(random);
    let client_key = secret.public_key_base64();
    let packet = Packet::Connect(Connect {
        flags: Flags::EMPTY,
        version: ProtocolVersion::LATEST.value(),
        device_flag: cx.core.config.device_flag,
        device_id: account.device_id.as_str().into(),
        uid: account.uid.as_str().into(),
        token: cx.core.config.token.as_str().into(),
        client_timestamp: cx.now.unix.get(),
        client_key: client_key.as_str().into(),
    });
    let bytes = packet.to_bytes(ProtocolVersion::LATEST);
    (secret, bytes)
}

/// Reads CONNACK, whose layout is the same in every version that can answer ours.
pub(crate) fn read(frame: &Frame, secret: &ClientSecret) -> Welcome {
    let connack = match frame.decode(ProtocolVersion::LATEST) {
        Ok(Packet::Connack(connack)) => connack,
        Ok(_) => return Welcome::TryAgain("the server answered CONNECT with another packet".to_owned()),
        Err(error) => return Welcome::TryAgain(format!("CONNACK cannot be read: {error}")),
    };
    match connack.reason {
        ReasonCode::SUCCESS => {}
        // The server could not, but may be able to soon.
        ReasonCode::SYSTEM_ERROR | ReasonCode::NODE_NOT_MATCH => {
            return Welcome::TryAgain(format!("the server could not log in: {}", connack.reason));
        }
        refused => return Welcome::Refused(refused),
    }
    // A guess would acknowledge the wrong messages (docs/servers.md T4).
    let Some(version) = connack.session_version(ProtocolVersion::LATEST) else {
        return Welcome::TryAgain("the server does not say which version the session speaks".to_owned());
    };
    let cipher = if !connack.is_encrypted() {
        None
    } else {
        match secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes()) {
            Ok(cipher) => Some(Box::new(cipher)),
            Err(error) => return Welcome::TryAgain(format!("the server's key is not usable: {error}")),
        }
    };
    Welcome::Accepted { version, cipher, clock_offset: connack.time_diff }
}
