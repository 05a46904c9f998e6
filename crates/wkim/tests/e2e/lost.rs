//! Connections that are cut, and messages that were missed meanwhile.

use std::sync::Arc;

use wkim::{ConnectionState, Event, PageQuery};

use crate::common::{Player, texts};
use crate::target::{Cuttable, Place, Scissors, Target, everywhere};

everywhere! {
    a_cut_connection_is_opened_again_and_misses_nothing,
    messages_missed_while_away_come_with_the_next_connect,
    a_command_missed_while_away_is_told_once,
}

async fn a_cut_connection_is_opened_again_and_misses_nothing(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let scissors = Arc::new(Scissors::default());
    let builder = target.client("alice").await.connector(Arc::new(Cuttable(Arc::clone(&scissors))));
    let mut alice = Player::login(builder).await;
    let mut bob = Player::login(target.client("bob").await).await;
    let mut expected = Vec::new();
    for round in 0..3 {
        let text = format!("before cut {round}");
        let stored = alice.client.messages().send_text(&target.person("bob"), &text).await.unwrap();
        alice.settled(&stored).await;
        scissors.cut();
        expected.push(text);
        let text = format!("after cut {round}");
        let stored = bob.client.messages().send_text(&target.person("alice"), &text).await.unwrap();
        bob.settled(&stored).await;
        alice.receives(&text).await;
        expected.push(text);
        if scissors.connections() == round + 1 {
            // It came on the old connection, before the cut was noticed.
            alice
                .until(|event| {
                    matches!(event, Event::Connection(ConnectionState::Online { .. })).then_some(())
                })
                .await;
        }
    }
    assert!(scissors.connections() >= 4, "{} connections", scissors.connections());
    let page = alice.client.messages().history(PageQuery::newest(target.person("bob"))).await.unwrap();
    assert_eq!(texts(&page), expected, "{page:?}");
}

async fn messages_missed_while_away_come_with_the_next_connect(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let mut bob = Player::login(target.client("bob").await).await;
    let mut alice = Player::login(target.client("alice").await.sqlite(&file)).await;
    let mut expected = vec!["first".to_owned()];
    let first = bob.client.messages().send_text(&target.person("alice"), "first").await.unwrap();
    bob.settled(&first).await;
    alice.receives("first").await;
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
    for number in 0..50 {
        let text = format!("missed {number}");
        let missed = bob.client.messages().send_text(&target.person("alice"), &text).await.unwrap();
        bob.settled(&missed).await;
        expected.push(text);
    }
    let mut alice = Player::login(target.client("alice").await.sqlite(&file)).await;
    alice.synced().await;
    let query = PageQuery::newest(target.person("bob")).limit(100);
    let page = alice.client.messages().history(query).await.unwrap();
    assert_eq!(texts(&page), expected, "{:?}", page.incomplete);
    let conversation = alice.client.conversations().by_channel(&target.person("bob")).await.unwrap().unwrap();
    assert_eq!(conversation.unread(), 51);
}

async fn a_command_missed_while_away_is_told_once(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let team = target.group("team", &["alice", "bob"]).await;
    target.bind_commands("alice", &team).await;
    // As JSON: {"type":99,"cmd":"first","param":{}}, and the same with "second".
    let first = "eyJ0eXBlIjo5OSwiY21kIjoiZmlyc3QiLCJwYXJhbSI6e319";
    let second = "eyJ0eXBlIjo5OSwiY21kIjoic2Vjb25kIiwicGFyYW0iOnt9fQ==";
    for (payload, name) in [(first, "first"), (second, "second")] {
        target.command("bob", &team, payload).await;
        let mut alice = Player::login(target.client("alice").await.sqlite(&file)).await;
        let command = alice
            .until(|event| match event {
                Event::Command(command) => Some(command),
                _ => None,
            })
            .await;
        // v2 gives the first one again for a minute, whatever was acknowledged.
        assert_eq!((command.command.cmd.as_str(), command.again), (name, false));
        assert_eq!((&command.channel, &command.from_uid), (&team, &target.uid("bob")));
        alice.client.commands().done(command.id.unwrap()).await.unwrap();
        alice.client.shutdown().await.unwrap();
        alice.runner.join().await.unwrap();
    }
}
