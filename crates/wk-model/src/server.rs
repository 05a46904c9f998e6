//! Which server the data came from.

/// The server that an account's data came from. Cursors and seqs of one server mean nothing to another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ServerIdentity {
    /// What the application calls it, mostly an address.
    pub endpoint: String,
    /// The node that answered last, 0 where the server does not say.
    pub node_id: u64,
}
