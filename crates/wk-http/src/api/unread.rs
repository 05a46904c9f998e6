//! `POST /conversations/clearUnread` and `setUnread`: how far a user has read.

use serde::Serialize;
use wk_sync::store::model::MessageSeq;
use wk_sync::{SourceError, UnreadRequest};

use super::conversation_retry::last_seq;
use super::max_message_seq::max_message_seq;
use crate::HttpSource;
use crate::wire::{ChannelBody, check_id};

#[derive(Serialize)]
struct Body<'a> {
    uid: &'a str,
    #[serde(flatten)]
    channel: ChannelBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<u64>,
}

/// Marks all as read, or all but the newest `unread`. Servers only ever move a read position forward.
///
/// Telling v2 of unread messages in an empty channel makes that conversation read for ever (docs/servers.md T43), and it
/// counts from its newest message, so the channel is asked for that first. In a cluster with more nodes than replicas the answering node
/// may know more than the one that stores the position; nobody can ask that one.
pub(crate) async fn set(source: &HttpSource, request: &UnreadRequest) -> Result<(), SourceError> {
    check_id("uid", request.uid.as_str())?;
    let channel = ChannelBody::new(&request.channel)?;
    let uid = request.uid.as_str();
    if request.unread == 0 && request.last_seq.is_zero() {
        return source.tell("conversations/clearUnread", &Body { uid, channel, unread: None }).await;
    }
    let last = match max_message_seq(source, &request.uid, &request.channel).await {
        Ok(last) => Some(last),
        // v3 has no such fault, and for a moment it does not know of a channel that the client does (T65): it may refuse.
        Err(SourceError::NotSupported) => {
            let last = last_seq(source, &request.uid, &request.channel).await?;
            last.filter(|last| !last.is_zero() || request.last_seq.is_zero())
        }
        Err(error) => return Err(error),
    };
    let unread = match last {
        // An empty channel has nothing to be unread.
        Some(MessageSeq::ZERO) => return Ok(()),
        // What came since, the user has not seen: a request that counts from the newest message would mark it as read.
        Some(last) => {
            let known = if request.last_seq.is_zero() { last } else { request.last_seq };
            let since = last.get().saturating_sub(known.get());
            u64::from(request.unread).saturating_add(since).min(last.get())
        }
        None => u64::from(request.unread),
    };
    if unread == 0 {
        return source.tell("conversations/clearUnread", &Body { uid, channel, unread: None }).await;
    }
    source.tell("conversations/setUnread", &Body { uid, channel, unread: Some(unread) }).await
}
