//! Contents of the application's own.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ContentError, ContentType, JsonObject};

/// A content of the application's own: a number, its keys by serde, and its words.
///
/// ```
/// use std::borrow::Cow;
/// use wk_model::{ContentType, CustomContent, PayloadDraft, parse_payload};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Poll {
///     question: String,
///     options: Vec<String>,
/// }
///
/// impl CustomContent for Poll {
///     const TYPE: ContentType = ContentType::new(3001);
///
///     fn display_text(&self) -> Cow<'_, str> {
///         format!("[poll] {}", self.question).into()
///     }
///
///     fn searchable_text(&self) -> Cow<'_, str> {
///         (&self.question).into()
///     }
/// }
///
/// let poll = Poll { question: "tea?".into(), options: vec!["yes".into(), "no".into()] };
/// let payload = PayloadDraft::new(poll).build()?;
/// assert_eq!(&payload[..], br#"{"type":3001,"question":"tea?","options":["yes","no"],"content":"tea?"}"#);
/// assert_eq!(parse_payload(&payload).decode::<Poll>()?.question, "tea?");
/// # Ok::<(), wk_model::ContentError>(())
/// ```
pub trait CustomContent: Serialize + DeserializeOwned {
    /// Its number, one that is not [reserved](ContentType::is_reserved).
    const TYPE: ContentType;

    /// A line for a conversation list.
    fn display_text(&self) -> Cow<'_, str>;

    /// What searches look through, nothing by default. Where the content has no `content` key of its own, this is written
    /// there: so it is found by every client, and shown by those that do not know the type.
    fn searchable_text(&self) -> Cow<'_, str> {
        "".into()
    }
}

/// What becomes the payload of a message: a content.
pub trait IntoPayload {
    /// The keys, with `type`.
    ///
    /// # Errors
    /// A content of the application's with a [reserved](ContentError::ReservedType) number, or that does not become
    /// [an object](ContentError::NotAnObject).
    fn into_payload(self) -> Result<JsonObject, ContentError>;
}

impl<T: CustomContent> IntoPayload for T {
    fn into_payload(self) -> Result<JsonObject, ContentError> {
        check_type::<T>()?;
        let mut payload = JsonObject::new();
        payload.set("type", T::TYPE.value());
        payload.extend(keys_of(&self)?);
        payload.set("type", T::TYPE.value());
        Ok(payload)
    }
}

/// A content of a type that this crate does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opaque {
    /// Its `content` key where that is a text: what SDKs show of a message they do not know.
    pub text: Option<String>,
}

impl Opaque {
    pub(super) fn read(keys: &JsonObject) -> Self {
        Self { text: keys.text("content") }
    }
}

/// The keys of a content of the application's, and its words for who does not know it.
pub(super) fn keys_of<T: CustomContent>(content: &T) -> Result<JsonObject, ContentError> {
    let not_an_object = |reason: String| ContentError::NotAnObject { content_type: T::TYPE, reason };
    let json = serde_json::to_string(content).map_err(|error| not_an_object(error.to_string()))?;
    let mut keys: JsonObject =
        serde_json::from_str(&json).map_err(|error| not_an_object(error.to_string()))?;
    let words = content.searchable_text();
    if !words.is_empty() && !keys.contains("content") {
        keys.set("content", &*words);
    }
    Ok(keys)
}

pub(super) fn decode<T: CustomContent>(keys: &JsonObject) -> Result<T, ContentError> {
    serde_json::from_str(&keys.to_json())
        .map_err(|error| ContentError::Unreadable { content_type: T::TYPE, reason: error.to_string() })
}

pub(super) const fn check_type<T: CustomContent>() -> Result<(), ContentError> {
    if T::TYPE.is_reserved() { Err(ContentError::ReservedType { content_type: T::TYPE }) } else { Ok(()) }
}
