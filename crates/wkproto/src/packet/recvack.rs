//! RECVACK: the client confirms a RECV.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, EncodeError, Flags, MessageId, MessageSeq, PacketType, ProtocolVersion, Recv};

/// The client confirms a RECV.
///
/// ```text
/// ┌────────────────┬─────────────────────┐
/// │ message_id i64 │ message_seq u32/u64 │
/// └────────────────┴────────── 1 ────────┘
/// ```
///
/// 1. 64 bits from version 6 on.
///
/// See docs/protocol.md §3.6.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Recvack {
    /// [`Flags::NO_PERSIST`] and [`Flags::SYNC_ONCE`] as in the RECV: v2 servers go by them.
    pub flags: Flags,
    /// The id in the RECV.
    pub message_id: MessageId,
    /// The seq in the RECV.
    pub message_seq: MessageSeq,
}

impl Recvack {
    /// The confirmation of this RECV.
    #[must_use]
    pub const fn of(recv: &Recv<'_>) -> Self {
        Self {
            flags: recv.flags.intersection(Flags::NO_PERSIST.with(Flags::SYNC_ONCE)),
            message_id: recv.message_id,
            message_seq: recv.message_seq,
        }
    }

    pub(crate) fn decode(
        mut body: Reader<'_>,
        flags: Flags,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        Ok(Self { flags, message_id: body.i64("message_id")?.into(), message_seq: body.seq(version)? })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields, version: ProtocolVersion) -> Result<(), EncodeError> {
        out.i64(self.message_id.get());
        out.seq(PacketType::Recvack, self.message_seq, version)
    }
}

#[cfg(test)]
mod tests {
    use super::Recvack;
    use crate::packet::testing::{MESSAGE_ID, check};
    use crate::{Flags, MessageSeq, ProtocolVersion, Recv};

    #[test]
    fn bytes_and_fields() {
        let ack = Recvack { flags: Flags::RED_DOT, message_id: MESSAGE_ID, message_seq: MessageSeq::new(9) };
        check(ack, ProtocolVersion::V5, "620c 1839e5b62ffb0800 00000009");
        check(ack, ProtocolVersion::V6, "6210 1839e5b62ffb0800 0000000000000009");
    }

    #[test]
    fn copies_what_servers_go_by() {
        let recv = Recv {
            flags: Flags::ALL,
            message_id: MESSAGE_ID,
            message_seq: MessageSeq::new(9),
            ..Recv::default()
        };
        let ack = Recvack::of(&recv);
        assert_eq!(ack.flags, Flags::NO_PERSIST.with(Flags::SYNC_ONCE));
        assert_eq!((ack.message_id, ack.message_seq), (MESSAGE_ID, MessageSeq::new(9)));
    }
}
