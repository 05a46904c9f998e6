//! A first message to many people at once.

use std::time::Duration;

use wkim::{Event, MessageStatus};

use crate::common::Player;
use crate::target::{Place, Target, everywhere, number};

/// v3 takes half a second for each, and refuses what it did not come to in five (docs/servers.md T71).
const STRANGERS: usize = 24;
/// Reached only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(600);

everywhere! { a_first_message_to_each_of_many_people_is_sent }

async fn a_first_message_to_each_of_many_people_is_sent(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let alice = Player::login(target.client("alice").await).await;
    let mut events = alice.client.events();
    let strangers = number("WKIM_E2E_STRANGERS").unwrap_or(STRANGERS);
    for number in 0..strangers {
        let stranger = target.person(&format!("stranger{number}"));
        alice.client.messages().send_text(&stranger, "hello").await.unwrap();
    }
    let answers = async {
        let mut answers = Vec::new();
        while answers.len() < strangers {
            match events.next().await.unwrap() {
                Event::Refreshed(message) if message.status != MessageStatus::Sending => {
                    answers.push(message.status);
                }
                _ => {}
            }
        }
        answers
    };
    let answers = tokio::time::timeout(PATIENCE, answers).await.expect("an answer for each");
    assert_eq!(answers, vec![MessageStatus::Sent; strangers]);
}
