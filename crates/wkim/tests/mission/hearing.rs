//! Hearing of messages: stored before they are sent, new ones in batches, changed ones one by one, removed and cleared ones.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::mpsc;
use wk_devserver::DevServer;
use wkim::model::{MessageExtraInfo, MessageWithExtra, Reaction, Version, text_payload};
use wkim::source::{ChannelFetch, Offers};
use wkim::{
    ChannelId, ClientMsgNo, DataSource, Event, Events, Message, MessageEvent, MessageId, MessageSeq,
    MessageStatus, Messages, PageQuery, Position, ReportRequest, SourceError, TimelineItem, Uid, UnixMillis,
};

use crate::common::{PATIENCE, Player, client, serve, text_of};

async fn event(events: &mut Events<MessageEvent>) -> MessageEvent {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("nothing was told").unwrap()
}

async fn next<T>(hears: &mut mpsc::UnboundedReceiver<T>) -> T {
    tokio::time::timeout(PATIENCE, hears.recv()).await.expect("nothing was heard").unwrap()
}

#[tokio::test]
async fn an_inserted_message_is_stored_and_not_yet_sent() {
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::start(client(&server, "alice"));
    let (heard, mut hears) = mpsc::unbounded_channel();
    let messages = alice.client.messages();
    messages.on_inserted("chat", move |message| heard.send(message).unwrap()).unwrap();
    let bob = ChannelId::person("bob");
    messages.send(&bob, "hello").await.unwrap();
    let inserted: Message = next(&mut hears).await;
    assert_eq!((inserted.status, inserted.reason_code), (MessageStatus::Sending, None));
    assert!(!inserted.client_msg_no.as_str().is_empty() && inserted.client_seq.get() > 0);
    assert!(inserted.order_seq().get() > 0 && inserted.message_seq().is_zero());
    let stored = messages.by_client_msg_no(&bob, &Uid::new("alice"), &inserted.client_msg_no).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&inserted));
    assert_eq!(server.stats().messages_stored, 0);
    alice.client.connection().login().await.unwrap();
    let sent = alice.settled(&inserted).await;
    assert_eq!((sent.client_seq, sent.status), (inserted.client_seq, MessageStatus::Sent));
    assert_eq!(server.stats().messages_stored, 1);
}

#[tokio::test]
async fn new_messages_of_every_channel_are_heard_and_commands_are_not() {
    let server = serve(DevServer::builder()).await;
    let team = ChannelId::group("team");
    server.channel(&team).add_subscribers(&["alice", "bob"].map(Uid::new));
    let alice = Player::login(client(&server, "alice")).await;
    let bob = Player::login(client(&server, "bob")).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let messages = bob.client.messages();
    messages.on_new("chat", |_| panic!("it was replaced")).unwrap();
    let tell = heard.clone();
    messages.on_new("chat", move |new| new.into_iter().for_each(|it| tell.send(it).unwrap())).unwrap();
    let to_bob = ChannelId::person("bob");
    let alices = alice.client.messages();
    alices.send(&to_bob, "in person").await.unwrap().acked().await.unwrap();
    server.send(&Uid::new(""), &to_bob, "", &br#"{"type":99,"cmd":"typing","param":{}}"#[..]);
    alices.send(&team, "in the team").await.unwrap().acked().await.unwrap();
    alices.send(&to_bob, "not kept").no_persist().await.unwrap().acked().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let message: Message = next(&mut hears).await;
        seen.push((message.channel.clone(), text_of(&message)));
    }
    let from_alice = ChannelId::person("alice");
    let expected = [
        (from_alice.clone(), "in person".to_owned()),
        (team, "in the team".to_owned()),
        (from_alice, "not kept".to_owned()),
    ];
    assert_eq!(seen, expected);
    messages.remove_on_new("chat");
    drop(heard);
    assert_eq!(hears.recv().await, None, "the callback is gone");
}

