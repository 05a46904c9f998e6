//! A payload that is being written.

use bytes::Bytes;

use super::{Content, ContentError, Entity, IntoPayload, JsonObject, Mention, ParsedPayload, Reply, parsed};
use crate::{Message, Uid};

/// Keys that other SDKs keep beside a content while its files are uploaded. They name files of the sender's device and
/// are nobody else's business.
const LOCAL_PATHS: [&str; 3] = [JsonObject::LOCAL_PATH, "coverLocalPath", "videoLocalPath"];
/// Keys that mean the same in every payload.
const COMMON: [&str; 11] = [
    "type",
    "mention",
    "reply",
    "entities",
    "visibles",
    "invisibles",
    "flame",
    "flame_second",
    "robot_id",
    "from_uid",
    "from_name",
];
/// What a message says to somebody, which a copy of it for somebody else does not say.
const ADDRESSED: [&str; 8] =
    ["mention", "reply", "visibles", "invisibles", "robot_id", "flame", "flame_second", "from_uid"];

/// A payload that is being written: a content, what may stand beside any content, and keys of the application's own. The
/// first mistake is told by [`PayloadDraft::build`].
///
/// ```
/// use wk_model::{PayloadDraft, Text, Uid};
///
/// let payload = PayloadDraft::new(Text::new("@Bob look")).mention([Uid::new("bob")]).key("order", 42).build()?;
/// assert_eq!(&payload[..], br#"{"type":1,"content":"@Bob look","mention":{"uids":["bob"]},"order":42}"#);
/// # Ok::<(), wk_model::ContentError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a draft is nothing before it is built"]
pub struct PayloadDraft {
    keys: Result<JsonObject, ContentError>,
}

impl PayloadDraft {
    /// Begins with a content.
    pub fn new(content: impl IntoPayload) -> Self {
        Self { keys: content.into_payload() }
    }

    /// Begins with what a message says, for somebody else: without whom it calls, answers, asks and is kept from, and
    /// without burning. Every other key stays as it is written.
    pub fn copy_of(payload: &ParsedPayload) -> Self {
        if payload.content == Content::FormatError {
            return Self::failed(ContentError::Unreadable {
                content_type: payload.content_type,
                reason: "it is no JSON object".to_owned(),
            });
        }
        let mut keys = payload.keys.clone();
        for key in ADDRESSED {
            keys.remove(key);
        }
        Self { keys: Ok(keys) }
    }

    /// A draft that says the error when it is built, for builders that take several steps.
    pub const fn failed(error: ContentError) -> Self {
        Self { keys: Err(error) }
    }

    /// Calls these users, beside those called already.
    pub fn mention(self, uids: impl IntoIterator<Item = Uid>) -> Self {
        self.change_mention(|mention| mention.uids.extend(uids))
    }

    /// Calls everybody.
    pub fn mention_all(self) -> Self {
        self.change_mention(|mention| mention.all = true)
    }

    /// Answers a message whose sender has this name.
    pub fn reply_to(self, message: &Message, from_name: &str) -> Self {
        self.change(|keys| {
            Reply::write(Some(&Reply::to(message, from_name)?), keys);
            Ok(())
        })
    }

    /// Says what stretches of the text are.
    pub fn entities(self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.change(|keys| {
            let all: Vec<Entity> = Entity::read_all(keys).into_iter().chain(entities).collect();
            Entity::write_all(&all, keys);
            Ok(())
        })
    }

    /// Lets only these users, and the sender, see the message. It is a request to their clients: the server delivers it to
    /// everybody.
    pub fn visibles(self, uids: impl IntoIterator<Item = Uid>) -> Self {
        self.change(|keys| {
            parsed::write_uids("visibles", &uids.into_iter().collect::<Vec<_>>(), keys);
            Ok(())
        })
    }

    /// Burns the message so many seconds after it was seen.
    pub fn flame(self, seconds: u32) -> Self {
        self.change(|keys| {
            parsed::write_flame(Some(seconds), keys);
            Ok(())
        })
    }

    /// Asks a robot.
    pub fn robot(self, robot_id: &str) -> Self {
        self.change(|keys| {
            keys.set("robot_id", robot_id);
            Ok(())
        })
    }

    /// Adds a key of the application's own beside the content. Every SDK that knows nothing of it leaves it alone.
    pub fn key(self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.change(|keys| {
            if COMMON.contains(&key) || LOCAL_PATHS.contains(&key) || keys.contains(key) {
                return Err(ContentError::ReservedKey { key: key.to_owned() });
            }
            keys.set(key, value);
            Ok(())
        })
    }

    /// The payload. Paths on the sender's device are left out.
    ///
    /// # Errors
    /// The first mistake that was made.
    pub fn build(self) -> Result<Bytes, ContentError> {
        let mut keys = self.keys?;
        remove_local_paths(&mut keys);
        Ok(keys.to_bytes())
    }

    fn change_mention(self, change: impl FnOnce(&mut Mention)) -> Self {
        self.change(|keys| {
            let mut mention = Mention::read(keys).unwrap_or_default();
            change(&mut mention);
            Mention::write(Some(&mention), keys);
            Ok(())
        })
    }

    fn change(mut self, change: impl FnOnce(&mut JsonObject) -> Result<(), ContentError>) -> Self {
        let changed = match &mut self.keys {
            Ok(keys) => change(keys),
            Err(_) => Ok(()),
        };
        match changed {
            Ok(()) => self,
            Err(error) => Self { keys: Err(error) },
        }
    }
}

impl IntoPayload for PayloadDraft {
    fn into_payload(self) -> Result<JsonObject, ContentError> {
        self.keys
    }
}

/// A payload without paths on the sender's device; the same bytes where there are none.
pub fn without_local_paths(payload: &Bytes) -> Bytes {
    match JsonObject::parse(payload) {
        Some(mut keys) if LOCAL_PATHS.iter().any(|key| keys.contains(key)) => {
            remove_local_paths(&mut keys);
            keys.to_bytes()
        }
        _ => payload.clone(),
    }
}

pub(super) fn remove_local_paths(keys: &mut JsonObject) {
    for key in LOCAL_PATHS {
        keys.remove(key);
    }
}
