//! `POST /conversation/list` (v3): the conversations, page by page.

use serde::{Deserialize, Serialize};
use wk_sync::store::model::proto::ChannelType;
use wk_sync::store::model::{ChannelId, ClientMsgNo, MessageHeader, MessageSeq, Setting, Uid, UnixMillis};
use wk_sync::{ConversationPage, ListRequest, ListedConversation, PulledMessage, SourceError};

use crate::wire::{Payload, check_id, message_id, nullable};
use crate::{Generation, HttpSource};

/// The most memberships that a page may look at. 0 would mean 50.
const MOST: u32 = 200;

#[derive(Serialize)]
struct Question<'a> {
    uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cursor: &'a str,
    limit: u32,
    #[serde(skip_serializing_if = "is_zero")]
    completed_coverage: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

pub(crate) async fn list(
    source: &HttpSource,
    request: &ListRequest,
) -> Result<ConversationPage, SourceError> {
    check_id("uid", request.uid.as_str())?;
    let question = Question {
        uid: request.uid.as_str(),
        cursor: &request.cursor,
        limit: request.limit.clamp(1, MOST),
        completed_coverage: request.coverage,
    };
    let page: PageBody = source.only(Generation::V3, source.ask("conversation/list", &question)).await?;
    page.into_page()
}

/// A page, which the conversations that are asked for by name come in too.
#[derive(Deserialize)]
pub(super) struct PageBody {
    #[serde(deserialize_with = "nullable")]
    conversations: Vec<Item>,
    #[serde(deserialize_with = "nullable")]
    deletes: Vec<Named>,
    #[serde(deserialize_with = "nullable")]
    unresolved: Vec<Named>,
    #[serde(default)]
    next_cursor: String,
    done: bool,
    /// Beyond 2⁵³ (docs/servers.md T41).
    coverage: u64,
    #[serde(default)]
    reset_required: bool,
}

#[derive(Deserialize)]
struct Named {
    channel_id: String,
    channel_type: u8,
}

#[derive(Deserialize)]
struct Item {
    channel_id: String,
    channel_type: u8,
    #[serde(default)]
    read_seq: u64,
    #[serde(default)]
    deleted_to_seq: u64,
    #[serde(default)]
    unread: u64,
    last_message: Option<LastMessage>,
}

/// It has neither flags nor settings.
#[derive(Deserialize)]
struct LastMessage {
    message_id: Option<serde_json::Number>,
    #[serde(default)]
    message_idstr: String,
    message_seq: u64,
    from_uid: String,
    #[serde(default)]
    client_msg_no: String,
    #[serde(default)]
    server_timestamp_ms: i64,
    #[serde(default)]
    payload: Payload,
}

impl PageBody {
    pub(super) fn into_page(self) -> Result<ConversationPage, SourceError> {
        Ok(ConversationPage {
            conversations: self
                .conversations
                .into_iter()
                .filter_map(Item::into_listed)
                .collect::<Result<_, _>>()?,
            deletes: self.deletes.into_iter().filter_map(Named::into_channel).collect(),
            unresolved: self.unresolved.into_iter().filter_map(Named::into_channel).collect(),
            next_cursor: self.next_cursor,
            done: self.done,
            coverage: self.coverage,
            reset_required: self.reset_required,
        })
    }
}

impl Named {
    /// Nothing for the command log of a channel: it is no conversation.
    fn into_channel(self) -> Option<ChannelId> {
        let channel = ChannelId::new(self.channel_id, ChannelType::new(self.channel_type));
        (!channel.id().is_empty() && !channel.is_command()).then_some(channel)
    }
}

impl Item {
    fn into_listed(self) -> Option<Result<ListedConversation, SourceError>> {
        let channel = Named { channel_id: self.channel_id, channel_type: self.channel_type };
        let channel = channel.into_channel()?;
        let listed = |last_message: Option<PulledMessage>| ListedConversation {
            channel,
            read_to: MessageSeq::new(self.read_seq),
            unread: self.unread,
            deleted_to: MessageSeq::new(self.deleted_to_seq),
            timestamp: last_message.as_ref().map(|message| message.timestamp).unwrap_or_default(),
            last_message,
        };
        Some(self.last_message.map(LastMessage::into_message).transpose().map(listed))
    }
}

impl LastMessage {
    fn into_message(self) -> Result<PulledMessage, SourceError> {
        Ok(PulledMessage {
            message_id: message_id(&self.message_idstr, self.message_id.as_ref())?,
            message_seq: MessageSeq::new(self.message_seq),
            client_msg_no: ClientMsgNo::from(self.client_msg_no),
            from_uid: Uid::from(self.from_uid),
            timestamp: UnixMillis::new(self.server_timestamp_ms),
            header: MessageHeader::default(),
            setting: Setting::EMPTY,
            topic: String::new(),
            expire: 0,
            payload: self.payload.0,
        })
    }
}