/// A backend that knows what happened to messages.
#[derive(Default)]
struct Backend {
    extras: Mutex<Vec<(MessageId, MessageExtraInfo)>>,
    reactions: Mutex<Vec<Reaction>>,
}

#[async_trait]
impl DataSource for Backend {
    fn offers(&self) -> Offers {
        let mut offers = Offers::NONE;
        (offers.message_extras, offers.reactions) = (true, true);
        offers
    }

    async fn message_extras(
        &self,
        request: &ChannelFetch,
    ) -> Result<Vec<(MessageId, MessageExtraInfo)>, SourceError> {
        let extras = self.extras.lock().unwrap().clone();
        Ok(extras.into_iter().filter(|(_, info)| info.version > request.after).collect())
    }

    async fn report(&self, _: &ReportRequest) -> Result<Version, SourceError> {
        Ok(Version::ZERO)
    }

    async fn reactions(&self, request: &ChannelFetch) -> Result<Vec<Reaction>, SourceError> {
        let reactions = self.reactions.lock().unwrap().clone();
        Ok(reactions.into_iter().filter(|reaction| reaction.seq > request.after).collect())
    }
}

/// Hears of a message, and of no other, until it is as wanted.
async fn heard_until(
    messages: &Messages<'_>,
    hears: &mut mpsc::UnboundedReceiver<Message>,
    number: &ClientMsgNo,
    wanted: impl Fn(&MessageWithExtra) -> bool,
) {
    loop {
        let heard = next(hears).await;
        assert_eq!(heard.client_msg_no, *number);
        let stored = messages.with_extras(&heard.channel, Position::MIN, Position::MAX).await.unwrap();
        if stored.iter().any(&wanted) {
            return;
        }
    }
}

