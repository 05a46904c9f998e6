//! SENDACK: the server answers a SEND.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, EncodeError, Flags, MessageId, MessageSeq, PacketType};
use crate::{ProtocolVersion, ReasonCode, WireStr};

/// The server answers a SEND.
///
/// ```text
/// ┌────────────────┬────────────────┬─────────────────────┬───────────┬───────────────────┐
/// │ message_id i64 │ client_seq u32 │ message_seq u32/u64 │ reason u8 │ client_msg_no str │
/// └────────────────┴────────────────┴────────── 1 ────────┴───────────┴──────── 2 ────────┘
/// ```
///
/// 1. 64 bits from version 6 on.
/// 2. Only from v3 servers, in all versions, if the SEND had one. A tail that is not a whole string is ignored,
///    as v2 clients do: the answer counts more than the echo.
///
/// See docs/protocol.md §3.4.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Sendack<'a> {
    /// v2 servers repeat the flags of the SEND, v3 servers send none.
    pub flags: Flags,
    /// The server's id of the message. On failure, v3 servers send zero and v2 servers an id without a message.
    pub message_id: MessageId,
    /// The number of the SEND that is answered.
    pub client_seq: u32,
    /// The message's place in its channel; zero if it was not stored.
    pub message_seq: MessageSeq,
    /// Whether the message was accepted, and if not, why.
    pub reason: ReasonCode,
    /// The `client_msg_no` of the SEND. An empty one is the same as none: it is neither written nor reported.
    pub client_msg_no: Option<WireStr<'a>>,
}

impl<'a> Sendack<'a> {
    pub(crate) fn decode(
        mut body: Reader<'a>,
        flags: Flags,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            flags,
            message_id: body.i64("message_id")?.into(),
            client_seq: body.u32("client_seq")?,
            message_seq: body.seq(version)?,
            reason: body.u8("reason")?.into(),
            client_msg_no: if body.is_empty() { None } else { present(body.string("client_msg_no").ok()) },
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields, version: ProtocolVersion) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Sendack;
        out.i64(self.message_id.get());
        out.u32(self.client_seq);
        out.seq(PACKET, self.message_seq, version)?;
        out.u8(self.reason.value());
        match present(self.client_msg_no) {
            Some(client_msg_no) => out.string(PACKET, "client_msg_no", client_msg_no),
            None => Ok(()),
        }
    }
}

fn present(client_msg_no: Option<WireStr<'_>>) -> Option<WireStr<'_>> {
    client_msg_no.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Sendack;
    use crate::packet::testing::{MESSAGE_ID, check, decode};
    use crate::{Flags, MessageSeq, Packet, ProtocolVersion, ReasonCode};

    fn answer() -> Sendack<'static> {
        Sendack {
            flags: Flags::RED_DOT,
            message_id: MESSAGE_ID,
            client_seq: 1,
            message_seq: MessageSeq::new(9),
            reason: ReasonCode::SUCCESS,
            client_msg_no: None,
        }
    }

    #[test]
    fn bytes_and_fields() {
        check(answer(), ProtocolVersion::V5, "4211 1839e5b62ffb0800 00000001 00000009 01");
        let answer = Sendack { client_msg_no: Some("no-1".into()), ..answer() };
        check(answer, ProtocolVersion::V5, "4217 1839e5b62ffb0800 00000001 00000009 01 00046e6f2d31");
        let hex = "421b 1839e5b62ffb0800 00000001 0000000000000009 01 00046e6f2d31";
        check(answer, ProtocolVersion::V6, hex);
    }

    #[test]
    fn a_broken_or_empty_tail_is_no_client_msg_no() {
        for tail in ["00", "0000", "ffff6e6f", "00056e6f2d31", "aabbcc"] {
            let len = 17 + tail.len() / 2;
            let hex = alloc::format!("42{len:02x} 1839e5b62ffb0800 00000001 00000009 01 {tail}");
            assert_eq!(Packet::decode(&decode(&hex), ProtocolVersion::V5), Ok(answer().into()), "{tail}");
        }
    }
}
