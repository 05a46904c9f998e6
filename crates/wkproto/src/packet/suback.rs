//! SUBACK: the answer to a SUB.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{ChannelType, DecodeError, EncodeError, Flags, PacketType, ReasonCode, SubAction, WireStr};

/// The answer to a SUB. No server sends it.
///
/// ```text
/// ┌────────────┬────────────────┬─────────────────┬───────────┬───────────┐
/// │ sub_no str │ channel_id str │ channel_type u8 │ action u8 │ reason u8 │
/// └────────────┴────────────────┴─────────────────┴───────────┴───────────┘
/// ```
///
/// See docs/protocol.md §3.9.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Suback<'a> {
    /// No bit has a meaning.
    pub flags: Flags,
    /// The client's id of the subscription.
    pub sub_no: WireStr<'a>,
    /// The channel.
    pub channel_id: WireStr<'a>,
    /// The channel's kind.
    pub channel_type: ChannelType,
    /// What was asked for.
    pub action: SubAction,
    /// Whether it was done.
    pub reason: ReasonCode,
}

impl<'a> Suback<'a> {
    pub(crate) fn decode(mut body: Reader<'a>, flags: Flags) -> Result<Self, DecodeError> {
        Ok(Self {
            flags,
            sub_no: body.string("sub_no")?,
            channel_id: body.string("channel_id")?,
            channel_type: body.u8("channel_type")?.into(),
            action: body.u8("action")?.into(),
            reason: body.u8("reason")?.into(),
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Suback;
        out.string(PACKET, "sub_no", self.sub_no)?;
        out.string(PACKET, "channel_id", self.channel_id)?;
        out.u8(self.channel_type.value());
        out.u8(self.action.value());
        out.u8(self.reason.value());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Suback;
    use crate::packet::testing::check;
    use crate::{ChannelType, ProtocolVersion, ReasonCode};

    #[test]
    fn bytes_and_fields() {
        let suback = Suback {
            sub_no: "s1".into(),
            channel_id: "g1".into(),
            channel_type: ChannelType::GROUP,
            reason: ReasonCode::SUCCESS,
            ..Suback::default()
        };
        check(suback, ProtocolVersion::V5, "b00b 00027331 00026731 02 00 01");
    }
}
