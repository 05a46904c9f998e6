//! The keyed hash over a SEND or a RECV.

use core::fmt;

use aes::Aes128;
use aes::cipher::BlockModeEncrypt;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use crate::WireStr;
use crate::crypto::base64;
use crate::crypto::cipher::{blocks, pad};

/// The keyed hash over a SEND or a RECV: 32 lower-case hex digits (docs/protocol.md §5.4).
///
/// It shows that payload and addressing were not changed on the way, by somebody who has not the session's key. It
/// does not prove more: the signed text has no separators, so different packets can have the same one, and flags,
/// setting, expiry and topic are not covered. Comparison takes the same time wherever the difference is.
#[derive(Clone, Copy)]
pub struct MsgKey([u8; 32]);

impl MsgKey {
    /// The digits in ASCII.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the key of a packet is this one. Takes the same time wherever the difference is.
    #[must_use]
    pub fn matches(&self, msg_key: WireStr<'_>) -> bool {
        self.0.ct_eq(msg_key.as_bytes()).into()
    }
}

impl PartialEq for MsgKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for MsgKey {}

impl fmt::Debug for MsgKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MsgKey").field(&self.as_str()).finish()
    }
}

impl<'a> From<&'a MsgKey> for WireStr<'a> {
    fn from(key: &'a MsgKey) -> Self {
        WireStr::new(&key.0)
    }
}

/// Makes a MsgKey of a text that comes in parts: MD5 over base64 over AES-CBC, without keeping the text.
pub(super) struct Signer<'k> {
    cbc: cbc::Encryptor<&'k Aes128>,
    md5: Md5,
    /// What is still to be encrypted.
    piece: [u8; PIECE],
    filled: usize,
}

impl<'k> Signer<'k> {
    pub(super) fn new(cbc: cbc::Encryptor<&'k Aes128>) -> Self {
        Self { cbc, md5: Md5::new(), piece: [0; PIECE], filled: 0 }
    }

    pub(super) fn text(&mut self, mut text: &[u8]) {
        while let Some((room, now)) = self.room(text.len()) {
            let (part, rest) = text.split_at_checked(now).unwrap_or_default();
            room.copy_from_slice(part);
            text = rest;
            self.filled += now;
            if self.filled == PIECE {
                self.cbc.encrypt_blocks(blocks(&mut self.piece));
                hash(&mut self.md5, &self.piece);
                self.filled = 0;
            }
        }
    }

    /// Where the next part of a text goes, as long as there is one.
    fn room(&mut self, wanted: usize) -> Option<(&mut [u8], usize)> {
        let room = self.piece.get_mut(self.filled..)?;
        let now = room.len().min(wanted);
        if now == 0 { None } else { Some((room.get_mut(..now)?, now)) }
    }

    /// The number in decimal.
    pub(super) fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = number;
        for place in digits.iter_mut().rev() {
            let [digit, ..] = (rest % 10).to_le_bytes();
            *place = b'0' + digit;
            start -= 1;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.text(digits.get(start..).unwrap_or_default());
    }

    /// The number in decimal, with a minus where it is negative.
    pub(super) fn signed(&mut self, number: i64) {
        if number < 0 {
            self.text(b"-");
        }
        self.number(number.unsigned_abs());
    }

    pub(super) fn finish(mut self) -> MsgKey {
        let last = pad(&mut self.piece, self.filled);
        self.cbc.encrypt_blocks(blocks(last));
        hash(&mut self.md5, last);
        MsgKey(hex(&self.md5.finalize().into()))
    }
}

/// The lower-case hex digits of a hash.
pub(super) fn hex(digest: &[u8; 16]) -> [u8; 32] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value & 0x0f)).copied().unwrap_or_default();
    let mut out = [0; 32];
    for (pair, &byte) in out.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte)]);
    }
    out
}

fn hash(md5: &mut Md5, bytes: &[u8]) {
    let mut text = [0; base64::encoded_len(PIECE)];
    md5.update(base64::encode(bytes, &mut text));
}

/// The bytes that are worked on at a time: whole blocks, whole groups of base64, and then whole blocks of MD5.
const PIECE: usize = 384;
const _: () = assert!(PIECE.is_multiple_of(48));
