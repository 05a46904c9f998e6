//! Pulling history and finding messages: recorded exchanges, and what no server recorded.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

use common::{Answer, Exchange, Server, exchange, exchanges};
use oracle::{assert_messages, assert_page, channel, number, uid};
use serde_json::{Value, json};
use wk_http::sync::store::model::{ChannelId, ClientMsgNo, Direction, MessageSeq, Uid};
use wk_http::sync::{DataSource, FindRequest, PullRequest, PulledMessages, SourceError};

fn pull_of(body: &Value) -> PullRequest {
    PullRequest {
        uid: uid(body, "login_uid"),
        channel: channel(body),
        start: MessageSeq::new(number(body, "start_message_seq")),
        end: MessageSeq::new(number(body, "end_message_seq")),
        direction: if body["pull_mode"] == 1 { Direction::Newer } else { Direction::Older },
        limit: u32::try_from(number(body, "limit")).unwrap(),
    }
}

/// The newest page of a group.
fn newest() -> PullRequest {
    PullRequest {
        uid: Uid::from("alice"),
        channel: ChannelId::group("g"),
        start: MessageSeq::ZERO,
        end: MessageSeq::ZERO,
        direction: Direction::Older,
        limit: 20,
    }
}

async fn replay(exchange: &Exchange) -> Result<PulledMessages, SourceError> {
    let server = Server::start([exchange.answer()]).await;
    let result = server.source().pull_messages(&pull_of(&exchange.request_body)).await;
    exchange.assert_asked(&server);
    result
}

async fn pull(answer: &str) -> Result<PulledMessages, SourceError> {
    Server::start([Answer::json(200, answer)]).await.source().pull_messages(&newest()).await
}

fn page(message: &Value) -> String {
    json!({"more": 0, "messages": [message]}).to_string()
}

fn message() -> Value {
    json!({"message_idstr": "1", "message_seq": 1, "from_uid": "bob", "payload": "aGk="})
}

#[tokio::test]
async fn recorded_pulls_are_asked_and_read_exactly() {
    let mut pages = 0;
    let mut messages = 0;
    for exchange in exchanges("messagesync.json") {
        let page = replay(&exchange).await.unwrap();
        assert_page(&page, &exchange.response());
        pages += 1;
        messages += page.messages.len();
    }
    assert_eq!((pages, messages), (72, 127));
}

#[tokio::test]
async fn the_same_endpoint_of_v3_is_read_and_its_refusals_keep_their_status() {
    let (mut read, mut refused) = (0, 0);
    for exchange in exchanges("v3_messagesync.json") {
        match replay(&exchange).await {
            Ok(page) => {
                assert_page(&page, &exchange.response());
                read += 1;
            }
            Err(SourceError::Refused { status, message }) => {
                assert_eq!(status, exchange.status);
                assert_eq!(Value::from(message), exchange.response()["msg"]);
                refused += 1;
            }
            Err(error) => panic!("{}: {error}", exchange.name),
        }
    }
    assert!(read >= 5 && refused >= 5, "{read} read, {refused} refused");
}

#[tokio::test]
async fn numbers_are_found_and_only_those_of_the_asker() {
    let recorded = exchange("messages.json", "by_client_msg_nos");
    let body = &recorded.request_body;
    let numbers = body["client_msg_nos"].as_array().unwrap();
    let mut request = FindRequest {
        uid: uid(body, "login_uid"),
        channel: channel(body),
        client_msg_nos: numbers.iter().map(|number| ClientMsgNo::from(number.as_str().unwrap())).collect(),
    };
    let server = Server::start([recorded.answer()]).await;
    let found = server.source().find_messages(&request).await.unwrap();
    recorded.assert_asked(&server);
    assert_messages(&found, &recorded.response()["messages"]);
    assert_eq!(found.len(), 2);

    request.uid = Uid::from("somebody else");
    let server = Server::start([recorded.answer()]).await;
    assert_eq!(server.source().find_messages(&request).await, Ok(Vec::new()));

    request.client_msg_nos.clear();
    let server = Server::start([]).await;
    assert_eq!(server.source().find_messages(&request).await, Ok(Vec::new()));
}

