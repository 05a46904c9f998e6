//! Servers that mean harm: endless and deep answers, wrong types, redirects to other schemes.
//!
//! Each is an error that says what is wrong, and none takes more memory than the limit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use allocation_counter::measure;
use common::{Answer, Server};
use wk_http::sync::store::model::{ChannelId, Direction, MessageSeq, Uid};
use wk_http::sync::{DataSource, PullRequest, SourceError, SyncRequest};
use wk_http::{HttpSource, Route};

fn pull() -> PullRequest {
    PullRequest {
        uid: Uid::from("alice"),
        channel: ChannelId::group("g"),
        start: MessageSeq::ZERO,
        end: MessageSeq::ZERO,
        direction: Direction::Older,
        limit: 20,
    }
}

async fn route(body: &str) -> Result<Route, SourceError> {
    Server::start([Answer::json(200, body)]).await.source().route().await
}

#[track_caller]
fn is_malformed<T: std::fmt::Debug>(what: &str, result: &Result<T, SourceError>) {
    assert!(matches!(result, Err(SourceError::Malformed(_))), "{what}: {result:?}");
}

#[tokio::test]
async fn depth_is_an_error_and_no_overflow() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        is_malformed("deep", &route(&deep).await);
        // A field that nobody reads is passed over without going into it.
        let route = route(&format!(r#"{{"tcp_addr":"h:1","x":{deep}}}"#)).await;
        assert_eq!(route.unwrap().tcp_addr, "h:1");
        let server =
            Server::start([Answer::json(200, &format!(r#"{{"messages":[{{"payload":{deep}}}]}}"#))]).await;
        is_malformed("deep message", &server.source().pull_messages(&pull()).await);
    }
}

#[tokio::test]
async fn wrong_types_are_told() {
    for body in [
        "",
        "null",
        "1",
        "\"text\"",
        "[]",
        "{}",
        "{",
        r#"{"tcp_addr":5}"#,
        r#"{"tcp_addr":["h:1"]}"#,
        "\u{0}",
    ] {
        is_malformed(body, &route(body).await);
    }
    for body in [
        r#"{"messages":{}}"#,
        r#"{"messages":[1]}"#,
        r#"{"messages":[{"message_id":"x","message_seq":1}]}"#,
        r#"{"messages":[{"message_id":1,"message_seq":-1}]}"#,
        r#"{"messages":[{"message_id":1,"message_seq":1e300}]}"#,
        r#"{"messages":[{"message_id":1,"message_seq":1,"payload":"not base64!"}]}"#,
        r#"{"more":"yes","messages":[]}"#,
    ] {
        let server = Server::start([Answer::json(200, body)]).await;
        is_malformed(body, &server.source().pull_messages(&pull()).await);
    }
    for body in ["{}", r#"[{"channel_id":5}]"#, "[[]]", r#"[{"channel_id":"g","recents":5}]"#] {
        let server = Server::start([Answer::json(200, body)]).await;
        let request = SyncRequest { uid: Uid::from("alice"), tails: Vec::new(), message_count: 20 };
        is_malformed(body, &server.source().sync_conversations(&request).await);
    }
}

#[tokio::test]
async fn redirects_to_other_schemes_are_not_followed() {
    for target in
        ["file:///etc/passwd", "ftp://h/", "javascript:alert(1)", "data:,x", "//h/route", "", "\u{7f}"]
    {
        let location = format!("location: {target}\r\n");
        let server = Server::start([Answer::new(302, &location, b"")]).await;
        let result = server.source().route().await;
        assert!(
            matches!(
                result,
                Err(SourceError::Refused { status: 302, .. }
                    | SourceError::Malformed(_)
                    | SourceError::Unreachable(_))
            ),
            "{target}: {result:?}"
        );
        assert_eq!(server.requests().len(), 1, "{target}");
    }
}

#[test]
fn an_endless_answer_costs_the_limit_and_no_more() {
    const LIMIT: usize = 1 << 20;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = {
        // A length that lies about 4 GiB, and a megabyte and a half that really come.
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 4294967296\r\n\r\n[".to_vec();
        runtime.block_on(Server::start([Answer::Stall([head, vec![b' '; 3 << 19]].concat())]))
    };
    let source = HttpSource::builder(&server.base).unwrap().max_response(LIMIT).build().unwrap();
    let mut result = None;
    let used = measure(|| result = Some(runtime.block_on(source.route())));
    is_malformed("endless", &result.unwrap());
    assert!(used.bytes_max < 3 * LIMIT as u64, "{} bytes were in use", used.bytes_max);
}
