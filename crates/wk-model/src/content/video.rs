//! A video.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A video: `{"type":5,"url":"…","cover":"…","size":1048576,"width":640,"height":480,"second":12}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Video {
    /// Where it is.
    pub url: String,
    /// Where the picture is that stands for it.
    pub cover: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How long it is, in seconds.
    pub seconds: u32,
}

impl Video {
    /// One at a remote address. What else is known of it are fields.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }
}

impl BuiltIn for Video {
    const TYPE: ContentType = ContentType::VIDEO;

    fn read(keys: &JsonObject) -> Self {
        Self {
            url: keys.text_or_empty("url"),
            cover: keys.text_or_empty("cover"),
            size: keys.unsigned("size").unwrap_or_default(),
            width: keys.small("width"),
            height: keys.small("height"),
            seconds: keys.small("second"),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("url", &self.url);
        keys.write_text("cover", &self.cover);
        keys.write_unsigned("size", self.size);
        keys.write_unsigned("width", self.width);
        keys.write_unsigned("height", self.height);
        keys.write_unsigned("second", self.seconds);
    }

    fn display_text(&self) -> Cow<'_, str> {
        "[video]".into()
    }
}
