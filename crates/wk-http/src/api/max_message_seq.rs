//! `GET /channel/max_message_seq` (v2): the newest seq of a channel.

use serde::Deserialize;
use wk_sync::SourceError;
use wk_sync::store::model::{ChannelId, MessageSeq, Uid};

use crate::{Generation, HttpSource};

#[derive(Deserialize)]
struct Answer {
    message_seq: u64,
}

pub(crate) async fn max_message_seq(
    source: &HttpSource,
    uid: &Uid,
    channel: &ChannelId,
) -> Result<MessageSeq, SourceError> {
    let channel_type = channel.channel_type().value().to_string();
    let query = [("channel_id", channel.id()), ("channel_type", &channel_type), ("login_uid", uid.as_str())];
    let answer: Answer = source.only(Generation::V2, source.get("channel/max_message_seq", &query)).await?;
    Ok(MessageSeq::new(answer.message_seq))
}
