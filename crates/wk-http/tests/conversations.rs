//! Conversations and unread counts: recorded exchanges, and what no server recorded.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

use common::{Answer, Server, exchange, exchanges};
use oracle::{assert_conversations, channel, number, text, uid};
use serde_json::json;
use wk_http::sync::store::model::{ChannelId, ChannelType, MessageSeq, Uid};
use wk_http::sync::{DataSource, SourceError, SyncRequest, UnreadRequest};

fn sync_request() -> SyncRequest {
    SyncRequest { uid: Uid::from("alice"), tails: Vec::new(), message_count: 1 }
}

fn tail(entry: &str) -> (ChannelId, MessageSeq) {
    let parts: Vec<_> = entry.split(':').collect();
    let [id, channel_type, seq] = parts[..] else { panic!("{entry}") };
    let channel_type = ChannelType::new(channel_type.parse().unwrap());
    (ChannelId::new(id, channel_type), MessageSeq::new(seq.parse().unwrap()))
}

#[tokio::test]
async fn recorded_syncs_are_asked_and_read_exactly() {
    let mut conversations = 0;
    for exchange in exchanges("conversation_sync.json") {
        let body = &exchange.request_body;
        let tails = text(body, "last_msg_seqs");
        let request = SyncRequest {
            uid: uid(body, "uid"),
            tails: tails.split('|').filter(|entry| !entry.is_empty()).map(tail).collect(),
            message_count: u32::try_from(number(body, "msg_count")).unwrap(),
        };
        let server = Server::start([exchange.answer()]).await;
        let synced = server.source().sync_conversations(&request).await.unwrap();
        exchange.assert_asked(&server);
        assert_conversations(&synced, &exchange.response());
        conversations += synced.len();
    }
    assert!(conversations > 40, "{conversations}");
}

#[tokio::test]
async fn a_poisoned_read_position_is_no_further_than_the_newest_message() {
    let recorded = exchange("conversation_sync.json", "cache_after_set_unread_empty_group");
    let server = Server::start([recorded.answer()]).await;
    let synced = server.source().sync_conversations(&sync_request()).await.unwrap();
    assert_eq!(recorded.response()[0]["readed_to_msg_seq"], u32::MAX);
    assert_eq!((synced[0].last_seq.get(), synced[0].read_to.get()), (2, 2));
}

#[tokio::test]
async fn command_logs_are_no_conversations() {
    let item = |id: &str| {
        json!({"channel_id": id, "channel_type": 2, "timestamp": 0, "last_msg_seq": 3, "readed_to_msg_seq": 1,
               "recents": null})
    };
    let answer = json!([item("g____cmd"), item("g"), item("")]).to_string();
    let server = Server::start([Answer::json(200, &answer)]).await;
    let synced = server.source().sync_conversations(&sync_request()).await.unwrap();
    assert_eq!(synced.len(), 1);
    assert_eq!((&synced[0].channel, synced[0].recents.len()), (&ChannelId::group("g"), 0));
    assert_eq!((synced[0].read_to.get(), synced[0].timestamp.get()), (1, 0));
}

