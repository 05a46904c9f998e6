//! A user's card.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};
use crate::Uid;

/// A user's card: `{"type":7,"uid":"bob","name":"Bob","vercode":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Card {
    /// Whose card it is.
    pub uid: Uid,
    /// Their name.
    pub name: String,
    /// What proves to the application's backend that the card was given.
    pub vercode: String,
}

impl Card {
    /// A card.
    pub fn new(uid: impl Into<Uid>, name: impl Into<String>) -> Self {
        Self { uid: uid.into(), name: name.into(), vercode: String::new() }
    }

    /// Adds the code that proves that the card was given.
    #[must_use]
    pub fn vercode(self, code: impl Into<String>) -> Self {
        Self { vercode: code.into(), ..self }
    }
}

impl BuiltIn for Card {
    const TYPE: ContentType = ContentType::CARD;

    fn read(keys: &JsonObject) -> Self {
        Self {
            uid: keys.id("uid").unwrap_or_default().into(),
            name: keys.text_or_empty("name"),
            vercode: keys.text_or_empty("vercode"),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("uid", self.uid.as_str());
        keys.write_text("name", &self.name);
        keys.write_text("vercode", &self.vercode);
    }

    fn display_text(&self) -> Cow<'_, str> {
        super::built_in::labelled("[card]", &self.name)
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.name).into()
    }
}
