//! RECV: the server delivers a message.

use crate::packet::send::needs;
use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{ChannelType, DecodeError, EncodeError, Flags, MessageId, MessageSeq};
use crate::{PacketType, ProtocolVersion, Setting, StreamFlag, WireStr};

/// The server delivers a message.
///
/// ```text
/// ┌────────────┬─────────────┬──────────────┬────────────────┬─────────────────┬────────────┐
/// │ setting u8 │ msg_key str │ from_uid str │ channel_id str │ channel_type u8 │ expire u32 │
/// ├────────────┴──────┬──────┴─────────┬────┴──────────┬─────┴─────────┬───────┴──── 1 ─────┘
/// │ client_msg_no str │ stream_flag u8 │ stream_no str │ stream_id u64 │
/// ├────────────────┬──┴────────────────┴─┬─────── 2 ───┴─┬───────────┬─┴─────────┐
/// │ message_id i64 │ message_seq u32/u64 │ timestamp i32 │ topic str │ payload … │
/// └────────────────┴───────── 3 ─────────┴───────────────┴──── 4 ────┴───────────┘
/// ```
///
/// 1. Only from version 3 on.
/// 2. Only in versions 2 to 4, and only with [`Setting::STREAM`].
/// 3. 64 bits from version 6 on.
/// 4. Only with [`Setting::TOPIC`].
///
/// See docs/protocol.md §3.5.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Recv<'a> {
    /// [`Flags::NO_PERSIST`], [`Flags::RED_DOT`], [`Flags::SYNC_ONCE`]; v3 servers send only the second.
    pub flags: Flags,
    /// Which of the optional fields follow.
    pub setting: Setting,
    /// The keyed hash over the packet, see [`MsgKey`](crate::MsgKey). Empty if the payload is not encrypted.
    pub msg_key: WireStr<'a>,
    /// The sender.
    pub from_uid: WireStr<'a>,
    /// The channel; for a person, the uid of the other one.
    pub channel_id: WireStr<'a>,
    /// The channel's kind.
    pub channel_type: ChannelType,
    /// For how many seconds the message is kept, 0 for ever. Zero in versions without it, and left out there when
    /// the packet is encoded.
    pub expire: u32,
    /// The sender's id of the message.
    pub client_msg_no: WireStr<'a>,
    /// The place in the stream. Zero in versions without it.
    pub stream_flag: StreamFlag,
    /// The stream that the message belongs to. Empty in versions without it.
    pub stream_no: WireStr<'a>,
    /// The number in the stream. Zero in versions without it.
    pub stream_id: u64,
    /// The server's id of the message.
    pub message_id: MessageId,
    /// The message's place in its channel; zero if it was not stored.
    pub message_seq: MessageSeq,
    /// When the packet was sent, in seconds since 1970: not when the message was stored.
    pub timestamp: i32,
    /// A topic of the application. Empty without [`Setting::TOPIC`].
    pub topic: WireStr<'a>,
    /// The content: base64 of the ciphertext, or the content itself if `msg_key` is empty.
    pub payload: &'a [u8],
}

