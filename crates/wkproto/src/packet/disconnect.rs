//! DISCONNECT: the server is about to close the connection.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, EncodeError, Flags, PacketType, ReasonCode, WireStr};

/// The server is about to close the connection. Clients do not send it: they close.
///
/// ```text
/// ┌───────────┬─────────────────┐
/// │ reason u8 │ reason_text str │
/// └───────────┴─────────────────┘
/// ```
///
/// See docs/protocol.md §3.8.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Disconnect<'a> {
    /// No bit has a meaning.
    pub flags: Flags,
    /// Why. Servers send [`ReasonCode::CONNECT_KICK`].
    pub reason: ReasonCode,
    /// Why, in words and in the server's language.
    pub reason_text: WireStr<'a>,
}

impl<'a> Disconnect<'a> {
    pub(crate) fn decode(mut body: Reader<'a>, flags: Flags) -> Result<Self, DecodeError> {
        Ok(Self { flags, reason: body.u8("reason")?.into(), reason_text: body.string("reason_text")? })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields) -> Result<(), EncodeError> {
        out.u8(self.reason.value());
        out.string(PacketType::Disconnect, "reason_text", self.reason_text)
    }
}

#[cfg(test)]
mod tests {
    use super::Disconnect;
    use crate::packet::testing::check;
    use crate::{Flags, ProtocolVersion, ReasonCode};

    #[test]
    fn bytes_and_fields() {
        let kick =
            Disconnect { flags: Flags::EMPTY, reason: ReasonCode::CONNECT_KICK, reason_text: "kick".into() };
        check(kick, ProtocolVersion::V5, "9007 0c 00046b69636b");
    }
}
