//! Logging in, being refused, being displaced, and coming back.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Over, Player, client, client_on, over_every_transport, serve, serve_over};
use wk_devserver::DevServer;
use wkim::{
    BuildError, ChannelId, Client, ConnectionState, DeviceFlag, Event, LoginError, ReasonCode,
    store::StoreError,
};

over_every_transport! {
    a_wrong_token_is_told_after_three_silent_handshakes,
    a_kick_is_final_until_the_application_connects_again,
    a_lost_connection_is_opened_again_and_misses_nothing,
    a_store_of_another_user_is_refused,
}

async fn a_wrong_token_is_told_after_three_silent_handshakes(over: Over) {
    let server = serve_over(over, DevServer::builder().token_auth(true)).await;
    let alice = Player::start(client(&server, "alice").token("wrong"));
    let error = alice.client.connection().login().await.unwrap_err();
    assert!(matches!(error, LoginError::Silent { in_a_row: 3 }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    let server = serve(DevServer::builder()).await;
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let alice = Player::start(Client::builder("alice").server(nobody.to_string()).api(server.api_url()));
    let error = alice.client.connection().login().await.unwrap_err();
    assert!(matches!(&error, LoginError::Unreachable { reason } if reason.contains("refused")), "{error}");
}

#[tokio::test]
async fn without_an_address_the_api_is_asked_for_one() {
    let server = serve(DevServer::builder()).await;
    let builder = Client::builder("alice").token(common::token("alice")).api(server.api_url());
    Player::login(builder).await;
}

async fn a_kick_is_final_until_the_application_connects_again(over: Over) {
    let server = serve_over(over, DevServer::builder().token_auth(true)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let api = wkim::HttpSource::builder(&server.api_url()).unwrap().build().unwrap();
    let request = wkim::http::TokenRequest {
        uid: "alice".into(),
        token: common::token("alice"),
        device_flag: DeviceFlag::APP,
        device_level: wkim::model::proto::DeviceLevel::MASTER,
    };
    api.register_token(&request).await.unwrap();
    let reason = alice
        .until(|event| match event {
            Event::Connection(ConnectionState::Kicked { reason, .. }) => Some(reason),
            _ => None,
        })
        .await;
    assert_eq!(reason, ReasonCode::CONNECT_KICK);
    alice.client.connection().login().await.unwrap();
}

async fn a_lost_connection_is_opened_again_and_misses_nothing(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    for round in 0..3 {
        server.drop_all_sessions();
        let text = format!("after cut {round}");
        let stored = bob.client.messages().send_text(&ChannelId::person("alice"), &text).await.unwrap();
        bob.settled(&stored).await;
        alice.receives(&text).await;
    }
}

async fn a_store_of_another_user_is_refused(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.db");
    let alice = Player::login(client_on(&server, "alice", &file)).await;
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
    let error = client_on(&server, "bob", &file).build().map(drop).unwrap_err();
    assert!(matches!(error, BuildError::Store(StoreError::WrongAccount { .. })), "{error:?}");
}

#[tokio::test]
async fn bad_settings_are_explained() {
    let error = |result: Result<_, BuildError>| result.map(drop).unwrap_err().to_string();
    assert!(error(Client::builder("alice").build()).contains("no server address"));
    assert!(error(Client::builder("alice").server("localhost").build()).contains("port"));
    assert!(error(Client::builder("a@b").server("127.0.0.1:1").build()).contains('@'));
    assert!(error(Client::builder("alice").api("ftp://x").build()).contains("API"));
}
