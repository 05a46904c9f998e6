//! The `wkim` command.

mod account;
mod args;
mod commands;
mod failure;
mod output;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_env("WKIM_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("no runtime could be started: {error}")),
    };
    let result = runtime.block_on(async {
        match args.command {
            Command::Demo(args) => commands::demo::run(&args).await,
            Command::Chat(args) => commands::chat::run(&args).await,
            Command::History(args) => commands::history::run(&args).await,
            Command::Devserver(args) => commands::devserver::run(&args).await,
            Command::Soak(args) => commands::soak::run(&args).await,
        }
    });
    // A thread that waits for a line of input must not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(failure.code, &failure.message),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    // Nobody may be reading.
    writeln!(std::io::stderr(), "wkim: {message}").ok();
    ExitCode::from(code)
}
