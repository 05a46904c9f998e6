//! Pulling commands: recorded exchanges of both generations.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

use common::{Answer, Exchange, Server, exchange, exchanges};
use oracle::{assert_messages, channel, number, uid};
use serde_json::json;
use wk_http::sync::store::model::{MessageSeq, Uid};
use wk_http::sync::{CommandsRequest, CommandsTaken, DataSource, PulledCommand, SourceError};

async fn pull(exchange: &Exchange) -> Result<Vec<PulledCommand>, SourceError> {
    let body = &exchange.request_body;
    let limit = u32::try_from(number(body, "limit")).unwrap();
    let server = Server::start([exchange.answer()]).await;
    let result = server.source().commands(&CommandsRequest { uid: uid(body, "uid"), limit }).await;
    let request = server.request();
    assert_eq!(request.target, exchange.path);
    assert_eq!(request.json(), json!({"uid": body["uid"], "limit": limit}), "{}", exchange.name);
    result
}

#[tokio::test]
async fn recorded_commands_are_asked_for_and_read_exactly() {
    let mut read = 0;
    for file in ["cmd.json", "v3_cmd.json"] {
        for exchange in exchanges(file) {
            if exchange.path != "/message/sync" || exchange.status != 200 {
                continue;
            }
            let commands = pull(&exchange).await.unwrap();
            let answer = exchange.response();
            let messages: Vec<_> = commands.iter().map(|command| command.message.clone()).collect();
            assert_messages(&messages, &answer);
            for (command, body) in commands.iter().zip(answer.as_array().unwrap()) {
                assert_eq!(command.channel, channel(body));
            }
            read += commands.len();
        }
    }
    assert!(read > 15, "{read}");
}

#[test]
fn commands_are_offered_where_that_was_asked_for() {
    let builder = wk_http::HttpSource::builder("http://h").unwrap();
    let offers = builder.clone().build().unwrap().offers();
    assert!(!offers.commands && offers.streams && !offers.reactions);
    assert!(builder.commands().build().unwrap().offers().commands);
}

#[tokio::test]
async fn what_was_taken_is_said_once() {
    for file in ["cmd.json", "v3_cmd.json"] {
        let recorded = exchanges(file).into_iter().find(|it| it.path == "/message/syncack").unwrap();
        let body = &recorded.request_body;
        let last_seq = MessageSeq::new(number(body, "last_message_seq"));
        let server = Server::start([recorded.answer()]).await;
        assert_eq!(
            server.source().commands_taken(&CommandsTaken { uid: uid(body, "uid"), last_seq }).await,
            Ok(())
        );
        recorded.assert_asked(&server);
    }
    // 0 is refused by servers, and never meant.
    let server = Server::start([Answer::json(200, r#"{"status":200}"#)]).await;
    let taken = CommandsTaken { uid: Uid::from("alice"), last_seq: MessageSeq::ZERO };
    assert_eq!(server.source().commands_taken(&taken).await, Ok(()));
    assert_eq!(server.request().json()["last_message_seq"], 1);
}

#[tokio::test]
async fn a_log_without_a_command_is_a_refusal_on_v3_and_nonsense_an_error() {
    let refused = pull(&exchange("v3_cmd.json", "empty_bind_sync")).await;
    assert!(matches!(refused, Err(SourceError::Refused { status: 400, .. })), "{refused:?}");
    for answer in ["", "{}", r#"[{"message_seq":1}]"#, r#"[{"channel_id":"g","channel_type":2}]"#] {
        let server = Server::start([Answer::json(200, answer)]).await;
        let result = server.source().commands(&CommandsRequest { uid: Uid::from("alice"), limit: 1 }).await;
        assert!(matches!(result, Err(SourceError::Malformed(_))), "{answer}: {result:?}");
    }
}
