//! The application's own contents by their numbers, for what has to be read without knowing the type.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{ContentError, ContentType, CustomContent, JsonObject, ParsedPayload, custom};

/// The application's own contents by their numbers: what a conversation list shows of them. To read one whose type is known,
/// [`ParsedPayload::decode`] needs no registry.
#[derive(Debug, Clone, Default)]
pub struct ContentRegistry {
    by_type: BTreeMap<ContentType, TextOf>,
}

/// Nothing where the keys do not fit the content.
type TextOf = fn(&JsonObject) -> Option<String>;

impl ContentRegistry {
    /// A registry without contents.
    pub const fn new() -> Self {
        Self { by_type: BTreeMap::new() }
    }

    /// Adds a content.
    ///
    /// # Errors
    /// [`ContentError::ReservedType`] and [`ContentError::RegisteredTwice`].
    pub fn register<T: CustomContent>(&mut self) -> Result<(), ContentError> {
        custom::check_type::<T>()?;
        let display: TextOf = |keys| Some(custom::decode::<T>(keys).ok()?.display_text().into_owned());
        match self.by_type.insert(T::TYPE, display) {
            Some(_) => Err(ContentError::RegisteredTwice { content_type: T::TYPE }),
            None => Ok(()),
        }
    }

    /// A line for a conversation list: the registered content's own, or that of
    /// [`Content::display_text`](super::Content::display_text).
    pub fn display_text<'a>(&self, payload: &'a ParsedPayload) -> Cow<'a, str> {
        let own = self.by_type.get(&payload.content_type).and_then(|display| display(&payload.keys));
        own.map_or_else(|| payload.content.display_text(), Cow::Owned)
    }
}
