//! Messages that the server refuses: the reason code beside the status.

use wk_devserver::DevServer;
use wkim::{ChannelId, MessageStatus, NotSent, ReasonCode, Uid};

use crate::common::{Player, client, serve};

#[tokio::test]
async fn a_refused_message_has_the_servers_reason_beside_its_status() {
    let server = serve(DevServer::builder()).await;
    let everybody = ["alice", "bob"].map(Uid::new);
    let group = |name: &str| ChannelId::group(name);
    server.channel(&group("strangers")).add_subscribers(&[Uid::new("bob")]);
    server.channel(&group("denied")).add_subscribers(&everybody).deny(&[Uid::new("alice")]);
    server.channel(&group("chosen")).add_subscribers(&everybody).allow(&[Uid::new("bob")]);
    server.channel(&group("banned")).add_subscribers(&everybody).ban(true);
    server.channel(&group("gone")).add_subscribers(&everybody).disband(true);
    let mut alice = Player::login(client(&server, "alice")).await;
    let reasons = [
        ("strangers", ReasonCode::SUBSCRIBER_NOT_EXIST, 3, "subscriber not exist"),
        ("denied", ReasonCode::IN_BLACKLIST, 4, "in blacklist"),
        ("chosen", ReasonCode::NOT_IN_WHITELIST, 13, "not in whitelist"),
        ("banned", ReasonCode::BAN, 19, "ban"),
        ("gone", ReasonCode::DISBAND, 24, "disband"),
    ];
    for (name, reason, code, words) in reasons {
        let handle = alice.client.messages().send(&group(name), "hi").await.unwrap();
        let refused = alice.settled(&handle).await;
        assert_eq!((refused.status, refused.reason_code), (MessageStatus::Failed, Some(reason)), "{name}");
        assert_eq!((reason.value(), reason.to_string().as_str()), (code, words));
        let outcome = handle.acked().await;
        assert!(matches!(&outcome, Err(NotSent::Failed { reason: Some(told) }) if *told == reason));
    }
}
