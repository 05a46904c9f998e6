//! Opening a conversation and reading back over the end of what is stored.

use serde_json::json;
use wkim::{Client, Page, PageQuery};

use super::chat::is_text;
use super::report::{Report, thousands};
use super::stage::{Stage, note, with_bob};
use crate::failure::Failure;

const PAGE: u32 = 12;
const PAGES: usize = 4;

pub(super) async fn run(stage: &Stage, alice: &Client, report: &mut Report) -> Result<(), Failure> {
    report.heading("3. alice opens the conversation with bob and reads back")?;
    let first = read(stage, alice, report, "first reading").await?;
    let pulls: u32 = first.iter().map(|page| page.pulls).sum();
    let pulled: u32 = first.iter().map(|page| page.pulled).sum();
    report.check("the newest page was there already", first.first().is_some_and(|page| page.pulls == 0))?;
    report.check("no page took more than one request", first.iter().all(|page| page.pulls <= 1))?;
    report.check("only what was missing was pulled", pulls > 0 && u64::from(pulled) < 2 * shown(&first))?;
    let again = read(stage, alice, report, "second reading").await?;
    report.check("the second reading asked for nothing", again.iter().all(|page| page.pulls == 0))?;
    report.figure("page_requests", pulls);
    report.figure("page_messages_pulled", pulled);
    report.figure("page_messages_shown", shown(&first));
    Ok(())
}

async fn read(stage: &Stage, alice: &Client, report: &mut Report, name: &str) -> Result<Vec<Page>, Failure> {
    let channel = with_bob();
    let mut pages = Vec::new();
    let mut query = PageQuery::newest(channel.clone()).limit(PAGE);
    let mut newest = stage.messages;
    while pages.len() < PAGES {
        let page = report.during("pulling", alice.messages().history(query)).await??;
        let lowest = newest.saturating_sub(u64::from(PAGE)) + 1;
        let from = if page.pulls == 0 {
            "all of it stored here".to_owned()
        } else {
            format!("{} pulled with {} request", page.pulled, page.pulls)
        };
        report.say(format!("  {name}: messages {}–{}, {from}", thousands(lowest), thousands(newest)))?;
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
