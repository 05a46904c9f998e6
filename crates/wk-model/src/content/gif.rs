//! A moving image.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A moving image: `{"type":3,"url":"…","width":100,"height":80}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gif {
    /// Where it is.
    pub url: String,
    /// Its width in pixels, 0 where it is not known.
    pub width: u32,
    /// Its height in pixels, 0 where it is not known.
    pub height: u32,
}

impl Gif {
    /// One at a remote address, with its size in pixels.
    pub fn new(url: impl Into<String>, width: u32, height: u32) -> Self {
        Self { url: url.into(), width, height }
    }
}

impl BuiltIn for Gif {
    const TYPE: ContentType = ContentType::GIF;

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
        "[gif]".into()
    }
}
