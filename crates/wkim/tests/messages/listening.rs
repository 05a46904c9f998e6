//! Hearing of messages: streams of one noun, snapshots with what follows, callbacks, and slow readers.

use futures_util::StreamExt;
use tokio::sync::mpsc;
use wk_devserver::DevServer;
use wkim::{
    ChannelId, ConnectionState, Error, Event, EventsError, Message, MessageEvent, MessageStatus, PageQuery,
};

use crate::common::{PATIENCE, Player, client, serve, text_of};

#[tokio::test]
async fn callbacks_of_a_key_come_in_order_until_they_are_removed() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let bob = Player::login(client(&server, "bob")).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let messages = bob.client.messages();
    let tell = heard.clone();
    messages.on_inserted("chat", move |message| tell.send(("inserted", message)).unwrap()).unwrap();
    let tell = heard.clone();
    messages.on_refresh("chat", move |message| tell.send(("refreshed", message)).unwrap()).unwrap();
    let tell = heard.clone();
    let tell_all = move |new: Vec<Message>| new.into_iter().for_each(|m| tell.send(("new", m)).unwrap());
    messages.on_new("chat", tell_all).unwrap();
    let to_alice = ChannelId::person("alice");
    for number in 0..20 {
        messages.send(&to_alice, number.to_string()).await.unwrap().acked().await.unwrap();
        let (inserted, message) = hears.recv().await.unwrap();
        assert_eq!((inserted, message.status), ("inserted", MessageStatus::Sending));
        let (refreshed, message) = hears.recv().await.unwrap();
        assert_eq!((refreshed, message.status), ("refreshed", MessageStatus::Sent));
        assert_eq!(text_of(&message), number.to_string());
    }
    messages.remove_on_inserted("chat");
    messages.remove_on_refresh("chat");
    messages.send(&to_alice, "unheard").await.unwrap().acked().await.unwrap();
    alice.client.messages().send(&ChannelId::person("bob"), "heard").await.unwrap();
    let (kind, message) = hears.recv().await.unwrap();
    assert_eq!((kind, &*text_of(&message)), ("new", "heard"));
    messages.remove_listeners("chat");
    drop(heard);
    assert!(hears.recv().await.is_none(), "the callbacks are gone");
}

#[tokio::test]
async fn every_noun_has_a_stream_and_the_connection_a_state() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::start(client(&server, "alice"));
    let connection = alice.client.connection();
    assert_eq!(connection.state(), ConnectionState::Offline);
    let (mut states, mut conversations) = (connection.events(), alice.client.conversations().events());
    connection.login().await.unwrap();
    assert!(matches!(connection.state(), ConnectionState::Online { .. }));
    assert_eq!(states.next().await, Ok(ConnectionState::Connecting));
    assert_eq!(states.next().await, Ok(connection.state()));
    let bob = ChannelId::person("bob");
    alice.client.messages().send(&bob, "hi").await.unwrap();
    assert_eq!(conversations.next().await, Ok(vec![bob]));
    connection.disconnect().await.unwrap();
    assert_eq!(states.next().await, Ok(ConnectionState::Offline));
    assert_eq!(connection.state(), ConnectionState::Offline);
}

#[tokio::test]
async fn a_callback_may_replace_and_remove_itself() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let old = heard.clone();
    alice.client.messages().on_inserted("chat", move |_| old.send("old").unwrap()).unwrap();
    let same = alice.client.clone();
    let once = move |_| {
        heard.send("once").unwrap();
        same.messages().remove_listeners("chat");
    };
    alice.client.messages().on_inserted("chat", once).unwrap();
    for text in ["one", "two"] {
        alice.client.messages().send(&ChannelId::person("bob"), text).await.unwrap();
    }
    assert_eq!(hears.recv().await, Some("once"));
    assert_eq!(hears.recv().await, None);
}

#[test]
fn callbacks_outside_of_a_runtime_are_refused_and_not_lost() {
    let (client, _runner) = wkim::Client::builder("alice").server("127.0.0.1:1").build().unwrap();
    let refused = client.messages().on_new("chat", |_| {});
    assert!(matches!(refused, Err(Error::NoRuntime)));
    client.messages().remove_listeners("chat");
}

