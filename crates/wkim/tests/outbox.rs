//! Messages taken back, sent again, and sent with an upload; and a connection that is doubted.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::{Player, client, seqs, serve, token};
use wk_devserver::{DevServer, Seed};
use wkim::content::Image;
use wkim::{
    ChannelId, Client, ConnectionState, DataSource, Event, Message, MessageSeq, MessageStatus, NotSent,
    PageQuery, Position, QueryError, ReasonCode, SourceError, Uid, UploadRequest,
};

/// Waits until a message has a status.
async fn until_status(player: &mut Player, message: &Message, status: MessageStatus) -> Message {
    let number = message.client_msg_no.clone();
    player
        .until(|event| match event {
            Event::Refreshed(told) if told.client_msg_no == number && told.status == status => Some(told),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_message_written_offline_is_cancelled_and_sent_again() {
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::start(client(&server, "alice"));
    let bob = ChannelId::person("bob");
    let messages = alice.client.messages();
    let first = messages.send_text(&bob, "first").await.unwrap();
    let second = messages.send_text(&bob, "second").await.unwrap();
    messages.cancel(&first).await.unwrap();
    let outcome = first.acked().await;
    assert!(matches!(outcome, Err(NotSent::GivenUp { status: MessageStatus::Cancelled })), "{outcome:?}");
    let again = messages.cancel(&first).await;
    assert!(matches!(again, Err(wkim::Error::Query(QueryError::NotWaiting))), "{again:?}");
    alice.client.connection().login().await.unwrap();
    until_status(&mut alice, &second, MessageStatus::Sent).await;
    let texts = || -> Vec<_> {
        let logged = server.messages(&bob, &Uid::from("alice")).into_iter();
        logged.map(|message| String::from_utf8(message.payload.to_vec()).unwrap()).collect()
    };
    assert!(matches!(&texts()[..], [only] if only.contains("second")), "{:?}", texts());
    alice.client.messages().retry(&first).await.unwrap();
    until_status(&mut alice, &first, MessageStatus::Sent).await;
    assert_eq!(texts().len(), 2);
}

#[tokio::test]
async fn a_refused_message_is_sent_again_when_it_is_allowed() {
    let server = serve(DevServer::builder()).await;
    let team = ChannelId::group("team");
    server.channel(&team).add_subscribers(&[Uid::from("bob")]);
    let mut alice = Player::login(client(&server, "alice")).await;
    let stored = alice.client.messages().send_text(&team, "let me in").await.unwrap();
    let refused = until_status(&mut alice, &stored, MessageStatus::Failed).await;
    assert_eq!(refused.reason_code, Some(ReasonCode::SUBSCRIBER_NOT_EXIST));
    server.channel(&team).add_subscribers(&[Uid::from("alice")]);
    alice.client.messages().retry(&refused).await.unwrap();
    let sent = until_status(&mut alice, &stored, MessageStatus::Sent).await;
    assert_eq!(sent.client_msg_no, stored.client_msg_no);
}

/// An application's file store.
struct Files;

#[async_trait::async_trait]
impl DataSource for Files {
    async fn upload(&self, request: &UploadRequest) -> Result<bytes::Bytes, SourceError> {
        let draft = String::from_utf8(request.message.payload.to_vec()).unwrap();
        Ok(draft.replace("file:///cat.png", "https://files.example.org/cat.png").into())
    }
}

#[tokio::test]
async fn an_image_is_uploaded_before_it_is_sent() {
    let server = serve(DevServer::builder()).await;
    let builder = Client::builder("alice").token(token("alice")).server(server.tcp_addr().to_string());
    let alice = Player::login(builder.data_source(Arc::new(Files))).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let bob_channel = ChannelId::person("bob");
    let image = Image::new("file:///cat.png", 100, 80);
    let handle = alice.client.messages().send(&bob_channel, image).needs_upload().relaxed().await.unwrap();
    handle.acked().await.unwrap();
    let received = bob
        .until(|event| match event {
            Event::Messages { messages, .. } => messages.into_iter().next(),
            _ => None,
        })
        .await;
    let text = String::from_utf8(received.payload.to_vec()).unwrap();
    assert!(text.contains("https://files.example.org/cat.png"), "{text}");
}

#[tokio::test]
async fn another_network_gets_another_connection_and_waking_keeps_a_living_one() {
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.client.connection().wake().await.unwrap();
    alice.client.connection().network_changed().await.unwrap();
    let mut states = Vec::new();
    while !matches!(states.last(), Some(ConnectionState::Online { .. })) || states.len() < 4 {
        let state = alice.until(|event| match event {
            Event::Connection(state) => Some(state),
            _ => None,
        });
        states.push(state.await);
    }
    assert!(matches!(states[states.len() - 3], ConnectionState::Waiting { .. }), "{states:?}");
    let stored = alice.client.messages().send_text(&ChannelId::person("bob"), "hi").await.unwrap();
    until_status(&mut alice, &stored, MessageStatus::Sent).await;
}

#[tokio::test]
async fn a_jump_to_a_message_costs_one_pull_and_a_cleared_channel_stays_empty() {
    let seed = Seed::group("team", ["alice", "bob"].map(Uid::from), 300);
    let server = serve(DevServer::builder().seed(seed)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let team = ChannelId::group("team");
    let target = Position::server(MessageSeq::new(100));
    let page =
        alice.client.messages().history(PageQuery::around(team.clone(), target).limit(10)).await.unwrap();
    assert_eq!((page.pulls, seqs(&page)), (1, (96..=105).collect()));
    alice.client.messages().clear(&team, None).await.unwrap();
    let page = alice.client.messages().history(PageQuery::newest(team.clone())).await.unwrap();
    assert!(page.messages.is_empty() && page.reached_start && page.reached_end);
    alice.client.messages().open(&team).await.unwrap();
    server.send(&Uid::from("bob"), &team, "", &b"after"[..]);
    alice.until(|event| matches!(event, Event::Messages { .. }).then_some(())).await;
    let page = alice.client.messages().history(PageQuery::newest(team.clone())).await.unwrap();
    assert_eq!(seqs(&page), [301]);
    alice.client.messages().close(&team).await.unwrap();
}
