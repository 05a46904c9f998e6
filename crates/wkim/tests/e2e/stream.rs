//! A text that is written while others read along.

use wk_devserver::Generation;
use wkim::Event;

use crate::common::{Player, text_of};
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
    // As JSON: {"type":1,"content":""}
    target.begin_stream("bob", &team, "w-1", "eyJ0eXBlIjoxLCJjb250ZW50IjoiIn0=").await;
    alice.receives("").await;
    for (id, kind, payload) in [
        ("e-1", "delta", r#"{"kind":"text","delta":"Hel"}"#),
        ("e-2", "delta", r#"{"kind":"text","delta":"lo"}"#),
        // The end does not repeat the text, so what the server has is asked for.
        ("e-3", "close", r#"{"end_reason":0}"#),
    ] {
        target.write_stream("bob", &team, "w-1", (id, kind, payload)).await;
    }
    let written = alice
        .until(|event| match event {
            Event::Refreshed(message) => Some(message),
            _ => None,
        })
        .await;
    assert_eq!((text_of(&written).as_str(), &written.channel), ("Hello", &team));
}
