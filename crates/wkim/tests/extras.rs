//! What happens to messages, commands and drafts, over real sockets, with a backend of the application's own.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{Player, client, serve, text_of};
use tokio::sync::Notify;
use wk_devserver::DevServer;
use wkim::model::{
    ConversationExtraState, MemberInfo, MessageExtraInfo, ReceivedCommand, Reminder, ReminderFilter,
    ReminderId, ReminderKind, Version, text_payload,
};
use wkim::source::{
    AccountFetch, ChannelFetch, Offers, PullRequest, PulledMessages, SyncRequest, SyncedConversation,
};
use wkim::store::ConversationOrder;
use wkim::{
    ChannelId, DataSource, Event, HttpSource, MessageId, MessageSeq, PageQuery, Position, Report,
    ReportRequest, SourceError, Uid, UnixMillis,
};

/// The server's history, and a backend that remembers what users did.
struct Backend {
    http: HttpSource,
    state: Mutex<State>,
    /// Something was uploaded.
    news: Notify,
}

#[derive(Default)]
struct State {
    version: u64,
    extras: Vec<(MessageId, MessageExtraInfo)>,
    reminders: Vec<Reminder>,
    uploads: Vec<Report>,
}

impl Backend {
    fn new(server: &DevServer) -> Arc<Self> {
        let http = HttpSource::builder(&server.api_url()).unwrap().build().unwrap();
        Arc::new(Self { http, state: Mutex::default(), news: Notify::new() })
    }

    fn change(&self, message_id: MessageId, change: impl FnOnce(&mut MessageExtraInfo)) {
        let mut state = self.state.lock().unwrap();
        state.version += 1;
        let mut info =
            state.extras.iter().rev().find(|(id, _)| *id == message_id).map(|(_, info)| info.clone());
        let info = info.get_or_insert_default();
        change(info);
        info.version = Version::new(state.version);
        state.extras.push((message_id, info.clone()));
    }

    /// Waits until so many things were uploaded.
    async fn uploaded(&self, count: usize) {
        let all = async {
            while self.state.lock().unwrap().uploads.len() < count {
                self.news.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), all).await.expect("something was not uploaded");
    }
}

#[async_trait]
impl DataSource for Backend {
    fn offers(&self) -> Offers {
        let mut offers = Offers::NONE;
        (offers.message_extras, offers.members, offers.reminders) = (true, true, true);
        offers
    }

    async fn pull_messages(&self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        self.http.pull_messages(request).await
    }

    async fn sync_conversations(
        &self,
        request: &SyncRequest,
    ) -> Result<Vec<SyncedConversation>, SourceError> {
        self.http.sync_conversations(request).await
    }

    async fn message_extras(
        &self,
        request: &ChannelFetch,
    ) -> Result<Vec<(MessageId, MessageExtraInfo)>, SourceError> {
        let extras = self.state.lock().unwrap().extras.clone();
        Ok(extras.into_iter().filter(|(_, info)| info.version > request.after).collect())
    }

    async fn members(&self, _: &ChannelFetch) -> Result<Vec<(Uid, MemberInfo)>, SourceError> {
        let info = MemberInfo { version: Version::new(1), name: "Bob".into(), ..MemberInfo::default() };
        Ok(vec![(Uid::new("bob"), info)])
    }

    async fn reminders(&self, request: &AccountFetch) -> Result<Vec<Reminder>, SourceError> {
        let reminders = self.state.lock().unwrap().reminders.clone();
        Ok(reminders.into_iter().filter(|reminder| reminder.version > request.after).collect())
    }

    async fn report(&self, request: &ReportRequest) -> Result<Version, SourceError> {
        match &request.report {
            Report::Revoke(message) => self.change(message.message_id, |info| info.revoked = true),
            Report::DeleteForAll(message) => {
                self.change(message.message_id, |info| info.mutual_deleted = true)
            }
            Report::Pin { .. } => {
                return Err(SourceError::Refused { status: 403, message: "only managers pin".into() });
            }
            _ => {}
        }
        self.state.lock().unwrap().uploads.push(request.report.clone());
        self.news.notify_one();
        Ok(Version::ZERO)
    }
}

/// Tells a user of a command, as an application's backend does.
fn command(server: &DevServer, to: &str, payload: &str) {
    server.send(&Uid::new(""), &ChannelId::person(to), "", payload.as_bytes().to_vec());
}

