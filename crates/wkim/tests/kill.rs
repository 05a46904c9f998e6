//! SIGKILL fifty times, each at a random moment of a 2,000-message exchange.
//!
//! Nothing that was reported as stored is lost, nothing comes twice.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{Player, Stage, client, serve, text_of};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use wk_devserver::DevServer;
use wkim::{Anchor, ChannelId, Client, Direction, PageQuery};

const KILLS: u32 = 50;
/// What each side sends in one exchange.
const EACH_WAY: u64 = 1000;

const ROLE: &str = "WKIM_KILL_TEST";

/// The process that is killed: this test binary again. It does nothing in an ordinary run.
#[tokio::test]
async fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let mut words = role.split(' ');
    let mut word = || words.next().unwrap().to_owned();
    let (task, tcp, api, file) = (word(), word(), word(), word());
    let builder = Client::builder("alice").server(tcp).api(api).sqlite(file);
    let mut alice = Player::login(builder).await;
    if task == "drain" {
        return drain(&mut alice).await;
    }
    for number in 0..EACH_WAY {
        let text = format!("alice {task} {number}");
        alice.client.messages().send_text(&ChannelId::person("bob"), &text).await.unwrap();
        report(&text);
    }
    // Wait to be killed.
    std::future::pending::<()>().await;
}

fn report(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nstored {text}").unwrap();
    out.flush().unwrap();
}

/// Waits until everything is sent, then ends.
async fn drain(alice: &mut Player) {
    alice.synced().await;
    let last = alice.client.messages().send_text(&ChannelId::person("bob"), "the end").await.unwrap();
    // Messages of a channel are sent in order: when the last has its answer, all have.
    alice.settled(&last).await;
    alice.client.shutdown().await.unwrap();
}

fn spawn(task: &str, server: &Stage, file: &Path) -> Child {
    let role = format!("{task} {} {} {}", server.tcp_addr(), server.api_url(), file.display());
    Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stored_is_lost_and_nothing_comes_twice() {
    let seed: u64 = std::env::var("WKIM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    println!("WKIM_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);

    let server = Arc::new(serve(DevServer::builder()).await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let bob = Player::login(client(&server, "bob")).await;
    let mut reported = Vec::new();
    let mut bobs = Vec::new();
    for round in 0..KILLS {
        // The moment: after so many of the exchange's 2,000 steps.
        let moment = random.next_u64() % (2 * EACH_WAY);
        let steps = Arc::new(AtomicU64::new(0));
        let mut child = spawn(&round.to_string(), &server, &file);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let counted = Arc::clone(&steps);
        let reader = std::thread::spawn(move || {
            let mut stored = Vec::new();
            for line in lines.map_while(Result::ok) {
                if let Some(text) = line.strip_prefix("stored ") {
                    stored.push(text.to_owned());
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
            stored
        });
        // Both sides go at the same pace, from the first message that the child has stored.
        for number in 0..EACH_WAY {
            while steps.load(Ordering::Relaxed) <= number {
                tokio::task::yield_now().await;
            }
            if 2 * number >= moment {
                break;
            }
            let text = format!("bob {round} {number}");
            bob.client.messages().send_text(&ChannelId::person("alice"), &text).await.unwrap();
            bobs.push(text);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        reported.extend(reader.join().unwrap());
    }
    assert!(spawn("drain", &server, &file).wait().unwrap().success());
    // A fresh stream: the old one has missed the events of the whole exchange.
    let mut bob = Player { events: bob.client.events(), ..bob };
    let last = bob.client.messages().send_text(&ChannelId::person("alice"), "the very end").await.unwrap();
    bob.settled(&last).await;
    bob.receives_all_of("the end").await;

    let alice = Player::login(client(&server, "alice").sqlite(&file)).await;
    let alices = history(&alice, "bob").await;
    let bob_sees = history(&bob, "alice").await;
    let log = server.messages(&ChannelId::person("bob"), &"alice".into());
    println!(
        "{} reported by alice, {} sent by bob, {} on the server, {} and {} in the two histories",
        reported.len(),
        bobs.len(),
        log.len(),
        alices.len(),
        bob_sees.len()
    );
    assert!(
        reported.len() as u64 + bobs.len() as u64 > u64::from(KILLS) * EACH_WAY / 4,
        "the kills came too early"
    );
    check("alice's history", &alices, &reported, &bobs);
    check("bob's history", &bob_sees, &reported, &bobs);
    assert_eq!(alices, bob_sees);
}

fn check(whose: &str, history: &[String], reported: &[String], bobs: &[String]) {
    let mut count: HashMap<&str, u32> = HashMap::new();
    for text in history {
        *count.entry(text).or_default() += 1;
    }
    let lost: Vec<_> =
        reported.iter().chain(bobs).filter(|text| !count.contains_key(text.as_str())).collect();
    assert!(lost.is_empty(), "{whose} lacks {} messages, such as {:?}", lost.len(), lost.first());
    let twice: Vec<_> = count.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{whose} has {} messages twice, such as {:?}", twice.len(), twice.first());
    // Each side's messages stand in the order in which that side sent them.
    for sent in [reported, bobs] {
        let place: HashMap<_, _> = history.iter().enumerate().map(|(index, text)| (text, index)).collect();
        let places: Vec<_> = sent.iter().map(|text| place[text]).collect();
        assert!(places.is_sorted(), "{whose} is out of order");
    }
}

/// The texts of a whole channel, in order.
async fn history(player: &Player, peer: &str) -> Vec<String> {
    let channel = ChannelId::person(peer);
    let mut query = PageQuery::newest(channel.clone()).limit(10_000);
    (query.anchor, query.direction) = (Anchor::Edge, Direction::Newer);
    let mut texts = Vec::new();
    loop {
        let page = player.client.messages().history(query).await.unwrap();
        assert_eq!(page.incomplete, None);
        texts.extend(page.messages.iter().map(text_of));
        if page.reached_end {
            return texts;
        }
        query = page.newer(&channel).unwrap().limit(10_000);
    }
}

impl Player {
    /// Waits for a text although many events may have been missed before.
    async fn receives_all_of(&mut self, text: &str) {
        let channel = ChannelId::person("alice");
        loop {
            let page =
                self.client.messages().history(PageQuery::newest(channel.clone()).limit(10)).await.unwrap();
            if page.messages.iter().any(|message| text_of(message) == text) {
                return;
            }
            // Events that were missed are no loss here: the history is read again.
            self.events.next().await.ok();
        }
    }
}
