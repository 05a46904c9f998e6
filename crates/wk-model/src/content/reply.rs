//! The message that a message answers.

use std::fmt;

use wkproto::{MessageId, MessageSeq};

use super::{ContentError, JsonObject, ParsedPayload};
use crate::{Message, MessageExtra, Uid, UnixMillis};

/// The message that a message answers, as the answer says it: `"reply":{"root_mid":"…","message_id":"…",
/// "message_seq":7,"from_uid":"bob","from_name":"Bob","payload":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(JsonObject);

impl Reply {
    const KEY: &'static str = "reply";

    /// An answer to a message whose sender has this name.
    ///
    /// # Errors
    /// [`ContentError::NotSentYet`] if the server has not accepted the message, so that it has no id.
    pub fn to(message: &Message, from_name: &str) -> Result<Self, ContentError> {
        if message.message_id == MessageId::ZERO {
            return Err(ContentError::NotSentYet);
        }
        let mut quoted = JsonObject::parse(&message.payload).unwrap_or_default();
        let root = Self::read(&quoted).map(|reply| reply.root_id()).filter(|root| *root != MessageId::ZERO);
        // What the quoted message quotes itself would make every answer longer than the last.
        quoted.remove(Self::KEY);
        super::draft::remove_local_paths(&mut quoted);
        let mut keys = JsonObject::new();
        keys.set("root_mid", root.unwrap_or(message.message_id).get().to_string());
        keys.set("message_id", message.message_id.get().to_string());
        keys.set("message_seq", message.message_seq().get());
        keys.set("from_uid", message.from_uid.as_str());
        keys.set("from_name", from_name);
        keys.set_object("payload", &quoted);
        Ok(Self(keys))
    }

    /// The message that is answered, [`MessageId::ZERO`] where it is not said.
    pub fn message_id(&self) -> MessageId {
        self.message_id_at("message_id")
    }

    /// The message that the first of a chain of answers answers. JavaScript writes another key than the others.
    pub fn root_id(&self) -> MessageId {
        match self.message_id_at("root_mid") {
            MessageId::ZERO => self.message_id_at("root_message_id"),
            root => root,
        }
    }

    /// Where the message that is answered stands in its channel, [`MessageSeq::ZERO`] where it is not said.
    pub fn message_seq(&self) -> MessageSeq {
        MessageSeq::new(self.0.unsigned("message_seq").unwrap_or_default())
    }

    /// Who wrote the message that is answered.
    pub fn from_uid(&self) -> Uid {
        self.0.id("from_uid").unwrap_or_default().into()
    }

    /// Their name, as the answer says it.
    pub fn from_name(&self) -> String {
        self.0.text_or_empty("from_name")
    }

    /// What the message said when it was answered. It may be of any type, and answer another message itself.
    pub fn payload(&self) -> ParsedPayload {
        ParsedPayload::of(self.0.object("payload"))
    }

    /// All keys.
    pub const fn keys(&self) -> &JsonObject {
        &self.0
    }

    /// The message that is answered as it is now, by what is known to have happened to it.
    pub fn quoted(&self, extra: Option<&MessageExtra>) -> Quoted {
        let edit = extra.and_then(MessageExtra::edit);
        Quoted {
            payload: edit.map_or_else(|| self.payload(), |edit| super::parse_payload(&edit.payload)),
            edited_at: edit.map(|edit| edit.edited_at),
            revoked: extra.is_some_and(|extra| extra.info.revoked),
            revoker: extra.and_then(|extra| extra.info.revoker.clone()),
            deleted: extra.is_some_and(|extra| extra.info.mutual_deleted),
        }
    }

    pub(super) fn read(keys: &JsonObject) -> Option<Self> {
        keys.object(Self::KEY).map(Self)
    }

    pub(super) fn write(reply: Option<&Self>, keys: &mut JsonObject) {
        match reply {
            Some(Self(object)) => keys.set_object(Self::KEY, object),
            None => keys.remove(Self::KEY),
        }
    }

    /// Most SDKs write ids as text.
    fn message_id_at(&self, key: &str) -> MessageId {
        MessageId::new(self.0.integer(key).unwrap_or_default())
    }
}

/// The message that is answered, as it is now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Quoted {
    /// What it says: its newest edit, or else what it said when it was answered.
    pub payload: ParsedPayload,
    /// When it was edited, if it was.
    pub edited_at: Option<UnixMillis>,
    /// It was taken back: show that instead of the payload.
    pub revoked: bool,
    /// By whom, if it is known.
    pub revoker: Option<Uid>,
    /// It was deleted for all its readers: show that instead of the payload.
    pub deleted: bool,
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.revoked || self.deleted { Ok(()) } else { f.write_str(&self.payload.content.display_text()) }
    }
}
