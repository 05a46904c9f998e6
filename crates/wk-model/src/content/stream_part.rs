//! A piece of a text that is still being written.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{BuiltIn, ContentType, JsonObject};

/// A piece of a text that is still being written: `{"type":98,"streamNo":"…","data":"…"}`, from the JavaScript SDK. The
/// mobile SDKs show the same number where they could not decrypt, and never send it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamPart {
    /// The stream it is a piece of.
    pub stream_no: String,
    /// The piece, in base64.
    pub data: String,
}

impl StreamPart {
    /// A piece of a stream.
    pub fn new(stream_no: impl Into<String>, piece: &str) -> Self {
        Self { stream_no: stream_no.into(), data: STANDARD.encode(piece) }
    }

    /// The piece as text, nothing where it is none.
    pub fn text(&self) -> Option<String> {
        String::from_utf8(STANDARD.decode(&self.data).ok()?).ok()
    }
}

impl BuiltIn for StreamPart {
    const TYPE: ContentType = ContentType::STREAM;

    fn read(keys: &JsonObject) -> Self {
        Self { stream_no: keys.id("streamNo").unwrap_or_default(), data: keys.text_or_empty("data") }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("streamNo", &self.stream_no);
        keys.write_text("data", &self.data);
    }

    fn display_text(&self) -> Cow<'_, str> {
        self.text().unwrap_or_default().into()
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        self.display_text()
    }
}
