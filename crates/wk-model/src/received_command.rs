//! A command as it reached this client: what it says, who sent it, and what to name when it is done.

use bytes::Bytes;
use wkproto::{ChannelType, MessageId};

use crate::content::BuiltIn;
use crate::{ActionId, ChannelId, Command, JsonObject, Message, PendingAction, Uid, UnixMillis};

/// A command as it reached this client.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedCommand {
    /// What to name when it is done. Nothing for a command that nobody keeps: it is told once.
    pub id: Option<ActionId>,
    /// What it says; empty where the payload could not be read.
    pub command: Command,
    /// The channel it was sent to.
    pub channel: ChannelId,
    /// The server's id of it, which no other command has.
    pub message_id: MessageId,
    /// Who sent it. Anybody may send anything: look here before you obey.
    pub from_uid: Uid,
    /// When the server took it.
    pub timestamp: UnixMillis,
    /// Its whole payload.
    pub payload: Bytes,
    /// It was told before, and the application has not said that it is done.
    pub again: bool,
}

impl ReceivedCommand {
    /// The command in a message, which nobody keeps yet.
    pub fn of(message: &Message) -> Self {
        Self {
            id: None,
            command: read(&message.payload),
            channel: message.channel.clone(),
            message_id: message.message_id,
            from_uid: message.from_uid.clone(),
            timestamp: message.timestamp,
            payload: message.payload.clone(),
            again: false,
        }
    }

    /// A command that waits for the application.
    pub fn waiting(id: ActionId, action: PendingAction) -> Self {
        Self {
            id: Some(id),
            command: read(&action.payload),
            channel: action.channel,
            message_id: action.message_id,
            from_uid: action.text.into(),
            timestamp: action.at,
            payload: action.payload,
            again: true,
        }
    }

    /// The channel that `channel_id` and `channel_type` name, or else the one that it was sent to.
    pub fn subject(&self) -> ChannelId {
        let param = &self.command.param;
        let channel_type = param.integer("channel_type").and_then(|code| u8::try_from(code).ok());
        match (param.id("channel_id"), channel_type) {
            (Some(id), Some(code)) if !id.is_empty() => ChannelId::new(id, ChannelType::new(code)),
            _ => self.channel.clone(),
        }
    }
}

fn read(payload: &[u8]) -> Command {
    JsonObject::parse(payload).map(|keys| Command::read(&keys)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionKind, MessageSeq};

    fn command(payload: &str) -> ReceivedCommand {
        let action = PendingAction {
            kind: ActionKind::Command,
            channel: ChannelId::group("g"),
            message_id: MessageId::new(1),
            seq: MessageSeq::ZERO,
            at: UnixMillis::new(2),
            text: "bob".into(),
            payload: Bytes::copy_from_slice(payload.as_bytes()),
        };
        ReceivedCommand::waiting(ActionId::new(3), action)
    }

    #[test]
    fn odd_payloads_have_no_name_and_no_parameters() {
        for odd in ["", "hi", "[]", r#"{"param":"{"}"#] {
            let command = command(odd);
            assert_eq!(command.command, Command::default(), "{odd}");
            assert_eq!(
                (command.payload.as_ref(), command.subject()),
                (odd.as_bytes(), ChannelId::group("g"))
            );
        }
    }

    #[test]
    fn it_is_about_the_channel_that_it_names() {
        let named = command(r#"{"cmd":"x","param":{"channel_id":"u1","channel_type":1}}"#);
        assert_eq!(named.subject(), ChannelId::person("u1"));
        let odds = [
            r#"{"channel_id":"u1"}"#,
            r#"{"channel_id":"","channel_type":1}"#,
            r#"{"channel_id":"u1","channel_type":999}"#,
        ];
        for odd in odds {
            let command = command(&format!(r#"{{"cmd":"x","param":{odd}}}"#));
            assert_eq!(command.subject(), ChannelId::group("g"));
        }
    }
}
