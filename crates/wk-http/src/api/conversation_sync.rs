//! `POST /conversation/sync` (v2): the conversations that have news.

use serde::{Deserialize, Serialize};
use wk_sync::store::model::proto::ChannelType;
use wk_sync::store::model::{ChannelId, MessageSeq, UnixMillis};
use wk_sync::{SourceError, SyncRequest, SyncedConversation};

use crate::wire::{MessageBody, check_id, clamp_count, into_messages, nullable};
use crate::{Generation, HttpSource};

#[derive(Serialize)]
struct Question<'a> {
    uid: &'a str,
    /// Always 0: more would hide the conversations that were read elsewhere (docs/servers.md T42).
    version: i64,
    last_msg_seqs: String,
    msg_count: u32,
}

#[derive(Deserialize)]
struct Item {
    channel_id: String,
    channel_type: u8,
    #[serde(default)]
    timestamp: i64,
    last_msg_seq: u64,
    readed_to_msg_seq: u64,
    #[serde(deserialize_with = "nullable")]
    recents: Vec<MessageBody>,
}

pub(crate) async fn sync(
    source: &HttpSource,
    request: &SyncRequest,
) -> Result<Vec<SyncedConversation>, SourceError> {
    check_id("uid", request.uid.as_str())?;
    let question = Question {
        uid: request.uid.as_str(),
        version: 0,
        last_msg_seqs: tails(&request.tails),
        msg_count: clamp_count(request.message_count),
    };
    let items: Vec<Item> = source.only(Generation::V2, source.ask("conversation/sync", &question)).await?;
    items.into_iter().filter_map(Item::into_conversation).collect()
}

/// `id:type:seq|id:type:seq`. There is no escaping: a channel whose id holds a separator is left out, and so comes
/// back every time.
fn tails(tails: &[(ChannelId, MessageSeq)]) -> String {
    tails
        .iter()
        .filter(|(channel, tail)| *tail > MessageSeq::ZERO && !channel.id().contains([':', '|']))
        .map(|(channel, tail)| format!("{}:{}:{}", channel.id(), channel.channel_type().value(), tail.get()))
        .collect::<Vec<_>>()
        .join("|")
}

impl Item {
    /// Nothing for the command log of a channel: it is no conversation.
    fn into_conversation(self) -> Option<Result<SyncedConversation, SourceError>> {
        let channel = ChannelId::new(self.channel_id, ChannelType::new(self.channel_type));
        if channel.id().is_empty() || channel.is_command() {
            return None;
        }
        let last_seq = MessageSeq::new(self.last_msg_seq);
        Some(into_messages(self.recents).map(|recents| SyncedConversation {
            channel,
            last_seq,
            // v2 stores 2³²−1 for ever when told of unread messages in an empty channel (docs/servers.md T43).
            read_to: MessageSeq::new(self.readed_to_msg_seq).min(last_seq),
            timestamp: UnixMillis::from_secs(self.timestamp),
            recents,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(id: &str, channel_type: u8, seq: u64) -> (ChannelId, MessageSeq) {
        (ChannelId::new(id, ChannelType::new(channel_type)), MessageSeq::new(seq))
    }

    #[test]
    fn only_known_tails_of_ids_without_separators_are_told() {
        assert_eq!(tails(&[]), "");
        assert_eq!(tails(&[tail("g", 2, 0)]), "");
        let all = [
            tail("g1", 2, 3),
            tail("a:b", 2, 4),
            tail("visitor|1", 3, 5),
            tail("unread", 2, 0),
            tail("bob", 1, 5_000_000_000),
        ];
        assert_eq!(tails(&all), "g1:2:3|bob:1:5000000000");
    }
}
