//! A text that is written while others read along.

use wk_devserver::Generation;
use wkim::{Event, PageQuery, StreamStatus};

use crate::common::{Player, texts};
use crate::target::{Place, Target, everywhere};

everywhere! { a_text_that_was_read_along_ends_as_the_server_has_it }

async fn a_text_that_was_read_along_ends_as_the_server_has_it(place: Place) {
    if place.generation == Generation::V3 {
        println!("skipped: v3 pushes nothing of a text that is written (docs/servers.md T52)");
        return;
    }
    let Some(target) = Target::start(place).await else { return };
    let team = target.group("team", &["alice", "bob"]).await;
    let mut alice = Player::login(target.client("alice").await).await;
    // v2 finds a stream by its number alone, whatever the channel.
    let number = format!("w-{}", team.id());
    // As JSON: {"type":1,"content":""}
    target.begin_stream("bob", &team, &number, "eyJ0eXBlIjoxLCJjb250ZW50IjoiIn0=").await;
    alice.receives("").await;
    for (id, kind, payload) in [
        ("e-1", "delta", r#"{"kind":"text","delta":"Hel"}"#),
        ("e-2", "delta", r#"{"kind":"text","delta":"lo"}"#),
        // The end does not repeat the text, so what the server has is asked for.
        ("e-3", "close", r#"{"end_reason":0}"#),
    ] {
        target.write_stream("bob", &team, &number, (id, kind, payload)).await;
    }
    // What the pieces add up to may be wrong; what the server says at last is not.
    let written = alice
        .until(|event| match event {
            Event::Stream(update) if update.is_certain && update.lane.status != StreamStatus::Open => {
                Some(update)
            }
            _ => None,
        })
        .await;
    assert_eq!((written.lane.text.as_str(), written.lane.status), ("Hello", StreamStatus::Closed));
    let page = alice.client.messages().history(PageQuery::newest(team)).await.unwrap();
    assert_eq!(texts(&page), ["Hello"]);
}
