//! Questions to the data source, carried there and back.

use wk_sync::store::model::without_local_paths;
use wk_sync::{Answer, DataSource, Question};

/// The source of a client that was given none: history is what is stored here.
pub(crate) struct NoSource;

impl DataSource for NoSource {}

pub(super) async fn ask(source: &dyn DataSource, question: Question) -> Answer {
    match question {
        Question::Pull(request) => Answer::Pulled(source.pull_messages(&request).await),
        Question::Sync(request) => Answer::Synced(source.sync_conversations(&request).await),
        Question::Find(request) => Answer::Found(source.find_messages(&request).await),
        Question::Upload(request) => {
            // What the application forgets to take out of the draft must not leave the device all the same.
            Answer::Uploaded(source.upload(&request).await.map(|payload| without_local_paths(&payload)))
        }
        Question::SetUnread(request) => Answer::UnreadSet(source.set_unread(&request).await),
        // A question of a newer engine than this driver; the engine takes any refusal.
        _ => Answer::Pulled(Err(wk_sync::SourceError::NotSupported)),
    }
}
