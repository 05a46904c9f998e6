//! Packets to the fields of the golden files and back.

use serde_json::{Map, Value, json};
use wkproto::{
    Connack, Connect, Disconnect, Event, Flags, MessageId, Packet, ProtocolVersion, Recv, Recvack, Send,
    Sendack, Setting, Sub, Suback, WireStr,
};

use crate::{hex, unhex};

/// The fields that a packet has on the wire in this version, as the golden files write them.
pub(crate) fn of(packet: &Packet<'_>, version: ProtocolVersion) -> Value {
    let mut out = Fields(Map::new());
    if !matches!(packet, Packet::Connack(_) | Packet::Ping | Packet::Pong) {
        for (name, flag) in FLAGS {
            out.put(name, packet.flags().contains(flag));
        }
    }
    match packet {
        Packet::Connect(it) => {
            out.put("version", it.version);
            out.put("device_flag", it.device_flag.value());
            out.text("device_id", it.device_id);
            out.text("uid", it.uid);
            out.text("token", it.token);
            out.put("client_timestamp", it.client_timestamp);
            out.text("client_key", it.client_key);
        }
        Packet::Connack(it) => {
            out.put("has_server_version", it.server_version.is_some());
            if let Some(version) = it.server_version {
                out.put("server_version", version);
            }
            out.put("time_diff", it.time_diff);
            out.put("reason", it.reason.value());
            out.text("server_key", it.server_key);
            out.text("salt", it.salt);
            if let Some(node_id) = it.node_id {
                out.put("node_id", node_id.to_string());
            }
        }
        Packet::Send(it) => {
            out.put("setting", it.setting.bits());
            out.put("client_seq", it.client_seq);
            out.text("client_msg_no", it.client_msg_no);
            if version.has_stream() && it.setting.contains(Setting::STREAM) {
                out.text("stream_no", it.stream_no);
            }
            out.text("channel_id", it.channel_id);
            out.put("channel_type", it.channel_type.value());
            if version.has_expire() {
                out.put("expire", it.expire);
            }
            out.text("msg_key", it.msg_key);
            out.topic(it.setting, it.topic);
            out.put("payload_hex", hex(it.payload));
        }
        Packet::Sendack(it) => {
            out.put("message_id", it.message_id.to_string());
            out.put("client_seq", it.client_seq);
            out.put("message_seq", it.message_seq.to_string());
            out.put("reason", it.reason.value());
            if let Some(client_msg_no) = it.client_msg_no {
                out.text("client_msg_no", client_msg_no);
            }
        }
        Packet::Recv(it) => recv(it, version, &mut out),
        Packet::Recvack(it) => {
            out.put("message_id", it.message_id.to_string());
            out.put("message_seq", it.message_seq.to_string());
        }
        Packet::Ping | Packet::Pong => (),
        Packet::Disconnect(it) => {
            out.put("reason", it.reason.value());
            out.text("reason_text", it.reason_text);
        }
        Packet::Sub(it) => {
            out.put("setting", it.setting.bits());
            out.text("sub_no", it.sub_no);
            out.text("channel_id", it.channel_id);
            out.put("channel_type", it.channel_type.value());
            out.put("action", it.action.value());
            out.text("param", it.param);
        }
        Packet::Suback(it) => {
            out.text("sub_no", it.sub_no);
            out.text("channel_id", it.channel_id);
            out.put("channel_type", it.channel_type.value());
            out.put("action", it.action.value());
            out.put("reason", it.reason.value());
        }
        Packet::Event(it) => {
            out.text("id", it.id);
            out.text("type", it.event_type);
            out.put("timestamp", it.timestamp);
            out.put("data_hex", hex(it.data));
        }
        _ => panic!("no golden file has a {packet:?}"),
    }
    Value::Object(out.0)
}

fn recv(it: &Recv<'_>, version: ProtocolVersion, out: &mut Fields) {
    out.put("setting", it.setting.bits());
    out.text("msg_key", it.msg_key);
    out.text("from_uid", it.from_uid);
    out.text("channel_id", it.channel_id);
    out.put("channel_type", it.channel_type.value());
    if version.has_expire() {
        out.put("expire", it.expire);
    }
    out.text("client_msg_no", it.client_msg_no);
    if version.has_stream() && it.setting.contains(Setting::STREAM) {
        out.put("stream_flag", it.stream_flag.value());
        out.text("stream_no", it.stream_no);
        out.put("stream_id", it.stream_id);
    }
    out.put("message_id", it.message_id.to_string());
    out.put("message_seq", it.message_seq.to_string());
    out.put("timestamp", it.timestamp);
    out.topic(it.setting, it.topic);
    out.put("payload_hex", hex(it.payload));
}

