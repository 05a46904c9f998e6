//! A text.

use std::borrow::Cow;

use super::{BuiltIn, ContentError, ContentType, IntoPayload, JsonObject};

/// A text: `{"type":1,"content":"hello"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Text {
    /// The text.
    pub text: String,
    /// How to show it, where it is not plain: iOS writes `html` or `markdown`.
    pub format: Option<String>,
}

impl Text {
    /// A plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), format: None }
    }

    /// A text in Markdown.
    pub fn markdown(text: impl Into<String>) -> Self {
        Self { text: text.into(), format: Some("markdown".to_owned()) }
    }
}

impl BuiltIn for Text {
    const TYPE: ContentType = ContentType::TEXT;

    fn read(keys: &JsonObject) -> Self {
        Self { text: keys.text_or_empty("content"), format: keys.text("format") }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("content", &self.text);
        keys.write_optional_text("format", self.format.as_deref());
    }

    fn display_text(&self) -> Cow<'_, str> {
        (&self.text).into()
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.text).into()
    }
}

impl IntoPayload for &str {
    fn into_payload(self) -> Result<JsonObject, ContentError> {
        Text::new(self).into_payload()
    }
}

impl IntoPayload for String {
    fn into_payload(self) -> Result<JsonObject, ContentError> {
        Text::new(self).into_payload()
    }
}
