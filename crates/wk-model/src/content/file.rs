//! A file.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A file: `{"type":8,"url":"…","name":"report.pdf","size":1024}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// Where it is.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

impl File {
    /// One at a remote address, with its name and its size in bytes.
    pub fn new(url: impl Into<String>, name: impl Into<String>, size: u64) -> Self {
        Self { url: url.into(), name: name.into(), size }
    }
}

impl BuiltIn for File {
    const TYPE: ContentType = ContentType::FILE;

    fn read(keys: &JsonObject) -> Self {
        Self {
            url: keys.text_or_empty("url"),
            name: keys.text_or_empty("name"),
            size: keys.unsigned("size").unwrap_or_default(),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("url", &self.url);
        keys.write_text("name", &self.name);
        keys.write_unsigned("size", self.size);
    }

    fn display_text(&self) -> Cow<'_, str> {
        super::built_in::labelled("[file]", &self.name)
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.name).into()
    }
}
