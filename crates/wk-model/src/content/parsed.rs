//! A payload, read: the content, and what may stand beside any content.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::head::is_visible;
use super::{
    Content, ContentError, ContentType, CustomContent, Entity, Image, JsonObject, Mention, Reply, Text,
    custom,
};
use crate::Uid;

/// What one reading of a payload finds. [`ParsedPayload::to_payload`] writes it again: what was not changed stays as it was
/// written, keys that nobody knows included.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ParsedPayload {
    /// The `type` key; [`ContentType::FORMAT_ERROR`] where there is no object.
    pub content_type: ContentType,
    /// The content.
    pub content: Content,
    /// The `mention` key: who is called.
    pub mention: Option<Mention>,
    /// The `reply` key: the message that is answered.
    pub reply: Option<Reply>,
    /// The `entities` key: stretches of the text that are more than text.
    pub entities: Vec<Entity>,
    /// The `visibles` key: who may see the message, everybody where it is absent or empty.
    pub visibles: Vec<Uid>,
    /// The `invisibles` key: who may not see the message.
    pub invisibles: Vec<Uid>,
    /// The `flame` and `flame_second` keys: how many seconds after it was seen the message burns, 0 for when the reader
    /// leaves it.
    pub flame: Option<u32>,
    /// The `robot_id` key: the robot that is asked.
    pub robot_id: Option<String>,
    /// Every key, as it came.
    pub keys: JsonObject,
}

impl ParsedPayload {
    pub(super) fn of(keys: Option<JsonObject>) -> Self {
        let is_object = keys.is_some();
        let keys = keys.unwrap_or_default();
        let content_type = match keys.integer("type") {
            _ if !is_object => ContentType::FORMAT_ERROR,
            Some(number) => ContentType::new(i32::try_from(number).unwrap_or_default()),
            None => ContentType::UNKNOWN,
        };
        let content = if is_object { Content::read(content_type, &keys) } else { Content::FormatError };
        let uids = |key| keys.ids(key).into_iter().map(Uid::from).collect();
        Self {
            content_type,
            content,
            mention: Mention::read(&keys),
            reply: Reply::read(&keys),
            entities: Entity::read_all(&keys),
            visibles: uids("visibles"),
            invisibles: uids("invisibles"),
            flame: keys.flag("flame").unwrap_or_default().then(|| keys.small("flame_second")),
            robot_id: keys.id("robot_id"),
            keys,
        }
    }

    /// Whether the sender lets this user see the message. The sender always sees it.
    pub fn is_visible_to(&self, uid: &Uid, sender: &Uid) -> bool {
        is_visible(&self.visibles, &self.invisibles, uid, sender)
    }

    /// Whether the message calls this user, by name or with everybody.
    pub fn calls(&self, uid: &Uid) -> bool {
        self.mention.as_ref().is_some_and(|mention| mention.calls(uid))
    }

    /// Reads the content as one of the application's.
    ///
    /// # Errors
    /// [`ContentError::OtherType`] and [`ContentError::Unreadable`].
    pub fn decode<T: CustomContent>(&self) -> Result<T, ContentError> {
        if self.content_type != T::TYPE {
            return Err(ContentError::OtherType { wanted: T::TYPE, found: self.content_type });
        }
        custom::decode(&self.keys)
    }

    /// Changes the content, which is one of the application's. Keys that it does not write stay.
    ///
    /// # Errors
    /// [`ContentError::OtherType`] and [`ContentError::NotAnObject`].
    pub fn update<T: CustomContent>(&mut self, content: &T) -> Result<(), ContentError> {
        if self.content_type != T::TYPE {
            return Err(ContentError::OtherType { wanted: T::TYPE, found: self.content_type });
        }
        self.keys.extend(custom::keys_of(content)?);
        self.keys.set("type", T::TYPE.value());
        self.content = Content::read(self.content_type, &self.keys);
        Ok(())
    }

    /// The payload again, with the changes that were made. Nothing where there was no object to read.
    pub fn to_payload(&self) -> Option<Bytes> {
        if matches!(self.content, Content::FormatError) {
            return None;
        }
        let mut keys = self.keys.clone();
        let read = Self::of(Some(self.keys.clone()));
        if self.content_type != read.content_type {
            keys.set("type", self.content_type.value());
        }
        if self.content != read.content {
            self.content.write(&mut keys);
        }
        if self.mention != read.mention {
            Mention::write(self.mention.as_ref(), &mut keys);
        }
        if self.reply != read.reply {
            Reply::write(self.reply.as_ref(), &mut keys);
        }
        if self.entities != read.entities {
            Entity::write_all(&self.entities, &mut keys);
        }
        if self.visibles != read.visibles {
            write_uids("visibles", &self.visibles, &mut keys);
        }
        if self.invisibles != read.invisibles {
            write_uids("invisibles", &self.invisibles, &mut keys);
        }
        if self.flame != read.flame {
            write_flame(self.flame, &mut keys);
        }
        if self.robot_id != read.robot_id {
            keys.write_optional_text("robot_id", self.robot_id.as_deref());
        }
        Some(keys.to_bytes())
    }
}

pub(super) fn write_uids(key: &str, uids: &[Uid], keys: &mut JsonObject) {
    if uids.is_empty() {
        keys.remove(key);
    } else {
        keys.set(key, uids.iter().map(Uid::as_str).collect::<Vec<_>>());
    }
}

pub(super) fn write_flame(seconds: Option<u32>, keys: &mut JsonObject) {
    keys.set("flame", u8::from(seconds.is_some()));
    keys.set("flame_second", seconds.unwrap_or_default());
}

/// Reads a payload. It never fails: what is no JSON object is [`Content::FormatError`], keys of a wrong type count as
/// absent. Time and memory grow with the length of the payload, and with nothing else.
pub fn parse_payload(payload: &[u8]) -> ParsedPayload {
    ParsedPayload::of(JsonObject::parse(payload))
}

/// The payload of a text message.
pub fn text_payload(text: &str) -> Bytes {
    super::built_in::payload_of(&Text::new(text)).to_bytes()
}

/// The payload of an image message: a remote address and the size in pixels.
pub fn image_payload(url: &str, width: u32, height: u32) -> Bytes {
    super::built_in::payload_of(&Image::new(url, width, height)).to_bytes()
}

/// The payload of a message of any type: the given keys, and `type`.
pub fn json_payload(content_type: ContentType, keys: Map<String, Value>) -> Bytes {
    let mut payload = JsonObject::new();
    payload.set("type", content_type.value());
    for (name, value) in keys.into_iter().filter(|(name, _)| name != "type") {
        payload.set(&name, value);
    }
    payload.to_bytes()
}