impl<'a> Recv<'a> {
    /// Whether the payload is encrypted. The setting bits have no say in it.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        !self.msg_key.is_empty()
    }

    #[inline]
    pub(crate) fn decode(
        mut body: Reader<'a>,
        flags: Flags,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let setting = Setting::from_bits(body.u8("setting")?);
        let in_stream = version.has_stream() && setting.contains(Setting::STREAM);
        Ok(Self {
            flags,
            setting,
            msg_key: body.string("msg_key")?,
            from_uid: body.string("from_uid")?,
            channel_id: body.string("channel_id")?,
            channel_type: body.u8("channel_type")?.into(),
            expire: if version.has_expire() { body.u32("expire")? } else { 0 },
            client_msg_no: body.string("client_msg_no")?,
            stream_flag: if in_stream { body.u8("stream_flag")?.into() } else { StreamFlag::START },
            stream_no: if in_stream { body.string("stream_no")? } else { WireStr::EMPTY },
            stream_id: if in_stream { body.u64("stream_id")? } else { 0 },
            message_id: body.i64("message_id")?.into(),
            message_seq: body.seq(version)?,
            timestamp: body.i32("timestamp")?,
            topic: if setting.contains(Setting::TOPIC) { body.string("topic")? } else { WireStr::EMPTY },
            payload: body.remainder(),
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields, version: ProtocolVersion) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Recv;
        out.u8(self.setting.bits());
        out.string(PACKET, "msg_key", self.msg_key)?;
        out.string(PACKET, "from_uid", self.from_uid)?;
        out.string(PACKET, "channel_id", self.channel_id)?;
        out.u8(self.channel_type.value());
        if version.has_expire() {
            out.u32(self.expire);
        }
        out.string(PACKET, "client_msg_no", self.client_msg_no)?;
        if version.has_stream() && needs(self.setting, Setting::STREAM, PACKET, "stream_no", self.stream_no)?
        {
            out.u8(self.stream_flag.value());
            out.string(PACKET, "stream_no", self.stream_no)?;
            out.u64(self.stream_id);
        }
        out.i64(self.message_id.get());
        out.seq(PACKET, self.message_seq, version)?;
        out.i32(self.timestamp);
        if needs(self.setting, Setting::TOPIC, PACKET, "topic", self.topic)? {
            out.string(PACKET, "topic", self.topic)?;
        }
        out.bytes(self.payload);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Recv;
    use crate::packet::testing::{CIPHERTEXT, CIPHERTEXT_HEX, MESSAGE_ID, check};
    use crate::{ChannelType, EncodeError, Flags, MessageSeq, Packet, PacketType, ProtocolVersion, Setting};
    use crate::{StreamFlag, WireStr};
    use alloc::format;

    const MSG_KEY_HEX: &str = "0020 3563326563613736323934366661323736653563326166313633633862386161";

    fn message() -> Recv<'static> {
        Recv {
            flags: Flags::RED_DOT,
            msg_key: "5c2eca762946fa276e5c2af163c8b8aa".into(),
            from_uid: "u1".into(),
            channel_id: "u1".into(),
            channel_type: ChannelType::PERSON,
            client_msg_no: "no-1".into(),
            message_id: MESSAGE_ID,
            message_seq: MessageSeq::new(9),
            timestamp: 1_700_000_001,
            payload: CIPHERTEXT,
            ..Recv::default()
        }
    }

    #[test]
    fn bytes_and_fields() {
        let start = format!("{MSG_KEY_HEX} 00027531 00027531 01");
        let v5 = format!(
            "5272 00 {start} 00000000 00046e6f2d31 1839e5b62ffb0800 00000009 6553f101 {CIPHERTEXT_HEX}"
        );
        check(message(), ProtocolVersion::V5, &v5);
        check(message(), ProtocolVersion::V3, &v5);
        let v6 = format!(
            "5276 00 {start} 00000000 00046e6f2d31 1839e5b62ffb0800 0000000000000009 6553f101 {CIPHERTEXT_HEX}"
        );
        check(message(), ProtocolVersion::V6, &v6);
        let v1 = format!("526e 00 {start} 00046e6f2d31 1839e5b62ffb0800 00000009 6553f101 {CIPHERTEXT_HEX}");
        check(message(), ProtocolVersion::V1, &v1);
        assert!(message().is_encrypted());
    }

    #[test]
    fn optional_fields() {
        let recv = Recv {
            setting: Setting::STREAM.with(Setting::TOPIC),
            stream_flag: StreamFlag::END,
            stream_no: "sn".into(),
            stream_id: 7,
            topic: WireStr::new(b"\xff"),
            ..Recv::default()
        };
        let v4 = "502e 0a 0000 0000 0000 00 00000000 0000 02 0002736e 0000000000000007 \
                  0000000000000000 00000000 00000000 0001ff";
        check(recv, ProtocolVersion::V4, v4);
        let v5 = "5021 0a 0000 0000 0000 00 00000000 0000 0000000000000000 00000000 00000000 0001ff";
        let without = Recv { setting: recv.setting, topic: recv.topic, ..Recv::default() };
        check(without, ProtocolVersion::V5, v5);
        assert!(!recv.is_encrypted());
    }

    #[test]
    fn a_value_whose_bit_is_missing_is_not_dropped() {
        let recv = Packet::from(Recv { topic: "tp".into(), ..message() });
        let missing =
            EncodeError::SettingMissing { packet: PacketType::Recv, field: "topic", setting: Setting::TOPIC };
        assert_eq!(recv.encoded_len(ProtocolVersion::V5), Err(missing));
    }
}
