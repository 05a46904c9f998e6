//! Recorded sessions as files hold them.

use serde::Deserialize;
use serde_json::Value;
use wk_model::MessageId;
use wkproto::{Cipher, ClientSecret, Decoder, Frame, Packet, ProtocolVersion};

#[derive(Debug, Deserialize)]
pub(crate) struct Capture {
    pub(crate) server: String,
    pub(crate) sessions: Vec<Recorded>,
}

/// One recorded connection.
#[derive(Debug, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) uid: String,
    pub(crate) device_id: String,
    session_version: u8,
    client_private_key_hex: String,
    pub(crate) events: Vec<Event>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    pub(crate) dir: Direction,
    pub(crate) t_ms: u64,
    pub(crate) packet: String,
    hex: Option<String>,
    #[serde(default)]
    pub(crate) fields: Value,
    #[serde(default)]
    pub(crate) note: String,
    #[serde(default)]
    pub(crate) flags: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    C2s,
    S2c,
    Note,
}

impl Capture {
    /// A recording of v2.
    pub(crate) fn load(name: &str) -> Self {
        Self::load_from("captures", name, "v2.2.5")
    }

    /// A recording of v3.
    pub(crate) fn load_v3(name: &str) -> Self {
        Self::load_from("captures_v3", name, "v3 beta b249d3a")
    }

    fn load_from(folder: &str, name: &str, version: &str) -> Self {
        let path = format!("{}/tests/data/{folder}/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let capture: Self = serde_json::from_str(&text).unwrap();
        assert_eq!(capture.server, version);
        capture
    }
}

impl Recorded {
    pub(crate) fn version(&self) -> ProtocolVersion {
        // Version 0 has the layout of version 1.
        ProtocolVersion::new(self.session_version.max(1)).unwrap()
    }

    pub(crate) fn secret(&self) -> ClientSecret {
        let bytes: [u8; 32] = unhex(&self.client_private_key_hex).try_into().unwrap();
        ClientSecret::from_bytes(bytes)
    }

    /// The key of the recorded session, nothing if it was not let in.
    pub(crate) fn cipher(&self) -> Option<Cipher> {
        let connack = self.events.iter().find(|event| event.packet == "CONNACK")?;
        let text = |field: &str| connack.fields[field].as_str().unwrap().as_bytes().to_vec();
        self.secret().agree(&text("server_key"), &text("salt")).ok()
    }
}

impl Event {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        unhex(self.hex.as_deref().unwrap_or_default())
    }

    /// The packets, if the bytes are nothing but whole packets.
    pub(crate) fn frames(&self) -> Vec<Frame> {
        let mut decoder = Decoder::new();
        decoder.extend(&self.bytes());
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = decoder.next_frame() {
            frames.push(frame);
        }
        let whole: usize = frames.iter().map(|frame| frame.as_bytes().len()).sum();
        if whole == self.bytes().len() { frames } else { Vec::new() }
    }

    /// The id of the message that a recorded SENDACK or RECV is about.
    pub(crate) fn message_id(&self) -> Option<MessageId> {
        self.fields["message_id"].as_str().map(|id| MessageId::new(id.parse().unwrap()))
    }
}

/// Whether a recorded SEND had the right MsgKey.
pub(crate) fn is_signed(send: &wkproto::Send<'_>, cipher: &Cipher) -> bool {
    cipher.send_msg_key(send).matches(send.msg_key)
}

pub(crate) fn decode(frame: &Frame, version: ProtocolVersion) -> Packet<'_> {
    frame.decode(version).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
