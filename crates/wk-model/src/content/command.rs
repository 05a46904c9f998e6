//! A command to the application.

use std::borrow::Cow;

use super::{BuiltIn, ContentType, JsonObject};

/// A command to the application, which no list shows: `{"type":99,"cmd":"typing","param":{…}}`. Any key is passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// What to do.
    pub cmd: String,
    /// With what: an object, or the object that a text holds; empty where it is neither.
    pub param: JsonObject,
    /// The signature, where there is one. Nothing here checks it.
    pub sign: Option<String>,
}

impl Command {
    /// A command.
    pub fn new(cmd: impl Into<String>, param: JsonObject) -> Self {
        Self { cmd: cmd.into(), param, sign: None }
    }
}

impl BuiltIn for Command {
    const TYPE: ContentType = ContentType::COMMAND;

    fn read(keys: &JsonObject) -> Self {
        Self {
            cmd: keys.text_or_empty("cmd"),
            param: keys.object("param").unwrap_or_default(),
            sign: keys.text("sign"),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        keys.write_text("cmd", &self.cmd);
        if keys.object("param").as_ref() != Some(&self.param) {
            keys.set_object("param", &self.param);
        }
        keys.write_optional_text("sign", self.sign.as_deref());
    }

    fn display_text(&self) -> Cow<'_, str> {
        "".into()
    }
}
