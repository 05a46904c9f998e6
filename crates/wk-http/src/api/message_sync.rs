//! `POST /message/sync`: commands that a user has not had.
//!
//! v3 gives those of the logs that the application's backend has bound for the user (`/message/cmd/bind`), and nothing at
//! all while one of these logs never had a command (docs/servers.md §8).

use serde::{Deserialize, Serialize};
use wk_sync::store::model::ChannelId;
use wk_sync::store::model::proto::ChannelType;
use wk_sync::{CommandsRequest, PulledCommand, SourceError};

use crate::HttpSource;
use crate::wire::{MessageBody, check_id, clamp_count};

#[derive(Serialize)]
struct Question<'a> {
    uid: &'a str,
    limit: u32,
}

#[derive(Deserialize)]
struct Command {
    channel_id: String,
    channel_type: u8,
    #[serde(flatten)]
    message: MessageBody,
}

pub(crate) async fn commands(
    source: &HttpSource,
    request: &CommandsRequest,
) -> Result<Vec<PulledCommand>, SourceError> {
    check_id("uid", request.uid.as_str())?;
    let question = Question { uid: request.uid.as_str(), limit: clamp_count(request.limit) };
    let commands: Vec<Command> = source.ask("message/sync", &question).await?;
    commands.into_iter().map(Command::into_pulled).collect()
}

impl Command {
    fn into_pulled(self) -> Result<PulledCommand, SourceError> {
        let channel = ChannelId::new(self.channel_id, ChannelType::new(self.channel_type));
        Ok(PulledCommand { channel, message: self.message.into_message()? })
    }
}
