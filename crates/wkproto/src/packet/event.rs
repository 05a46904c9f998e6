//! EVENT: the server reports an event.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{DecodeError, EncodeError, Flags, PacketType, WireStr};

/// The server reports an event, for example a piece of a message that is still being written. Only v2 servers
/// send it, never encrypted.
///
/// ```text
/// ┌────────┬──────────┬───────────────┬────────┐
/// │ id str │ type str │ timestamp i64 │ data … │
/// └────────┴──────────┴───────────────┴────────┘
/// ```
///
/// See docs/protocol.md §3.10.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Event<'a> {
    /// No bit has a meaning.
    pub flags: Flags,
    /// The event's id.
    pub id: WireStr<'a>,
    /// The event's type, `type` on the wire.
    pub event_type: WireStr<'a>,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: i64,
    /// The event itself, mostly JSON.
    pub data: &'a [u8],
}

impl<'a> Event<'a> {
    pub(crate) fn decode(mut body: Reader<'a>, flags: Flags) -> Result<Self, DecodeError> {
        Ok(Self {
            flags,
            id: body.string("id")?,
            event_type: body.string("type")?,
            timestamp: body.i64("timestamp")?,
            data: body.remainder(),
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields) -> Result<(), EncodeError> {
        out.string(PacketType::Event, "id", self.id)?;
        out.string(PacketType::Event, "type", self.event_type)?;
        out.i64(self.timestamp);
        out.bytes(self.data);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::ProtocolVersion;
    use crate::packet::testing::check;

    #[test]
    fn bytes_and_fields() {
        let event = Event {
            id: "e1".into(),
            event_type: "stream.delta".into(),
            timestamp: 1_700_000_000_123,
            data: br#"{"client_msg_no":"no-1"}"#,
            ..Event::default()
        };
        let hex = "c032 00026531 000c73747265616d2e64656c7461 0000018bcfe5687b \
                   7b22636c69656e745f6d73675f6e6f223a226e6f2d31227d";
        check(event, ProtocolVersion::V5, hex);
    }
}
