//! Alice is dropped without a goodbye and comes back from her file.

use wkim::{ChannelId, Client, Event, MessageSeq, PageQuery};

use super::chat::{is_text, send};
use super::report::Report;
use super::stage::{ALICE, BOB, Player, Stage, until, with_bob};
use crate::failure::Failure;

const MISSED: u64 = 10;

pub(super) async fn run(
    stage: &Stage,
    alice: Player,
    bob: &Client,
    report: &mut Report,
) -> Result<Player, Failure> {
    report.heading("5. alice is dropped without a goodbye, bob writes on, alice comes back")?;
    drop(alice.client);
    alice.runner.kill().await;
    let mut events = bob.events();
    for number in 1..=MISSED {
        send(bob, &mut events, &ChannelId::person(ALICE), &text(number), report).await?;
    }
    let before = stage.server.stats();
    let mut alice = stage.enter(ALICE).await?;
    let synced = until(&mut alice.events, |event| match event {
        Event::Synced { messages, .. } => Some(messages as u64),
        _ => None,
    });
    let messages = report.during("syncing", synced).await??;
    let after = stage.server.stats();
    report
        .say(format!("  alice is back from {}: {messages} messages came", stage.alices_file().display()))?;
    report.check(
        "only what she had missed was sent",
        after.messages_pulled - before.messages_pulled == MISSED,
    )?;
    let page = alice.client.messages().history(PageQuery::newest(with_bob()).limit(50)).await?;
    let newest = page.messages.iter().rev().take(MISSED as usize).rev();
    let in_order = newest.clone().count() as u64 == MISSED
        && newest.enumerate().all(|(index, message)| {
            message.from_uid.as_str() == BOB && is_text(message, &text(index as u64 + 1))
        });
    report.check(&format!("bob's {MISSED} messages are there, in order"), in_order)?;
    let once = (1..=MISSED)
        .all(|number| page.messages.iter().filter(|message| is_text(message, &text(number))).count() == 1);
    report.check("each of them once", once)?;
    let seqs: Vec<_> = page.messages.iter().map(|message| message.message_seq()).collect();
    let whole = seqs.windows(2).all(|pair| matches!(pair, [lower, higher] if lower.next() == Some(*higher)))
        && seqs.last() == Some(&MessageSeq::new(stage.messages + 6 + MISSED));
    report.check("the history has no hole and ends with the newest message", whole)?;
    report.figure("messages_missed", MISSED);
    report.figure("messages_recovered", messages);
    Ok(alice)
}

fn text(number: u64) -> String {
    format!("while you were away, {number}")
}
