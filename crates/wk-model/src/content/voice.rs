//! A voice message.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A voice message: `{"type":4,"url":"…","timeTrad":7,"waveform":"…"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Voice {
    /// Where it is.
    pub url: String,
    /// How long it is, in seconds.
    pub seconds: u32,
    /// Its waveform in base64, where the sender gave one.
    pub waveform: Option<String>,
}

impl Voice {
    /// One at a remote address, with its length in seconds.
    pub fn new(url: impl Into<String>, seconds: u32) -> Self {
        Self { url: url.into(), seconds, waveform: None }
    }

    /// Adds a waveform in base64.
    #[must_use]
    pub fn waveform(self, base64: impl Into<String>) -> Self {
        Self { waveform: Some(base64.into()), ..self }
    }
}

impl BuiltIn for Voice {
    const TYPE: ContentType = ContentType::VOICE;

    fn read(keys: &JsonObject) -> Self {
        // Flutter writes `null` where there is no waveform.
        Self {
            url: keys.text_or_empty("url"),
            seconds: keys.small("timeTrad"),
            waveform: keys.text("waveform"),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("url", &self.url);
        keys.write_unsigned("timeTrad", self.seconds);
        keys.write_optional_text("waveform", self.waveform.as_deref());
    }

    fn display_text(&self) -> Cow<'_, str> {
        "[voice]".into()
    }
}
