//! One session's key: payloads encrypted and decrypted, MsgKeys made and checked.

use alloc::vec::Vec;
use core::fmt;

use aes::Aes128;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use zeroize::Zeroizing;

use crate::crypto::base64;
use crate::crypto::error::CryptoError;
use crate::crypto::msg_key::{MsgKey, Signer};
use crate::{Recv, Send};

/// The length in bytes of a payload of `plain` bytes once it is encrypted: padded to whole blocks of 16, of which
/// there is at least one, in base64.
#[must_use]
pub const fn encrypted_len(plain: usize) -> usize {
    base64::encoded_len((plain / BLOCK).saturating_add(1).saturating_mul(BLOCK))
}

/// One session's key and initialisation vector. Overwritten when dropped; `Debug` shows neither.
///
/// The same vector serves every message of a session, so equal beginnings of messages show. The key agreement does
/// not prove who the server is, and the MsgKey only that its maker has the session's key. Real security comes from
/// TLS around it (docs/protocol.md §5.6).
#[derive(Clone)]
pub struct Cipher {
    aes: Aes128,
    iv: Zeroizing<[u8; BLOCK]>,
}

impl Cipher {
    pub(super) fn new(key: &[u8; BLOCK], iv: [u8; BLOCK]) -> Self {
        Self { aes: Aes128::new(key.into()), iv: Zeroizing::new(iv) }
    }

    /// Encrypts a payload, to base64 as it is on the wire. An empty payload becomes one block of padding.
    #[must_use]
    pub fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.encrypt_into(plain, &mut out);
        out
    }

    /// Appends the encrypted payload, [`encrypted_len`] bytes of it.
    pub fn encrypt_into(&self, plain: &[u8], out: &mut Vec<u8>) {
        out.reserve(encrypted_len(plain.len()));
        let mut cbc = self.encryptor();
        let mut piece = [0; PIECE];
        let mut parts = plain.chunks_exact(PIECE);
        for part in parts.by_ref() {
            piece.copy_from_slice(part);
            cbc.encrypt_blocks(blocks(&mut piece));
            base64::append(&piece, out);
        }
        let end = parts.remainder();
        piece.iter_mut().zip(end).for_each(|(to, from)| *to = *from);
        let last = pad(&mut piece, end.len());
        cbc.encrypt_blocks(blocks(last));
        base64::append(last, out);
    }

    /// Decrypts a payload from base64 as it is on the wire.
    ///
    /// # Errors
    ///
    /// If it is not the encrypted payload of this session. Most but not all changes on the way show here; the
    /// MsgKey shows all.
    pub fn decrypt(&self, wire: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut bytes = base64::decode(wire).ok_or(CryptoError::PayloadNotBase64)?;
        let len = self.decrypt_blocks(&mut bytes)?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Decrypts a payload where it is, and returns the part of the buffer that holds the text.
    ///
    /// # Errors
    ///
    /// As for [`decrypt`](Self::decrypt). The buffer's contents are of no use then.
    pub fn decrypt_in_place<'b>(&self, wire: &'b mut [u8]) -> Result<&'b mut [u8], CryptoError> {
        let bytes = base64::decode_in_place(wire).ok_or(CryptoError::PayloadNotBase64)?;
        let len = self.decrypt_blocks(bytes)?;
        Ok(bytes.get_mut(..len).unwrap_or_default())
    }

    /// The MsgKey of a SEND whose payload is encrypted already.
    #[must_use]
    pub fn send_msg_key(&self, send: &Send<'_>) -> MsgKey {
        let mut signer = Signer::new(self.encryptor());
        signer.number(send.client_seq.into());
        signer.text(send.client_msg_no.as_bytes());
        signer.text(send.channel_id.as_bytes());
        signer.number(send.channel_type.value().into());
        signer.text(send.payload);
        signer.finish()
    }

    /// The MsgKey of a RECV whose payload is encrypted already.
    #[must_use]
    pub fn recv_msg_key(&self, recv: &Recv<'_>) -> MsgKey {
        let mut signer = Signer::new(self.encryptor());
        signer.signed(recv.message_id.get());
        signer.number(recv.message_seq.get());
        signer.text(recv.client_msg_no.as_bytes());
        signer.signed(recv.timestamp.into());
        signer.text(recv.from_uid.as_bytes());
        signer.text(recv.channel_id.as_bytes());
        signer.number(recv.channel_type.value().into());
        signer.text(recv.payload);
        signer.finish()
    }

    /// Checks the MsgKey of a RECV in constant time, then decrypts its payload. For the client.
    ///
    /// A RECV without a MsgKey is not encrypted ([`Recv::is_encrypted`]); here it is refused.
    ///
    /// # Errors
    ///
    /// If the MsgKey is not the packet's, or the payload cannot be decrypted.
    pub fn open_recv(&self, recv: &Recv<'_>) -> Result<Vec<u8>, CryptoError> {
        if !self.recv_msg_key(recv).matches(recv.msg_key) {
            return Err(CryptoError::MsgKeyMismatch);
        }
        self.decrypt(recv.payload)
    }

    /// Checks the MsgKey of a SEND in constant time, then decrypts its payload. For the server.
    ///
    /// [`Setting::NO_ENCRYPT`](crate::Setting::NO_ENCRYPT) is not looked at.
    ///
    /// # Errors
    ///
    /// If the MsgKey is not the packet's, or the payload cannot be decrypted.
    pub fn open_send(&self, send: &Send<'_>) -> Result<Vec<u8>, CryptoError> {
        if !self.send_msg_key(send).matches(send.msg_key) {
            return Err(CryptoError::MsgKeyMismatch);
        }
        self.decrypt(send.payload)
    }

    /// Decrypts whole blocks and returns how many bytes come before their padding.
    fn decrypt_blocks(&self, bytes: &mut [u8]) -> Result<usize, CryptoError> {
        let len = bytes.len();
        if len == 0 || !len.is_multiple_of(BLOCK) {
            return Err(CryptoError::PayloadLength { len });
        }
        let mut cbc: cbc::Decryptor<&Aes128> = cbc::Decryptor::inner_iv_init(&self.aes, (&*self.iv).into());
        cbc.decrypt_blocks(blocks(bytes));
        Ok(len - padding(bytes)?)
    }

    fn encryptor(&self) -> cbc::Encryptor<&Aes128> {
        cbc::Encryptor::inner_iv_init(&self.aes, (&*self.iv).into())
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(..)")
    }
}

