//! Base64 as both sides of the protocol write it: the standard alphabet, padded, nothing else.

use alloc::vec;
use alloc::vec::Vec;

// The engines take the same texts and differ in speed only. All of them are strict: padding at the end and nowhere
// else, as much as is needed, and the bits that it leaves over are zero.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use base64_turbo::STANDARD as ENGINE;
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
use elsewhere::{ENGINE, Engine as _};

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
mod elsewhere {
    pub(super) use base64::Engine;

    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    pub(super) static ENGINE: base64::engine::Neon =
        base64::engine::Neon::standard(base64::engine::general_purpose::PAD);
    #[cfg(not(all(target_arch = "aarch64", target_feature = "neon")))]
    pub(super) use base64::engine::general_purpose::STANDARD as ENGINE;
}

/// The characters for so many bytes.
pub(super) const fn encoded_len(len: usize) -> usize {
    len.div_ceil(3).saturating_mul(4)
}

/// Appends the characters.
pub(super) fn append(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + encoded_len(bytes.len()), 0);
    encode(bytes, out.get_mut(start..).unwrap_or_default());
}

/// Puts the characters to the front of a slice that has room for them, and returns them.
pub(super) fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> &'o mut [u8] {
    let len = ENGINE.encode_slice(bytes, out);
    debug_assert!(len.is_ok(), "there is room for {} bytes", bytes.len());
    out.get_mut(..len.unwrap_or_default()).unwrap_or_default()
}

/// The bytes, or nothing if the text is not strict base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len().div_ceil(4).saturating_mul(3)];
    let len = ENGINE.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(len);
    Some(bytes)
}

/// The bytes, at the front of where the text was, or nothing if it is not strict base64.
pub(super) fn decode_in_place(text: &mut [u8]) -> Option<&mut [u8]> {
    // The engines do not work in place, so the bytes of one piece of text after the other are kept here.
    let mut piece = [0; PIECE];
    let (mut read, mut written) = (0, 0);
    while read < text.len() {
        let end = text.len().min(read + encoded_len(PIECE));
        let len = ENGINE.decode_slice(text.get(read..end)?, &mut piece).ok()?;
        // Padding is for the end of the text. A piece that has some is short.
        if len < PIECE && end < text.len() {
            return None;
        }
        text.get_mut(written..written + len)?.copy_from_slice(piece.get(..len)?);
        (read, written) = (end, written + len);
    }
    text.get_mut(..written)
}

/// The bytes that are decoded at a time, whole groups of three.
const PIECE: usize = 1536;
const _: () = assert!(PIECE.is_multiple_of(3));

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Both ways of decoding say what the scalar and strict engine of the crate `base64` says.
    fn check(text: &[u8]) {
        let expected = STANDARD.decode(text).ok();
        assert_eq!(decode(text), expected, "{} characters", text.len());
        let mut buffer = text.to_vec();
        assert_eq!(decode_in_place(&mut buffer).as_deref(), expected.as_deref(), "{} characters", text.len());
    }

    #[test]
    fn only_the_standard_alphabet_with_full_padding_and_no_spare_bits_is_taken() {
        for odd in ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q-_=", "QQ==QQ==", "Q", "====", "QUJ="] {
            assert_eq!(decode(odd.as_bytes()), None, "{odd:?}");
            assert_eq!(decode_in_place(&mut odd.as_bytes().to_vec()), None, "{odd:?}");
        }
        assert_eq!(decode(b"QQ==").as_deref(), Some(&b"A"[..]));
    }

    /// The engines take long texts in strides of several lengths, and short ones in other ways.
    #[test]
    fn texts_of_all_lengths_are_read_and_written() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * PIECE + 100).collect();
        for len in (0..600).chain(PIECE - 70..PIECE + 70).chain(3 * PIECE - 5..bytes.len()) {
            let bytes = &bytes[..len];
            let text = STANDARD.encode(bytes).into_bytes();
            check(&text);
            let mut appended = b"before".to_vec();
            append(bytes, &mut appended);
            assert_eq!(appended, [b"before", &text[..]].concat(), "{len}");
        }
    }

    /// Wherever a stride ends: every byte in every place, in texts that end in each way.
    #[test]
    fn one_wrong_character_is_seen_in_any_place() {
        for len in [3, 28, 100, 385] {
            let mut text = STANDARD.encode(vec![0xa5; len]).into_bytes();
            for place in 0..text.len() {
                let right = text[place];
                for other in 0..=255 {
                    text[place] = other;
                    check(&text);
                }
                text[place] = right;
            }
        }
    }

    #[test]
    fn padding_between_pieces_is_refused() {
        let (full, end) = (STANDARD.encode([7; PIECE]), STANDARD.encode([7; 20]));
        for short in [PIECE - 1, PIECE - 2] {
            let text = [STANDARD.encode(vec![7; short]), full.clone(), end.clone()].concat();
            check(text.as_bytes());
            assert_eq!(decode_in_place(&mut text.into_bytes()), None);
        }
        check([full.clone(), full, end].concat().as_bytes());
    }

    proptest! {
        #[test]
        fn a_changed_text_is_read_as_strictly_as_by_the_crate_base64(
            bytes in vec(any::<u8>(), 0..4000),
            changes in vec((any::<proptest::sample::Index>(), 0..4, character()), 0..4),
        ) {
            let mut text = STANDARD.encode(&bytes).into_bytes();
            check(&text);
            for (place, kind, character) in changes {
                match kind {
                    0 => text.insert(place.index(text.len() + 1), character),
                    1 => text.truncate(place.index(text.len() + 1)),
                    _ if text.is_empty() => {}
                    2 => _ = text.remove(place.index(text.len())),
                    _ => {
                        let place = place.index(text.len());
                        text[place] = character;
                    }
                }
                check(&text);
            }
        }
    }

    /// Any byte, and those more often that base64 is made of or nearly made of.
    fn character() -> impl Strategy<Value = u8> {
        prop_oneof![any::<u8>(), Just(b'='), proptest::sample::select(&b"AQgw9+/-_\n"[..])]
    }
}
