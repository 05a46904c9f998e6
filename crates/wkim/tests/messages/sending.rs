//! Messages as they are written arrive with everything that was set.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wk_devserver::DevServer;
use wkim::content::{Content, Image, Text};
use wkim::model::{Setting, parse_payload};
use wkim::{
    BuildError, ChannelId, ContentError, ContentType, CustomContent, DataSource, Error, Event, Message,
    MessageStatus, NotSent, ReasonCode, SendError, SourceError, Uid, UploadRequest,
};

use crate::common::{Player, client, serve};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Poll {
    question: String,
}

impl CustomContent for Poll {
    const TYPE: ContentType = ContentType::new(3001);

    fn display_text(&self) -> Cow<'_, str> {
        format!("[poll] {}", self.question).into()
    }
}

#[derive(Serialize, Deserialize)]
struct Greedy {}

impl CustomContent for Greedy {
    const TYPE: ContentType = ContentType::new(1000);

    fn display_text(&self) -> Cow<'_, str> {
        "".into()
    }
}

async fn arrived(player: &mut Player) -> Message {
    player
        .until(|event| match event {
            Event::Messages { messages, .. } => messages.into_iter().next(),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn what_was_set_arrives() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let handle = alice
        .client
        .messages()
        .send(&ChannelId::person("bob"), "@Bob hi")
        .mention([Uid::new("bob")])
        .mention_all()
        .visibles([Uid::new("bob")])
        .flame(30)
        .robot("weather")
        .key("order", 42)
        .topic("lunch")
        .expire(3600)
        .red_dot(false)
        .receipt()
        .await
        .unwrap();
    assert_eq!(handle.status, MessageStatus::Sending);
    let sent = handle.acked().await.unwrap();
    assert_eq!((sent.status, sent.reason_code), (MessageStatus::Sent, Some(ReasonCode::SUCCESS)));
    let received = arrived(&mut bob).await;
    assert_eq!(received.payload, sent.payload);
    assert_eq!((&*received.topic, received.expire, received.header.red_dot), ("lunch", 3600, false));
    assert!(received.setting.contains(Setting::TOPIC) && received.setting.contains(Setting::RECEIPT));
    let parsed = received.parse();
    assert!(parsed.calls(&Uid::new("bob")) && parsed.calls(&Uid::new("zoe")));
    assert_eq!((parsed.visibles, parsed.flame), (vec![Uid::new("bob")], Some(30)));
    assert_eq!(parsed.robot_id.as_deref(), Some("weather"));
    assert_eq!(parsed.keys.integer("order"), Some(42));
    assert_eq!(parsed.content, Text::new("@Bob hi").into());
}

/// A file store that leaves the draft's path where it was.
struct Careless;

#[async_trait::async_trait]
impl DataSource for Careless {
    async fn upload(&self, request: &UploadRequest) -> Result<bytes::Bytes, SourceError> {
        let draft = String::from_utf8(request.message.payload.to_vec()).unwrap();
        assert!(draft.contains(r#""localPath":"/home/alice/cat.png""#), "{draft}");
        Ok(draft.replace(r#""url":"""#, r#""url":"https://files.example.org/cat.png""#).into())
    }
}

#[tokio::test]
async fn no_path_of_the_device_is_sent_with_an_upload() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice").data_source(Arc::new(Careless))).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let bob_channel = ChannelId::person("bob");
    let image = Image::new("", 100, 80);
    let handle =
        alice.client.messages().send(&bob_channel, image).upload("/home/alice/cat.png").await.unwrap();
    assert_eq!(
        handle.parse().keys.text("localPath").as_deref(),
        Some("/home/alice/cat.png"),
        "to show it now"
    );
    let sent = handle.acked().await.unwrap();
    let payload = r#"{"type":2,"url":"https://files.example.org/cat.png","width":100,"height":80}"#;
    assert_eq!(
        (&sent.payload[..], &arrived(&mut bob).await.payload[..]),
        (payload.as_bytes(), payload.as_bytes())
    );
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_awaited() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    drop(alice.client.messages().send(&ChannelId::person("bob"), "not this"));
    let handle = alice.client.messages().send(&ChannelId::person("bob"), "this").await.unwrap();
    assert_eq!(handle.acked().await.unwrap().message_seq().get(), 1);
}

#[tokio::test]
async fn a_content_of_the_application_is_sent_shown_and_read() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob").content::<Poll>()).await;
    let poll = Poll { question: "tea?".into() };
    alice.client.messages().send(&ChannelId::person("bob"), poll.clone()).await.unwrap();
    let received = arrived(&mut bob).await;
    assert_eq!(received.decode::<Poll>(), Ok(poll));
    assert_eq!(bob.client.messages().display_text(&received), "[poll] tea?");
    assert_eq!(alice.client.messages().display_text(&received), "[message]", "not registered there");
    let reserved = ContentError::ReservedType { content_type: Greedy::TYPE };
    let refused = alice.client.messages().send(&ChannelId::person("bob"), Greedy {}).await;
    assert!(matches!(refused, Err(Error::Content(error)) if error == reserved));
    let refused = client(&server, "carol").content::<Poll>().content::<Greedy>().build();
    assert!(matches!(refused, Err(BuildError::Content(error)) if error == reserved));
}

#[tokio::test]
async fn mistakes_are_told_before_anything_is_stored() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let messages = alice.client.messages();
    let bob = ChannelId::person("bob");
    let large = "x".repeat(24_559);
    let refused = messages.send(&bob, large.as_str()).await;
    assert!(
        matches!(refused, Err(Error::Send(SendError::PayloadTooLarge { limit: 24_559, .. }))),
        "{refused:?}"
    );
    let refused = messages.send(&bob, "hi").topic("x".repeat(65_536)).await;
    assert!(matches!(refused, Err(Error::Send(SendError::TopicTooLong { .. }))), "{refused:?}");
    let refused = messages.send(&ChannelId::person("alice"), "hi").await;
    assert!(matches!(refused, Err(Error::Send(SendError::Id(_)))), "{refused:?}");
    let refused = messages.send(&bob, "hi").key("content", 1).await;
    assert!(matches!(refused, Err(Error::Content(ContentError::ReservedKey { .. }))), "{refused:?}");
    assert_eq!(alice.client.conversations().list().await.unwrap(), []);
}

#[tokio::test]
async fn a_refusal_is_told_to_who_waits_for_it() {
    let server = serve(DevServer::builder()).await;
    server.channel(&ChannelId::group("team")).add_subscribers(&["bob", "carol"].map(Uid::from));
    let alice = Player::login(client(&server, "alice")).await;
    let handle = alice.client.messages().send(&ChannelId::group("team"), "let me in").await.unwrap();
    for _ in 0..2 {
        // Once while it happens, once long after.
        let refused = handle.acked().await;
        let reason = Some(ReasonCode::SUBSCRIBER_NOT_EXIST);
        assert!(matches!(&refused, Err(NotSent::Failed { reason: told }) if *told == reason), "{refused:?}");
    }
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
}

#[tokio::test]
async fn a_handle_takes_back_and_sends_again() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::start(client(&server, "alice"));
    let handle = alice.client.messages().send(&ChannelId::person("bob"), "hm").await.unwrap();
    handle.cancel().await.unwrap();
    let given_up = handle.acked().await;
    let cancelled = MessageStatus::Cancelled;
    assert!(matches!(&given_up, Err(NotSent::GivenUp { status }) if *status == cancelled), "{given_up:?}");
    handle.retry().await.unwrap();
    alice.client.connection().login().await.unwrap();
    assert_eq!(handle.acked().await.unwrap().client_msg_no, handle.client_msg_no);
}

#[tokio::test]
async fn whoever_waits_is_told_that_the_client_ended() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::start(client(&server, "alice"));
    let handle = alice.client.messages().send(&ChannelId::person("bob"), "offline").await.unwrap();
    let waiting = tokio::spawn(async move { handle.acked().await });
    alice.client.shutdown().await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Err(NotSent::Client(Error::Stopped))));
}

