//! `POST /messages` (v2): messages by the numbers their sender gave them.

use serde::{Deserialize, Serialize};
use wk_sync::{FindRequest, PulledMessage, SourceError};

use crate::wire::{ChannelBody, MessageBody, check_id, into_messages, nullable};
use crate::{Generation, HttpSource};

#[derive(Serialize)]
struct Question<'a> {
    login_uid: &'a str,
    #[serde(flatten)]
    channel: ChannelBody<'a>,
    client_msg_nos: Vec<&'a str>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "nullable")]
    messages: Vec<MessageBody>,
}

pub(crate) async fn find(
    source: &HttpSource,
    request: &FindRequest,
) -> Result<Vec<PulledMessage>, SourceError> {
    if request.client_msg_nos.is_empty() {
        return Ok(Vec::new());
    }
    check_id("uid", request.uid.as_str())?;
    for number in &request.client_msg_nos {
        check_id("client_msg_no", number.as_str())?;
    }
    let question = Question {
        login_uid: request.uid.as_str(),
        channel: ChannelBody::new(&request.channel)?,
        client_msg_nos: request.client_msg_nos.iter().map(|number| number.as_str()).collect(),
    };
    let answer: Answer = source.only(Generation::V2, source.ask("messages", &question)).await?;
    let mut found = into_messages(answer.messages)?;
    // Two senders may have used the same number; servers look at the number alone.
    found.retain(|message| message.from_uid == request.uid);
    Ok(found)
}
