//! SEND: the client sends a message.

use crate::wire::reader::Reader;
use crate::wire::writer::Fields;
use crate::{ChannelType, DecodeError, EncodeError, Flags, PacketType, ProtocolVersion, Setting, WireStr};

/// The client sends a message.
///
/// ```text
/// ┌────────────┬────────────────┬───────────────────┬───────────────┬────────────────┬─────────────────┐
/// │ setting u8 │ client_seq u32 │ client_msg_no str │ stream_no str │ channel_id str │ channel_type u8 │
/// ├────────────┼─────────────┬──┴────────┬──────────┴────── 1 ──────┴────────────────┴─────────────────┘
/// │ expire u32 │ msg_key str │ topic str │ payload … │
/// └──── 2 ─────┴─────────────┴──── 3 ────┴───────────┘
/// ```
///
/// 1. Only in versions 2 to 4, and only with [`Setting::STREAM`].
/// 2. Only from version 3 on.
/// 3. Only with [`Setting::TOPIC`].
///
/// See docs/protocol.md §3.3.
// Fixed by the wire; struct literals are how packets are made.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Send<'a> {
    /// [`Flags::NO_PERSIST`], [`Flags::RED_DOT`], [`Flags::SYNC_ONCE`], [`Flags::DUP`].
    pub flags: Flags,
    /// Which of the optional fields follow.
    pub setting: Setting,
    /// Numbers the SENDs of a connection, so that the SENDACK can be matched.
    pub client_seq: u32,
    /// The client's id of the message, the same when it is sent again.
    pub client_msg_no: WireStr<'a>,
    /// The stream that the message belongs to. Empty in versions without it.
    pub stream_no: WireStr<'a>,
    /// The channel; for a person, the uid of the other one.
    pub channel_id: WireStr<'a>,
    /// The channel's kind.
    pub channel_type: ChannelType,
    /// For how many seconds the message is kept, 0 for ever. Zero in versions without it, and left out there when
    /// the packet is encoded.
    pub expire: u32,
    /// The keyed hash over the packet, see [`MsgKey`](crate::MsgKey). Empty if the session is not encrypted.
    pub msg_key: WireStr<'a>,
    /// A topic of the application. Empty without [`Setting::TOPIC`].
    pub topic: WireStr<'a>,
    /// The content: base64 of the ciphertext, or the content itself if the session is not encrypted.
    pub payload: &'a [u8],
}

impl<'a> Send<'a> {
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
            client_seq: body.u32("client_seq")?,
            client_msg_no: body.string("client_msg_no")?,
            stream_no: if in_stream { body.string("stream_no")? } else { WireStr::EMPTY },
            channel_id: body.string("channel_id")?,
            channel_type: body.u8("channel_type")?.into(),
            expire: if version.has_expire() { body.u32("expire")? } else { 0 },
            msg_key: body.string("msg_key")?,
            topic: if setting.contains(Setting::TOPIC) { body.string("topic")? } else { WireStr::EMPTY },
            payload: body.remainder(),
        })
    }

    pub(crate) fn encode(&self, out: &mut impl Fields, version: ProtocolVersion) -> Result<(), EncodeError> {
        const PACKET: PacketType = PacketType::Send;
        out.u8(self.setting.bits());
        out.u32(self.client_seq);
        out.string(PACKET, "client_msg_no", self.client_msg_no)?;
        if version.has_stream() && needs(self.setting, Setting::STREAM, PACKET, "stream_no", self.stream_no)?
        {
            out.string(PACKET, "stream_no", self.stream_no)?;
        }
        out.string(PACKET, "channel_id", self.channel_id)?;
        out.u8(self.channel_type.value());
        if version.has_expire() {
            out.u32(self.expire);
        }
        out.string(PACKET, "msg_key", self.msg_key)?;
        if needs(self.setting, Setting::TOPIC, PACKET, "topic", self.topic)? {
            out.string(PACKET, "topic", self.topic)?;
        }
        out.bytes(self.payload);
        Ok(())
    }
}

/// Whether a string is on the wire, which its setting bit decides; an error if it would be lost.
pub(super) fn needs(
    setting: Setting,
    bit: Setting,
    packet: PacketType,
    field: &'static str,
    text: WireStr<'_>,
) -> Result<bool, EncodeError> {
    let present = setting.contains(bit);
    if present || text.is_empty() {
        Ok(present)
    } else {
        Err(EncodeError::SettingMissing { packet, field, setting: bit })
    }
}

#[cfg(test)]
mod tests {
    use super::Send;
    use crate::packet::testing::{CIPHERTEXT, CIPHERTEXT_HEX, check, check_relayed};
    use crate::{ChannelType, EncodeError, Flags, Packet, PacketType, ProtocolVersion, Setting};
    use alloc::format;

    const MSG_KEY_HEX: &str = "0020 6234613031356565646436336362643130303338623630363933383165383237";

    fn message() -> Send<'static> {
        Send {
            flags: Flags::RED_DOT,
            client_seq: 1,
            client_msg_no: "no-1".into(),
            channel_id: "u2".into(),
            channel_type: ChannelType::PERSON,
            msg_key: "b4a015eedd63cbd10038b6069381e827".into(),
            payload: CIPHERTEXT,
            ..Send::default()
        }
    }

    #[test]
    fn bytes_and_fields() {
        let hex =
            format!("3262 00 00000001 00046e6f2d31 00027532 01 00000000 {MSG_KEY_HEX} {CIPHERTEXT_HEX}");
        for version in [ProtocolVersion::V3, ProtocolVersion::V5, ProtocolVersion::V6] {
            check(message(), version, &hex);
        }
        let hex = format!("325e 00 00000001 00046e6f2d31 00027532 01 {MSG_KEY_HEX} {CIPHERTEXT_HEX}");
        for version in [ProtocolVersion::V1, ProtocolVersion::V2] {
            check(message(), version, &hex);
        }
    }

    #[test]
    fn optional_fields() {
        let setting = Setting::STREAM.with(Setting::TOPIC);
        let send = Send { setting, topic: "tp".into(), payload: b"hi", expire: 9, ..Send::default() };
        let v5 = "3016 0a 00000000 0000 0000 00 00000009 0000 00027470 6869";
        check_relayed(send, ProtocolVersion::V5, v5);
        let send = Send { stream_no: "sn".into(), ..send };
        let v4 = "301a 0a 00000000 0000 0002736e 0000 00 00000009 0000 00027470 6869";
        check_relayed(send, ProtocolVersion::V4, v4);
        let v2 = "3016 0a 00000000 0000 0002736e 0000 00 0000 00027470 6869";
        check_relayed(Send { expire: 0, ..send }, ProtocolVersion::V2, v2);
    }

    #[test]
    fn a_value_whose_bit_is_missing_is_not_dropped() {
        let missing =
            |field, setting| Err(EncodeError::SettingMissing { packet: PacketType::Send, field, setting });
        let send = Packet::from(Send { topic: "tp".into(), ..message() });
        assert_eq!(send.encoded_len(ProtocolVersion::V5), missing("topic", Setting::TOPIC));
        let send = Packet::from(Send { stream_no: "sn".into(), ..message() });
        assert_eq!(send.encoded_len(ProtocolVersion::V4), missing("stream_no", Setting::STREAM));
        assert!(send.encoded_len(ProtocolVersion::V5).is_ok(), "version 5 has no such field");
    }
}
