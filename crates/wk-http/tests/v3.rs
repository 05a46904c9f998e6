//! What v3 servers answer: recorded pages, batches, streams and unread counts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

use common::{Answer, Exchange, Server, exchange, exchanges};
use oracle::{assert_page, channel, number, text, uid};
use serde_json::{Value, json};
use wk_http::sync::store::model::proto::{DeviceFlag, DeviceLevel};
use wk_http::sync::store::model::{ChannelId, ClientMsgNo, Direction, MessageSeq, Uid};
use wk_http::sync::{
    ConversationPage, DataSource, ListRequest, PullRequest, RetryRequest, SourceError, StreamLane,
    StreamStatus, UnreadRequest,
};
use wk_http::{Generation, HttpSource, TokenRequest};

fn source(server: &Server) -> HttpSource {
    HttpSource::builder(&server.base).unwrap().generation(Generation::V3).build().unwrap()
}

fn channels(json: &Value) -> Vec<ChannelId> {
    json.as_array().unwrap().iter().map(channel).collect()
}

/// A naive second reading of a page.
fn assert_listed(page: &ConversationPage, json: &Value) {
    let items = json["conversations"].as_array().unwrap();
    assert_eq!(page.conversations.len(), items.len());
    for (listed, item) in page.conversations.iter().zip(items) {
        assert_eq!(listed.channel, channel(item));
        assert_eq!(listed.read_to.get(), number(item, "read_seq"));
        assert_eq!(listed.deleted_to.get(), number(item, "deleted_to_seq"));
        assert_eq!(listed.unread, number(item, "unread"));
        let (message, body) = (listed.last_message.as_ref().unwrap(), &item["last_message"]);
        assert_eq!(message.message_id.get().to_string(), text(body, "message_idstr"));
        assert_eq!(Some(message.message_id.get()), body["message_id"].as_i64());
        assert_eq!(message.message_seq.get(), number(body, "message_seq"));
        assert_eq!(message.from_uid.as_str(), text(body, "from_uid"));
        assert_eq!(message.client_msg_no.as_str(), text(body, "client_msg_no"));
        assert_eq!(message.timestamp.get(), body["server_timestamp_ms"].as_i64().unwrap());
        assert_eq!(listed.timestamp, message.timestamp);
        assert!(message.payload.starts_with(b"{\"type\":1"));
    }
    assert_eq!(page.deletes, channels(&json["deletes"]));
    assert_eq!(page.unresolved, channels(&json["unresolved"]));
    assert_eq!(page.next_cursor, json["next_cursor"].as_str().unwrap_or_default());
    assert_eq!(page.done, json["done"] == true);
    assert_eq!(page.coverage, number(json, "coverage"));
    assert_eq!(page.reset_required, json["reset_required"] == true);
}

fn list_of(body: &Value) -> ListRequest {
    ListRequest {
        uid: uid(body, "uid"),
        cursor: body["cursor"].as_str().unwrap_or_default().to_owned(),
        limit: body["limit"].as_u64().map_or(200, |limit| u32::try_from(limit).unwrap()),
        coverage: 0,
    }
}

async fn list(exchange: &Exchange) -> Result<ConversationPage, SourceError> {
    let server = Server::start([exchange.answer()]).await;
    let result = source(&server).list_conversations(&list_of(&exchange.request_body)).await;
    let mut asked = server.request().json();
    if exchange.request_body.get("limit").is_none() {
        asked.as_object_mut().unwrap().remove("limit");
    }
    assert_eq!(asked, exchange.request_body, "{}", exchange.name);
    result
}

