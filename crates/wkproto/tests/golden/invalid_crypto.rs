//! Keys, salts, payloads and SENDs of crypto.json that are broken or odd.

use std::collections::BTreeMap;

use wkproto::{ClientSecret, CryptoError, Packet};

use crate::crypto::{secret, sessions};
use crate::{list, load, text, unhex, version};

#[test]
fn public_keys() {
    let mut by_key = BTreeMap::new();
    for vector in list(&load("crypto.json"), "invalid_public_keys", 34) {
        let name = text(&vector, "name");
        let client = ClientSecret::from_bytes(secret(&vector, "private"));
        let agreed = client.agree(text(&vector, "peer_key").as_bytes(), b"aB3dE5gH7jK9mN1p");
        let expected = match name {
            "empty" => Err(CryptoError::KeyLength { len: 0 }),
            _ if name.ends_with("-bytes") => {
                // A v2 server takes keys that are too long, a v3 server does not.
                let len = name.trim_end_matches("-bytes").parse().unwrap();
                Err(CryptoError::KeyLength { len })
            }
            // Both servers take these, since Go's base64 does; neither of them writes such keys.
            "newline-at-end" | "newline-inside" | "unused-bits-set" => Err(CryptoError::KeyNotBase64),
            "not-base64" | "one-bad-character" | "no-padding" | "extra-padding" | "url-safe-alphabet"
            | "space-at-end" | "space-in-front" | "two-texts-joined" => Err(CryptoError::KeyNotBase64),
            // A v2 server goes on with a secret that everybody knows, a v3 server refuses.
            _ if name.starts_with("low-order-") => Err(CryptoError::LowOrderKey),
            "good" | "high-bit-set" | "p-plus-2" | "point-2" | "all-ff" | "point-18" => Ok(()),
            _ => panic!("{name} has no expectation"),
        };
        assert_eq!(agreed.as_ref().map(|_| ()).map_err(|error| *error), expected, "{name}");
        if let Ok(cipher) = agreed {
            assert_eq!(text(&vector, "v3_client"), "ok", "{name}");
            // The key itself is nobody's business: equal keys encrypt alike, different keys do not.
            by_key
                .entry(text(&vector, "aes_key").to_owned())
                .or_insert_with(Vec::new)
                .push(cipher.encrypt(b"x"));
        }
    }
    let texts: Vec<_> = by_key.values().map(|texts| &texts[0]).collect();
    assert_eq!(by_key.values().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2]);
    assert!(by_key.values().all(|texts| texts.iter().all(|text| text == &texts[0])));
    assert!(texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2]);
}

#[test]
fn salts() {
    let file = load("crypto.json");
    let session = &list(&file, "sessions", 11)[0];
    let client = ClientSecret::from_bytes(secret(session, "client_private"));
    for vector in list(&file, "invalid_salts", 5) {
        // A v2 server panics, a v3 server takes the first 16 bytes. Neither sends such a salt.
        let salt = text(&vector, "salt").as_bytes();
        let agreed = client.agree(text(session, "server_key").as_bytes(), salt);
        assert_eq!(agreed.map(drop), Err(CryptoError::SaltLength { len: salt.len() }));
    }
}

#[test]
fn payloads() {
    let file = load("crypto.json");
    let sessions = sessions(&file);
    for vector in list(&file, "invalid_payloads", 31) {
        let (name, wire) = (text(&vector, "name"), text(&vector, "cipher").as_bytes());
        let expected = match name {
            "empty" => Err(CryptoError::PayloadLength { len: 0 }),
            "truncated-by-4" => Err(CryptoError::PayloadLength { len: 30 }),
            _ if name.ends_with("-bytes") => {
                Err(CryptoError::PayloadLength { len: name.trim_end_matches("-bytes").parse().unwrap() })
            }
            // Both servers take these, since Go's base64 does; neither of them writes such payloads.
            "newline-at-end" | "newline-inside" | "unused-bits-set" => Err(CryptoError::PayloadNotBase64),
            "not-base64"
            | "plain-json"
            | "one-bad-character"
            | "no-padding-characters"
            | "truncated-base64"
            | "space-inside"
            | "url-safe-alphabet" => Err(CryptoError::PayloadNotBase64),
            // A v2 server looks at the last byte only, a v3 server at all of the padding.
            _ if name.starts_with("last-byte-") => Err(CryptoError::Padding),
            "padding-not-equal" | "padding-02-after-01" | "last-block-changed" | "other-session" => {
                Err(CryptoError::Padding)
            }
            "padding-01" | "padding-full-block" | "first-block-changed" => {
                Ok(unhex(text(&vector, "plain_hex")))
            }
            _ => panic!("{name} has no expectation"),
        };
        let [cipher, _] = &sessions[text(&vector, "session")];
        assert_eq!(cipher.decrypt(wire), expected, "{name}");
        assert_eq!(
            cipher.decrypt_in_place(&mut wire.to_owned()).map(|text| text.to_owned()),
            expected,
            "{name}"
        );
    }
}

#[test]
fn sends() {
    let file = load("crypto.json");
    let sessions = sessions(&file);
    for vector in list(&file, "invalid_send", 22) {
        let name = text(&vector, "name");
        let bytes = unhex(text(&vector, "hex"));
        let Ok(Packet::Send(send)) = Packet::decode(&bytes, version(&vector)) else { panic!("{name}") };
        let plain = |key| Ok(unhex(text(&vector, key)));
        let expected = match name {
            "good" | "changed-unsigned-fields" => plain("plain_hex"),
            _ if name.starts_with("msg-key-") || name.starts_with("changed-") => {
                Err(CryptoError::MsgKeyMismatch)
            }
            "payload-empty" => Err(CryptoError::PayloadLength { len: 0 }),
            "payload-not-base64" | "payload-plain-json" => Err(CryptoError::PayloadNotBase64),
            "payload-15-bytes" => Err(CryptoError::PayloadLength { len: 15 }),
            // A v2 server cuts off what the last byte says, a v3 server closes the connection.
            _ if name.starts_with("payload-") => Err(CryptoError::Padding),
            // A v2 server does not look at the bit, a v3 server takes the payload as it is. Whether to ask for a
            // MsgKey must not be for the sender to say.
            "no-encrypt-plain" => Err(CryptoError::MsgKeyMismatch),
            "no-encrypt-encrypted" => plain("plain_hex_v2"),
            _ => panic!("{name} has no expectation"),
        };
        let [_, server] = &sessions[text(&vector, "session")];
        assert_eq!(server.open_send(&send), expected, "{name}");
    }
}
