//! Questions about what is stored: galleries, senders, calendars, counts.

use wk_devserver::{DevServer, Seed};
use wkim::model::UtcOffset;
use wkim::{ChannelId, ContentType, Message, MessageId, MessageSeq, PageQuery, Position, Uid, UnixMillis};

use crate::common::{Player, client, seqs, serve};

fn numbers(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.message_seq().get()).collect()
}

const HOUR: u64 = 3600;
/// A day in 2024.
const DAY: i64 = 20_000;

/// A hundred messages, one an hour, of which every tenth is an image and every twenty-fifth a video.
async fn alice_who_has_read_it_all() -> (crate::common::Stage, Player, ChannelId) {
    let members = ["alice", "bob"].map(Uid::new);
    let payload = |seq: u64| match seq {
        seq if seq.is_multiple_of(25) => br#"{"type":5,"url":"v"}"#.to_vec(),
        seq if seq.is_multiple_of(10) => br#"{"type":2,"url":"i"}"#.to_vec(),
        _ => br#"{"type":1,"content":"x"}"#.to_vec(),
    };
    // The last one at 04:00Z, the first one four days earlier at 01:00Z.
    let seed = Seed::group("team", members, 100)
        .payload(payload)
        .spacing(std::time::Duration::from_secs(HOUR))
        .last_at(UnixMillis::from_secs((DAY + 4) * 24 * 3600 + 4 * 3600));
    let server = serve(DevServer::builder().seed(seed)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let team = ChannelId::group("team");
    let page = alice.client.messages().history(PageQuery::newest(team.clone()).limit(100)).await.unwrap();
    assert_eq!(page.messages.len(), 100);
    (server, alice, team)
}

#[tokio::test]
async fn a_gallery_goes_page_by_page_from_the_newest() {
    let (_server, alice, team) = alice_who_has_read_it_all().await;
    let messages = alice.client.messages();
    let types = || vec![ContentType::IMAGE, ContentType::VIDEO];
    let first = messages.gallery(&team, types(), Position::MAX, 5).await.unwrap();
    assert_eq!(numbers(&first), [100, 90, 80, 75, 70]);
    let next = messages.gallery(&team, types(), first[4].position, 100).await.unwrap();
    assert_eq!(numbers(&next), [60, 50, 40, 30, 25, 20, 10]);
    messages.delete(vec![first[1].client_seq]).await.unwrap();
    let images = messages.gallery(&team, vec![ContentType::IMAGE], Position::MAX, 2).await.unwrap();
    assert_eq!(numbers(&images), [80, 70], "what was deleted is not shown");
}

#[tokio::test]
async fn messages_of_a_sender_by_id_by_seq_and_how_many() {
    let (server, alice, team) = alice_who_has_read_it_all().await;
    let messages = alice.client.messages();
    let log = server.messages(&team, &Uid::new("alice"));
    let bob = Uid::new("bob");
    let mut bobs: Vec<u64> =
        log.iter().filter(|message| message.from == bob).map(|message| message.seq.get()).collect();
    assert!(!bobs.is_empty() && bobs.len() < 100);
    bobs.reverse();
    assert_eq!(numbers(&messages.from_sender(&team, &bob, Position::MAX, 1_000).await.unwrap()), bobs);
    let place = Position::server(MessageSeq::new(bobs[1]));
    assert_eq!(numbers(&messages.from_sender(&team, &bob, place, 1).await.unwrap()), [bobs[2]]);
    let ids = vec![log[6].id, MessageId::new(1), log[2].id];
    let mut found = numbers(&messages.by_ids(ids).await.unwrap());
    found.sort_unstable();
    assert_eq!(found, [3, 7]);
    let seventh = messages.by_seq(&team, MessageSeq::new(7)).await.unwrap().unwrap();
    assert_eq!(seventh.message_id, log[6].id);
    assert_eq!(messages.by_seq(&team, MessageSeq::new(101)).await.unwrap(), None);
    assert_eq!(messages.count(&team).await.unwrap(), 100);
    let bounds = messages.seq_bounds(&team).await.unwrap().unwrap();
    assert_eq!((bounds.0.get(), bounds.1.get()), (1, 100));
    messages.delete(vec![seventh.client_seq]).await.unwrap();
    assert_eq!(messages.count(&team).await.unwrap(), 99);
    let nobody = ChannelId::group("nobody");
    assert_eq!(
        (messages.count(&nobody).await.unwrap(), messages.seq_bounds(&nobody).await.unwrap()),
        (0, None)
    );
}

#[tokio::test]
async fn a_calendar_counts_by_the_days_of_a_clock_and_leads_to_their_first_message() {
    let (_server, alice, team) = alice_who_has_read_it_all().await;
    let messages = alice.client.messages();
    let days = messages.days(&team, UtcOffset::UTC).await.unwrap();
    let counts: Vec<_> = days.iter().map(|day| (day.day, day.count)).collect();
    assert_eq!(counts, [(DAY, 23), (DAY + 1, 24), (DAY + 2, 24), (DAY + 3, 24), (DAY + 4, 5)]);
    let first = messages.first_of_day(&team, DAY + 2, UtcOffset::UTC).await.unwrap().unwrap();
    assert_eq!(first.message_seq().get(), 23 + 24 + 1);
    let page = messages.history(PageQuery::around(team.clone(), first.position).limit(2)).await.unwrap();
    assert_eq!(seqs(&page)[0], 48);
    // Eight hours ahead, the days begin eight messages earlier.
    let shanghai = UtcOffset::from_secs(8 * 3600);
    let days = messages.days(&team, shanghai).await.unwrap();
    let counts: Vec<_> = days.iter().map(|day| (day.day, day.count)).collect();
    assert_eq!(counts, [(DAY, 15), (DAY + 1, 24), (DAY + 2, 24), (DAY + 3, 24), (DAY + 4, 13)]);
    assert_eq!(messages.first_of_day(&team, DAY - 1, shanghai).await.unwrap(), None);
}