#[tokio::test]
async fn recorded_lists_are_asked_and_read_exactly() {
    let (mut pages, mut conversations, mut refused) = (0, 0, 0);
    for exchange in exchanges("v3_conversation_list.json") {
        if exchange.path != "/conversation/list" {
            continue;
        }
        match list(&exchange).await {
            Ok(page) => {
                assert_listed(&page, &exchange.response());
                pages += 1;
                conversations += page.conversations.len();
            }
            Err(SourceError::Refused { status: 400, .. }) => refused += 1,
            Err(error) => panic!("{}: {error}", exchange.name),
        }
    }
    assert_eq!((pages, conversations, refused), (13, 20, 1));
    // A page without any conversation that is not the last one.
    let empty = list(&exchange("v3_conversation_list.json", "loop1_page3")).await.unwrap();
    assert!(empty.conversations.is_empty() && !empty.done && !empty.next_cursor.is_empty());
    assert_eq!(empty.deletes, [ChannelId::group("hqgk3")]);
}

#[tokio::test]
async fn a_lost_node_is_a_refusal_first_and_unresolved_conversations_later() {
    let file = "v3_cluster_node_down.json";
    let refused = list(&exchange(file, "list_error_1")).await;
    assert!(matches!(refused, Err(SourceError::Refused { status: 400, .. })), "{refused:?}");
    let page = list(&exchange(file, "list_node_down")).await.unwrap();
    assert_eq!(page.unresolved.len(), 5);
    let recorded = exchange(file, "retry_1");
    let server = Server::start([recorded.answer()]).await;
    let request = RetryRequest { uid: Uid::from("hn1"), channels: page.unresolved.clone() };
    let still = source(&server).retry_conversations(&request).await.unwrap();
    recorded.assert_asked(&server);
    assert_eq!(still.unresolved, page.unresolved);
}

