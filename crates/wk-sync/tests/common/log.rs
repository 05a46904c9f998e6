//! The logs of the model server: what it stored, and what it shows of it.

use bytes::Bytes;
use wk_sync::PulledMessage;
use wk_sync::store::model::{
    ClientMsgNo, MessageHeader, MessageId, MessageSeq, Setting, Uid, UnixMillis, text_payload,
};

use super::server::Flavour;

/// A stored message.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub id: MessageId,
    pub seq: u64,
    pub client_msg_no: String,
    pub from: String,
    pub at_ms: i64,
    pub header: MessageHeader,
    pub setting: Setting,
    pub topic: String,
    pub expire: u32,
    pub payload: Bytes,
    /// History leaves it out, as v3 does with commands.
    pub absent: bool,
}

impl Stored {
    /// A text by `from`; id and seq are given by [`Log::append`].
    pub fn text(from: &str, text: &str) -> Self {
        Self::with_payload(from, text_payload(text))
    }

    pub fn with_payload(from: &str, payload: Bytes) -> Self {
        Self {
            id: MessageId::ZERO,
            seq: 0,
            client_msg_no: String::new(),
            from: from.to_owned(),
            at_ms: 0,
            header: MessageHeader::default(),
            setting: Setting::EMPTY,
            topic: String::new(),
            expire: 0,
            payload,
            absent: false,
        }
    }

    /// A command: content type 99.
    pub fn hidden(from: &str) -> Self {
        Self::with_payload(from, Bytes::from_static(br#"{"type":99,"cmd":"x"}"#))
    }

    /// A message that only `reader` may see.
    pub fn only_for(from: &str, reader: &str) -> Self {
        let payload = format!(r#"{{"type":1,"content":"secret","visibles":["{reader}"]}}"#);
        Self::with_payload(from, payload.into())
    }

    pub fn absent(from: &str) -> Self {
        Self { absent: true, ..Self::text(from, "absent") }
    }

    #[must_use]
    pub fn numbered(mut self, client_msg_no: &str) -> Self {
        client_msg_no.clone_into(&mut self.client_msg_no);
        self
    }

    /// As history gives it: v3 has neither time nor flags there.
    pub fn pulled(&self, flavour: Flavour) -> PulledMessage {
        let v2 = flavour == Flavour::V2;
        PulledMessage {
            message_id: self.id,
            message_seq: MessageSeq::new(self.seq),
            client_msg_no: ClientMsgNo::from(self.client_msg_no.as_str()),
            from_uid: Uid::new(self.from.as_str()),
            timestamp: if v2 { UnixMillis::from_secs(self.at_ms / 1000) } else { UnixMillis::new(0) },
            header: if v2 { self.header } else { NO_FLAGS },
            setting: self.setting,
            topic: if v2 { self.topic.clone() } else { String::new() },
            expire: if v2 { self.expire } else { 0 },
            payload: self.payload.clone(),
        }
    }
}

pub const NO_FLAGS: MessageHeader = MessageHeader { no_persist: false, red_dot: false, sync_once: false };

/// The log of one channel, as one member sees it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub messages: Vec<Stored>,
    /// Nothing up to this seq is shown (v3: joined later, deleted, retained away).
    pub floor: u64,
    pub read_to: u64,
}

impl Log {
    pub fn last(&self) -> u64 {
        self.messages.last().map_or(0, |message| message.seq)
    }

    pub fn append(&mut self, id: MessageId, at_ms: i64, message: Stored) -> &Stored {
        let seq = self.last() + 1;
        self.messages.push(Stored { id, seq, at_ms, ..message });
        self.messages.last().unwrap()
    }

    pub fn get(&self, seq: u64) -> Option<&Stored> {
        self.messages.iter().find(|message| message.seq == seq)
    }

    /// Whether history ever shows a seq.
    pub fn shows(&self, seq: u64) -> bool {
        seq > self.floor && self.get(seq).is_some_and(|message| !message.absent)
    }
}
