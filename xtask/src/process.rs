//! `Command`: one child process, printed before it runs so that a reader can repeat it by hand.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    process::{self, Stdio},
};

use crate::{error::Error, workspace::Workspace};

pub(crate) struct Command {
    inner: process::Command,
    shown: String,
}

impl Command {
    /// A command that runs in the root folder of the workspace.
    pub(crate) fn new(workspace: &Workspace, program: &str) -> Self {
        let mut inner = process::Command::new(program);
        inner.current_dir(workspace.root());
        if workspace.is_for_a_log() {
            inner.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
            inner.env("CARGO_INCREMENTAL", "0");
        }
        Self { inner, shown: program.to_owned() }
    }

    /// `cargo`, by the name in `PATH`, so that `+nightly` works.
    pub(crate) fn cargo(workspace: &Workspace) -> Self {
        Self::new(workspace, "cargo")
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{} {}", self.shown, quoted(&arg));
        self.inner.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Many paths, shown as their number.
    pub(crate) fn files(mut self, paths: &[String]) -> Self {
        self.shown = format!("{} <{} files>", self.shown, paths.len());
        self.inner.args(paths);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{key}={} {}", quoted(&value), self.shown);
        self.inner.env(key, value);
        self
    }

    /// Runs with the terminal's own streams; an exit code other than 0 is an error.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        println!("$ {}", self.shown);
        let status = self.inner.status();
        let status = status.map_err(|source| Error::Start { command: self.shown.clone(), source })?;
        if status.success() { Ok(()) } else { Err(Error::Command { command: self.shown, status }) }
    }

    /// Like `run`, and shows each line of the standard output to `watch` as it is printed.
    pub(crate) fn run_watched(mut self, mut watch: impl FnMut(&str)) -> Result<(), Error> {
        println!("$ {}", self.shown);
        let child = self.inner.stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|source| Error::Start { command: self.shown.clone(), source })?;
        let unreadable = |source| Error::Output { command: self.shown.clone(), source };
        if let Some(stdout) = child.stdout.take() {
            // Tests may print bytes that are no UTF-8: they are shown with replacement characters.
            for line in BufReader::new(stdout).split(b'\n') {
                let line = line.map_err(unreadable)?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                watch(&line);
            }
        }
        let status = child.wait().map_err(unreadable)?;
        if status.success() { Ok(()) } else { Err(Error::Command { command: self.shown, status }) }
    }

    /// Like `run`, but what the program prints is shown only if it fails.
    pub(crate) fn run_silently(mut self) -> Result<(), Error> {
        println!("$ {}", self.shown);
        let output = self.inner.output();
        let output = output.map_err(|source| Error::Start { command: self.shown.clone(), source })?;
        if output.status.success() {
            return Ok(());
        }
        println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Err(Error::Command { command: self.shown, status: output.status })
    }

    /// The standard output, if the program exists and ends with 0. Nothing is printed.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.inner.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// A word as a shell has to be given it.
fn quoted(word: &impl AsRef<OsStr>) -> String {
    let word = word.as_ref().to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let words = ["-D", "profile.\"*\".x=0", "", "it's", "a b"];
        let command = Command::new(&Workspace::new(), "printf").arg("%s|").args(words);
        let command = command.env("LIMIT", "1 2");
        assert_eq!(command.shown, r#"LIMIT='1 2' printf '%s|' -D 'profile."*".x=0' '' 'it'\''s' 'a b'"#);
        let pasted = Command::new(&Workspace::new(), "sh").args(["-c", &command.shown]).probe();
        assert_eq!(pasted.unwrap(), words.map(|word| format!("{word}|")).concat());
    }
}
