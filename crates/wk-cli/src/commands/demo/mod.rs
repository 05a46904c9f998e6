//! `wkim demo`: what the SDK does, shown and checked against a server of its own.

mod chat;
mod pages;
mod report;
mod restart;
mod stage;
mod sync;

use crate::args::DemoArgs;
use crate::failure::Failure;
use report::Report;
use stage::Stage;

pub(crate) async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let mut report = Report::new(args.json);
    let result = steps(args, &mut report).await;
    report.finish(result.is_ok())?;
    result
}

async fn steps(args: &DemoArgs, report: &mut Report) -> Result<(), Failure> {
    let stage = Stage::set(args, report).await?;
    let alice = sync::run(&stage, report).await?;
    pages::run(&stage, &alice.client, report).await?;
    let bob = chat::run(&stage, &alice.client, report).await?;
    let alice = restart::run(&stage, alice, &bob.client, report).await?;
    alice.client.shutdown().await?;
    bob.client.shutdown().await?;
    stage.server.shutdown().await.map_err(Failure::input)?;
    Ok(())
}
