//! SUB: a subscription is asked for.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{ChannelType, DecodeError, EncodeError, Flags, PacketType, Setting, SubAction, WireStr};

/// A subscription is asked for. The libraries know it; no server acts on it.
///
/// ```text
/// ┌────────────┬────────────┬────────────────┬─────────────────┬───────────┬───────────┐
/// │ setting u8 │ sub_no str │ channel_id str │ channel_type u8 │ action u8 │ param str │
/// └────────────┴────────────┴────────────────┴─────────────────┴───────────┴───────────┘
/// ```
///
/// See docs/protocol.md §3.9.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Sub<'a> {
    /// No bit has a meaning.
    pub flags: Flags,
    /// No bit has a meaning.
    pub setting: Setting,
    /// The client's id of the subscription.
    pub sub_no: WireStr<'a>,
    /// The channel.
    pub channel_id: WireStr<'a>,
    /// The channel's kind.
    pub channel_type: ChannelType,
    /// Subscribe or unsubscribe.
    pub action: SubAction,
    /// A parameter for the server.
    pub param: WireStr<'a>,
}

impl<'a> Sub<'a> {
    pub(crate) fn decode(mut body: Reader<'a>, flags: Flags) -> Result<Self, DecodeError> {
        Ok(Self {
            flags,
            setting: Setting::from_bits(body.u8("setting")?),
            sub_no: body.string("sub_no")?,
            channel_id: body.string("channel_id")?,
            channel_type: body.u8("channel_type")?.into(),
            action: body.u8("action")?.into(),
            param: body.string("param")?,
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Sub;
        out.u8(self.setting.bits());
        out.string(PACKET, "sub_no", self.sub_no)?;
        out.string(PACKET, "channel_id", self.channel_id)?;
        out.u8(self.channel_type.value());
        out.u8(self.action.value());
        out.string(PACKET, "param", self.param)
    }
}

#[cfg(test)]
mod tests {
    use super::Sub;
    use crate::packet::testing::check;
    use crate::{ChannelType, ProtocolVersion, SubAction};

    #[test]
    fn bytes_and_fields() {
        let sub = Sub {
            sub_no: "s1".into(),
            channel_id: "g1".into(),
            channel_type: ChannelType::GROUP,
            ..Sub::default()
        };
        check(sub, ProtocolVersion::V5, "a00d 00 00027331 00026731 02 00 0000");
        let unsub = Sub { action: SubAction::UNSUBSCRIBE, param: "p".into(), ..sub };
        check(unsub, ProtocolVersion::V5, "a00e 00 00027331 00026731 02 01 000170");
    }
}
