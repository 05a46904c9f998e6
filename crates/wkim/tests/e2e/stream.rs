//! A text that is written while others read along.

use wkim::{ChannelId, Event, PageQuery, StreamStatus};

use crate::common::{Player, texts};
use crate::target::{Place, Target, everywhere};

everywhere! {
    a_text_that_was_read_along_ends_as_the_server_has_it,
    a_text_that_begins_with_something_is_followed,
}

async fn a_text_that_was_read_along_ends_as_the_server_has_it(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let team = target.group("team", &["alice", "bob"]).await;
    let mut alice = Player::login(target.client("alice").await).await;
    // v2 finds a stream by its number alone, whatever the channel.
    let number = format!("w-{}", team.id());
    // As JSON: {"type":1,"content":""}
    target.begin_stream("bob", &team, &number, "eyJ0eXBlIjoxLCJjb250ZW50IjoiIn0=").await;
    alice.receives("").await;
    write_and_read_along(&target, &team, &number, &mut alice).await;
    let page = alice.client.messages().history(PageQuery::newest(team)).await.unwrap();
    assert_eq!(texts(&page), ["Hello"]);
}

/// Nothing in a push of v3 tells that more will come (docs/servers.md §8).
async fn a_text_that_begins_with_something_is_followed(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let team = target.group("team", &["alice", "bob"]).await;
    let mut alice = Player::login(target.client("alice").await).await;
    let number = format!("f-{}", team.id());
    // As JSON: {"type":1,"content":"thinking"}
    target.begin_stream("bob", &team, &number, "eyJ0eXBlIjoxLCJjb250ZW50IjoidGhpbmtpbmcifQ==").await;
    let message = alice.receives("thinking").await;
    alice.client.messages().follow(&message).await.unwrap();
    write_and_read_along(&target, &team, &number, &mut alice).await;
}

/// Bob writes "Hello" in two pieces, and alice hears what the server has at last.
async fn write_and_read_along(target: &Target, team: &ChannelId, number: &str, alice: &mut Player) {
    for (id, kind, payload) in [
        ("e-1", "delta", r#"{"kind":"text","delta":"Hel"}"#),
        ("e-2", "delta", r#"{"kind":"text","delta":"lo"}"#),
        // The end does not repeat the text, so what the server has is asked for.
        ("e-3", "close", r#"{"end_reason":0}"#),
    ] {
        target.write_stream("bob", team, number, (id, kind, payload)).await;
    }
    // What the pieces add up to may be wrong; what the server says at last is not. v3 pushes none of them and is asked.
    let written = alice
        .until(|event| match event {
            Event::Stream(update) if update.is_certain && update.lane.status != StreamStatus::Open => {
                Some(update)
            }
            _ => None,
        })
        .await;
    assert_eq!((written.lane.text.as_str(), written.lane.status), ("Hello", StreamStatus::Closed));
}
