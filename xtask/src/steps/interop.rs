//! The interop step: the end-to-end suite against a server that is not ours.

use std::env;

use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// What `cargo xtask interop --help` says.
pub(crate) const HELP: &str = "\
Run the end-to-end suite of wkim against a running WuKongIM server

The server is named by the environment; the suite is the one that runs against the development server too:

  WKIM_E2E_API         base URL of its HTTP API, such as http://127.0.0.1:5001 (needed)
  WKIM_E2E_GENERATION  2 or 3 (needed)
  WKIM_E2E_TCP         host:port of its TCP listener
  WKIM_E2E_WS          URL of its WebSocket listener, such as ws://127.0.0.1:5200
  WKIM_E2E_TLS         host:port of a proxy that ends TLS in front of it; real servers have none
  WKIM_E2E_BURST       how many messages the order test hands over at once; 10,000 on v2 and 1,000 on v3 unless set
  WKIM_E2E_ROUNDS      how often it does so, 1 unless set
  WKIM_E2E_STRANGERS   how many people are written to for the first time at once; 24 unless set

Each burst prints its rate beside those of two bare clients, which store nothing: one that keeps the order of each channel
as ours does, and one that does not. Compare them where nothing else runs, in a release build, which is the default: what
a debug build takes itself hides what the server takes. A part of a test's name runs that test only, as in
`cargo xtask interop burst`.

The suite makes users and groups with new names and leaves them there: use a server that may be wiped.";

/// A variable that the suite reads, and whether it can run without it.
struct Variable {
    name: &'static str,
    needed: bool,
    without: &'static str,
}

const VARIABLES: [Variable; 4] = [
    Variable { name: "WKIM_E2E_API", needed: true, without: "there is no server to run against" },
    Variable { name: "WKIM_E2E_GENERATION", needed: true, without: "2 or 3: what is to be expected differs" },
    Variable { name: "WKIM_E2E_TCP", needed: false, without: "nothing runs over TCP" },
    Variable { name: "WKIM_E2E_WS", needed: false, without: "nothing runs over WebSocket" },
];

pub(crate) fn run(workspace: &Workspace, debug: bool, args: &[String]) -> Result<Outcome, Error> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let missing: Vec<_> = VARIABLES.iter().filter(|variable| set(variable.name).is_none()).collect();
    for variable in &missing {
        let needed = if variable.needed { "needed" } else { "optional" };
        println!("{} is not set ({needed}): {}", variable.name, variable.without);
    }
    if let Some(variable) = missing.iter().find(|variable| variable.needed) {
        return Ok(Outcome::Skipped(format!(
            "set {}; `cargo xtask interop --help` explains it",
            variable.name
        )));
    }
    let third = set("WKIM_E2E_GENERATION").is_some_and(|value| value.ends_with('3'));
    let burst = set("WKIM_E2E_BURST").unwrap_or_else(|| if third { "1000" } else { "10000" }.to_owned());
    let command = Command::cargo(workspace).args(["test", "--package", "wkim", "--test", "e2e"]);
    let command = command.args((!debug).then_some("--release")).env("WKIM_E2E_BURST", burst);
    // One after the other: what runs beside a burst takes from its rate.
    command.args(["--no-fail-fast", "--", "--nocapture", "--test-threads=1"]).args(args).run()?;
    Ok(Outcome::Passed(String::new()))
}
