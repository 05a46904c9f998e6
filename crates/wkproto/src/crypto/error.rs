//! What can be wrong with a peer's key, salt, payload or MsgKey.

/// A session cannot be agreed on, or a payload cannot be trusted or read. All of it is the peer's fault.
///
/// No variant says anything about keys or texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The public key is not base64.
    #[error("the peer's public key is not {STRICT_BASE64}")]
    KeyNotBase64,
    /// The public key does not have 32 bytes.
    #[error("the peer's public key has {len} bytes instead of 32")]
    KeyLength {
        /// The length in bytes after base64.
        len: usize,
    },
    /// The public key is one of the few with which everybody would agree on the same secret.
    #[error("the peer's public key is a low-order point, which would make the secret known to all")]
    LowOrderKey,
    /// The salt, which is the initialisation vector, does not have 16 bytes.
    #[error("the session's salt has {len} bytes instead of 16")]
    SaltLength {
        /// The length in bytes.
        len: usize,
    },
    /// The MsgKey is not the one of this packet: it was changed on the way, or is for another session.
    #[error("the MsgKey does not belong to this packet and session")]
    MsgKeyMismatch,
    /// The payload is not base64.
    #[error("the encrypted payload is not {STRICT_BASE64}")]
    PayloadNotBase64,
    /// The payload is not a positive number of blocks of 16 bytes.
    #[error("the encrypted payload has {len} bytes, which are no whole blocks of 16")]
    PayloadLength {
        /// The length in bytes after base64.
        len: usize,
    },
    /// The payload was decrypted and does not end in padding: it is for another session, or was changed.
    #[error("the decrypted payload does not end in padding")]
    Padding,
}

/// Servers decode with Go's library, which is less strict. They encode strictly, and so must whoever talks to this
/// crate (T61 in docs/servers.md).
const STRICT_BASE64: &str =
    "base64 in the standard alphabet with padding, without line breaks and with unused bits zero";
