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
        let before = out.len();
        out.resize(before + encrypted_len(plain.len()), 0);
        let mut out = out.get_mut(before..).unwrap_or_default();
        let mut cbc = self.encryptor();
        let mut piece = [0; PIECE];
        let mut parts = plain.chunks_exact(PIECE);
        for part in parts.by_ref() {
            piece.copy_from_slice(part);
            cbc.encrypt_blocks(blocks(&mut piece));
            let Some((text, rest)) = out.split_at_mut_checked(PIECE_TEXT) else { return };
            base64::encode(&piece, text);
            out = rest;
        }
        let last = pad(&mut piece, parts.remainder());
        cbc.encrypt_blocks(blocks(last));
        base64::encode(last, out);
    }

    /// Decrypts a payload from base64 as it is on the wire.
    ///
    /// # Errors
    ///
    /// If it is not the encrypted payload of this session. Most but not all changes on the way show here; the
    /// MsgKey shows all.
    pub fn decrypt(&self, wire: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut out = alloc::vec![0; wire.len().div_ceil(4) * 3];
        let len = base64::decode(wire, &mut out).ok_or(CryptoError::PayloadNotBase64)?;
        out.truncate(len);
        check_length(len)?;
        self.decryptor().decrypt_blocks(blocks(&mut out));
        let plain = len - padding(&out)?;
        out.truncate(plain);
        Ok(out)
    }

    /// Decrypts a payload where it is, and returns the part of the buffer that holds the text.
    ///
    /// # Errors
    ///
    /// As for [`decrypt`](Self::decrypt). The buffer's contents are of no use then.
    pub fn decrypt_in_place<'b>(&self, wire: &'b mut [u8]) -> Result<&'b mut [u8], CryptoError> {
        let mut cbc = self.decryptor();
        let mut piece = [0; PIECE];
        let (mut read, mut written) = (0, 0);
        while let Some(text) = wire.get(read..).filter(|rest| !rest.is_empty()) {
            let text = text.get(..PIECE_TEXT).unwrap_or(text);
            read += text.len();
            let len = base64::decode(text, &mut piece).ok_or(CryptoError::PayloadNotBase64)?;
            if len < PIECE && read < wire.len() {
                return Err(CryptoError::PayloadNotBase64);
            }
            let part = piece.get_mut(..len).unwrap_or_default();
            if !len.is_multiple_of(BLOCK) {
                return Err(CryptoError::PayloadLength { len: written + len });
            }
            cbc.decrypt_blocks(blocks(part));
            if let Some(room) = wire.get_mut(written..written + len) {
                room.copy_from_slice(part);
            }
            written += len;
        }
        check_length(written)?;
        let text = wire.get_mut(..written).unwrap_or_default();
        let plain = written - padding(text)?;
        Ok(text.get_mut(..plain).unwrap_or_default())
    }

    /// The MsgKey of a SEND whose payload is encrypted already.
    #[must_use]
    pub fn send_msg_key(&self, send: &Send<'_>) -> MsgKey {
        let mut signer = Signer::new(self.encryptor());
        signer.number(send.client_seq);
        signer.text(send.client_msg_no.as_bytes());
        signer.text(send.channel_id.as_bytes());
        signer.number(send.channel_type.value());
        signer.text(send.payload);
        signer.finish()
    }

    /// The MsgKey of a RECV whose payload is encrypted already.
    #[must_use]
    pub fn recv_msg_key(&self, recv: &Recv<'_>) -> MsgKey {
        let mut signer = Signer::new(self.encryptor());
        signer.number(recv.message_id);
        signer.number(recv.message_seq);
        signer.text(recv.client_msg_no.as_bytes());
        signer.number(recv.timestamp);
        signer.text(recv.from_uid.as_bytes());
        signer.text(recv.channel_id.as_bytes());
        signer.number(recv.channel_type.value());
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

    fn encryptor(&self) -> cbc::Encryptor<&Aes128> {
        cbc::Encryptor::inner_iv_init(&self.aes, (&*self.iv).into())
    }

    fn decryptor(&self) -> cbc::Decryptor<&Aes128> {
        cbc::Decryptor::inner_iv_init(&self.aes, (&*self.iv).into())
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

/// Puts the end of a text and its PKCS#7 padding into the buffer, and returns the blocks they fill.
pub(super) fn pad<'b>(buffer: &'b mut [u8], end: &[u8]) -> &'b mut [u8] {
    let padding = BLOCK - end.len() % BLOCK;
    let last = buffer.get_mut(..end.len() + padding).unwrap_or_default();
    let [value, ..] = padding.to_le_bytes();
    last.fill(value);
    last.iter_mut().zip(end).for_each(|(to, from)| *to = *from);
    last
}

const fn check_length(len: usize) -> Result<(), CryptoError> {
    if len == 0 || !len.is_multiple_of(BLOCK) { Err(CryptoError::PayloadLength { len }) } else { Ok(()) }
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
/// The characters for so many bytes.
const PIECE_TEXT: usize = base64::encoded_len(PIECE);
