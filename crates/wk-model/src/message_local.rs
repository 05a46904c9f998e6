//! What an application keeps beside a message, on this device only.

/// What an application keeps beside a message, on this device only. No server hears of it, nothing that a server says
/// touches it, and it goes with the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct MessageLocal {
    /// The user has played it, where it is a voice or a video.
    pub played: bool,
    /// The application's own JSON, empty for none.
    pub extra: String,
}
