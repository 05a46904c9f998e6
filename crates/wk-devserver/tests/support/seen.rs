//! A packet without what differs from run to run: what is compared.

use serde_json::Value;
use wkproto::{Cipher, Packet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Connack {
        flags: u8,
        server_version: Option<u8>,
        reason: u8,
        key_len: usize,
        salt_len: usize,
        node: Option<u64>,
    },
    Sendack {
        flags: u8,
        has_id: bool,
        client_seq: u32,
        seq: u64,
        reason: u8,
        tail: bool,
    },
    Recv(Box<SeenRecv>),
    Pong,
    Disconnect {
        flags: u8,
        reason: u8,
        text: String,
    },
    Event {
        flags: u8,
        id: String,
        event_type: String,
        timestamp: i64,
        data: Value,
    },
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenRecv {
    flags: u8,
    setting: u8,
    from: String,
    channel: String,
    channel_type: u8,
    expire: u32,
    client_msg_no: String,
    seq: u64,
    topic: String,
    payload: Payload,
}

/// Long payloads are recorded as lengths only.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Payload {
    Text(Vec<u8>),
    Length(usize),
}

impl Seen {
    /// `cipher` is that of the packet's session; MsgKeys are checked here.
    pub(crate) fn of(packet: &Packet<'_>, cipher: Option<&Cipher>) -> Self {
        match packet {
            Packet::Connack(body) => Self::Connack {
                flags: packet.flags().bits(),
                server_version: body.server_version,
                reason: body.reason.value(),
                key_len: body.server_key.len(),
                salt_len: body.salt.len(),
                node: body.node_id,
            },
            Packet::Sendack(body) => Self::Sendack {
                flags: body.flags.bits(),
                has_id: !body.message_id.is_zero(),
                client_seq: body.client_seq,
                seq: body.message_seq.get(),
                reason: body.reason.value(),
                tail: body.client_msg_no.is_some(),
            },
            Packet::Recv(body) => Self::Recv(Box::new(SeenRecv {
                flags: body.flags.bits(),
                setting: body.setting.bits(),
                from: body.from_uid.to_string(),
                channel: stable_channel(&body.channel_id.to_string()),
                channel_type: body.channel_type.value(),
                expire: body.expire,
                client_msg_no: stable_number(&body.client_msg_no.to_string()),
                seq: body.message_seq.get(),
                topic: body.topic.to_string(),
                payload: Payload::Text(cipher.unwrap().open_recv(body).unwrap()),
            })),
            Packet::Pong => Self::Pong,
            Packet::Disconnect(body) => Self::Disconnect {
                flags: body.flags.bits(),
                reason: body.reason.value(),
                text: body.reason_text.to_string(),
            },
            Packet::Event(body) => {
                let mut data: Value = serde_json::from_slice(body.data).unwrap();
                // Whether there is one is the same in all runs.
                data["message_id"] = (data["message_id"] != 0).into();
                Self::Event {
                    flags: body.flags.bits(),
                    id: body.id.to_string(),
                    event_type: body.event_type.to_string(),
                    timestamp: body.timestamp,
                    data,
                }
            }
            other => Self::Other(format!("{other:?}")),
        }
    }

    /// A RECV of which only the fields were recorded, because it was too long.
    pub(crate) fn long_recv(flags: u8, fields: &Value) -> Self {
        let text = |field: &str| fields[field].as_str().unwrap().to_owned();
        let number = |field: &str| fields[field].as_u64().unwrap();
        Self::Recv(Box::new(SeenRecv {
            flags,
            setting: number("setting").try_into().unwrap(),
            from: text("from_uid"),
            channel: text("channel_id"),
            channel_type: number("channel_type").try_into().unwrap(),
            expire: number("expire").try_into().unwrap(),
            client_msg_no: text("client_msg_no"),
            seq: text("message_seq").parse().unwrap(),
            topic: String::new(),
            payload: Payload::Length(number("plaintext_length").try_into().unwrap()),
        }))
    }

    /// The same as far as was recorded.
    pub(crate) fn matches(&self, live: &Self) -> bool {
        let (Self::Recv(recorded), Self::Recv(live)) = (self, live) else { return self == live };
        let Payload::Length(recorded_len) = recorded.payload else { return recorded == live };
        let Payload::Text(text) = &live.payload else { return false };
        let live = SeenRecv { payload: Payload::Length(text.len()), ..(**live).clone() };
        text.len() == recorded_len && **recorded == live
    }
}

/// The server makes up the number of a message that has none: a UUID and a zero.
pub(crate) fn stable_number(number: &str) -> String {
    let is_made =
        number.len() == 33 && number.ends_with('0') && number.bytes().all(|c| c.is_ascii_hexdigit());
    if is_made { "<made>".to_owned() } else { number.to_owned() }
}

/// The server makes up the channel of a command to named users: a hash.
fn stable_channel(channel: &str) -> String {
    match channel.strip_suffix("____cmd") {
        Some(hash) if hash.bytes().all(|c| c.is_ascii_digit()) && hash.len() > 10 => {
            "<hash>____cmd".to_owned()
        }
        _ => channel.to_owned(),
    }
}
