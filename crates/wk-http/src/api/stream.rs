//! `POST /channel/messagesync` with its event summary: the lanes of a message that is being written.
//!
//! v2's `/message/eventsync` shows only what has ended, and v3 has none. A pull shows what the server has (docs/servers.md
//! T68), but it cannot be asked by the sender's number, so the message is looked for among the newest.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wk_sync::store::model::{ChannelId, ClientMsgNo, Direction, MessageSeq, Uid};
use wk_sync::{PullRequest, SourceError, StreamLane, StreamStatus};

use super::messagesync::Stretch;
use crate::HttpSource;
use crate::wire::{check_id, nullable};

/// How many of the newest messages are looked at.
const NEWEST: u32 = 100;
/// Who sends what nobody sent. v2 leaves the sender out (docs/servers.md T40).
const SYSTEM_UID: &str = "____system";

#[derive(Serialize)]
struct Question<'a> {
    login_uid: &'a str,
    #[serde(flatten)]
    stretch: Stretch<'a>,
    event_summary_mode: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "nullable")]
    messages: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    from_uid: String,
    #[serde(default)]
    client_msg_no: String,
    #[serde(default)]
    event_meta: Meta,
}

#[derive(Deserialize, Default)]
struct Meta {
    #[serde(default)]
    events: Vec<Lane>,
}

#[derive(Deserialize)]
struct Lane {
    event_key: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    snapshot: Value,
}

pub(crate) async fn lanes(
    source: &HttpSource,
    uid: &Uid,
    channel: &ChannelId,
    from_uid: &Uid,
    client_msg_no: &ClientMsgNo,
) -> Result<Vec<StreamLane>, SourceError> {
    check_id("uid", uid.as_str())?;
    let newest = PullRequest {
        uid: uid.clone(),
        channel: channel.clone(),
        start: MessageSeq::ZERO,
        end: MessageSeq::ZERO,
        direction: Direction::Older,
        limit: NEWEST,
    };
    let question =
        Question { login_uid: uid.as_str(), stretch: Stretch::new(&newest)?, event_summary_mode: "full" };
    let answer: Answer = source.ask("channel/messagesync", &question).await?;
    let is_it = |message: &&Written| {
        let (number, from) = (client_msg_no.as_str(), sender(from_uid.as_str()));
        message.client_msg_no == number && sender(&message.from_uid) == from
    };
    // The lowest one is the message, should a resend have made a second.
    let lanes = answer.messages.iter().find(is_it).map(|message| &message.event_meta.events);
    Ok(lanes.into_iter().flatten().filter_map(Lane::as_text).collect())
}

fn sender(said: &str) -> &str {
    if said.is_empty() { SYSTEM_UID } else { said }
}

impl Lane {
    /// Nothing for a lane that is something else than text.
    fn as_text(&self) -> Option<StreamLane> {
        let text = match &self.snapshot {
            Value::Null => "",
            Value::String(text) => text,
            Value::Object(keys) if keys.get("kind").is_none_or(|kind| kind == "text") => {
                keys.get("text").and_then(Value::as_str)?
            }
            _ => return None,
        };
        let status = match self.status.as_str() {
            "closed" => StreamStatus::Closed,
            "error" => StreamStatus::Failed,
            "cancelled" => StreamStatus::Cancelled,
            // v2 leaves it out where it does not know it (docs/servers.md T68).
            _ => StreamStatus::Open,
        };
        Some(StreamLane { key: self.event_key.clone(), text: text.to_owned(), status })
    }
}