#[tokio::test]
async fn answers_that_are_no_list_of_conversations_are_errors() {
    for answer in ["{}", r#"{"status":200}"#, "null", "", "[{}]", r#"[{"channel_id":"g","channel_type":2}]"#]
    {
        let server = Server::start([Answer::json(200, answer)]).await;
        let result = server.source().sync_conversations(&sync_request()).await;
        assert!(matches!(result, Err(SourceError::Malformed(_))), "{answer}: {result:?}");
    }
}

#[tokio::test]
async fn the_number_of_messages_is_kept_to_what_servers_can_take() {
    for (asked, sent) in [(0, 1), (10_000, 10_000), (u32::MAX, 10_000)] {
        let server = Server::start([Answer::json(200, "[]")]).await;
        let request = SyncRequest { message_count: asked, ..sync_request() };
        assert_eq!(server.source().sync_conversations(&request).await, Ok(Vec::new()));
        assert_eq!(server.request().json()["msg_count"], sent);
    }
}

#[tokio::test]
async fn recorded_clears_are_asked_exactly() {
    let clears = exchanges("unread.json").into_iter().filter(|it| it.path == "/conversations/clearUnread");
    let mut count = 0;
    for exchange in clears {
        let body = &exchange.request_body;
        let request = UnreadRequest {
            uid: uid(body, "uid"),
            channel: channel(body),
            unread: 0,
            last_seq: MessageSeq::ZERO,
        };
        let server = Server::start([exchange.answer()]).await;
        assert_eq!(server.source().set_unread(&request).await, Ok(()));
        exchange.assert_asked(&server);
        count += 1;
    }
    assert_eq!(count, 7);
}

#[tokio::test]
async fn unread_messages_are_told_only_of_a_channel_that_has_some() {
    let recorded = exchange("unread.json", "cache_set_unread_person");
    let body = &recorded.request_body;
    let request = UnreadRequest {
        uid: uid(body, "uid"),
        channel: channel(body),
        unread: 2,
        last_seq: MessageSeq::ZERO,
    };

    let newest = exchange("unread.json", "max_message_seq_person");
    let server = Server::start([newest.answer(), recorded.answer()]).await;
    assert_eq!(server.source().set_unread(&request).await, Ok(()));
    let [asked, told] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    assert_eq!(asked.target, "/channel/max_message_seq?channel_id=haqc&channel_type=1&login_uid=hao1");
    assert_eq!((asked.method.as_str(), asked.body.len()), ("GET", 0));
    assert_eq!((&told.target, told.json()), (&recorded.path, body.clone()));

    let empty = exchange("unread.json", "max_message_seq_empty_group");
    let server = Server::start([empty.answer()]).await;
    assert_eq!(server.source().set_unread(&request).await, Ok(()));
    assert_eq!(server.requests().len(), 1);

    let never_used = exchange("unread.json", "max_message_seq_never_used");
    let server = Server::start([never_used.answer()]).await;
    let result = server.source().set_unread(&request).await;
    assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_more_messages_are_unread_than_there_are() {
    let newest = exchange("unread.json", "max_message_seq_person");
    let server = Server::start([newest.answer(), Answer::json(200, r#"{"status":200}"#)]).await;
    let request = UnreadRequest {
        uid: Uid::from("alice"),
        channel: ChannelId::person("bob"),
        unread: u32::MAX,
        last_seq: MessageSeq::ZERO,
    };
    assert_eq!(server.source().set_unread(&request).await, Ok(()));
    assert_eq!(server.requests()[1].json()["unread"], 7);
}

#[tokio::test]
async fn what_came_since_the_client_asked_is_unread() {
    let newest = || exchange("unread.json", "max_message_seq_person").answer();
    let done = || Answer::json(200, r#"{"status":200}"#);
    let (uid, channel) = (Uid::from("alice"), ChannelId::person("bob"));
    // The channel's newest is 7.
    for (unread, last_seq, path, said) in [
        (0, 7, "/conversations/clearUnread", None),
        (0, 5, "/conversations/setUnread", Some(2)),
        (3, 5, "/conversations/setUnread", Some(5)),
        // A server that lost what the client knows has nothing newer.
        (0, 9, "/conversations/clearUnread", None),
    ] {
        let server = Server::start([newest(), done()]).await;
        let (uid, channel) = (uid.clone(), channel.clone());
        let request = UnreadRequest { uid, channel, unread, last_seq: MessageSeq::new(last_seq) };
        assert_eq!(server.source().set_unread(&request).await, Ok(()));
        let told = &server.requests()[1];
        assert_eq!((told.target.as_str(), told.json()["unread"].as_u64()), (path, said));
    }
}

#[tokio::test]
async fn ids_are_escaped_in_a_query() {
    let server = Server::start([Answer::json(200, r#"{"message_seq":0}"#)]).await;
    let channel = ChannelId::group("a&b=c 群#?");
    let request = UnreadRequest { uid: Uid::from("alice"), channel, unread: 1, last_seq: MessageSeq::ZERO };
    assert_eq!(server.source().set_unread(&request).await, Ok(()));
    let expected = "channel_id=a%26b%3Dc+%E7%BE%A4%23%3F&channel_type=2&login_uid=alice";
    assert_eq!(server.request().target, format!("/channel/max_message_seq?{expected}"));
}
