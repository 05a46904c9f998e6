//! Random packets that a version can carry in full.

use proptest::collection::vec;
use proptest::prelude::*;
use wkproto::*;

/// Enough values for any packet.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) kind: PacketType,
    bytes: [u8; 6],
    numbers: [u64; 3],
    texts: [Vec<u8>; 6],
    payload: Vec<u8>,
}

pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    let text = || vec(any::<u8>(), 0..40);
    (
        proptest::sample::select(&PacketType::ALL[..]),
        any::<[u8; 6]>(),
        any::<[u64; 3]>(),
        [text(), text(), text(), text(), text(), text()],
        vec(any::<u8>(), 0..300),
    )
        .prop_map(|(kind, bytes, numbers, texts, payload)| Parts {
            kind,
            bytes,
            numbers,
            texts,
            payload,
        })
}

pub(crate) fn version() -> impl Strategy<Value = ProtocolVersion> {
    proptest::sample::select(&ProtocolVersion::ALL[..])
}

impl Parts {
    /// A packet that this version can carry in full.
    pub(crate) fn packet(&self, version: ProtocolVersion) -> Packet<'_> {
        let [a, b, c, d, e, f] = self.bytes;
        let [number, wide, other] = self.numbers;
        let text = |index: usize| WireStr::new(&self.texts[index]);
        let only = |present: bool, index| if present { text(index) } else { WireStr::EMPTY };
        let low = u32::try_from(number & 0xffff_ffff).unwrap();
        let flags = Flags::from_bits(a);
        let setting = Setting::from_bits(b);
        let topic = only(setting.contains(Setting::TOPIC), 4);
        let in_stream = version.has_stream() && setting.contains(Setting::STREAM);
        let expire = if version.has_expire() { low } else { 0 };
        let message_id = MessageId::new(other.cast_signed());
        let message_seq =
            if version.has_wide_seq() { wide.into() } else { MessageSeq::from(wide & 0xffff_ffff) };
        match self.kind {
            PacketType::Connect => Packet::Connect(Connect {
                flags,
                version: b,
                device_flag: c.into(),
                device_id: text(0),
                uid: text(1),
                token: text(2),
                client_timestamp: number.cast_signed(),
                client_key: text(3),
            }),
            PacketType::Connack => Packet::Connack(Connack {
                server_version: (a & 1 == 1).then_some(b),
                time_diff: number.cast_signed(),
                reason: c.into(),
                server_key: text(0),
                salt: text(1),
                node_id: version.has_node_id().then_some(wide).filter(|_| d & 1 == 1),
            }),
            PacketType::Send => Packet::Send(Send {
                flags,
                setting,
                client_seq: low,
                client_msg_no: text(0),
                stream_no: only(in_stream, 1),
                channel_id: text(2),
                channel_type: c.into(),
                expire,
                msg_key: text(3),
                topic,
                payload: &self.payload,
            }),
            PacketType::Sendack => Packet::Sendack(Sendack {
                flags,
                message_id,
                client_seq: low,
                message_seq,
                reason: c.into(),
                client_msg_no: Some(text(0)).filter(|text| !text.is_empty()),
            }),
            PacketType::Recv => Packet::Recv(Recv {
                flags,
                setting,
                msg_key: text(3),
                from_uid: text(5),
                channel_id: text(2),
                channel_type: c.into(),
                expire,
                client_msg_no: text(0),
                stream_flag: if in_stream { d.into() } else { StreamFlag::START },
                stream_no: only(in_stream, 1),
                stream_id: if in_stream { number } else { 0 },
                message_id,
                message_seq,
                timestamp: low.cast_signed(),
                topic,
                payload: &self.payload,
            }),
            PacketType::Recvack => Packet::Recvack(Recvack { flags, message_id, message_seq }),
            PacketType::Ping => Packet::Ping,
            PacketType::Pong => Packet::Pong,
            PacketType::Disconnect => {
                Packet::Disconnect(Disconnect { flags, reason: c.into(), reason_text: text(0) })
            }
            PacketType::Sub => Packet::Sub(Sub {
                flags,
                setting,
                sub_no: text(0),
                channel_id: text(1),
                channel_type: c.into(),
                action: e.into(),
                param: text(2),
            }),
            PacketType::Suback => Packet::Suback(Suback {
                flags,
                sub_no: text(0),
                channel_id: text(1),
                channel_type: c.into(),
                action: e.into(),
                reason: f.into(),
            }),
            PacketType::Event => Packet::Event(Event {
                flags,
                id: text(0),
                event_type: text(1),
                timestamp: number.cast_signed(),
                data: &self.payload,
            }),
            kind => panic!("no packet for {kind}"),
        }
    }

    pub(crate) fn bytes(&self, version: ProtocolVersion) -> Vec<u8> {
        Encoder::new(version).relay().to_bytes(&self.packet(version)).unwrap().into()
    }
}
