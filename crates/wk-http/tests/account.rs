//! Routes and tokens: recorded exchanges, and what is never shown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Answer, Server, exchange, exchanges};
use wk_http::sync::SourceError;
use wk_http::sync::store::model::Uid;
use wk_http::sync::store::model::proto::{DeviceFlag, DeviceLevel};
use wk_http::{HttpSource, TokenRequest};

fn token_request(uid: &str, token: &str) -> TokenRequest {
    TokenRequest {
        uid: Uid::from(uid),
        token: token.to_owned(),
        device_flag: DeviceFlag::WEB,
        device_level: DeviceLevel::SLAVE,
    }
}

#[tokio::test]
async fn the_route_is_read() {
    let recorded = exchange("route.json", "plain");
    let server = Server::start([recorded.answer()]).await;
    let route = server.source().route().await.unwrap();
    recorded.assert_asked(&server);
    assert_eq!(route.tcp_addr, "127.0.0.1:5100");
    assert_eq!((route.ws_addr.as_str(), route.wss_addr.as_str()), ("ws://127.0.0.1:5200", ""));

    let tcp_only = Server::start([Answer::json(200, r#"{"tcp_addr":"h:1"}"#)]).await;
    assert_eq!(tcp_only.source().route().await.unwrap().ws_addr, "");
    let health = Server::start([exchange("errors.json", "health").answer()]).await;
    assert!(matches!(health.source().route().await, Err(SourceError::Malformed(_))));
}

#[tokio::test]
async fn recorded_tokens_are_registered_or_refused_as_the_server_said() {
    let (mut registered, mut refused) = (0, Vec::new());
    for exchange in exchanges("user_token.json") {
        let body = &exchange.request_body;
        let byte = |key: &str| u8::try_from(body[key].as_u64().unwrap()).unwrap();
        let request = TokenRequest {
            uid: Uid::from(body["uid"].as_str().unwrap()),
            token: body["token"].as_str().unwrap().to_owned(),
            device_flag: DeviceFlag::new(byte("device_flag")),
            device_level: DeviceLevel::new(byte("device_level")),
        };
        let server = Server::start([exchange.answer()]).await;
        match server.source().register_token(&request).await {
            Ok(()) => registered += 1,
            Err(SourceError::Refused { status, .. }) => refused.push((exchange.name.clone(), status)),
            Err(error) => panic!("{}: {error}", exchange.name),
        }
        exchange.assert_asked(&server);
    }
    assert_eq!(registered, 13);
    assert_eq!(refused, [("banned".to_owned(), 19), ("disbanded".to_owned(), 24)]);
}

#[tokio::test]
async fn tokens_that_would_harm_a_server_are_not_sent() {
    let server = Server::start([]).await;
    let source = server.source();
    for request in [
        token_request("", "t"),
        token_request("a@b", "t"),
        token_request(&"x".repeat(256), "t"),
        token_request("alice", ""),
        token_request("alice", &"t".repeat(32_768)),
    ] {
        let result = source.register_token(&request).await;
        assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn headers_go_with_every_request_and_the_base_may_have_a_path() {
    let route = exchange("errors.json", "right_header");
    let registered = exchange("errors.json", "post_right_header");
    for (suffix, prefix) in [("", ""), ("/", ""), ("/im/v1", "/im/v1"), ("/im/v1/", "/im/v1")] {
        let server = Server::start([route.answer(), registered.answer()]).await;
        let base = format!("{}{suffix}", server.base);
        let source = HttpSource::builder(&base)
            .unwrap()
            .header("Token", "secret-1")
            .header("x-tenant", "7")
            .build()
            .unwrap();
        source.route().await.unwrap();
        source.register_token(&token_request("ha1", "t")).await.unwrap();
        let targets: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
        assert_eq!(targets, [format!("{prefix}/route"), format!("{prefix}/user/token")]);
        for request in server.requests() {
            assert!(request.headers.contains("token: secret-1\n"), "{}", request.headers);
            assert!(request.headers.contains("x-tenant: 7\n"), "{}", request.headers);
        }
    }
}

#[test]
fn nothing_shows_a_token() {
    let builder = HttpSource::builder("http://h:1").unwrap().header("token", "secret-1");
    let shown = format!(
        "{builder:?} {:?} {:?}",
        builder.clone().build().unwrap(),
        token_request("alice", "secret-1")
    );
    assert!(shown.contains("token") && shown.contains("alice"), "{shown}");
    assert!(!shown.contains("secret-1"), "{shown}");
}
