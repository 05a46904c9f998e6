//! `POST /conversation/retry` (v3): conversations by their names, such as those that a list could not tell of.

use serde::Serialize;
use wk_sync::store::model::{ChannelId, MessageSeq, Uid};
use wk_sync::{ConversationPage, RetryRequest, SourceError};

use super::conversation_list::PageBody;
use crate::exchange::refused;
use crate::wire::{ChannelBody, check_id};
use crate::{Generation, HttpSource};

/// How many one question may name.
const AT_ONCE: usize = 200;

#[derive(Serialize)]
struct Question<'a> {
    uid: &'a str,
    channels: Vec<ChannelBody<'a>>,
}

pub(crate) async fn retry(
    source: &HttpSource,
    request: &RetryRequest,
) -> Result<ConversationPage, SourceError> {
    if request.channels.is_empty() {
        return Ok(ConversationPage { done: true, ..ConversationPage::default() });
    }
    check_id("uid", request.uid.as_str())?;
    if request.channels.len() > AT_ONCE {
        return Err(refused(&format!("at most {AT_ONCE} conversations can be asked for at once")));
    }
    let channels = request.channels.iter().map(ChannelBody::new).collect::<Result<_, _>>()?;
    let question = Question { uid: request.uid.as_str(), channels };
    let page: PageBody = source.only(Generation::V3, source.ask("conversation/retry", &question)).await?;
    page.into_page()
}

/// The newest seq of a channel that this user may see, 0 where there is none; nothing while the server cannot tell.
pub(super) async fn last_seq(
    source: &HttpSource,
    uid: &Uid,
    channel: &ChannelId,
) -> Result<Option<MessageSeq>, SourceError> {
    let request = RetryRequest { uid: uid.clone(), channels: vec![channel.clone()] };
    let mut page = retry(source, &request).await?;
    if !page.unresolved.is_empty() {
        return Ok(None);
    }
    let last = page.conversations.pop().and_then(|listed| listed.last_message);
    Ok(Some(last.map_or(MessageSeq::ZERO, |message| message.message_seq)))
}
