//! Questions to the data source, carried there and back.

use wk_sync::store::model::without_local_paths;
use wk_sync::{
    AccountFetch, Answer, ChannelFetch, DataSource, FetchRequest, Fetched, Question, SourceError, Topic,
};

use crate::media::Uploads;

/// The source of a client that was given none: history is what is stored here.
pub(crate) struct NoSource;

impl DataSource for NoSource {}

pub(super) async fn ask(source: &dyn DataSource, uploads: &Uploads, question: Question) -> Answer {
    match question {
        Question::Pull(request) => Answer::Pulled(source.pull_messages(&request).await),
        Question::Sync(request) => Answer::Synced(source.sync_conversations(&request).await),
        Question::Find(request) => Answer::Found(source.find_messages(&request).await),
        Question::Upload(request) => {
            // What the application forgets to take out of the draft must not leave the device all the same.
            let uploaded = uploads.upload(source, &request).await;
            Answer::Uploaded(uploaded.map(|payload| without_local_paths(&payload)))
        }
        Question::SetUnread(request) => Answer::UnreadSet(source.set_unread(&request).await),
        Question::List(request) => Answer::Listed(source.list_conversations(&request).await),
        Question::Retry(request) => Answer::Listed(source.retry_conversations(&request).await),
        Question::PullBatch(requests) => Answer::PulledBatch(source.pull_batch(&requests).await),
        Question::Fetch(request) => Answer::Fetched(fetch(source, request).await),
        Question::Report(request) => Answer::Reported(source.report(&request).await),
        Question::Commands(request) => Answer::Commands(source.commands(&request).await),
        Question::CommandsTaken(taken) => Answer::CommandsTaken(source.commands_taken(&taken).await),
        // A question of a newer engine than this driver; the engine takes any refusal.
        _ => Answer::Pulled(Err(SourceError::NotSupported)),
    }
}

async fn fetch(source: &dyn DataSource, request: FetchRequest) -> Result<Fetched, SourceError> {
    let FetchRequest { uid, topic, after, limit } = request;
    let of = |channel| ChannelFetch { uid: uid.clone(), channel, after, limit };
    let own = AccountFetch { uid: uid.clone(), after, limit };
    Ok(match topic {
        Topic::MessageExtras(channel) => Fetched::MessageExtras(source.message_extras(&of(channel)).await?),
        Topic::Reactions(channel) => Fetched::Reactions(source.reactions(&of(channel)).await?),
        Topic::PinnedMessages(channel) => {
            Fetched::PinnedMessages(source.pinned_messages(&of(channel)).await?)
        }
        Topic::Members(channel) => Fetched::Members(source.members(&of(channel)).await?),
        Topic::Channel(channel) => {
            let (info, presence) = source.channel(&uid, &channel).await?;
            Fetched::Channel(Box::new(info), presence)
        }
        Topic::Robot(robot) => Fetched::Robot(source.robot(&uid, &robot).await?),
        Topic::Reminders => Fetched::Reminders(source.reminders(&own).await?),
        Topic::ConversationExtras => Fetched::ConversationExtras(source.conversation_extras(&own).await?),
        Topic::Stream(channel, from, number) => {
            Fetched::Stream(source.stream(&uid, &channel, &from, &number).await?)
        }
        // A topic of a newer engine than this driver.
        _ => return Err(SourceError::NotSupported),
    })
}
