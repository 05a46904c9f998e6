//! Base64 as both sides of the protocol write it: the standard alphabet, padded, nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The characters for so many bytes.
pub(super) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3).saturating_mul(4)
}

/// Encodes into a slice of exactly the right length.
pub(super) fn encode(bytes: &[u8], out: &mut [u8]) {
    let written = STANDARD.encode_slice(bytes, out);
    debug_assert!(written.is_ok_and(|len| len == out.len()));
}

/// Decodes to the front of a slice that has room for three bytes for each four characters, and returns how many
/// bytes there are; nothing if the text is not strict base64.
pub(super) fn decode(text: &[u8], out: &mut [u8]) -> Option<usize> {
    STANDARD.decode_slice(text, out).ok()
}
