//! The session's encryption: key agreement, payloads and the MsgKey (docs/protocol.md §5).

mod base64;
mod cipher;
mod error;
mod msg_key;
mod secret;

pub use cipher::{Cipher, encrypted_len};
pub use error::CryptoError;
pub use msg_key::MsgKey;
pub use secret::{ClientSecret, ServerSecret};