#[tokio::test]
async fn every_change_of_a_message_is_heard_with_its_number() {
    let server = serve(DevServer::builder()).await;
    let backend = Arc::new(Backend::default());
    let mut alice = Player::login(client(&server, "alice").data_source(backend.clone())).await;
    let messages = alice.client.messages();
    let (heard, mut hears) = mpsc::unbounded_channel();
    messages.on_refresh("chat", move |message| heard.send(message).unwrap()).unwrap();
    let bob = ChannelId::person("bob");
    let stored = messages.send(&bob, "hello").await.unwrap().into_message();
    let number = stored.client_msg_no.clone();
    let sent: Message = next(&mut hears).await;
    assert_eq!((&sent.client_msg_no, sent.status), (&number, MessageStatus::Sent));
    let id = sent.message_id;
    let tell = |command: &str| {
        let command =
            format!(r#"{{"type":99,"cmd":"{command}","param":{{"channel_id":"bob","channel_type":1}}}}"#);
        server.send(&Uid::new(""), &ChannelId::person("alice"), "", command.into_bytes());
    };
    let read = MessageExtraInfo { version: Version::new(1), read: true, read_count: 1, ..Default::default() };
    backend.extras.lock().unwrap().push((id, read.clone()));
    tell("syncMessageExtra");
    heard_until(&messages, &mut hears, &number, |it| it.extra.as_ref().is_some_and(|it| it.info.read)).await;
    let reaction = Reaction {
        message_id: id,
        uid: Uid::new("bob"),
        channel: bob.clone(),
        name: "Bob".into(),
        emoji: "\u{1f44d}".into(),
        seq: Version::new(1),
        deleted: false,
        created_at: UnixMillis::new(1),
    };
    backend.reactions.lock().unwrap().push(reaction.clone());
    tell("syncMessageReaction");
    heard_until(&messages, &mut hears, &number, |it| it.reactions == [reaction.clone()]).await;
    messages.edit(id, text_payload("hello!")).await.unwrap();
    heard_until(&messages, &mut hears, &number, |it| *it.payload() == text_payload("hello!")).await;
    let revoked = MessageExtraInfo { version: Version::new(2), revoked: true, ..read };
    backend.extras.lock().unwrap().push((id, revoked));
    tell("syncMessageExtra");
    heard_until(&messages, &mut hears, &number, |it| it.extra.as_ref().is_some_and(|it| it.info.revoked))
        .await;
    messages.remove_on_refresh("chat");
    while let Some(last) = hears.recv().await {
        assert_eq!(last.client_msg_no, number, "and then the callback is gone");
    }
    // What the listener was told is what a reader of the stream is told.
    let heard = alice.until(|event| match event {
        Event::Changed(changed) => changed.first().and_then(|it| it.extra.clone()),
        _ => None,
    });
    assert!(heard.await.info.read);
}

#[tokio::test]
async fn a_cleared_channel_is_heard_by_streams_callbacks_and_timelines() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let messages = alice.client.messages();
    let (bob, carol) = (ChannelId::person("bob"), ChannelId::person("carol"));
    for text in ["one", "two"] {
        messages.send(&bob, text).await.unwrap().acked().await.unwrap();
    }
    let elsewhere = messages.send(&carol, "elsewhere").await.unwrap().acked().await.unwrap();
    let timeline = messages.timeline(&bob).await.unwrap();
    let (mut shown, mut changes) = timeline.subscribe();
    assert_eq!(shown.len(), 2);
    let mut events = messages.events();
    let (_, mut of_bob) = messages.subscribe(&bob, 10).await.unwrap();
    let (_, mut of_carol) = messages.subscribe(&carol, 10).await.unwrap();
    let (heard, mut hears) = mpsc::unbounded_channel();
    let tell = heard.clone();
    messages.on_cleared("chat", move |channel, up_to| tell.send((channel, up_to)).unwrap()).unwrap();
    messages.on_reload("chat", |missed| panic!("{missed}")).unwrap();
    messages.clear(&bob, None).await.unwrap();
    let two = MessageSeq::new(2);
    let cleared = MessageEvent::Cleared { channel: bob.clone(), up_to: two };
    assert_eq!(event(&mut events).await, cleared);
    assert_eq!(event(&mut of_bob).await, cleared);
    assert_eq!(next(&mut hears).await, (bob.clone(), two));
    let empty = async {
        while !shown.is_empty() {
            changes.next().await.unwrap().into_iter().for_each(|step| step.apply(&mut shown));
        }
    };
    tokio::time::timeout(PATIENCE, empty).await.expect("the timeline still shows it");
    // What is removed one by one is heard too, and of another channel nothing before it.
    let (heard_removed, mut hears_removed) = mpsc::unbounded_channel();
    messages.on_removed("chat", move |removed| heard_removed.send(removed).unwrap()).unwrap();
    messages.delete(vec![elsewhere.client_seq]).await.unwrap();
    let heard_of: Vec<Message> = next(&mut hears_removed).await;
    assert_eq!(heard_of.first(), Some(&elsewhere));
    let removed = MessageEvent::Removed { channel: carol.clone(), messages: vec![elsewhere] };
    assert_eq!(event(&mut of_carol).await, removed);
    // And what comes after is shown again.
    let again = messages.send(&bob, "three").await.unwrap().acked().await.unwrap();
    let back = async {
        let is_back = |item: &TimelineItem| match item {
            TimelineItem::Message(it) => it.message.message_id == again.message_id,
            _ => false,
        };
        while !shown.iter().any(is_back) {
            changes.next().await.unwrap().into_iter().for_each(|step| step.apply(&mut shown));
        }
    };
    tokio::time::timeout(PATIENCE, back).await.expect("the timeline does not go on");
    messages.remove_on_cleared("chat");
    messages.clear(&carol, None).await.unwrap();
    let page = messages.history(PageQuery::newest(carol)).await.unwrap();
    assert!(page.messages.is_empty());
    drop(heard);
    assert_eq!(hears.recv().await, None, "the callback is gone");
}
