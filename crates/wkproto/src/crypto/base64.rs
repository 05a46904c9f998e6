//! Base64 as both sides of the protocol write it: the standard alphabet, padded, nothing else.

use alloc::vec::Vec;

use base64_simd::{AsOut, STANDARD};

/// The characters for so many bytes.
pub(super) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3).saturating_mul(4)
}

/// Appends the characters.
pub(super) fn append(bytes: &[u8], out: &mut Vec<u8>) {
    STANDARD.encode_append(bytes, out);
}

/// Puts the characters to the front of a slice that has room for them, and returns them.
pub(super) fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> &'o mut [u8] {
    STANDARD.encode(bytes, out.as_out())
}

/// The bytes, or nothing if the text is not strict base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode_to_vec(text).ok()
}

/// The bytes, at the front of where the text was, or nothing if it is not strict base64.
pub(super) fn decode_in_place(text: &mut [u8]) -> Option<&mut [u8]> {
    STANDARD.decode_inplace(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_standard_alphabet_with_full_padding_and_no_spare_bits_is_taken() {
        for odd in ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q-_=", "QQ==QQ==", "Q", "====", "QUJ="] {
            assert_eq!(decode(odd.as_bytes()), None, "{odd:?}");
            assert_eq!(decode_in_place(&mut odd.as_bytes().to_vec()), None, "{odd:?}");
        }
        assert_eq!(decode(b"QQ==").as_deref(), Some(&b"A"[..]));
    }
}
