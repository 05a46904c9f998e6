//! What has to be known of a payload before it is stored: its type, and who may see it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{ContentType, lenient};
use crate::Uid;

/// The part of a [`ParsedPayload`](crate::ParsedPayload) that decides how a message is kept, read without the rest: it says
/// the same, in a fraction of the time, and allocates nothing for most payloads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadHead {
    /// The `type` key; [`ContentType::FORMAT_ERROR`] where there is no object.
    pub content_type: ContentType,
    /// The `visibles` key: who may see the message, everybody where it is absent or empty.
    pub visibles: Vec<Uid>,
    /// The `invisibles` key: who may not see the message.
    pub invisibles: Vec<Uid>,
}

impl PayloadHead {
    /// Reads the head of a payload. It never fails, as [`parse_payload`](crate::parse_payload) does not.
    pub fn read(payload: &[u8]) -> Self {
        let Ok(keys) = serde_json::from_slice::<Keys<'_>>(payload) else {
            return Self {
                content_type: ContentType::FORMAT_ERROR,
                visibles: Vec::new(),
                invisibles: Vec::new(),
            };
        };
        let number = keys.content_type.and_then(|json| lenient::integer(json.get()));
        let content_type = number.map_or(ContentType::UNKNOWN, |number| {
            ContentType::new(i32::try_from(number).unwrap_or_default())
        });
        Self { content_type, visibles: uids(keys.visibles), invisibles: uids(keys.invisibles) }
    }

    /// Whether the sender lets this user see the message. The sender always sees it.
    pub fn is_visible_to(&self, uid: &Uid, sender: &Uid) -> bool {
        is_visible(&self.visibles, &self.invisibles, uid, sender)
    }
}

/// The one rule of who may see a message.
pub(super) fn is_visible(visibles: &[Uid], invisibles: &[Uid], uid: &Uid, sender: &Uid) -> bool {
    uid == sender || (visibles.is_empty() || visibles.contains(uid)) && !invisibles.contains(uid)
}

fn uids(json: Option<&RawValue>) -> Vec<Uid> {
    let items: Option<Vec<&RawValue>> = json.and_then(|json| serde_json::from_str(json.get()).ok());
    let ids = items.unwrap_or_default().into_iter().filter_map(|item| lenient::id(item.get()));
    ids.map(Uid::from).collect()
}

/// The values that are looked at. Of a key that is there twice the last one counts, as everywhere.
#[derive(Default)]
struct Keys<'a> {
    content_type: Option<&'a RawValue>,
    visibles: Option<&'a RawValue>,
    invisibles: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Keys<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys<'de>, A::Error> {
                let mut keys = Keys::default();
                while let Some(name) = map.next_key::<Name>()? {
                    // Every value is read as text, so that bytes that are none are seen wherever they are.
                    let json: &'de RawValue = map.next_value()?;
                    match name {
                        Name::Type => keys.content_type = Some(json),
                        Name::Visibles => keys.visibles = Some(json),
                        Name::Invisibles => keys.invisibles = Some(json),
                        Name::Other => {}
                    }
                }
                Ok(keys)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

enum Name {
    Type,
    Visibles,
    Invisibles,
    Other,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                Ok(match name {
                    "type" => Name::Type,
                    "visibles" => Name::Visibles,
                    "invisibles" => Name::Invisibles,
                    _ => Name::Other,
                })
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::parse_payload;

    fn check(payload: &[u8]) {
        let (head, whole) = (PayloadHead::read(payload), parse_payload(payload));
        let shown = String::from_utf8_lossy(payload);
        assert_eq!(head.content_type, whole.content_type, "{shown}");
        assert_eq!((head.visibles, head.invisibles), (whole.visibles, whole.invisibles), "{shown}");
    }

    #[test]
    fn odd_payloads_have_the_same_head_as_the_whole() {
        for odd in [
            &b""[..],
            b"{}",
            b"[]",
            b"null",
            b"{\"type\":1",
            b"{\"type\":1}x",
            b"{\"\\ud800\":1,\"type\":1}",
            b"{\"type\":1,\"content\":\"\xff\"}",
            b"{\"\xff\":1,\"type\":1}",
            b" {\"ty\\u0070e\" : \"99\" } ",
            b"{\"type\":1,\"type\":99}",
            b"{\"type\":1e400,\"visibles\":[3,\"a\",null,{}],\"invisibles\":\"a\"}",
        ] {
            check(odd);
        }
    }

    proptest! {
        #[test]
        fn the_head_says_what_the_whole_says(
            entries in prop::collection::vec((
                select(vec!["type", "visibles", "invisibles", "content", "vis\\u0069bles", "mention", "\\ud83d"]),
                select(vec![
                    "1", "\"99\"", "2.5", "99", "null", "true", "[]", "[1,\"alice\"]", "[\"bob\"]", "\"x\"", "{}",
                    "{\"type\":7}", "-3", "1e30", "[[]]", "\"\\ud83d\"", "01",
                ]),
            ), 0..6),
            cut in 0usize..200,
            broken in prop::option::of((0usize..100, any::<u8>())),
        ) {
            let entries: Vec<String> =
                entries.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            let mut payload = format!("{{{}}}", entries.join(",")).into_bytes();
            check(&payload);
            if let Some((place, byte)) = broken && let Some(at) = payload.get_mut(place) {
                *at = byte;
            }
            payload.truncate(cut);
            check(&payload);
        }
    }
}
