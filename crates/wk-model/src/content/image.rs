//! An image.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// An image: `{"type":2,"url":"…","width":100,"height":80}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Where it is.
    pub url: String,
    /// Its width in pixels, 0 where it is not known.
    pub width: u32,
    /// Its height in pixels, 0 where it is not known.
    pub height: u32,
}

impl Image {
    /// One at a remote address, with its size in pixels.
    pub fn new(url: impl Into<String>, width: u32, height: u32) -> Self {
        Self { url: url.into(), width, height }
    }
}

impl BuiltIn for Image {
    const TYPE: ContentType = ContentType::IMAGE;

    fn read(keys: &JsonObject) -> Self {
        // iOS writes sizes as fractions.
        Self { url: keys.text_or_empty("url"), width: keys.small("width"), height: keys.small("height") }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("url", &self.url);
        keys.write_unsigned("width", self.width);
        keys.write_unsigned("height", self.height);
    }

    fn display_text(&self) -> Cow<'_, str> {
        "[image]".into()
    }
}
