//! `POST /channel/messagesyncbatch` (v3): stretches of the history of several channels.

use serde::{Deserialize, Serialize};
use wk_sync::{PullRequest, PulledMessages, SourceError};

use super::messagesync::Stretch;
use crate::exchange::refused;
use crate::wire::{MessageBody, check_id, into_messages, nullable};
use crate::{Generation, HttpSource};

/// How many stretches one question may have.
const AT_ONCE: usize = 200;

#[derive(Serialize)]
struct Question<'a> {
    login_uid: &'a str,
    items: Vec<Stretch<'a>>,
}

#[derive(Deserialize)]
struct Answers {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    channel_id: String,
    channel_type: u8,
    /// Why there is nothing; a channel without messages is one reason (docs/servers.md T65).
    #[serde(default)]
    error: String,
    more: u8,
    #[serde(deserialize_with = "nullable")]
    messages: Vec<MessageBody>,
}

pub(crate) async fn pull(
    source: &HttpSource,
    requests: &[PullRequest],
) -> Result<Vec<PulledMessages>, SourceError> {
    let mut pulled = Vec::with_capacity(requests.len());
    for some in requests.chunks(AT_ONCE) {
        pulled.extend(pull_some(source, some).await?);
    }
    Ok(pulled)
}

async fn pull_some(
    source: &HttpSource,
    requests: &[PullRequest],
) -> Result<Vec<PulledMessages>, SourceError> {
    let Some(uid) = requests.first().map(|request| &request.uid) else { return Ok(Vec::new()) };
    check_id("uid", uid.as_str())?;
    if requests.iter().any(|request| request.uid != *uid) {
        return Err(refused("a batch is of one user"));
    }
    let items = requests.iter().map(Stretch::new).collect::<Result<_, _>>()?;
    let question = Question { login_uid: uid.as_str(), items };
    let answers: Answers =
        source.only(Generation::V3, source.ask("channel/messagesyncbatch", &question)).await?;
    if answers.items.len() != requests.len() {
        let (came, asked) = (answers.items.len(), requests.len());
        return Err(SourceError::Malformed(format!("{came} stretches came for the {asked} asked for")));
    }
    answers.items.into_iter().zip(requests).map(|(item, request)| item.into_messages(request)).collect()
}

impl Item {
    fn into_messages(self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        if !self.error.is_empty() {
            // The server says this with 200 for one of many and with 400 for one alone.
            return Err(SourceError::Refused { status: 400, message: self.error });
        }
        let channel = &request.channel;
        if self.channel_id != channel.id() || self.channel_type != channel.channel_type().value() {
            return Err(SourceError::Malformed(
                "the stretches are not in the order of the question".to_owned(),
            ));
        }
        Ok(PulledMessages { messages: into_messages(self.messages)?, more: self.more != 0 })
    }
}
