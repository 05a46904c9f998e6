//! The steps that run other programs.

pub(crate) mod cargo;
pub(crate) mod fuzz;
pub(crate) mod interop;
pub(crate) mod public_api;
pub(crate) mod sim;
pub(crate) mod tally;
pub(crate) mod test;
pub(crate) mod wasm;

use crate::{error::Error, process::Command, workspace::Workspace};

/// Fails with the way to install a tool that cargo does not know.
fn require(
    workspace: &Workspace,
    probe: &[&str],
    tool: &'static str,
    install: &'static str,
) -> Result<(), Error> {
    match Command::cargo(workspace).args(probe).probe() {
        Some(_) => Ok(()),
        None => Err(Error::Missing { tool, install }),
    }
}
