//! `wkim soak`: many clients whose connections are cut all the time, and what is lost, doubled or leaked.

mod fleet;
mod process;
mod scissors;
mod server;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::args::SoakArgs;
use crate::failure::Failure;
use crate::output;
use fleet::Fleet;
use process::Usage;
use scissors::Scissors;
use server::Server;
use tally::Tally;

/// How long the clients may take to come back and catch up after the last cut.
const CATCH_UP: Duration = Duration::from_secs(120);

/// What is measured at one moment.
struct Sample {
    label: &'static str,
    client: Usage,
    server: Usage,
    received: u64,
}

pub(crate) async fn run(args: &SoakArgs) -> Result<(), Failure> {
    let server = Server::start().await?;
    let scissors = Arc::new(Scissors::default());
    let tally = Arc::new(Tally::new(args.clients));
    output::line(&format!("{} clients against {}, for {} minutes", args.clients, server.tcp, args.minutes))?;
    let fleet = Fleet::start(args, &server, &scissors, &tally).await?;
    let sample = |label| Sample {
        label,
        client: process::usage("self"),
        server: process::usage(&server.pid()),
        received: tally.received(),
    };
    let mut samples = vec![sample("start")];
    #[allow(clippy::disallowed_methods, reason = "a soak lasts as long as the clock says")]
    let start = Instant::now();
    let length = Duration::from_secs(60).mul_f64(args.minutes);
    let marks = [("one minute", Duration::from_secs(60)), ("middle", length / 2), ("end", length)];
    let watch = async {
        for (label, mark) in marks {
            // Of a soak of a minute or two the middle comes early.
            sleep_until(start + mark.min(length)).await;
            samples.push(sample(label));
        }
    };
    let cut_and_watch = async {
        tokio::select! {
            () = cut_on(&scissors, args) => {}
            () = watch => {}
        }
        fleet.be_quiet();
    };
    let (result, ()) = tokio::join!(fleet.chatter(args.rate), cut_and_watch);
    result?;
    output::line("the cuts are over, the clients catch up")?;
    let caught_up = tokio::time::timeout(CATCH_UP, tally.all_received()).await.is_ok();
    let verdict = tally.verdict();
    report(&samples, &scissors, &verdict)?;
    fleet.stop().await;
    if caught_up && verdict.lost == 0 && verdict.doubled == 0 && verdict.refused == 0 {
        return Ok(());
    }
    Err(Failure::broken(format!(
        "{} lost, {} doubled, {} refused",
        verdict.lost, verdict.doubled, verdict.refused
    )))
}

/// Cuts the given share of the connections every second, in tenths of a second.
async fn cut_on(scissors: &Scissors, args: &SoakArgs) {
    let mut ticks = interval(Duration::from_millis(100));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = 0.0;
    loop {
        ticks.tick().await;
        due += f64::from(args.clients) * args.cut / 100.0 / 10.0;
        while due >= 1.0 {
            scissors.cut_one();
            due -= 1.0;
        }
    }
}

fn report(samples: &[Sample], scissors: &Scissors, verdict: &tally::Verdict) -> Result<(), Failure> {
    output::line("resident memory and open descriptors of the two processes:")?;
    output::line("              clients            server             received")?;
    for Sample { label, client, server, received } in samples {
        output::line(&format!("{label:<12}  {client}  {server}  {received:>8}"))?;
    }
    // By the first minute every buffer and pool has its size.
    if let [_, first, .., last] = samples
        && let Some(messages) = last.received.checked_sub(first.received).filter(|messages| *messages > 0)
        && let Some(clients) = last.client.more_than(first.client)
        && let Some(server) = last.server.more_than(first.server)
    {
        output::line(&format!(
            "after the first minute, for each message, which both keep: {} bytes more for the clients, {} for the server",
            clients / messages,
            server / messages,
        ))?;
    }
    let tally::Verdict { sent, received, lost, doubled, refused } = verdict;
    output::line(&format!("{} connections cut", scissors.cuts()))?;
    output::line(&format!(
        "{sent} sent, {received} received, {lost} lost, {doubled} doubled, {refused} refused"
    ))?;
    Ok(())
}
