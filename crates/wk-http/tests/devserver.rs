//! The whole source against the embedded server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use wk_devserver::{DevServer, Seed};
use wk_http::sync::store::model::proto::{DeviceFlag, DeviceLevel};
use wk_http::sync::store::model::{ChannelId, ClientMsgNo, Direction, MessageSeq, Uid};
use wk_http::sync::{
    DataSource, FindRequest, PullRequest, PulledMessages, SyncRequest, SyncedConversation, UnreadRequest,
};
use wk_http::{HttpSource, TokenRequest};

struct Setup {
    server: DevServer,
    source: HttpSource,
    alice: Uid,
    bob: ChannelId,
}

/// Alice and bob have taken turns in writing 50 messages.
async fn setup() -> Setup {
    let (alice, bob) = (Uid::from("alice"), Uid::from("bob"));
    let seed = Seed::person(&bob, &alice, 50);
    let server = DevServer::builder().seed(seed).start().await.unwrap();
    let source = HttpSource::builder(&server.api_url()).unwrap().build().unwrap();
    Setup { server, source, alice, bob: ChannelId::person("bob") }
}

impl Setup {
    async fn pull(&self, start: u64, end: u64, direction: Direction, limit: u32) -> PulledMessages {
        let request = PullRequest {
            uid: self.alice.clone(),
            channel: self.bob.clone(),
            start: MessageSeq::new(start),
            end: MessageSeq::new(end),
            direction,
            limit,
        };
        self.source.pull_messages(&request).await.unwrap()
    }

    async fn sync(&self, tails: &[(ChannelId, u64)]) -> Vec<SyncedConversation> {
        let tails = tails.iter().map(|(channel, seq)| (channel.clone(), MessageSeq::new(*seq))).collect();
        let request = SyncRequest { uid: self.alice.clone(), tails, message_count: 5 };
        self.source.sync_conversations(&request).await.unwrap()
    }

    /// The newest seq of a conversation, and how far alice has read.
    async fn positions(&self, channel: &ChannelId) -> (u64, u64) {
        let synced = self.sync(&[]).await;
        let conversation = synced.iter().find(|conversation| conversation.channel == *channel).unwrap();
        (conversation.last_seq.get(), conversation.read_to.get())
    }

    async fn set_unread(&self, channel: &ChannelId, unread: u32) {
        let request = UnreadRequest {
            uid: self.alice.clone(),
            channel: channel.clone(),
            unread,
            last_seq: MessageSeq::ZERO,
        };
        self.source.set_unread(&request).await.unwrap();
    }
}

fn seqs(page: &PulledMessages) -> Vec<u64> {
    page.messages.iter().map(|message| message.message_seq.get()).collect()
}

#[tokio::test]
async fn history_comes_as_the_server_logged_it() {
    let setup = setup().await;
    let all = setup.pull(1, 0, Direction::Newer, 100).await;
    assert!(!all.more);
    let log = setup.server.messages(&setup.bob, &setup.alice);
    assert_eq!((all.messages.len(), log.len()), (50, 50));
    for (pulled, logged) in all.messages.iter().zip(&log) {
        assert_eq!((pulled.message_id, pulled.message_seq), (logged.id, logged.seq));
        assert_eq!(
            (&pulled.from_uid, pulled.client_msg_no.as_str()),
            (&logged.from, logged.client_msg_no.as_str())
        );
        assert_eq!(pulled.timestamp.get(), i64::from(logged.timestamp) * 1000);
        assert_eq!(pulled.payload, logged.payload);
    }

    let newest = setup.pull(0, 0, Direction::Older, 3).await;
    assert_eq!((seqs(&newest), newest.more), (vec![48, 49, 50], true));
    let older = setup.pull(10, 7, Direction::Older, 10).await;
    assert_eq!((seqs(&older), older.more), (vec![8, 9, 10], false));
    let newer = setup.pull(49, 0, Direction::Newer, 10).await;
    assert_eq!((seqs(&newer), newer.more), (vec![49, 50], false));
}

#[tokio::test]
async fn conversations_come_when_they_have_news() {
    let setup = setup().await;
    let synced = setup.sync(&[(setup.bob.clone(), 48)]).await;
    assert_eq!(synced.len(), 1);
    assert_eq!((&synced[0].channel, synced[0].last_seq.get()), (&setup.bob, 50));
    assert_eq!(synced[0].recents.len(), 2);
    assert!(setup.sync(&[(setup.bob.clone(), 50)]).await.is_empty());
}

#[tokio::test]
async fn own_messages_are_found_by_their_numbers() {
    let setup = setup().await;
    let id = setup.server.send(&setup.alice, &setup.bob, "no-1", r#"{"type":1,"content":"hi"}"#);
    let request = FindRequest {
        uid: setup.alice.clone(),
        channel: setup.bob.clone(),
        client_msg_nos: vec![ClientMsgNo::from("no-1"), ClientMsgNo::from("no-2")],
    };
    let found = setup.source.find_messages(&request).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].message_id, found[0].message_seq.get()), (id, 51));
}

#[tokio::test]
async fn read_positions_are_told_and_an_empty_channel_is_not_poisoned() {
    let setup = setup().await;
    let carol = ChannelId::person("carol");
    for number in 1..=5 {
        let number = format!("no-{number}");
        setup.server.send(&Uid::from("carol"), &ChannelId::person("alice"), &number, "x");
    }
    assert_eq!(setup.positions(&carol).await, (5, 0));
    setup.set_unread(&carol, 2).await;
    assert_eq!(setup.positions(&carol).await, (5, 3));
    setup.set_unread(&carol, 0).await;
    assert_eq!(setup.positions(&carol).await, (5, 5));

    let group = ChannelId::group("empty");
    setup.server.channel(&group).add_subscribers([&setup.alice]);
    setup.set_unread(&group, 1).await;
    setup.server.send(&Uid::from("bob"), &group, "no-1", "x");
    assert_eq!(setup.positions(&group).await, (1, 0));
}

#[tokio::test]
async fn the_route_leads_to_the_server_and_a_token_is_taken() {
    let setup = setup().await;
    let route = setup.source.route().await.unwrap();
    assert_eq!(route.tcp_addr, setup.server.tcp_addr().to_string());
    let request = TokenRequest {
        uid: setup.alice.clone(),
        token: "t".to_owned(),
        device_flag: DeviceFlag::APP,
        device_level: DeviceLevel::MASTER,
    };
    setup.source.register_token(&request).await.unwrap();
}