/// The whole blocks of a buffer.
pub(super) fn blocks(bytes: &mut [u8]) -> &mut [aes::Block] {
    Array::slice_as_chunks_mut(bytes).0
}

/// Puts PKCS#7 padding behind the first `len` bytes, and returns the blocks that they fill together. The buffer has
/// whole blocks and more than `len` bytes, so there is room.
pub(super) fn pad(buffer: &mut [u8], len: usize) -> &mut [u8] {
    let padding = BLOCK - len % BLOCK;
    let [value, ..] = padding.to_le_bytes();
    if let Some(end) = buffer.get_mut(len..len + padding) {
        end.fill(value);
    }
    buffer.get_mut(..len + padding).unwrap_or_default()
}

/// The length of the PKCS#7 padding at the end of a decrypted text, all of whose bytes must say the same.
fn padding(text: &[u8]) -> Result<usize, CryptoError> {
    let last = *text.last().ok_or(CryptoError::Padding)?;
    let len = usize::from(last);
    let is_padding = |tail: &[u8]| tail.iter().all(|&byte| byte == last);
    let tail = text.len().checked_sub(len).and_then(|start| text.get(start..));
    if (1..=BLOCK).contains(&len) && tail.is_some_and(is_padding) {
        Ok(len)
    } else {
        Err(CryptoError::Padding)
    }
}

/// The bytes of an AES block.
const BLOCK: usize = 16;
/// The bytes that are worked on at a time: whole blocks, whole groups of base64, few enough for the stack.
const PIECE: usize = 3072;
const _: () = assert!(PIECE.is_multiple_of(BLOCK) && PIECE.is_multiple_of(3));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_signed_as_they_are_written() {
        let cipher = Cipher::new(&[1; BLOCK], [2; BLOCK]);
        let signer = || Signer::new(cipher.encryptor());
        for number in [0, 7, 10, -1, -10, 1_700_000_000, i64::MAX, i64::MIN] {
            let (mut read, mut written) = (signer(), signer());
            read.signed(number);
            written.text(alloc::format!("{number}").as_bytes());
            assert_eq!(read.finish(), written.finish(), "{number}");
        }
        let (mut read, mut written) = (signer(), signer());
        read.number(u64::MAX);
        written.text(b"18446744073709551615");
        assert_eq!(read.finish(), written.finish());
    }
}
