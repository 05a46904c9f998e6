//! CONNECT: the client logs in.

use core::fmt;

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, DeviceFlag, EncodeError, Flags, PacketType, WireStr};

/// The client logs in. The first packet of a connection, sent alone.
///
/// ```text
/// ┌────────────┬────────────────┬────────────────┬──────────┬────────────┐
/// │ version u8 │ device_flag u8 │ device_id str  │ uid str  │ token str  │
/// ├────────────┴─────────┬──────┴────────────────┴──────────┴────────────┘
/// │ client_timestamp i64 │ client_key str │
/// └──────────────────────┴────────────────┘
/// ```
///
/// The layout is the same in all versions (docs/protocol.md §3.1). `Debug` does not show the token.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Connect<'a> {
    /// No bit has a meaning.
    pub flags: Flags,
    /// The newest [`ProtocolVersion`](crate::ProtocolVersion) that the client speaks. Servers take any number.
    pub version: u8,
    /// The kind of device.
    pub device_flag: DeviceFlag,
    /// The device, unique for each installation of the application.
    pub device_id: WireStr<'a>,
    /// The user.
    pub uid: WireStr<'a>,
    /// What proves that it is this user. May be empty.
    pub token: WireStr<'a>,
    /// The client's time in milliseconds since 1970.
    pub client_timestamp: i64,
    /// The client's X25519 public key: 32 bytes in base64, which are 44 characters.
    pub client_key: WireStr<'a>,
}

impl<'a> Connect<'a> {
    pub(crate) fn decode(mut body: Reader<'a>, flags: Flags) -> Result<Self, DecodeError> {
        Ok(Self {
            flags,
            version: body.u8("version")?,
            device_flag: body.u8("device_flag")?.into(),
            device_id: body.string("device_id")?,
            uid: body.string("uid")?,
            token: body.string("token")?,
            client_timestamp: body.i64("client_timestamp")?,
            client_key: body.string("client_key")?,
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Connect;
        out.u8(self.version);
        out.u8(self.device_flag.value());
        out.string(PACKET, "device_id", self.device_id)?;
        out.string(PACKET, "uid", self.uid)?;
        out.string(PACKET, "token", self.token)?;
        out.i64(self.client_timestamp);
        out.string(PACKET, "client_key", self.client_key)
    }
}

impl fmt::Debug for Connect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("flags", &self.flags)
            .field("version", &self.version)
            .field("device_flag", &self.device_flag)
            .field("device_id", &self.device_id)
            .field("uid", &self.uid)
            .field("client_timestamp", &self.client_timestamp)
            .field("client_key", &self.client_key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Connect;
    use crate::packet::testing::{CLIENT_KEY, check};
    use crate::{DeviceFlag, ProtocolVersion};
    use alloc::format;

    #[test]
    fn bytes_and_fields() {
        let connect = Connect {
            version: 5,
            device_flag: DeviceFlag::WEB,
            device_id: "d1".into(),
            uid: "u1".into(),
            token: "t1".into(),
            client_timestamp: 1_700_000_000_123,
            client_key: CLIENT_KEY.into(),
            ..Connect::default()
        };
        let hex = "1044 05 01 00026431 00027531 00027431 0000018bcfe5687b 002c \
                   42364e38764251676b38693356647762454f687374435933537446717146507443392f41737268744848773d";
        for version in ProtocolVersion::ALL {
            check(connect, version, hex);
        }
        assert!(!format!("{connect:?}").contains("t1"));
    }
}
