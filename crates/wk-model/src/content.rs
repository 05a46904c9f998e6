//! What a message says: the JSON object in its payload.

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::Uid;

/// The number that tells how to read a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType(i32);

impl ContentType {
    /// Nothing to show.
    pub const UNKNOWN: Self = Self(0);
    /// Text.
    pub const TEXT: Self = Self(1);
    /// An image.
    pub const IMAGE: Self = Self(2);
    /// A payload that could not be read: decryption failed, or it is no JSON object.
    pub const FORMAT_ERROR: Self = Self(97);
    /// A command to the application, never shown.
    pub const COMMAND: Self = Self(99);

    /// Any number.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn value(self) -> i32 {
        self.0
    }

    /// Whether messages of this type stand in a list: all but [`Self::UNKNOWN`] and [`Self::COMMAND`].
    pub const fn is_listed(self) -> bool {
        !matches!(self, Self::UNKNOWN | Self::COMMAND)
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A payload as far as this crate knows its type.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// Where it is.
        url: String,
        /// Its width in pixels.
        width: i64,
        /// Its height in pixels.
        height: i64,
    },
    /// A type that the application knows: the whole object, with every key.
    Custom(Map<String, Value>),
    /// The payload is no JSON object.
    FormatError,
}

impl Content {
    /// A line for a conversation list.
    pub fn display_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Image { .. } => "[image]",
            Self::Custom(map) => map.get("content").and_then(Value::as_str).unwrap_or("[message]"),
            Self::FormatError => "[unreadable message]",
        }
    }

    /// What searches look through: the words of the content itself, empty where it has none. What
    /// [`Content::display_text`] says in place of words is not found.
    pub fn searchable_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Custom(map) => map.get("content").and_then(Value::as_str).unwrap_or_default(),
            Self::Image { .. } | Self::FormatError => "",
        }
    }
}

/// What one reading of a payload finds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ParsedPayload {
    /// The `type` key; [`ContentType::FORMAT_ERROR`] where there is no object.
    pub content_type: ContentType,
    /// The content.
    pub content: Content,
    /// The `visibles` key: who may see the message, everybody where it is absent or empty.
    pub visibles: Vec<Uid>,
}

impl ParsedPayload {
    /// Whether the sender lets this user see the message. The sender always sees it.
    pub fn is_visible_to(&self, uid: &Uid, sender: &Uid) -> bool {
        self.visibles.is_empty() || uid == sender || self.visibles.contains(uid)
    }
}

/// Reads a payload. It never fails: what is no JSON object is [`Content::FormatError`], keys of a wrong type
/// count as absent.
pub fn parse_payload(payload: &[u8]) -> ParsedPayload {
    let Ok(map) = serde_json::from_slice::<Map<String, Value>>(payload) else {
        return ParsedPayload {
            content_type: ContentType::FORMAT_ERROR,
            content: Content::FormatError,
            visibles: Vec::new(),
        };
    };
    let content_type = ContentType(map.get("type").and_then(integer).unwrap_or(0));
    let visibles = match map.get("visibles") {
        Some(Value::Array(uids)) => uids.iter().filter_map(Value::as_str).map(Uid::from).collect(),
        _ => Vec::new(),
    };
    let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |key: &str| map.get(key).and_then(Value::as_f64).unwrap_or_default() as i64;
    let content = match content_type {
        ContentType::TEXT => Content::Text(text("content")),
        ContentType::IMAGE => {
            Content::Image { url: text("url"), width: number("width"), height: number("height") }
        }
        _ => Content::Custom(map),
    };
    ParsedPayload { content_type, content, visibles }
}

/// The payload of a text message.
pub fn text_payload(text: &str) -> Bytes {
    let mut map = Map::new();
    map.insert("content".into(), text.into());
    json_payload(ContentType::TEXT, map)
}

/// The payload of an image message: a remote address and the size in pixels.
pub fn image_payload(url: &str, width: i64, height: i64) -> Bytes {
    let mut map = Map::new();
    map.insert("url".into(), url.into());
    map.insert("width".into(), width.into());
    map.insert("height".into(), height.into());
    json_payload(ContentType::IMAGE, map)
}

/// The payload of a custom message: the given keys, and `type`.
pub fn json_payload(content_type: ContentType, mut keys: Map<String, Value>) -> Bytes {
    keys.insert("type".into(), content_type.0.into());
    // Writing a map of strings and values to memory has no way to fail.
    Bytes::from(Value::Object(keys).to_string())
}

/// Some SDKs write numbers as text.
fn integer(value: &Value) -> Option<i32> {
    let wide = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    i32::try_from(wide).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let parsed = parse_payload(&text_payload("你好 \"quoted\" \u{1F600}"));
        assert_eq!(parsed.content_type, ContentType::TEXT);
        assert_eq!(parsed.content, Content::Text("你好 \"quoted\" \u{1F600}".into()));
    }

    #[test]
    fn image_and_custom_round_trip() {
        let parsed = parse_payload(&image_payload("http://x/y.jpg", 100, 80));
        assert_eq!(parsed.content, Content::Image { url: "http://x/y.jpg".into(), width: 100, height: 80 });
        let keys: Map<String, Value> = [("a".to_owned(), 1.into())].into_iter().collect();
        let parsed = parse_payload(&json_payload(ContentType::new(4242), keys));
        assert_eq!(parsed.content_type.value(), 4242);
        let Content::Custom(map) = parsed.content else { panic!("custom expected") };
        assert_eq!(map.get("a"), Some(&1.into()));
    }

    #[test]
    fn odd_payloads_never_fail() {
        for odd in [&b""[..], b"hi", b"[1]", b"{\"type\":1", b"\xff\xfe", b"null"] {
            assert_eq!(parse_payload(odd).content_type, ContentType::FORMAT_ERROR, "{odd:?}");
        }
        assert_eq!(parse_payload(b"{\"type\":\"1\",\"content\":7}").content, Content::Text(String::new()));
        assert_eq!(parse_payload(b"{\"type\":99999999999}").content_type, ContentType::UNKNOWN);
        assert!(!parse_payload(b"{\"type\":99}").content_type.is_listed());
    }

    #[test]
    fn visibles_exclude_others_but_never_the_sender() {
        let parsed = parse_payload(br#"{"type":1,"content":"x","visibles":["bob",3]}"#);
        let [alice, bob, eve] = ["alice", "bob", "eve"].map(Uid::new);
        assert!(parsed.is_visible_to(&bob, &alice));
        assert!(parsed.is_visible_to(&alice, &alice));
        assert!(!parsed.is_visible_to(&eve, &alice));
    }
}