#[tokio::test]
async fn a_slow_callback_is_told_to_reload() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let bob = ChannelId::person("bob");
    let (started, mut starts) = mpsc::unbounded_channel();
    let (reloads, mut reloaded) = mpsc::unbounded_channel();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let messages = alice.client.messages();
    // The callback stands at the gate, on a thread of its own runtime, while far more happens than is kept for it.
    let slow = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    {
        let _slow = slow.enter();
        let wait = move |_| {
            started.send(()).ok();
            gate.recv().ok();
        };
        messages.on_inserted("chat", wait).unwrap();
        messages.on_reload("chat", move |missed| reloads.send(missed).unwrap()).unwrap();
    }
    messages.send(&bob, "first").await.unwrap();
    starts.recv().await.unwrap();
    for number in 0..2_500 {
        messages.send(&bob, number.to_string()).await.unwrap().acked().await.unwrap();
    }
    drop(open);
    assert!(reloaded.recv().await.unwrap() > 0);
    messages.remove_listeners("chat");
    slow.shutdown_background();
}

#[tokio::test]
async fn a_slow_stream_says_so_and_goes_on() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let bob = ChannelId::person("bob");
    let (_, mut events) = alice.client.messages().subscribe(&bob, 10).await.unwrap();
    for number in 0..2_500 {
        alice.client.messages().send(&bob, number.to_string()).await.unwrap().acked().await.unwrap();
    }
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
    let missed = events.next().await;
    assert!(matches!(missed, Err(EventsError::Lagged { missed }) if missed > 0), "{missed:?}");
    let rest: Vec<_> = events.into_stream().collect().await;
    assert!(rest.len() > 1_000, "the rest is there, and then the stream ends");
    assert!(rest.iter().all(Result::is_ok));
}

/// What a reader who applies the events holds.
fn apply(shown: &mut Vec<Message>, event: MessageEvent) {
    let mut put =
        |message: Message| match shown.iter_mut().find(|known| known.client_seq == message.client_seq) {
            Some(known) => *known = message,
            None => shown.push(message),
        };
    match event {
        MessageEvent::Inserted(message) | MessageEvent::Refreshed(message) => put(message),
        MessageEvent::New { messages, .. } => messages.into_iter().for_each(put),
        MessageEvent::Pulling(_) => {}
        other => panic!("{other:?}"),
    }
    shown.sort_by_key(|message| message.position);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_snapshot_and_its_events_are_the_channel_whenever_it_is_taken() {
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let bob = Player::login(client(&server, "bob")).await;
    let with_bob = ChannelId::person("bob");
    let writers = [(alice.client.clone(), "bob"), (bob.client.clone(), "alice")].map(|(client, to)| {
        tokio::spawn(async move {
            for number in 0..150 {
                client.messages().send(&ChannelId::person(to), number.to_string()).await.unwrap();
                tokio::task::yield_now().await;
            }
            let last = client.messages().send(&ChannelId::person("carol"), "elsewhere").await.unwrap();
            last.acked().await.unwrap();
        })
    });
    let mut readers = Vec::new();
    for _ in 0..50 {
        readers.push(alice.client.messages().subscribe(&with_bob, 1_000).await.unwrap());
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let all = loop {
        let page =
            alice.client.messages().history(PageQuery::newest(with_bob.clone()).limit(1_000)).await.unwrap();
        if page.messages.len() == 300 && page.messages.iter().all(|m| m.status == MessageStatus::Sent) {
            break page.messages;
        }
        alice
            .until(|event| matches!(event, Event::Messages { .. } | Event::Refreshed(_)).then_some(()))
            .await;
    };
    for (mut shown, mut events) in readers {
        assert!(shown.iter().all(|message| message.channel == with_bob));
        let mut heard = Vec::new();
        while shown != all {
            let event =
                tokio::time::timeout(PATIENCE, events.next()).await.expect("an event is missing").unwrap();
            if let MessageEvent::Inserted(message) = &event {
                assert!(!heard.contains(&message.client_seq), "inserted twice");
                assert!(
                    shown.iter().all(|known| known.client_seq != message.client_seq),
                    "already in the snapshot"
                );
                heard.push(message.client_seq);
            }
            apply(&mut shown, event);
        }
    }
}
