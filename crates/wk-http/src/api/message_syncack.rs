//! `POST /message/syncack`: the commands that were given last are taken.

use serde::Serialize;
use wk_sync::{CommandsTaken, SourceError};

use crate::HttpSource;
use crate::wire::check_id;

#[derive(Serialize)]
struct Body<'a> {
    uid: &'a str,
    /// Servers only look whether it is 0, which they refuse.
    last_message_seq: u64,
}

pub(crate) async fn taken(source: &HttpSource, taken: &CommandsTaken) -> Result<(), SourceError> {
    check_id("uid", taken.uid.as_str())?;
    let body = Body { uid: taken.uid.as_str(), last_message_seq: taken.last_seq.get().max(1) };
    source.tell("message/syncack", &body).await
}
