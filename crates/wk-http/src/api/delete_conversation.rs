//! `POST /conversations/delete`: a conversation out of the list until something newer comes.

use serde::Serialize;
use wk_sync::SourceError;
use wk_sync::store::model::{ChannelId, Uid};

use crate::HttpSource;
use crate::wire::{ChannelBody, check_id};

#[derive(Serialize)]
struct Body<'a> {
    uid: &'a str,
    #[serde(flatten)]
    channel: ChannelBody<'a>,
}

/// Deletes up to what is newest when the server hears of it; the messages stay.
pub(crate) async fn delete(source: &HttpSource, uid: &Uid, channel: &ChannelId) -> Result<(), SourceError> {
    check_id("uid", uid.as_str())?;
    let body = Body { uid: uid.as_str(), channel: ChannelBody::new(channel)? };
    source.tell("conversations/delete", &body).await
}
