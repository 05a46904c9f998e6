//! What every way of failing becomes, and which requests are sent again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::time::Duration;

use common::{Answer, Server, exchanges};
use wk_http::sync::store::model::{ChannelId, MessageSeq, Uid};
use wk_http::sync::{DataSource, SourceError, UnreadRequest};
use wk_http::{BuildError, HttpSource, Route};

fn clear() -> UnreadRequest {
    UnreadRequest {
        uid: Uid::from("alice"),
        channel: ChannelId::group("g"),
        unread: 0,
        last_seq: MessageSeq::ZERO,
    }
}

fn refusal(status: u16, message: &str) -> SourceError {
    SourceError::Refused { status, message: message.to_owned() }
}

async fn route(answer: Answer) -> Result<Route, SourceError> {
    Server::start([answer]).await.source().route().await
}

#[tokio::test]
async fn every_status_but_success_is_a_refusal_with_the_servers_words() {
    for (status, body, words) in [
        (400, r#"{"msg":"数据格式有误！","status":400}"#, "数据格式有误！"),
        (400, r#"{"error":"invalid request"}"#, "invalid request"),
        (401, "", ""),
        (404, "404 page not found", ""),
        (500, "", ""),
        (500, r#"{"msg":5}"#, ""),
        (502, "<html><h1>Bad Gateway</h1></html>", ""),
        (503, r#"{"error":"retry required"}"#, "retry required"),
        (304, "", ""),
    ] {
        assert_eq!(route(Answer::json(status, body)).await, Err(refusal(status, words)));
        let server = Server::start([Answer::json(status, body)]).await;
        assert_eq!(server.source().set_unread(&clear()).await, Err(refusal(status, words)));
    }
}

#[tokio::test]
async fn recorded_refusals_keep_their_status() {
    let mut statuses = Vec::new();
    let recorded = exchanges("errors.json").into_iter().chain(exchanges("v3_errors.json"));
    for exchange in recorded.filter(|exchange| exchange.status != 200) {
        match route(exchange.answer()).await {
            Err(SourceError::Refused { status, .. }) if status == exchange.status => statuses.push(status),
            other => panic!("{}: {other:?}", exchange.name),
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [301, 307, 400, 401, 404, 405, 500, 503]);
}

#[tokio::test]
async fn a_refusal_within_a_success_counts() {
    let server = Server::start([Answer::json(200, r#"{"status":24}"#)]).await;
    assert_eq!(server.source().set_unread(&clear()).await, Err(refusal(24, "")));
    for answer in ["", "{}", "[]", r#"{"status":"200"}"#, r#"{"status":70000}"#, "OK"] {
        let server = Server::start([Answer::json(200, answer)]).await;
        let result = server.source().set_unread(&clear()).await;
        assert!(matches!(result, Err(SourceError::Malformed(_))), "{answer}: {result:?}");
    }
}

#[tokio::test]
async fn long_words_are_cut_between_characters() {
    let body = format!(r#"{{"msg":"{}"}}"#, "误".repeat(1000));
    assert_eq!(route(Answer::json(400, &body)).await, Err(refusal(400, &"误".repeat(200))));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start([Answer::json(200, r#"{"tcp_addr":"evil:1"}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/route\r\n", other.base);
        assert_eq!(route(Answer::new(status, &location, b"")).await, Err(refusal(status, "")));
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_read_whose_connection_broke_is_sent_once_more() {
    let cut = || Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec());
    let good = || Answer::json(200, r#"{"tcp_addr":"h:1"}"#);
    for broken in [Answer::Close, cut(), Answer::Bytes(b"hello\r\n\r\n".to_vec())] {
        let server = Server::start([broken, good()]).await;
        assert_eq!(server.source().route().await.unwrap().tcp_addr, "h:1");
        assert_eq!(server.requests().len(), 2);
    }
    let server = Server::start([cut(), Answer::Close, good()]).await;
    let result = server.source().route().await;
    assert!(matches!(result, Err(SourceError::Unreachable(_))), "{result:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_change_is_sent_once() {
    let server = Server::start([Answer::Close, Answer::json(200, r#"{"status":200}"#)]).await;
    let result = server.source().set_unread(&clear()).await;
    assert!(matches!(result, Err(SourceError::Unreachable(_))), "{result:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn refusals_and_nonsense_are_not_asked_again() {
    for answer in [Answer::json(503, ""), Answer::json(200, "{")] {
        let server = Server::start([answer, Answer::json(200, r#"{"tcp_addr":"h:1"}"#)]).await;
        server.source().route().await.unwrap_err();
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_silent_or_stops_times_out_and_is_not_asked_again() {
    let partial = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"tcp";
    for sent in [&b""[..], partial] {
        let server = Server::start([Answer::Stall(sent.to_vec()), Answer::Close]).await;
        let source =
            HttpSource::builder(&server.base).unwrap().timeout(Duration::from_millis(300)).build().unwrap();
        assert_eq!(source.route().await, Err(SourceError::TimedOut));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable_with_the_cause() {
    // The listener is dropped with its last answer.
    let server = Server::start([Answer::Close]).await;
    let source = server.source();
    source.set_unread(&clear()).await.unwrap_err();
    let Err(SourceError::Unreachable(cause)) = source.route().await else { panic!("it was reached") };
    assert!(cause.to_lowercase().contains("connection refused"), "{cause}");

    // A label of more than 63 bytes cannot be a name, so no name service is asked.
    let nowhere = format!("http://{}.invalid:5001", "x".repeat(64));
    let result = HttpSource::builder(&nowhere).unwrap().build().unwrap().route().await;
    assert!(matches!(result, Err(SourceError::Unreachable(_))), "{result:?}");
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_taken() {
    let body = r#"{"tcp_addr":"h:1"}"#;
    for (limit, fits) in [(body.len(), true), (body.len() - 1, false)] {
        let server = Server::start([Answer::json(200, body)]).await;
        let source = HttpSource::builder(&server.base).unwrap().max_response(limit).build().unwrap();
        match source.route().await {
            Ok(_) => assert!(fits),
            Err(SourceError::Malformed(why)) => assert!(!fits && why.contains("more than 17 bytes"), "{why}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn packed_answers_are_unpacked_and_the_limit_is_for_what_comes_out() {
    let packed = include_bytes!("data/route_long.json.gz");
    let answer = |body: &[u8]| Answer::new(200, "content-encoding: gzip\r\n", body);
    let server = Server::start([answer(packed), answer(packed)]).await;
    assert_eq!(server.source().route().await.unwrap().tcp_addr.len(), 100_000);
    assert!(server.request().headers.contains("accept-encoding: gzip\n"), "{:?}", server.request());
    let source = HttpSource::builder(&server.base).unwrap().max_response(50_000).build().unwrap();
    let result = source.route().await;
    assert!(matches!(result, Err(SourceError::Malformed(_))), "{result:?}");

    let server = Server::start([answer(b"not gzip at all"), answer(packed)]).await;
    let result = server.source().route().await;
    assert!(matches!(result, Err(SourceError::Malformed(_))), "{result:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn bad_settings_are_told_when_the_source_is_built() {
    for (url, reason) in [
        ("", "relative URL without a base"),
        ("127.0.0.1:5001", "relative URL without a base"),
        ("localhost:5001", "the scheme is neither http nor https"),
        ("ftp://h", "the scheme is neither http nor https"),
        ("http://", "empty host"),
        ("http://h:99999", "invalid port number"),
        ("http://h/?a=1", "a query or fragment does not belong in it"),
        ("http://h/#top", "a query or fragment does not belong in it"),
    ] {
        let error = HttpSource::builder(url).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot use {url:?} as the base of a REST API: {reason}"));
    }
    let error = HttpSource::builder("http://admin:hunter2@h/").unwrap_err().to_string();
    assert!(error.contains("user and password") && !error.contains("hunter2"), "{error}");
    let error = HttpSource::builder("http://admin:hunter2@h:99999/").unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");

    let build = |name: &str, value: &str| {
        HttpSource::builder("http://h").unwrap().header(name, value).build().unwrap_err()
    };
    let error = build("to ken", "x");
    assert!(matches!(error, BuildError::BadHeader { part: "name", .. }), "{error:?}");
    let error = build("token", "secret\n");
    assert!(matches!(error, BuildError::BadHeader { part: "value", .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret"));
}