#[tokio::test]
async fn a_forwarded_message_says_the_same_to_others() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let mut carol = Player::login(client(&server, "carol")).await;
    let image = Image::new("http://example.org/cat.jpg", 100, 80);
    alice
        .client
        .messages()
        .send(&ChannelId::person("bob"), image.clone())
        .mention_all()
        .key("x", 7)
        .await
        .unwrap();
    let received = arrived(&mut bob).await;
    bob.client.messages().forward(&received, &ChannelId::person("carol")).await.unwrap();
    let forwarded = arrived(&mut carol).await;
    assert_eq!(
        forwarded.payload,
        r#"{"type":2,"url":"http://example.org/cat.jpg","width":100,"height":80,"x":7}"#
    );
    let both = [received, forwarded.clone()];
    carol.client.messages().merge_forward(&both, [], &ChannelId::person("bob")).await.unwrap();
    let Content::MergeForward(merged) = parse_payload(&arrived(&mut bob).await.payload).content else {
        panic!("no merge-forward")
    };
    let contents: Vec<_> = merged.messages.iter().map(|message| message.parse().content).collect();
    assert_eq!(contents, [image.clone().into(), image.into()]);
    let unreadable = Message { payload: "hi".into(), ..forwarded };
    let refused = carol.client.messages().forward(&unreadable, &ChannelId::person("bob")).await;
    assert!(matches!(refused, Err(Error::Content(ContentError::Unreadable { .. }))), "{refused:?}");
}
