//! A client for these tests: the wire protocol by hand, HTTP over a bare socket, and recordings.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod capture;
pub(crate) mod clock;
pub(crate) mod compare;
pub(crate) mod exchange;
pub(crate) mod http;
pub(crate) mod replay;
pub(crate) mod seen;
pub(crate) mod shown;
pub(crate) mod wire;

/// Waits for something that sockets bring about, without a look at the time.
pub(crate) async fn until(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..5_000_000 {
        if happened() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("waited in vain until {what}");
}