fn commanded(event: Event) -> Option<ReceivedCommand> {
    match event {
        Event::Command(command) => Some(command),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_done_to_a_message_reaches_the_backend_and_the_other_reader() {
    let server = serve(DevServer::builder()).await;
    let backend = Backend::new(&server);
    let mut alice = Player::login(client(&server, "alice").data_source(backend.clone())).await;
    let mut bob = Player::login(client(&server, "bob").data_source(backend.clone())).await;
    let (to_bob, to_alice) = (ChannelId::person("bob"), ChannelId::person("alice"));
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        let stored = alice.client.messages().send_text(&to_bob, text).await.unwrap();
        ids.push(alice.settled(&stored).await.message_id);
        bob.receives(text).await;
    }
    let messages = alice.client.messages();
    messages.revoke(ids[0]).await.unwrap();
    messages.delete_for_all(ids[1]).await.unwrap();
    messages.edit(ids[2], text_payload("drei")).await.unwrap();
    let refused = messages.pin(ids[2], true).await;
    assert!(refused.is_ok(), "it is refused by the backend, later");
    let failed = alice
        .until(|event| match event {
            Event::ReportFailed { report, error } => Some((report, error)),
            _ => None,
        })
        .await;
    assert!(matches!(failed, (Report::Pin { pinned: true, .. }, SourceError::Refused { status: 403, .. })));
    // Bob is told that something changed, and asks.
    backend.uploaded(3).await;
    command(
        &server,
        "bob",
        r#"{"type":99,"cmd":"syncMessageExtra","param":{"channel_id":"alice","channel_type":1}}"#,
    );
    let removed = bob
        .until(|event| match event {
            Event::Removed { messages, .. } => Some(messages),
            _ => None,
        })
        .await;
    assert_eq!(removed.iter().map(text_of).collect::<Vec<_>>(), ["two"]);
    let page = bob.client.messages().history(PageQuery::newest(to_alice.clone())).await.unwrap();
    assert_eq!(page.messages.iter().map(text_of).collect::<Vec<_>>(), ["one", "three"]);
    let shown = bob.client.messages().with_extras(&to_alice, Position::MIN, Position::MAX).await.unwrap();
    assert!(shown[0].extra.as_ref().unwrap().info.revoked);
    // Alice sees her own edit.
    let shown = alice.client.messages().with_extras(&to_bob, Position::MIN, Position::MAX).await.unwrap();
    assert_eq!(shown.last().unwrap().payload(), &text_payload("drei"));
    let rows: Vec<_> = page.messages.iter().map(|message| message.client_seq).collect();
    bob.client.messages().delete(rows).await.unwrap();
    let page = bob.client.messages().history(PageQuery::newest(to_alice)).await.unwrap();
    assert!(page.messages.is_empty() && page.incomplete.is_none());
}

#[tokio::test]
async fn a_command_waits_until_the_application_is_done() {
    let server = serve(DevServer::builder()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bob.db");
    let mut bob = Player::login(client(&server, "bob").sqlite(&path)).await;
    for name in ["first", "second"] {
        command(&server, "bob", &format!(r#"{{"type":99,"cmd":"{name}","param":{{"n":1}}}}"#));
    }
    let first = bob.until(commanded).await;
    let second = bob.until(commanded).await;
    assert_eq!((first.command.cmd.as_str(), second.command.cmd.as_str()), ("first", "second"));
    bob.client.commands().done(first.id.unwrap()).await.unwrap();
    bob.runner.kill().await;
    let mut bob = Player::login(client(&server, "bob").sqlite(&path)).await;
    let again = bob.until(commanded).await;
    assert_eq!((again.command.cmd.as_str(), again.again, again.id), ("second", true, second.id));
    assert_eq!(bob.client.commands().waiting().await.unwrap(), [again]);
    bob.client.commands().done(second.id.unwrap()).await.unwrap();
    assert_eq!(bob.client.commands().waiting().await.unwrap(), []);
}

#[tokio::test]
async fn conversations_reminders_and_members() {
    let server = serve(DevServer::builder()).await;
    let backend = Backend::new(&server);
    let reminder = Reminder {
        id: ReminderId::new(3),
        channel: ChannelId::person("alice"),
        message_id: MessageId::new(1),
        seq: MessageSeq::new(1),
        kind: ReminderKind::JOIN_REQUEST,
        uid: None,
        publisher: None,
        text: "wants to join".into(),
        data: String::new(),
        locate: false,
        version: Version::new(1),
        done: false,
        done_unsent: false,
    };
    backend.state.lock().unwrap().reminders.push(reminder);
    let mut bob = Player::login(client(&server, "bob").data_source(backend.clone())).await;
    bob.until(|event| matches!(event, Event::Reminders(_)).then_some(())).await;
    let open = bob.client.reminders().list(&ReminderFilter::default()).await.unwrap();
    assert_eq!(open.len(), 1);
    bob.client.reminders().done(ReminderId::new(3)).await.unwrap();
    let alice = Player::login(client(&server, "alice")).await;
    let from_alice = ChannelId::person("alice");
    alice.client.messages().send_text(&ChannelId::person("bob"), "hi").await.unwrap();
    bob.receives("hi").await;
    let client = bob.client.clone();
    let conversations = client.conversations();
    let draft = ConversationExtraState {
        draft: "hello".into(),
        draft_updated_at: UnixMillis::new(1),
        ..ConversationExtraState::default()
    };
    conversations.leave(&from_alice, draft.clone()).await.unwrap();
    let items = conversations.items(ConversationOrder::Time).await.unwrap();
    assert_eq!(items[0].extra.as_ref().unwrap().state(), &draft);
    assert_eq!(conversations.unread_total().await.unwrap().counted, 1);
    conversations.delete(&from_alice).await.unwrap();
    assert!(conversations.list().await.unwrap().is_empty());
    assert_eq!(conversations.unread_total().await.unwrap().counted, 0);
    alice.client.messages().send_text(&ChannelId::person("bob"), "again").await.unwrap();
    bob.receives("again").await;
    assert_eq!(conversations.list().await.unwrap()[0].unread(), 1);
    bob.client.members().refresh(&from_alice).await.unwrap();
    bob.until(|event| matches!(event, Event::Members(_)).then_some(())).await;
    assert_eq!(bob.client.members().count(&from_alice, None).await.unwrap(), 1);
    let refused = bob.client.channels().refresh(&from_alice).await;
    assert!(matches!(refused, Err(wkim::Error::Query(wkim::QueryError::NotOffered))), "{refused:?}");
    // What the reminder asked for, and the draft; the conversation came back before or after its deletion was told.
    backend.uploaded(2).await;
}
