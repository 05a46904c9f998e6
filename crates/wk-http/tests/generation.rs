//! Which generation a server is of: found out by what it has, told by who knows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Answer, Server, exchange};
use wk_http::sync::store::model::{ChannelId, ClientMsgNo, Uid};
use wk_http::sync::{
    ConversationPage, DataSource, FindRequest, ListRequest, SourceError, SyncRequest, SyncedConversation,
};
use wk_http::{Generation, HttpSource};

const LIST: &str = "/conversation/list";
const SYNC: &str = "/conversation/sync";
const MAX: &str = "/channel/max_message_seq";

fn missing() -> Answer {
    exchange("v3_gone.json", "conversation_sync").answer()
}

/// v3, asked with the wrong method.
fn mark_of_v3() -> Answer {
    exchange("v3_errors.json", "method_get").answer()
}

/// v2, asked without parameters.
fn mark_of_v2() -> Answer {
    Answer::json(400, r#"{"msg":"channel_id不能为空","status":400}"#)
}

async fn sync(source: &HttpSource) -> Result<Vec<SyncedConversation>, SourceError> {
    let request = SyncRequest { uid: Uid::from("alice"), tails: Vec::new(), message_count: 1 };
    source.sync_conversations(&request).await
}

async fn list(source: &HttpSource) -> Result<ConversationPage, SourceError> {
    let request = ListRequest { uid: Uid::from("alice"), cursor: String::new(), limit: 1, coverage: 0 };
    source.list_conversations(&request).await
}

async fn find(source: &HttpSource) -> Result<usize, SourceError> {
    let (uid, channel) = (Uid::from("alice"), ChannelId::group("g"));
    let client_msg_nos = vec![ClientMsgNo::from("1")];
    let request = FindRequest { uid, channel, client_msg_nos };
    source.find_messages(&request).await.map(|found| found.len())
}

fn targets(server: &Server) -> Vec<String> {
    server.requests().into_iter().map(|request| format!("{} {}", request.method, request.target)).collect()
}

#[tokio::test]
async fn a_server_that_answers_is_of_that_generation_and_nothing_more_is_asked() {
    let server = Server::start([Answer::json(200, "[]")]).await;
    let source = server.source();
    assert_eq!(source.generation(), None);
    sync(&source).await.unwrap();
    assert_eq!(source.generation(), Some(Generation::V2));
    assert_eq!(targets(&server), [format!("POST {SYNC}")]);

    let page = exchange("v3_conversation_list.json", "unknown_uid");
    let server = Server::start([page.answer()]).await;
    let source = server.source();
    list(&source).await.unwrap();
    assert_eq!(source.clone().generation(), Some(Generation::V3));
    assert_eq!(targets(&server), [format!("POST {LIST}")]);
}

#[tokio::test]
async fn what_is_missing_is_not_supported_where_the_other_generation_shows() {
    let server = Server::start([missing(), mark_of_v3()]).await;
    let source = server.source();
    assert_eq!(sync(&source).await, Err(SourceError::NotSupported));
    assert_eq!(source.generation(), Some(Generation::V3));
    assert_eq!(targets(&server), [format!("POST {SYNC}"), format!("GET {LIST}")]);
    // It is known now, to clones too, and not asked for again.
    assert_eq!(sync(&source.clone()).await, Err(SourceError::NotSupported));
    assert_eq!(find(&source).await, Err(SourceError::NotSupported));
    assert_eq!(server.requests().len(), 2);

    let server = Server::start([missing(), mark_of_v2()]).await;
    let source = server.source();
    assert_eq!(list(&source).await, Err(SourceError::NotSupported));
    assert_eq!(source.generation(), Some(Generation::V2));
    assert_eq!(targets(&server), [format!("POST {LIST}"), format!("GET {MAX}")]);
}

#[tokio::test]
async fn a_wrong_url_is_no_generation() {
    let not_found = |error| assert!(matches!(error, SourceError::Refused { status: 404, .. }), "{error:?}");
    let server = Server::start([missing(), missing(), missing(), missing()]).await;
    let source = server.source();
    not_found(sync(&source).await.unwrap_err());
    not_found(list(&source).await.unwrap_err());
    assert_eq!((source.generation(), server.requests().len()), (None, 4));
    // A site that answers everything with its front page.
    let page = || Answer::new(200, "content-type: text/html\r\n", b"<html></html>");
    let server = Server::start([missing(), page()]).await;
    not_found(sync(&server.source()).await.unwrap_err());
}

#[tokio::test]
async fn what_cannot_be_found_out_now_is_found_out_later() {
    let server = Server::start([missing(), Answer::json(503, ""), missing(), mark_of_v3()]).await;
    let source = server.source();
    let result = sync(&source).await;
    assert!(matches!(result, Err(SourceError::Refused { status: 503, .. })), "{result:?}");
    assert_eq!(source.generation(), None);
    assert_eq!(sync(&source).await, Err(SourceError::NotSupported));
}

#[tokio::test]
async fn an_upgraded_server_is_noticed() {
    let page = exchange("v3_conversation_list.json", "unknown_uid");
    let server = Server::start([Answer::json(200, "[]"), page.answer()]).await;
    let source = server.source();
    sync(&source).await.unwrap();
    list(&source).await.unwrap();
    assert_eq!(source.generation(), Some(Generation::V3));
}

#[tokio::test]
async fn who_was_told_does_not_ask() {
    let server = Server::start([]).await;
    let told =
        |generation| HttpSource::builder(&server.base).unwrap().generation(generation).build().unwrap();
    let (v2, v3) = (told(Generation::V2), told(Generation::V3));
    assert_eq!((v2.generation(), v3.generation()), (Some(Generation::V2), Some(Generation::V3)));
    assert_eq!(list(&v2).await, Err(SourceError::NotSupported));
    assert_eq!(sync(&v3).await, Err(SourceError::NotSupported));
    assert_eq!(find(&v3).await, Err(SourceError::NotSupported));
    assert!(server.requests().is_empty());
}
