//! The two sides' secret keys, and what they agree on.

use alloc::string::String;
use core::fmt;

use md5::{Digest, Md5};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::crypto::base64;
use crate::crypto::cipher::Cipher;
use crate::crypto::error::CryptoError;
use crate::crypto::msg_key::hex;

/// The client's secret key of one connection. Overwritten when dropped; `Debug` does not show it.
///
/// Every connection needs a new one, from a random source that the caller trusts.
pub struct ClientSecret(Secret);

impl ClientSecret {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::from_bytes(bytes))
    }

    /// The public key for [`Connect::client_key`](crate::Connect::client_key): 44 characters.
    #[must_use]
    pub fn public_key_base64(&self) -> String {
        self.0.public_key_base64()
    }

    /// Agrees on the session's key, with the key and the salt of the CONNACK.
    ///
    /// # Errors
    ///
    /// If the key is not one or the salt has not 16 bytes. An empty salt means that the session is not encrypted
    /// ([`Connack::is_encrypted`](crate::Connack::is_encrypted)).
    pub fn agree(&self, server_key: &[u8], salt: &[u8]) -> Result<Cipher, CryptoError> {
        let iv = salt.try_into().map_err(|_| CryptoError::SaltLength { len: salt.len() })?;
        self.0.agree(server_key, iv)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// The server's secret key of one connection. Overwritten when dropped; `Debug` does not show it.
pub struct ServerSecret(Secret);

impl ServerSecret {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::from_bytes(bytes))
    }

    /// The public key for [`Connack::server_key`](crate::Connack::server_key): 44 characters.
    #[must_use]
    pub fn public_key_base64(&self) -> String {
        self.0.public_key_base64()
    }

    /// Agrees on the session's key, with the key of the CONNECT and the salt for the CONNACK. Servers take letters
    /// and digits for the salt.
    ///
    /// # Errors
    ///
    /// If the key is not one.
    pub fn agree(&self, client_key: &[u8], salt: [u8; 16]) -> Result<Cipher, CryptoError> {
        self.0.agree(client_key, salt)
    }
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerSecret(..)")
    }
}

struct Secret(StaticSecret);

impl Secret {
    fn from_bytes(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self(StaticSecret::from(*bytes))
    }

    fn public_key_base64(&self) -> String {
        let mut text = [0; KEY_TEXT_LEN];
        base64::encode(PublicKey::from(&self.0).as_bytes(), &mut text);
        text.iter().copied().map(char::from).collect()
    }

    fn agree(&self, peer_key: &[u8], iv: [u8; 16]) -> Result<Cipher, CryptoError> {
        let shared = self.0.diffie_hellman(&PublicKey::from(read_key(peer_key)?));
        if !shared.was_contributory() {
            return Err(CryptoError::LowOrderKey);
        }
        let mut text = Zeroizing::new([0; KEY_TEXT_LEN]);
        base64::encode(shared.as_bytes(), &mut *text);
        let digest = Zeroizing::new(Md5::digest(text.as_slice()).into());
        let digits = Zeroizing::new(hex(&digest));
        // The key is the first half of the digits themselves, not of the bytes that they stand for.
        let mut key = Zeroizing::new([0; 16]);
        key.iter_mut().zip(digits.iter()).for_each(|(byte, digit)| *byte = *digit);
        Ok(Cipher::new(&key, iv))
    }
}

fn read_key(text: &[u8]) -> Result<[u8; 32], CryptoError> {
    let bytes = base64::decode(text).ok_or(CryptoError::KeyNotBase64)?;
    bytes.as_slice().try_into().map_err(|_| CryptoError::KeyLength { len: bytes.len() })
}

/// The characters of a key of 32 bytes.
const KEY_TEXT_LEN: usize = 44;

#[cfg(test)]
mod tests {
    use super::{ClientSecret, ServerSecret};
    use crate::crypto::error::CryptoError;
    use crate::packet::testing::{CIPHERTEXT, CLIENT_KEY, SALT, SERVER_KEY};
    use alloc::format;

    fn client() -> ClientSecret {
        ClientSecret::from_bytes(core::array::from_fn(|index| u8::try_from(index + 1).unwrap()))
    }

    #[test]
    fn both_sides_agree() {
        let server =
            ServerSecret::from_bytes(core::array::from_fn(|index| u8::try_from(index + 0x21).unwrap()));
        assert_eq!(client().public_key_base64(), CLIENT_KEY);
        assert_eq!(server.public_key_base64(), SERVER_KEY);
        let of_client = client().agree(SERVER_KEY.as_bytes(), SALT.as_bytes()).unwrap();
        let of_server = server.agree(CLIENT_KEY.as_bytes(), *b"aB3dE5gH7jK9mN1p").unwrap();
        let plain = br#"{"type":1,"content":"hi"}"#;
        assert_eq!(of_client.encrypt(plain), CIPHERTEXT);
        assert_eq!(of_server.decrypt(CIPHERTEXT).unwrap(), plain);
    }

    #[test]
    fn hostile_keys_and_salts_are_refused() {
        let agree = |key: &str, salt: &str| client().agree(key.as_bytes(), salt.as_bytes()).map(drop);
        let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(agree(zero, SALT), Err(CryptoError::LowOrderKey));
        assert_eq!(agree("", SALT), Err(CryptoError::KeyLength { len: 0 }));
        assert_eq!(agree(&zero.replace("A=", "=="), SALT), Err(CryptoError::KeyLength { len: 31 }));
        assert_eq!(agree(&"AAAA".repeat(1000), SALT), Err(CryptoError::KeyLength { len: 3000 }));
        assert_eq!(agree(&zero.replace('=', "=\n"), SALT), Err(CryptoError::KeyNotBase64));
        assert_eq!(agree(SERVER_KEY, ""), Err(CryptoError::SaltLength { len: 0 }));
        assert_eq!(agree(SERVER_KEY, "aB3dE5gH7jK9mN1px"), Err(CryptoError::SaltLength { len: 17 }));
    }

    #[test]
    fn debug_shows_nothing() {
        let server = ServerSecret::from_bytes([7; 32]);
        assert_eq!(format!("{:?} {server:?}", client()), "ClientSecret(..) ServerSecret(..)");
        let cipher = client().agree(SERVER_KEY.as_bytes(), SALT.as_bytes()).unwrap();
        assert_eq!(format!("{cipher:?}"), "Cipher(..)");
    }

    /// Holds at compile time: the features that make the dependencies do it are switched on.
    #[test]
    fn secrets_are_overwritten_when_dropped() {
        const fn overwritten<T: zeroize::ZeroizeOnDrop>() {}
        overwritten::<x25519_dalek::StaticSecret>();
        overwritten::<x25519_dalek::SharedSecret>();
        overwritten::<aes::Aes128>();
        overwritten::<zeroize::Zeroizing<[u8; 16]>>();
        overwritten::<md5::Md5>();
    }
}
