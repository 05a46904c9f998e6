//! What an application may do with its handles and futures: move them to any task, share them between threads.
#![allow(clippy::unwrap_used)]

use wkim::content::Image;
use wkim::store::ConversationItem;
use wkim::{
    ChannelId, Client, ClientBuilder, ConnectionState, ConversationList, Error, Event, Events, ListChanges,
    LoginError, MessageEvent, NotSent, PageQuery, Runner, RunnerHandle, SendHandle, Timeline, TimelineItem,
    UploadWatch,
};

const fn is_a_handle<T: Send + Sync + 'static>() {}
const fn moves<T: Send + 'static>() {}
const fn is_an_error<T: std::error::Error + Send + Sync + 'static>() {}
const fn moves_to_a_task<T: Future + Send>(_: &T) {}

#[test]
fn handles_are_shared_between_threads_and_kept_anywhere() {
    is_a_handle::<Client>();
    is_a_handle::<SendHandle>();
    is_a_handle::<Timeline>();
    is_a_handle::<ConversationList>();
    is_a_handle::<RunnerHandle>();
    is_a_handle::<Events>();
    is_a_handle::<Events<MessageEvent>>();
    is_a_handle::<Events<ConnectionState>>();
    is_a_handle::<ListChanges<TimelineItem>>();
    is_a_handle::<ListChanges<ConversationItem>>();
    is_a_handle::<UploadWatch>();
    is_a_handle::<Event>();
    is_a_handle::<MessageEvent>();
    // Used once, by one task.
    moves::<ClientBuilder>();
    moves::<Runner>();
    is_an_error::<Error>();
    is_an_error::<NotSent>();
    is_an_error::<LoginError>();
    is_an_error::<wkim::BuildError>();
    is_an_error::<wkim::EventsError>();
}

#[test]
fn futures_run_in_any_task() {
    let (client, runner) = Client::builder("alice").server("127.0.0.1:1").build().unwrap();
    let (bob, messages) = (ChannelId::person("bob"), client.messages());
    moves_to_a_task(&client.connection().login());
    moves_to_a_task(&messages.send(&bob, Image::new("u", 1, 1)).into_future());
    moves_to_a_task(&messages.history(PageQuery::newest(bob.clone())));
    moves_to_a_task(&messages.timeline(&bob));
    moves_to_a_task(&client.conversations().list());
    moves_to_a_task(&client.media().uploads());
    moves_to_a_task(&client.events().next());
    moves_to_a_task(&runner.run());
}
