//! CONNACK: the server answers a CONNECT.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, EncodeError, Flags, PacketType, ProtocolVersion, ReasonCode, WireStr};

/// The server answers a CONNECT.
///
/// ```text
/// ┌───────────────────┬───────────────┬───────────┬────────────────┬──────────┬─────────────┐
/// │ server_version u8 │ time_diff i64 │ reason u8 │ server_key str │ salt str │ node_id u64 │
/// └──────── 1 ────────┴───────────────┴───────────┴────────────────┴──────────┴───── 2 ─────┘
/// ```
///
/// 1. Only with bit 0 of the header flags, which servers set if the client asked for version 4 or later.
/// 2. Only from version 4 on.
///
/// The version to decode with is the one that the CONNECT asked for: from 4 on the layout stays the same, and what
/// the session speaks is not known before ([`session_version`](Self::session_version)). See docs/protocol.md §3.2.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Connack<'a> {
    /// The version that both sides use from now on.
    pub server_version: Option<u8>,
    /// The server's clock less the client's, in milliseconds.
    pub time_diff: i64,
    /// Whether the login succeeded, and if not, why.
    pub reason: ReasonCode,
    /// The server's X25519 public key: 32 bytes in base64. Empty if the session is not encrypted.
    pub server_key: WireStr<'a>,
    /// The session's initialisation vector: 16 ASCII characters. Empty if the session is not encrypted.
    pub salt: WireStr<'a>,
    /// The node of the cluster that answers. Servers always send it from version 4 on; a CONNACK without it is
    /// read all the same, since nothing depends on it.
    pub node_id: Option<u64>,
}

impl<'a> Connack<'a> {
    /// Whether the payloads of the session are encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        !self.salt.is_empty()
    }

    /// The version that the session speaks, if the client asked for `requested`.
    ///
    /// Nothing if the server names a version that does not exist, or if it names none although the client asked
    /// for one with which every successful CONNACK does.
    #[must_use]
    pub const fn session_version(&self, requested: ProtocolVersion) -> Option<ProtocolVersion> {
        match self.server_version {
            Some(version) => ProtocolVersion::new(version),
            None if requested.has_node_id() => None,
            None => Some(requested),
        }
    }

    pub(crate) fn decode(
        mut body: Reader<'a>,
        flags: Flags,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let has_version = flags.contains(HAS_SERVER_VERSION);
        Ok(Self {
            server_version: if has_version { Some(body.u8("server_version")?) } else { None },
            time_diff: body.i64("time_diff")?,
            reason: body.u8("reason")?.into(),
            server_key: body.string("server_key")?,
            salt: body.string("salt")?,
            node_id: if version.has_node_id() { body.u64("node_id").ok() } else { None },
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields, version: ProtocolVersion) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Connack;
        if let Some(version) = self.server_version {
            out.u8(version);
        }
        out.i64(self.time_diff);
        out.u8(self.reason.value());
        out.string(PACKET, "server_key", self.server_key)?;
        out.string(PACKET, "salt", self.salt)?;
        if let Some(node_id) = self.node_id.filter(|_| version.has_node_id()) {
            out.u64(node_id);
        }
        Ok(())
    }

    pub(crate) const fn flags(&self) -> Flags {
        if self.server_version.is_some() { HAS_SERVER_VERSION } else { Flags::EMPTY }
    }
}

/// In a CONNACK, bit 0 has a meaning of its own.
const HAS_SERVER_VERSION: Flags = Flags::from_bits(1);

#[cfg(test)]
mod tests {
    use super::Connack;
    use crate::packet::testing::{SALT, SERVER_KEY, check, decode};
    use crate::{Packet, ProtocolVersion, ReasonCode};

    const V3: ProtocolVersion = ProtocolVersion::V3;
    const V5: ProtocolVersion = ProtocolVersion::V5;
    const V6: ProtocolVersion = ProtocolVersion::V6;

    const KEY_AND_SALT: &str = "002c \
        57476d76394642556c7a4c4c7175316558666d7a436d326a484c446c644375745774536870326a78706e733d \
        0010 6142336445356748376a4b396d4e3170";

    #[test]
    fn bytes_and_fields() {
        let old = Connack {
            time_diff: -7,
            reason: ReasonCode::SUCCESS,
            server_key: SERVER_KEY.into(),
            salt: SALT.into(),
            ..Connack::default()
        };
        check(old, V3, &alloc::format!("2049 fffffffffffffff9 01 {KEY_AND_SALT}"));
        let new = Connack { server_version: Some(5), node_id: Some(1), ..old };
        let hex = alloc::format!("2152 05 fffffffffffffff9 01 {KEY_AND_SALT} 0000000000000001");
        for version in [ProtocolVersion::V4, V5, V6] {
            check(new, version, &hex);
        }
        assert!(new.is_encrypted());
    }

    #[test]
    fn a_refusal_has_no_server_version_but_a_node_id() {
        let refusal =
            Connack { reason: ReasonCode::CLIENT_KEY_IS_EMPTY, node_id: Some(0), ..Connack::default() };
        check(refusal, V5, "2015 0000000000000000 15 0000 0000 0000000000000000");
        assert!(!refusal.is_encrypted());
        assert_eq!(refusal.session_version(V5), None);
    }

    #[test]
    fn a_missing_node_id_does_not_cost_the_login() {
        let none = Connack { reason: ReasonCode::SUCCESS, ..Connack::default() };
        check(none, V5, "200d 0000000000000000 01 0000 0000");
        let cut = decode("200e 0000000000000000 01 0000 0000 00");
        assert_eq!(Packet::decode(&cut, V5), Ok(none.into()));
    }

    #[test]
    fn the_server_decides_on_the_version() {
        let answer = |server_version| Connack { server_version, ..Connack::default() };
        assert_eq!(answer(Some(5)).session_version(V6), Some(V5));
        assert_eq!(answer(Some(7)).session_version(V6), None);
        assert_eq!(answer(None).session_version(V3), Some(V3));
    }
}