#[tokio::test]
async fn recorded_retries_are_asked_and_read_exactly() {
    for name in ["retry_two", "retry_unknown", "retry_empty_group"] {
        let recorded = exchange("v3_conversation_list.json", name);
        let body = &recorded.request_body;
        let request = RetryRequest { uid: uid(body, "uid"), channels: channels(&body["channels"]) };
        let server = Server::start([recorded.answer()]).await;
        let page = source(&server).retry_conversations(&request).await.unwrap();
        recorded.assert_asked(&server);
        assert_listed(&page, &recorded.response());
    }
    let server = Server::start([]).await;
    let mut request = RetryRequest { uid: Uid::from("alice"), channels: Vec::new() };
    assert!(source(&server).retry_conversations(&request).await.unwrap().done);
    request.channels = (0..201).map(|number| ChannelId::group(format!("g{number}"))).collect();
    let refused = source(&server).retry_conversations(&request).await;
    assert!(matches!(refused, Err(SourceError::Refused { status: 400, .. })), "{refused:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn numbers_beyond_the_floats_are_exact_there_and_back() {
    let id = 2_124_696_837_842_440_193_i64;
    let coverage = 1_795_402_477_467_448_031_u64;
    let answer = |last_message: Value| {
        json!({"conversations": [{"channel_id": "g", "channel_type": 2, "read_seq": 1, "deleted_to_seq": 0,
               "unread": 9_007_199_254_740_993_u64, "last_message": last_message}],
               "deletes": null, "unresolved": null, "done": true, "coverage": coverage})
    };
    let message = json!({"message_id": 2.124e18, "message_idstr": id.to_string(),
        "message_seq": 9_007_199_254_740_995_u64, "from_uid": "bob"});
    let request = ListRequest { uid: Uid::from("alice"), cursor: "c".to_owned(), limit: u32::MAX, coverage };
    let server = Server::start([Answer::json(200, &answer(message).to_string())]).await;
    let page = source(&server).list_conversations(&request).await.unwrap();
    let asked = json!({"uid": "alice", "cursor": "c", "limit": 200, "completed_coverage": coverage});
    assert_eq!(server.request().json(), asked);
    let listed = &page.conversations[0];
    let message = listed.last_message.as_ref().unwrap();
    assert_eq!((message.message_id.get(), message.message_seq.get()), (id, 9_007_199_254_740_995));
    assert_eq!((page.coverage, listed.unread), (coverage, 9_007_199_254_740_993));

    let server = Server::start([Answer::json(200, &answer(Value::Null).to_string())]).await;
    let page = source(&server).list_conversations(&request).await.unwrap();
    assert_eq!(
        (page.conversations[0].last_message.as_ref(), page.conversations[0].timestamp.get()),
        (None, 0)
    );
}

#[tokio::test]
async fn command_logs_are_no_conversations_and_what_is_no_page_is_an_error() {
    let item = |id: &str| json!({"channel_id": id, "channel_type": 1, "last_message": null});
    let page = json!({"conversations": [item("bob____cmd"), item("bob"), item("")],
        "deletes": [item("carol____cmd"), item("carol")], "unresolved": [item("")], "done": true, "coverage": 1});
    let request = list_of(&json!({"uid": "alice"}));
    let server = Server::start([Answer::json(200, &page.to_string())]).await;
    let listed = source(&server).list_conversations(&request).await.unwrap();
    let named: Vec<_> = listed.conversations.iter().map(|listed| listed.channel.clone()).collect();
    assert_eq!((named, listed.deletes), (vec![ChannelId::person("bob")], vec![ChannelId::person("carol")]));
    assert!(listed.unresolved.is_empty());
    let lacking = |key: &str| {
        let mut page = page.clone();
        page.as_object_mut().unwrap().remove(key);
        page.to_string()
    };
    let lacking = ["conversations", "deletes", "unresolved", "done", "coverage"].map(lacking);
    for answer in lacking.iter().map(String::as_str).chain(["", "[]", r#"{"status":200}"#]) {
        let server = Server::start([Answer::json(200, answer)]).await;
        let result = source(&server).list_conversations(&request).await;
        assert!(matches!(result, Err(SourceError::Malformed(_))), "{answer}: {result:?}");
    }
}

fn stretches(body: &Value) -> Vec<PullRequest> {
    let of = |item: &Value| PullRequest {
        uid: uid(body, "login_uid"),
        channel: channel(item),
        start: MessageSeq::new(item["start_message_seq"].as_u64().unwrap_or(0)),
        end: MessageSeq::ZERO,
        direction: if item["pull_mode"] == 1 { Direction::Newer } else { Direction::Older },
        limit: u32::try_from(item["limit"].as_u64().unwrap_or(100)).unwrap(),
    };
    body["items"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn recorded_batches_are_read_in_the_order_of_their_question() {
    let mut read = 0;
    for recorded in exchanges("v3_messagesyncbatch.json") {
        let server = Server::start([recorded.answer()]).await;
        let requests = stretches(&recorded.request_body);
        let result = source(&server).pull_batch(&requests).await;
        let asked = server.request().json();
        assert_eq!(stretches(&asked), requests);
        // One channel without a message, or without membership, fails all.
        if ["ranges", "one_unknown"].contains(&recorded.name.as_str()) {
            assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
            continue;
        }
        for (page, item) in result.unwrap().iter().zip(recorded.response()["items"].as_array().unwrap()) {
            assert_page(page, item);
            read += page.messages.len();
        }
    }
    assert_eq!(read, 6);
    // The two that came in the place of the other.
    let recorded = exchange("v3_messagesyncbatch.json", "two");
    let server = Server::start([recorded.answer()]).await;
    let mut requests = stretches(&recorded.request_body);
    requests.reverse();
    let result = source(&server).pull_batch(&requests).await;
    assert!(matches!(result, Err(SourceError::Malformed(_))), "{result:?}");
}

#[tokio::test]
async fn a_batch_is_cut_to_what_servers_take_and_is_of_one_user() {
    let request = |number: usize| PullRequest {
        uid: Uid::from("alice"),
        channel: ChannelId::group(format!("g{number}")),
        start: MessageSeq::ZERO,
        end: MessageSeq::ZERO,
        direction: Direction::Older,
        limit: 1,
    };
    let answer = |numbers: std::ops::Range<usize>| {
        let item = |number| json!({"channel_id": format!("g{number}"), "channel_type": 2, "more": 0, "messages": null});
        Answer::json(200, &json!({"items": numbers.map(item).collect::<Vec<_>>()}).to_string())
    };
    let server = Server::start([answer(0..200), answer(200..201)]).await;
    let mut requests: Vec<_> = (0..201).map(request).collect();
    assert_eq!(source(&server).pull_batch(&requests).await.unwrap().len(), 201);
    let sizes: Vec<_> =
        server.requests().iter().map(|asked| asked.json()["items"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [200, 1]);

    let server = Server::start([answer(0..2)]).await;
    let result = source(&server).pull_batch(&requests[..1]).await;
    assert!(matches!(result, Err(SourceError::Malformed(_))), "{result:?}");
    requests.truncate(2);
    requests[1].uid = Uid::from("bob");
    let result = source(&server).pull_batch(&requests).await;
    assert!(matches!(result, Err(SourceError::Refused { status: 400, .. })), "{result:?}");
    assert_eq!(source(&server).pull_batch(&[]).await, Ok(Vec::new()));
    assert_eq!(server.requests().len(), 1);
}

async fn lanes(file: &str, name: &str, from: &str, number: &str) -> Vec<(String, String, StreamStatus)> {
    let recorded = exchange(file, name);
    let server = Server::start([recorded.answer()]).await;
    let body = &recorded.request_body;
    let lanes = server
        .source()
        .stream(&uid(body, "login_uid"), &channel(body), &Uid::from(from), &ClientMsgNo::from(number))
        .await
        .unwrap();
    let mut asked = server.request().json();
    assert_eq!((asked["limit"].take(), asked["event_summary_mode"].take()), (json!(100), json!("full")));
    for key in
        ["login_uid", "channel_id", "channel_type", "start_message_seq", "end_message_seq", "pull_mode"]
    {
        assert_eq!(asked[key], body[key], "{key}");
    }
    let mut lanes: Vec<_> =
        lanes.into_iter().map(|StreamLane { key, text, status }| (key, text, status)).collect();
    // v2 has them in any order.
    lanes.sort_by(|one, other| one.0.cmp(&other.0));
    lanes
}

#[tokio::test]
async fn streams_are_what_a_pull_of_either_generation_says_of_them() {
    use StreamStatus::{Cancelled, Closed, Failed, Open};
    let lane = |key: &str, text: &str, status| (key.to_owned(), text.to_owned(), status);
    for (file, from, number) in
        [("stream.json", "hat1", "ha-anchor"), ("v3_stream.json", "hqt1", "hq-anchor")]
    {
        assert_eq!(lanes(file, "sync_before_events", from, number).await, []);
        assert_eq!(lanes(file, "sync_closed", "somebody else", number).await, []);
        let ended = lanes(file, "sync_lanes_ended", from, &format!("{number}_lanes")).await;
        // The third is a tool's and no text.
        assert_eq!(ended, [lane("main", "answer", Failed), lane("think", "thinking...", Closed)]);
    }
    let v2 = lanes("stream.json", "sync_open", "hat1", "ha-anchor").await;
    assert_eq!(v2, [lane("main", "Hello lo X", Open)]);
    let v3 = lanes("v3_stream.json", "sync_closed", "hqt1", "hq-anchor").await;
    assert_eq!(v3, [lane("main", "Hello world", Closed)]);
    let person = lanes("v3_stream.json", "person_sync_receiver", "hqt1", "hq-anchor_person").await;
    assert_eq!(person, [lane("main", "hi", Closed)]);
    let kinds = lanes("v3_stream.json", "sync_kinds_finished", "hqt1", "hq-anchor_kinds").await;
    let texts = [("main", "replaced + delta"), ("n", ""), ("p", "secret"), ("s", "just text"), ("up", "u")];
    assert_eq!(kinds, texts.map(|(key, text)| lane(key, text, Closed)));
    assert_ne!(Cancelled, Open);
}

#[tokio::test]
async fn unread_counts_are_told_from_the_newest_that_the_server_names() {
    let recorded = exchange("v3_unread.json", "set_unread_person");
    let newest = |seq: u64| {
        let message = json!({"message_idstr": "7", "message_seq": seq, "from_uid": "bob"});
        let item = json!({"channel_id": "hqoq", "channel_type": 1, "unread": 3, "last_message": message});
        json!({"conversations": [item], "deletes": [], "unresolved": [], "done": true, "coverage": 0})
    };
    let body = &recorded.request_body;
    let request = |unread, last_seq| UnreadRequest {
        uid: uid(body, "uid"),
        channel: channel(body),
        unread,
        last_seq: MessageSeq::new(last_seq),
    };
    // The client knows 2 of 3: the third is unread too.
    for (unread, last_seq) in [(2, 3), (1, 2), (2, 0)] {
        let answer = Answer::json(200, &newest(3).to_string());
        let server = Server::start([answer, recorded.answer()]).await;
        assert_eq!(source(&server).set_unread(&request(unread, last_seq)).await, Ok(()));
        let [asked, told] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
        assert_eq!(asked.target, "/conversation/retry");
        assert_eq!(asked.json()["channels"], json!([{"channel_id": "hqoq", "channel_type": 1}]));
        assert_eq!((&told.target, told.json()), (&recorded.path, body.clone()));
    }
    // The server has no message of it, or none yet, or cannot tell.
    let empty = exchange("v3_conversation_list.json", "retry_empty_group");
    let server = Server::start([empty.answer()]).await;
    assert_eq!(source(&server).set_unread(&request(2, 0)).await, Ok(()));
    assert_eq!(server.requests().len(), 1);
    let refusal = exchange("v3_unread.json", "set_unread_empty_group");
    let server = Server::start([empty.answer(), refusal.answer()]).await;
    let refused = source(&server).set_unread(&request(2, 3)).await;
    assert!(matches!(refused, Err(SourceError::Refused { status: 400, .. })), "{refused:?}");
    let lost = exchange("v3_cluster_node_down.json", "retry_1");
    let server = Server::start([lost.answer(), recorded.answer()]).await;
    assert_eq!(source(&server).set_unread(&request(2, 3)).await, Ok(()));
    assert_eq!(server.requests()[1].json(), *body);

    let cleared = exchange("v3_unread.json", "clear_person");
    let server = Server::start([cleared.answer()]).await;
    let request = UnreadRequest {
        uid: uid(&cleared.request_body, "uid"),
        channel: channel(&cleared.request_body),
        unread: 0,
        last_seq: MessageSeq::ZERO,
    };
    assert_eq!(source(&server).set_unread(&request).await, Ok(()));
    cleared.assert_asked(&server);
}

#[tokio::test]
async fn tokens_and_routes_are_as_on_v2() {
    for recorded in exchanges("v3_user_token.json") {
        let body = &recorded.request_body;
        let byte = |key: &str| u8::try_from(number(body, key)).unwrap();
        let request = TokenRequest {
            uid: uid(body, "uid"),
            token: text(body, "token").to_owned(),
            device_flag: DeviceFlag::new(byte("device_flag")),
            device_level: DeviceLevel::new(byte("device_level")),
        };
        let server = Server::start([recorded.answer()]).await;
        assert_eq!(source(&server).register_token(&request).await, Ok(()));
        recorded.assert_asked(&server);
    }
    let recorded = exchange("v3_route.json", "plain");
    let server = Server::start([recorded.answer()]).await;
    assert_eq!(source(&server).route().await.unwrap().tcp_addr, "127.0.0.1:6100");
    recorded.assert_asked(&server);
}
