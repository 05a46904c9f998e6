//! Counters of what the server does, and their snapshot.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a server has done since it started. All numbers but `connections` only grow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Open TCP connections, logged in or not, displaced ones included.
    pub connections: u64,
    /// TCP connections that were ever accepted.
    pub connections_accepted: u64,
    /// CONNECTs that were answered.
    pub logins: u64,
    /// Bytes received over TCP.
    pub tcp_bytes_in: u64,
    /// Bytes sent over TCP.
    pub tcp_bytes_out: u64,
    /// Requests by path; those of unknown paths are under `other`.
    pub http_requests: BTreeMap<&'static str, u64>,
    /// Bytes received over HTTP, headers included.
    pub http_bytes_in: u64,
    /// Bytes sent over HTTP, headers included.
    pub http_bytes_out: u64,
    /// SENDs received, refused ones included.
    pub sends: u64,
    /// Messages stored, whatever way they came.
    pub messages_stored: u64,
    /// RECVs written, resends included.
    pub recvs: u64,
    /// RECVs written again because no RECVACK came.
    pub resends: u64,
    /// Messages in the answers of HTTP requests.
    pub messages_pulled: u64,
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Bytes both ways.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes_in: Count,
    pub(crate) bytes_out: Count,
}

/// All counters, shared by the server's tasks.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: Count,
    pub(crate) connections_accepted: Count,
    pub(crate) logins: Count,
    pub(crate) tcp: Traffic,
    pub(crate) http: Traffic,
    pub(crate) sends: Count,
    pub(crate) messages_stored: Count,
    pub(crate) recvs: Count,
    pub(crate) resends: Count,
    pub(crate) messages_pulled: Count,
    http_requests: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    pub(crate) fn count_request(&self, path: &'static str) {
        let mut requests = self.http_requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry(path).or_default() += 1;
    }

    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            connections: self.connections.get(),
            connections_accepted: self.connections_accepted.get(),
            logins: self.logins.get(),
            tcp_bytes_in: self.tcp.bytes_in.get(),
            tcp_bytes_out: self.tcp.bytes_out.get(),
            http_requests: self.http_requests.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            http_bytes_in: self.http.bytes_in.get(),
            http_bytes_out: self.http.bytes_out.get(),
            sends: self.sends.get(),
            messages_stored: self.messages_stored.get(),
            recvs: self.recvs.get(),
            resends: self.resends.get(),
            messages_pulled: self.messages_pulled.get(),
        }
    }
}
