//! Third-party crates that only some of our crates may name, each with the reason.

use super::graph::{Declared, Kind};

/// A crate that is not on this list may be used anywhere. Dev-dependencies are free.
struct Restricted {
    names: &'static [&'static str],
    users: &'static [&'static str],
    why: &'static str,
}

const RESTRICTED: [Restricted; 14] = [
    Restricted { names: &["nom"], users: &["wkproto"], why: "bytes are parsed in the codec" },
    Restricted {
        names: &["aes", "cbc", "md-5", "x25519-dalek", "subtle"],
        users: &["wkproto"],
        why: "the handshake and its keys are part of the protocol",
    },
    Restricted {
        names: &["zeroize"],
        users: &["wkproto", "wk-sqlite"],
        why: "secret keys are the handshake's and the encrypted store's",
    },
    Restricted {
        names: &["tokio", "futures-util"],
        users: &["wk-net", "wk-http", "wkim", "wk-devserver", "wk-cli"],
        why: "everything else is synchronous and runs under any runtime",
    },
    Restricted {
        names: &["rustls", "rustls-platform-verifier"],
        users: &["wk-net", "wk-http", "wk-devserver"],
        why: "TLS is part of a transport",
    },
    Restricted {
        names: &["tokio-rustls", "tokio-tungstenite"],
        users: &["wk-net", "wk-devserver"],
        why: "connections are opened in wk-net, and accepted by the dev server",
    },
    Restricted {
        names: &["async-trait"],
        users: &["wk-sync", "wk-http", "wkim"],
        why: "the only asynchronous traits are ports: those of wk-sync, and the uploader of wkim",
    },
    Restricted {
        names: &["diesel", "diesel_migrations", "libsqlite3-sys"],
        users: &["wk-sqlite"],
        why: "SQL is behind the traits of wk-store",
    },
    Restricted { names: &["reqwest"], users: &["wk-http"], why: "URLs are behind the port of wk-sync" },
    Restricted { names: &["axum"], users: &["wk-devserver"], why: "only the dev server serves HTTP" },
    Restricted {
        names: &["getrandom"],
        users: &["wk-net", "wkim", "wk-devserver", "wk-cli"],
        why: "randomness is an argument, as time is; the driver and the programs draw it",
    },
    Restricted { names: &["clap", "indicatif"], users: &["wk-cli"], why: "libraries have no command line" },
    Restricted {
        names: &["tracing-subscriber"],
        users: &["wk-cli"],
        why: "libraries emit events; where they go is for the program to say",
    },
    Restricted { names: &["criterion"], users: &[], why: "all benchmarks are in benches/" },
];

/// Tools are not shipped and use what they like.
const TOOLS: [&str; 2] = ["benches", "xtask"];

/// A restricted crate in the wrong Cargo.toml.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{from} -> {to}: {to} is only for {}, because {why}; the table is in xtask/src/deps/restricted.rs",
    if users.is_empty() { "benches and xtask".to_owned() } else { users.join(", ") }
)]
pub(crate) struct RestrictedProblem {
    from: String,
    to: String,
    users: &'static [&'static str],
    why: &'static str,
}

pub(crate) fn check(declared: &[Declared]) -> Vec<RestrictedProblem> {
    let shipped =
        declared.iter().filter(|edge| edge.kind != Kind::Dev && !TOOLS.contains(&edge.from.as_str()));
    shipped.filter_map(problem).collect()
}

fn problem(Declared { from, to, .. }: &Declared) -> Option<RestrictedProblem> {
    let Restricted { users, why, .. } = RESTRICTED.iter().find(|row| row.names.contains(&to.as_str()))?;
    let refused = !users.contains(&from.as_str());
    refused.then(|| RestrictedProblem { from: from.clone(), to: to.clone(), users, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(from: &str, to: &str, kind: Kind) -> Vec<String> {
        let declared = [Declared { from: from.to_owned(), to: to.to_owned(), kind }];
        check(&declared).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_restricted_crate_in_the_wrong_place_is_named_with_the_reason() {
        let expected = "wkim -> diesel: diesel is only for wk-sqlite, because SQL is behind the traits of wk-store; \
                        the table is in xtask/src/deps/restricted.rs";
        assert_eq!(problems("wkim", "diesel", Kind::Normal), [expected]);
        assert_eq!(problems("wkim", "diesel", Kind::Build), [expected]);
        assert_eq!(problems("wk-sync", "tokio", Kind::Normal).len(), 1);
        assert_eq!(problems("wk-sqlite", "criterion", Kind::Normal).len(), 1);
    }

    #[test]
    fn users_tests_tools_and_unlisted_crates_are_free() {
        for (from, to, kind) in [
            ("wk-sqlite", "diesel", Kind::Normal),
            ("wk-sync", "tokio", Kind::Dev),
            ("xtask", "clap", Kind::Normal),
            ("wk-model", "serde_json", Kind::Normal),
        ] {
            assert_eq!(problems(from, to, kind), [""; 0], "{from} -> {to}");
        }
    }
}
