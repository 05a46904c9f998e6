//! Opening a conversation and reading back over the end of what is stored.

use serde_json::json;
use wkim::{Client, Page, PageQuery};

use super::chat::is_text;
use super::report::{Report, thousands};
use super::stage::{Stage, note, with_bob};
use super::sync::PER_CONVERSATION;
use crate::failure::Failure;

const PAGE: u32 = 12;
const PAGES: usize = 4;

pub(super) async fn run(stage: &Stage, alice: &Client, report: &mut Report) -> Result<(), Failure> {
    report.heading("3. alice opens the conversation with bob and reads back")?;
    let first = read(stage, alice, report, "first_reading", stage.messages + 1 - PER_CONVERSATION).await?;
    let pulls: u32 = first.iter().map(|page| page.pulls).sum();
    let pulled: u32 = first.iter().map(|page| page.pulled).sum();
    report.check("the newest page was there already", first.first().is_some_and(|page| page.pulls == 0))?;
    report.check("no page took more than one request", first.iter().all(|page| page.pulls <= 1))?;
    report.check("only what was missing was pulled", pulls > 0 && u64::from(pulled) < 2 * shown(&first))?;
    report.say("  and once more:")?;
    let again = read(stage, alice, report, "second_reading", 1).await?;
    report.check("the second reading asked for nothing", again.iter().all(|page| page.pulls == 0))?;
    report.figure("page_requests", pulls);
    report.figure("page_messages_pulled", pulled);
    report.figure("page_messages_shown", shown(&first));
    Ok(())
}

async fn read(
    stage: &Stage,
    alice: &Client,
    report: &mut Report,
    name: &str,
    stored_from: u64,
) -> Result<Vec<Page>, Failure> {
    let channel = with_bob();
    let mut pages = Vec::new();
    let mut query = PageQuery::newest(channel.clone()).limit(PAGE);
    let mut newest = stage.messages;
    // What the sync stored, or the first reading.
    let mut lowest_stored = stored_from;
    while pages.len() < PAGES {
        let page = report.during("pulling", alice.messages().history(query)).await??;
        let lowest = newest.saturating_sub(u64::from(PAGE)) + 1;
        let stored = (newest + 1).saturating_sub(lowest.max(lowest_stored)).min(u64::from(PAGE));
        let from = match u64::from(PAGE) - stored {
            0 => "all of them stored here".to_owned(),
            missing => format!("{stored} stored here, {missing} pulled with {} request", page.pulls),
        };
        report.say(format!("  messages {}–{}: {from}", thousands(lowest), thousands(newest)))?;
        report.check("nothing is pulled that is stored", (page.pulls == 0) == (stored == u64::from(PAGE)))?;
        lowest_stored -= u64::from(page.pulled);
        let right = page.messages.iter().map(|message| message.message_seq().get()).eq(lowest..=newest)
            && page.messages.iter().zip(lowest..).all(|(message, seq)| is_text(message, &note(seq)));
        report.check("without a hole, and as the server has them", right)?;
        let Some(older) = page.older(&channel) else { break };
        query = older.limit(PAGE);
        newest = lowest - 1;
        pages.push(page);
    }
    let figures: Vec<_> = pages
        .iter()
        .map(|page| json!({"shown": page.messages.len(), "pulls": page.pulls, "pulled": page.pulled}))
        .collect();
    report.figure(name, figures);
    Ok(pages)
}

fn shown(pages: &[Page]) -> u64 {
    pages.iter().map(|page| page.messages.len() as u64).sum()
}
