//! Many messages handed over at once: every one is answered, each channel keeps its order, none comes twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use wk_devserver::Generation;
use wkim::model::proto::DeviceLevel;
use wkim::{
    Anchor, ChannelId, DeviceFlag, Direction, Event, Events, EventsError, MessageSeq, MessageStatus,
    PageQuery,
};

use crate::common::{self, Player, text_of};
use crate::flood::{InFlight, Login, flood};
use crate::target::{Place, Target, everywhere, number};

const CHANNELS: usize = 16;
/// Reached only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(300);

everywhere! { a_burst_to_many_channels_keeps_the_order_of_each }

/// As many as `WKIM_E2E_BURST` says; real servers are given 10,000 (v2) or 1,000 (v3).
fn burst() -> usize {
    number("WKIM_E2E_BURST").unwrap_or(1_000)
}

async fn a_burst_to_many_channels_keeps_the_order_of_each(place: Place) {
    let Some(target) = Target::start(place).await else { return };
    let alice = Player::login(target.client("alice").await).await;
    let rounds = number("WKIM_E2E_ROUNDS").unwrap_or(1);
    for round in 0..rounds {
        let channels: Vec<ChannelId> =
            (0..CHANNELS).map(|number| target.person(&format!("friend{round}-{number}"))).collect();
        hand_over(&alice, &channels, place).await;
        beside(&target, round, place).await;
        target.let_channels_begin().await;
        // Another device reads them from the server.
        let other = Player::login(target.client("alice").await).await;
        for (index, channel) in channels.iter().enumerate() {
            let expected: Vec<_> =
                (index..burst()).step_by(CHANNELS).map(|number| number.to_string()).collect();
            assert_eq!(read(&other, channel).await, expected, "{channel}");
        }
    }
}

/// Hands over all at once, and waits until each was answered.
async fn hand_over(alice: &Player, channels: &[ChannelId], place: Place) {
    let answers = tokio::spawn(answers(alice.client.events()));
    #[allow(clippy::disallowed_methods, reason = "the rate is printed, not judged")]
    let start = Instant::now();
    for number in 0..burst() {
        let channel = &channels[number % CHANNELS];
        alice.client.messages().send_text(channel, &number.to_string()).await.unwrap();
    }
    let handed_over = start.elapsed();
    let answers =
        tokio::time::timeout(PATIENCE, answers).await.expect("not every SEND was answered").unwrap();
    let took = start.elapsed();
    let (count, rate) = (burst(), burst() as f64 / took.as_secs_f64());
    println!("{count} sends over {place:?}, handed over in {handed_over:.2?}: {took:.2?}, {rate:.0}/s");
    for first in 0..CHANNELS {
        let seqs: Vec<_> = (first..burst()).step_by(CHANNELS).map(|number| answers[&number]).collect();
        assert!(seqs.is_sorted_by(|one, next| one < next), "a channel is out of order: {seqs:?}");
    }
}

async fn answers(mut events: Events<Event>) -> BTreeMap<usize, MessageSeq> {
    let mut answers = BTreeMap::new();
    while answers.len() < burst() {
        match events.next().await {
            Ok(Event::Refreshed(message)) if message.status != MessageStatus::Sending => {
                assert_eq!(message.status, MessageStatus::Sent, "{message:?}");
                let number: usize = text_of(&message).parse().unwrap();
                let again = answers.insert(number, message.message_seq());
                assert!(again.is_none(), "{number} is answered twice");
            }
            Ok(_) => {}
            Err(EventsError::Lagged { missed }) => panic!("the test is too slow: {missed} events missed"),
            Err(error) => panic!("{error}"),
        }
    }
    answers
}

/// What clients that store nothing reach: one that keeps the order, and one that does not.
async fn beside(target: &Target, round: usize, place: Place) {
    let Some(address) = target.bare_address() else { return };
    target.register("flooder", DeviceFlag::PC, DeviceLevel::SLAVE).await;
    let uid = target.uid("flooder");
    let token = common::token(uid.as_str());
    let any = InFlight::Any(if place.generation == Generation::V3 { 128 } else { burst() });
    for (kind, in_flight) in [("orderly", InFlight::OneInEachChannel), ("any", any)] {
        let channels: Vec<_> =
            (0..CHANNELS).map(|number| target.person(&format!("{kind}{round}-{number}"))).collect();
        let login = Login { uid: uid.as_str(), token: &token };
        let flooded = flood(&address, login, &channels, burst(), in_flight).await;
        println!(
            "a bare client, {in_flight:?}: {:?} for {} sends, {} out of order, {:.0}/s",
            flooded.answers,
            burst(),
            flooded.out_of_order,
            flooded.rate
        );
    }
}

async fn read(player: &Player, channel: &ChannelId) -> Vec<String> {
    let mut query = PageQuery::newest(channel.clone()).limit(1_000);
    (query.anchor, query.direction) = (Anchor::Edge, Direction::Newer);
    let mut read = Vec::new();
    loop {
        let page = player.client.messages().history(query).await.unwrap();
        assert_eq!(page.incomplete, None);
        read.extend(page.messages.iter().map(text_of));
        if page.reached_end {
            return read;
        }
        query = page.newer(channel).unwrap().limit(1_000);
    }
}
