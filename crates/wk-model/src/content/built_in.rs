//! The contents that every SDK knows, as one type.

use std::borrow::Cow;

use super::{
    Card, Command, ContentType, File, Gif, Image, JsonObject, Location, MergeForward, Opaque, StreamPart,
    Text, Tip, Video, Voice,
};

/// A content with a number and keys that every SDK knows.
pub trait BuiltIn: Sized {
    /// Its number.
    const TYPE: ContentType;

    /// Reads the keys of any object: what is absent or of another type is empty, 0 or nothing.
    fn read(keys: &JsonObject) -> Self;

    /// Writes its keys into an object. A value that reads the same already stays as it is written.
    fn write(&self, keys: &mut JsonObject);

    /// A line for a conversation list, in English where it needs words.
    fn display_text(&self) -> Cow<'_, str>;

    /// What searches look through: its own words, none by default.
    fn searchable_text(&self) -> Cow<'_, str> {
        "".into()
    }
}

macro_rules! contents {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What a message says.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Content {
            $($(#[$doc])* $name($name),)+
            /// A notice of the system.
            Tip(Tip),
            /// A type that this crate does not know; [`ParsedPayload::decode`](crate::ParsedPayload::decode) reads it as
            /// one of the application's.
            Custom(Opaque),
            /// The payload is no JSON object.
            FormatError,
        }

        impl Content {
            pub(super) fn read(content_type: ContentType, keys: &JsonObject) -> Self {
                match content_type {
                    $($name::TYPE => Self::$name($name::read(keys)),)+
                    tip if tip.is_tip() => Self::Tip(Tip::read(keys)),
                    _ => Self::Custom(Opaque::read(keys)),
                }
            }

            pub(super) fn write(&self, keys: &mut JsonObject) {
                match self {
                    $(Self::$name(content) => content.write(keys),)+
                    Self::Tip(tip) => tip.write(keys),
                    Self::Custom(_) | Self::FormatError => {}
                }
            }

            /// A line for a conversation list, in English where it needs words. An application that speaks another
            /// language matches the content itself.
            pub fn display_text(&self) -> Cow<'_, str> {
                match self {
                    $(Self::$name(content) => content.display_text(),)+
                    Self::Tip(tip) => tip.text().into(),
                    Self::Custom(custom) => custom.text.as_deref().unwrap_or("[message]").into(),
                    Self::FormatError => "[unreadable message]".into(),
                }
            }

            /// What searches look through: the words of the content itself, empty where it has none. What
            /// [`Content::display_text`] says in place of words is not found.
            pub fn searchable_text(&self) -> Cow<'_, str> {
                match self {
                    $(Self::$name(content) => content.searchable_text(),)+
                    Self::Tip(tip) => tip.text().into(),
                    Self::Custom(custom) => custom.text.as_deref().unwrap_or_default().into(),
                    Self::FormatError => "".into(),
                }
            }
        }

        $(
            impl From<$name> for Content {
                fn from(content: $name) -> Self {
                    Self::$name(content)
                }
            }

            impl super::IntoPayload for $name {
                fn into_payload(self) -> Result<JsonObject, super::ContentError> {
                    Ok(payload_of(&self))
                }
            }
        )+
    };
}

contents! {
    /// A text.
    Text,
    /// An image.
    Image,
    /// A moving image.
    Gif,
    /// A voice message.
    Voice,
    /// A video.
    Video,
    /// A place.
    Location,
    /// A user's card.
    Card,
    /// A file.
    File,
    /// Messages of another conversation in one.
    MergeForward,
    /// A piece of a text that is still being written.
    StreamPart,
    /// A command to the application.
    Command,
}

/// The keys of a content, `type` first.
pub(super) fn payload_of<T: BuiltIn>(content: &T) -> JsonObject {
    let mut keys = JsonObject::new();
    keys.set("type", T::TYPE.value());
    content.write(&mut keys);
    keys
}

pub(super) fn labelled<'a>(label: &'a str, text: &str) -> Cow<'a, str> {
    if text.is_empty() { label.into() } else { format!("{label} {text}").into() }
}
