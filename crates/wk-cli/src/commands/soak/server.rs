//! The development server in a process of its own, so that its memory is not the clients'.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::failure::Failure;

/// A running server. Dropping it ends it.
pub(super) struct Server {
    process: Child,
    pub(super) tcp: String,
    pub(super) api: String,
    pub(super) ws: String,
    /// Kept open: a server whose output nobody reads ends.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    pub(super) async fn start() -> Result<Self, Failure> {
        const ANY: &str = "127.0.0.1:0";
        let mut process = Command::new(std::env::current_exe()?)
            .args(["devserver", "--tcp", ANY, "--ws", ANY, "--http", ANY])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let broken = || Failure::broken("the development server did not start");
        let mut output = BufReader::new(process.stdout.take().ok_or_else(broken)?).lines();
        let mut words = Vec::new();
        // The addresses are the last words of the first lines: TCP, HTTP, WebSocket.
        while words.len() < 3 {
            let line = output.next_line().await?.ok_or_else(broken)?;
            words.push(line.split_whitespace().last().unwrap_or_default().to_owned());
        }
        let Ok([tcp, api, ws]) = <[String; 3]>::try_from(words) else { return Err(broken()) };
        Ok(Self { process, tcp, api, ws, _output: output })
    }

    pub(super) fn pid(&self) -> String {
        self.process.id().map_or_else(|| "self".to_owned(), |pid| pid.to_string())
    }
}
