//! A conversation never moves backwards because of an older fact.

use proptest::prelude::*;
use wk_sync::store::model::{Conversation, Position};

use super::common::cases;
use super::walk::walk;

/// What only grows. The newest visible message stands nowhere before it stood, except where the channel was cleared.
fn numbers(conversation: &Conversation) -> [u64; 4] {
    let timestamp = u64::try_from(conversation.timestamp.get()).unwrap();
    [conversation.last_seq.get(), conversation.read_to.get(), conversation.own_seq.get(), timestamp]
}

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_7_a_conversation_never_moves_backwards(walk in walk()) {
        let (mut before, mut newest) = ([0; 4], Position::MIN);
        walk.run(|seen| {
            let Some(conversation) = &seen.conversation else {
                prop_assert_eq!(before, [0; 4], "the conversation is gone");
                return Ok(());
            };
            let now = numbers(conversation);
            prop_assert!(before.iter().zip(&now).all(|(before, now)| before <= now), "{before:?} to {now:?}");
            let unread = conversation.last_seq.get().saturating_sub(conversation.read_to.get().max(conversation.own_seq.get()));
            prop_assert_eq!(conversation.unread(), unread);
            let last = conversation.last_message.as_ref().map_or(Position::MIN, |message| message.position);
            // An own message that the server put elsewhere, or not at all, took its place with it.
            let moved = newest.is_local();
            prop_assert!(seen.anew || moved || last >= newest, "{newest:?} to {last:?}");
            (before, newest) = (now, last);
            Ok(())
        })?;
    }
}
