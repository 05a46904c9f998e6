//! The session's encryption: key agreement, payloads and the MsgKey.

/// The length of a payload of `plain` bytes once it is encrypted: padded to whole blocks of 16, of which there is at
/// least one, in base64.
#[must_use]
pub const fn encrypted_len(plain: usize) -> usize {
    let padded = (plain / 16).saturating_add(1).saturating_mul(16);
    padded.div_ceil(3).saturating_mul(4)
}
