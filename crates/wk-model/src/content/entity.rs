//! A stretch of a text that is more than text: a mention, a link, a command to a robot.

use std::ops::Range;

use super::utf16::{byte_range, utf16_range};
use super::{ContentError, JsonObject};

/// A stretch of a text that is more than text: `{"offset":0,"length":6,"type":"mention","value":"bob"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entity {
    /// Where it begins, in UTF-16 units, as the wire says it.
    pub offset: u32,
    /// How long it is, in UTF-16 units.
    pub length: u32,
    /// What it is.
    pub kind: EntityKind,
    /// What belongs to it: the uid of a mention, the address of a link.
    pub value: String,
}

/// What a stretch of a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntityKind {
    /// The name of a user who is called.
    Mention,
    /// An address.
    Link,
    /// A command to a robot.
    BotCommand,
    /// Anything else, by its name on the wire.
    Other(String),
}

impl EntityKind {
    /// Its name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Mention => "mention",
            Self::Link => "link",
            Self::BotCommand => "bot_command",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for EntityKind {
    fn from(name: String) -> Self {
        match &*name {
            "mention" => Self::Mention,
            "link" => Self::Link,
            "bot_command" => Self::BotCommand,
            _ => Self::Other(name),
        }
    }
}

impl Entity {
    const KEY: &'static str = "entities";

    /// The entity at a range of bytes of a text.
    ///
    /// # Errors
    /// [`ContentError::BadRange`] if the text has no such range, or it cuts a character apart.
    pub fn new(
        kind: EntityKind,
        text: &str,
        bytes: Range<usize>,
        value: impl Into<String>,
    ) -> Result<Self, ContentError> {
        let bad = ContentError::BadRange { start: bytes.start, end: bytes.end };
        let units = utf16_range(text, bytes).ok_or(bad)?;
        Ok(Self { offset: units.start, length: units.end - units.start, kind, value: value.into() })
    }

    /// Its bytes in the text, nothing if the text has no such range.
    pub fn range(&self, text: &str) -> Option<Range<usize>> {
        byte_range(text, self.offset..self.offset.checked_add(self.length)?)
    }

    pub(super) fn read_all(keys: &JsonObject) -> Vec<Self> {
        let read = |keys: JsonObject| Self {
            offset: keys.small("offset"),
            length: keys.small("length"),
            kind: keys.text_or_empty("type").into(),
            value: keys.id("value").unwrap_or_default(),
        };
        keys.objects(Self::KEY).into_iter().map(read).collect()
    }

    pub(super) fn write_all(entities: &[Self], keys: &mut JsonObject) {
        if entities.is_empty() {
            return keys.remove(Self::KEY);
        }
        let objects: Vec<JsonObject> = entities.iter().map(Self::to_object).collect();
        keys.set_objects(Self::KEY, &objects);
    }

    fn to_object(&self) -> JsonObject {
        let mut keys = JsonObject::new();
        keys.set("offset", self.offset);
        keys.set("length", self.length);
        keys.set("type", self.kind.as_str());
        keys.set("value", &*self.value);
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_finds_its_text_again() {
        let text = "\u{1F600} @阿丽 hi";
        let start = text.find('@').unwrap();
        let entity = Entity::new(EntityKind::Mention, text, start..start + "@阿丽".len(), "ali").unwrap();
        assert_eq!((entity.offset, entity.length), (3, 3));
        assert_eq!(entity.range(text).and_then(|range| text.get(range)), Some("@阿丽"));
        assert_eq!(entity.range("short"), None);
        let beyond = Entity { offset: u32::MAX, length: u32::MAX, ..entity };
        assert_eq!(beyond.range(text), None);
        let cut = Entity::new(EntityKind::Link, text, 1..4, "");
        assert_eq!(cut, Err(ContentError::BadRange { start: 1, end: 4 }));
    }
}