#[tokio::test]
async fn ids_beyond_the_floats_are_exact() {
    let id_of = async |id: Value, text: Value| {
        let mut message = message();
        message["message_id"] = id;
        message["message_idstr"] = text;
        pull(&page(&message)).await.map(|page| page.messages[0].message_id.get())
    };
    let exact = 2_124_696_837_842_440_193_i64;
    // The text counts, even where a program in between has rounded the number.
    assert_eq!(id_of(json!(2_124_696_837_842_440_200_i64), json!(exact.to_string())).await, Ok(exact));
    assert_eq!(id_of(json!(2.124e18), json!(exact.to_string())).await, Ok(exact));
    assert_eq!(id_of(Value::Null, json!(exact.to_string())).await, Ok(exact));
    assert_eq!(id_of(json!(exact), json!("")).await, Ok(exact));
    assert_eq!(id_of(json!(-5), json!("")).await, Ok(-5));
    for (id, text) in [
        (json!(2.124e18), json!("")),
        (json!(u64::MAX), json!("")),
        (Value::Null, json!("")),
        (json!(1), json!("one")),
        (json!(1), json!("9223372036854775808")),
    ] {
        assert!(
            matches!(id_of(id.clone(), text.clone()).await, Err(SourceError::Malformed(_))),
            "{id} {text}"
        );
    }
}

#[tokio::test]
async fn lists_and_payloads_may_be_null_but_an_answer_without_a_list_is_none() {
    assert_eq!(pull(r#"{"more":0,"messages":null}"#).await, Ok(PulledMessages::default()));
    for payload in [Value::Null, json!("")] {
        let mut message = message();
        message["payload"] = payload;
        assert!(pull(&page(&message)).await.unwrap().messages[0].payload.is_empty());
    }
    let mut bare = message();
    bare.as_object_mut().unwrap().remove("payload");
    let pulled = pull(&page(&bare)).await.unwrap().messages.remove(0);
    assert!(pulled.payload.is_empty());
    assert_eq!(pulled.timestamp.get(), 0);
    assert!(!pulled.header.red_dot, "what the source does not say is not set");
    for answer in [
        r#"{"status":200}"#,
        r#"{"more":0}"#,
        r#"{"messages":[]}"#,
        r#"{"more":0,"messages":{}}"#,
        r#"{"more":0,"messages":[]"#,
        r#"{"more":0,"messages":[{}]}"#,
        r#"{"more":"0","messages":[]}"#,
        "[]",
        "null",
        "",
        "<html><body>Welcome</body></html>",
    ] {
        assert!(matches!(pull(answer).await, Err(SourceError::Malformed(_))), "{answer}");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_an_error_and_not_left_out() {
    let cases: [(&str, Value); 8] = [
        ("payload", json!("aGk")),
        ("payload", json!("-_8=")),
        ("payload", json!({"type": 1})),
        ("message_seq", json!(-1)),
        ("message_seq", json!("7")),
        ("from_uid", Value::Null),
        ("setting", json!(256)),
        ("expire", json!(1.5)),
    ];
    for (key, value) in cases {
        let mut message = message();
        message[key] = value;
        assert!(matches!(pull(&page(&message)).await, Err(SourceError::Malformed(_))), "{message}");
    }
}

#[tokio::test]
async fn what_would_harm_a_server_is_not_sent() {
    let server = Server::start([]).await;
    let source = server.source();
    let refused = async |change: fn(&mut PullRequest)| {
        let mut request = newest();
        change(&mut request);
        let result = source.pull_messages(&request).await;
        assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
    };
    refused(|request| request.end = MessageSeq::new(5)).await;
    refused(|request| request.uid = Uid::from("")).await;
    refused(|request| request.channel = ChannelId::group("")).await;
    refused(|request| request.channel = ChannelId::group("x".repeat(256))).await;
    for number in [String::new(), "x".repeat(256)] {
        let request = FindRequest {
            uid: Uid::from("alice"),
            channel: ChannelId::group("g"),
            client_msg_nos: vec![ClientMsgNo::from(number)],
        };
        let result = source.find_messages(&request).await;
        assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn counts_and_modes_are_kept_to_what_servers_can_take() {
    let sent = async |change: fn(&mut PullRequest)| {
        let server = Server::start([Answer::json(200, r#"{"more":0,"messages":[]}"#)]).await;
        let mut request = newest();
        change(&mut request);
        server.source().pull_messages(&request).await.unwrap();
        server.request().json()
    };
    assert_eq!(sent(|request| request.limit = 0).await["limit"], 1);
    assert_eq!(sent(|request| request.limit = u32::MAX).await["limit"], 10_000);
    assert_eq!(sent(|request| request.direction = Direction::Newer).await["pull_mode"], 0);
}
