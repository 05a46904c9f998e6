//! Who is called by a message.

use super::JsonObject;
use crate::Uid;

/// Who is called by a message: `"mention":{"all":1,"uids":["bob"]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "everybody, or some")]
pub struct Mention {
    /// Everybody.
    pub all: bool,
    /// These.
    pub uids: Vec<Uid>,
}

impl Mention {
    const KEY: &'static str = "mention";

    /// Whether a user is called, by name or with everybody.
    pub fn calls(&self, uid: &Uid) -> bool {
        self.all || self.uids.contains(uid)
    }

    /// Nothing where nobody is called, which SDKs write as an empty object, a 0, or not at all.
    pub(super) fn read(keys: &JsonObject) -> Option<Self> {
        let mention = keys.object(Self::KEY)?;
        let all = mention.flag("all").unwrap_or(false);
        let uids: Vec<Uid> = mention.ids("uids").into_iter().map(Uid::from).collect();
        (all || !uids.is_empty()).then_some(Self { all, uids })
    }

    /// `all` is written as 1 or not at all, which every SDK reads.
    pub(super) fn write(mention: Option<&Self>, keys: &mut JsonObject) {
        let Some(mention) = mention else { return keys.remove(Self::KEY) };
        let mut object = keys.object(Self::KEY).unwrap_or_default();
        if !mention.all {
            object.remove("all");
        } else if object.flag("all") != Some(true) {
            object.set("all", 1);
        }
        let uids: Vec<&str> = mention.uids.iter().map(Uid::as_str).collect();
        if uids.is_empty() {
            object.remove("uids");
        } else if object.ids("uids") != uids {
            object.set("uids", uids);
        }
        keys.set_object(Self::KEY, &object);
    }
}
