//! The `wkim` command as its users meet it: output, exit codes, and one clear line for what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

fn wkim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wkim"));
    command.stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    wkim().args(arguments).output().unwrap()
}

/// Exit code 2, nothing on stdout, and one line on stderr that holds these words.
fn assert_refused(output: &Output, words: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(error.contains(word), "{error:?} does not say {word:?}");
    }
}

/// A development server in a process of its own, on free ports.
struct Server {
    process: Child,
    tcp: String,
    api: String,
    /// The WebSocket's URL.
    ws: String,
    /// The same with TLS, if there is one.
    wss: String,
    /// Kept open: a server whose output nobody reads ends.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = wkim()
            .args(["devserver", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut word = || lines.next().unwrap().unwrap().split_whitespace().last().unwrap().to_owned();
        let (tcp, api, ws) = (word(), word(), word());
        let wss = if arguments.contains(&"--wss") { word() } else { String::new() };
        Self { process, tcp, api, ws, wss, _output: lines }
    }

    fn chat(&self, uid: &str, peer: &str) -> Command {
        self.chat_over(["--tcp", &self.tcp], uid, peer)
    }

    fn chat_over(&self, address: [&str; 2], uid: &str, peer: &str) -> Command {
        let mut command = wkim();
        command.arg("chat").args(address).args(["--api", &self.api, "--uid", uid, "--peer", peer]);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn the_demo_holds_and_counts() {
    let output = run(&["demo", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let figure = |name: &str| figures.get(name).unwrap().as_u64().unwrap();
    assert_eq!(figure("messages_existing"), 1_000_000);
    assert_eq!(figure("messages_synced"), 200);
    assert_eq!(figure("sync_requests"), 1);
    assert_eq!(figure("messages_recovered"), 10);
    assert_eq!(figures.get("ok"), Some(&true.into()));
}

#[test]
fn the_demo_tells_people_what_it_does() {
    let output = run(&["demo", "--conversations", "2", "--messages", "1000"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for words in
        ["exactly 40 messages came", "of 2,000 messages", "8 stored here, 4 pulled", "All of it holds"]
    {
        assert!(text.contains(words), "{words:?} is missing:\n{text}");
    }
}

#[test]
fn addresses_that_lead_nowhere_are_refused_in_one_line() {
    let chat = |address: &str| run(&["chat", "--tcp", address, "--uid", "alice", "--peer", "bob"]);
    assert_refused(&chat("nobody.invalid:5100"), &["nobody.invalid", "unknown host"]);
    assert_refused(&chat("127.0.0.1"), &["127.0.0.1", "no port"]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert_refused(&chat(&free), &[&free, "refused"]);
    assert_refused(&run(&["chat", "--uid", "alice", "--peer", "bob"]), &["no server address"]);
}

#[test]
fn a_server_of_generation_3_is_read_whether_its_generation_is_told_or_not() {
    let server = Server::start(&["--generation", "v3", "--seed", "alice,bob=30"]);
    let history = ["history", "--tcp", &server.tcp, "--api", &server.api, "--uid", "alice", "--peer", "bob"];
    for told in [&[][..], &["--generation", "v3"]] {
        let output = run(&[&history, told].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 30);
    }
    let without_api =
        run(&["history", "--tcp", &server.tcp, "--generation", "v3", "--uid", "a", "--peer", "b"]);
    assert_eq!(without_api.status.code(), Some(2));
}

#[test]
fn a_wrong_token_is_told_after_three_silent_handshakes() {
    let server = Server::start(&["--token-auth"]);
    let output = server.chat("alice", "bob").args(["--token", "wrong"]).output().unwrap();
    assert_refused(&output, &["3 logins", "token"]);
}

#[test]
fn a_server_with_tls_is_trusted_by_the_file_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    let root = root.to_str().unwrap();
    let server = Server::start(&["--wss", "127.0.0.1:0", "--tls-root", root, "--seed", "alice,bob=3"]);
    let chat = |arguments: &[&str]| {
        server.chat_over(["--ws", &server.wss], "alice", "bob").args(arguments).output().unwrap()
    };
    let trusted = chat(&["--tls-root", root]);
    assert!(String::from_utf8_lossy(&trusted.stdout).contains("3  alice"), "{trusted:?}");
    assert_refused(&chat(&[]), &["no TLS session", "certificate"]);
}

#[test]
fn files_that_are_no_store_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let chat = |file: &Path| {
        run(&[
            "chat",
            "--tcp",
            "127.0.0.1:1",
            "--uid",
            "alice",
            "--peer",
            "bob",
            "--store",
            file.to_str().unwrap(),
        ])
    };
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "dear diary").unwrap();
    assert_refused(&chat(&text), &["notes.txt", "not a WuKongIM store"]);
    assert_eq!(std::fs::read(&text).unwrap(), b"dear diary");
    assert_refused(&chat(folder.path()), &["directory"]);
    assert_refused(&chat(&folder.path().join("missing/alice.db")), &["alice.db"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was left beside it");
}

#[test]
fn two_chats_exchange_messages_over_tcp_and_websocket() {
    let server = Server::start(&["--seed", "alice,bob=30"]);
    let start = |address, uid, peer| {
        let mut chat = server
            .chat_over(address, uid, peer)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(chat.stdout.take().unwrap()).lines();
        (chat, lines.map(Result::unwrap))
    };
    let (alice, mut alice_sees) = start(["--tcp", &server.tcp], "alice", "bob");
    let (bob, mut bob_sees) = start(["--ws", &server.ws], "bob", "alice");
    // The newest of the thirty: both are logged in.
    alice_sees.find(|line| line.contains("30  bob")).unwrap();
    bob_sees.find(|line| line.contains("30  bob")).unwrap();
    writeln!(alice.stdin.as_ref().unwrap(), "hello 你好").unwrap();
    bob_sees.find(|line| line.ends_with("31  alice: hello 你好")).unwrap();
    writeln!(bob.stdin.as_ref().unwrap(), "//slash").unwrap();
    alice_sees.find(|line| line.ends_with("32  bob: /slash")).unwrap();
    for (mut chat, rest) in [(alice, &mut alice_sees), (bob, &mut bob_sees)] {
        drop(chat.stdin.take());
        assert!(rest.all(|line| !line.contains("hello")), "a message was shown twice");
        assert!(chat.wait().unwrap().success());
    }
}

#[test]
fn the_history_of_a_group_is_printed_whole() {
    let server = Server::start(&["--seed", "team:alice,bob=260"]);
    let output = wkim()
        .args(["history", "--tcp", &server.tcp, "--api", &server.api, "--uid", "alice", "--group", "team"])
        .args(["--json", "--page", "33"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seqs = String::from_utf8(output.stdout).unwrap();
    let seqs: Vec<u64> = seqs
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["message_seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=260).collect::<Vec<_>>());
}

#[test]
fn every_help_page_teaches() {
    for command in ["demo", "chat", "history", "devserver", "soak"] {
        let output = run(&[command, "--help"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.len() > 300, "{text}");
    }
    let mut all = String::new();
    wkim()
        .arg("--help")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
        .stdout
        .unwrap()
        .read_to_string(&mut all)
        .unwrap();
    assert!(all.contains("wkim demo"));
}