/// The packet with these fields; its payload is given as bytes, see [`payload`].
pub(crate) fn packet<'v>(name: &str, fields: &'v Value, payload: &'v [u8]) -> Packet<'v> {
    let it = In(fields);
    let flags = FLAGS.into_iter().filter(|(name, _)| fields[name] == json!(true));
    let flags = flags.fold(Flags::EMPTY, |flags, (_, flag)| flags.with(flag));
    match name {
        "CONNECT" => Packet::from(Connect {
            flags,
            version: it.number("version"),
            device_flag: it.number::<u8>("device_flag").into(),
            device_id: it.text("device_id"),
            uid: it.text("uid"),
            token: it.text("token"),
            client_timestamp: it.number("client_timestamp"),
            client_key: it.text("client_key"),
        }),
        "CONNACK" => Packet::from(Connack {
            server_version: fields.get("server_version").map(|_| it.number("server_version")),
            time_diff: it.number("time_diff"),
            reason: it.number::<u8>("reason").into(),
            server_key: it.text("server_key"),
            salt: it.text("salt"),
            node_id: fields.get("node_id").map(|_| it.number("node_id")),
        }),
        "SEND" => Packet::from(Send {
            flags,
            setting: it.number::<u8>("setting").into(),
            client_seq: it.number("client_seq"),
            client_msg_no: it.text("client_msg_no"),
            stream_no: it.text("stream_no"),
            channel_id: it.text("channel_id"),
            channel_type: it.number::<u8>("channel_type").into(),
            expire: it.number("expire"),
            msg_key: it.text("msg_key"),
            topic: it.text("topic"),
            payload,
        }),
        "SENDACK" => Packet::from(Sendack {
            flags,
            message_id: MessageId::new(it.number("message_id")),
            client_seq: it.number("client_seq"),
            message_seq: it.number::<u64>("message_seq").into(),
            reason: it.number::<u8>("reason").into(),
            client_msg_no: fields.get("client_msg_no").map(|_| it.text("client_msg_no")),
        }),
        "RECV" => Packet::from(Recv {
            flags,
            setting: it.number::<u8>("setting").into(),
            msg_key: it.text("msg_key"),
            from_uid: it.text("from_uid"),
            channel_id: it.text("channel_id"),
            channel_type: it.number::<u8>("channel_type").into(),
            expire: it.number("expire"),
            client_msg_no: it.text("client_msg_no"),
            stream_flag: it.number::<u8>("stream_flag").into(),
            stream_no: it.text("stream_no"),
            stream_id: it.number("stream_id"),
            message_id: MessageId::new(it.number("message_id")),
            message_seq: it.number::<u64>("message_seq").into(),
            timestamp: it.number("timestamp"),
            topic: it.text("topic"),
            payload,
        }),
        "RECVACK" => Packet::from(Recvack {
            flags,
            message_id: MessageId::new(it.number("message_id")),
            message_seq: it.number::<u64>("message_seq").into(),
        }),
        "PING" => Packet::Ping,
        "PONG" => Packet::Pong,
        "DISCONNECT" => Packet::from(Disconnect {
            flags,
            reason: it.number::<u8>("reason").into(),
            reason_text: it.text("reason_text"),
        }),
        "SUB" => Packet::from(Sub {
            flags,
            setting: it.number::<u8>("setting").into(),
            sub_no: it.text("sub_no"),
            channel_id: it.text("channel_id"),
            channel_type: it.number::<u8>("channel_type").into(),
            action: it.number::<u8>("action").into(),
            param: it.text("param"),
        }),
        "SUBACK" => Packet::from(Suback {
            flags,
            sub_no: it.text("sub_no"),
            channel_id: it.text("channel_id"),
            channel_type: it.number::<u8>("channel_type").into(),
            action: it.number::<u8>("action").into(),
            reason: it.number::<u8>("reason").into(),
        }),
        "EVENT" => Packet::from(Event {
            flags,
            id: it.text("id"),
            event_type: it.text("type"),
            timestamp: it.number("timestamp"),
            data: payload,
        }),
        _ => panic!("unknown packet {name}"),
    }
}

/// The payload among the fields, in bytes.
pub(crate) fn payload(fields: &Value) -> Vec<u8> {
    let payload = fields.get("payload_hex").or_else(|| fields.get("data_hex"));
    payload.and_then(Value::as_str).map(unhex).unwrap_or_default()
}

struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        assert!(self.0.insert(name.to_owned(), value.into()).is_none());
    }

    fn text(&mut self, name: &str, text: WireStr<'_>) {
        match text.to_str() {
            Ok(text) => self.put(name, text),
            Err(_) => self.put(&format!("{name}_bytes_hex"), hex(text.as_bytes())),
        }
    }

    fn topic(&mut self, setting: Setting, topic: WireStr<'_>) {
        if setting.contains(Setting::TOPIC) {
            self.text("topic", topic);
        }
    }
}

/// Reads fields; what a packet does not have is empty or zero.
struct In<'v>(&'v Value);

impl<'v> In<'v> {
    fn text(&self, name: &str) -> WireStr<'v> {
        self.0.get(name).map_or("", |value| value.as_str().unwrap()).into()
    }

    fn number<N: std::str::FromStr<Err = std::num::ParseIntError>>(&self, name: &str) -> N {
        match self.0.get(name) {
            None => "0".parse().unwrap(),
            Some(Value::String(number)) => number.parse().unwrap(),
            Some(number) => number.to_string().parse().unwrap(),
        }
    }
}

const FLAGS: [(&str, Flags); 4] = [
    ("no_persist", Flags::NO_PERSIST),
    ("red_dot", Flags::RED_DOT),
    ("sync_once", Flags::SYNC_ONCE),
    ("dup", Flags::DUP),
];
