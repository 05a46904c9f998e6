//! What the application keeps beside a message: on this device, before it is sent and after a restart, until it goes.

use wk_devserver::DevServer;
use wkim::model::{MessageLocal, MessageWithExtra};
use wkim::{ChannelId, Client, ClientSeq, Error, Event, Position, QueryError};

use crate::common::{Player, client, serve};

async fn shown(client: &Client, channel: &ChannelId) -> Vec<MessageWithExtra> {
    client.messages().with_extras(channel, Position::MIN, Position::MAX).await.unwrap()
}

#[tokio::test]
async fn it_is_kept_beside_an_unsent_message_and_after_a_restart_and_goes_with_the_message() {
    let server = serve(DevServer::builder()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("alice.db");
    let mut alice = Player::start(client(&server, "alice").sqlite(&path));
    let bob = ChannelId::person("bob");
    let stored = alice.client.messages().send(&bob, "hello").await.unwrap().into_message();
    let local = MessageLocal { played: true, extra: r#"{"size":"large"}"#.into() };
    alice.client.messages().set_local(stored.client_seq, local.clone()).await.unwrap();
    let told = alice.until(|event| match event {
        Event::Changed(changed) => changed.first().map(|it| it.local.clone()),
        _ => None,
    });
    assert_eq!(told.await, local);
    alice.client.connection().login().await.unwrap();
    let sent = alice.settled(&stored).await;
    alice.runner.kill().await;

    let alice = Player::login(client(&server, "alice").sqlite(&path)).await;
    let rows = shown(&alice.client, &bob).await;
    assert_eq!((&rows[0].message, &rows[0].local), (&sent, &local));
    let nobody = alice.client.messages().set_local(ClientSeq::new(999), local.clone()).await;
    assert!(matches!(nobody, Err(Error::Query(QueryError::NoMessage))), "{nobody:?}");
    alice.client.messages().clear(&bob, None).await.unwrap();
    assert_eq!(shown(&alice.client, &bob).await, []);
    let gone = alice.client.messages().set_local(stored.client_seq, local).await;
    assert!(matches!(gone, Err(Error::Query(QueryError::NoMessage))), "{gone:?}");
}
