//! A hostile server: its key, its salt, its MsgKey and its payload.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use wkproto::{Cipher, ClientSecret, CryptoError, Recv, Send, WireStr};

static CLIENT: LazyLock<ClientSecret> = LazyLock::new(|| ClientSecret::from_bytes([7; 32]));

static CIPHER: LazyLock<Cipher> = LazyLock::new(|| {
    let good = b"WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns=";
    CLIENT.agree(good, b"aB3dE5gH7jK9mN1p").expect("a good key")
});

// Three texts with their length in a byte before them, key, salt and MsgKey; the rest is the payload.
fuzz_target!(|data: &[u8]| {
    let (key, rest) = text(data);
    let (salt, rest) = text(rest);
    let (msg_key, payload) = text(rest);
    let agreed = CLIENT.agree(key, salt);
    if let Ok(cipher) = &agreed {
        check(cipher, msg_key, payload);
    }
    let decoded = STANDARD.decode(key).unwrap_or_default();
    assert!(agreed.is_err() || (decoded.len(), salt.len()) == (32, 16));
    // A good key and a payload that is base64 get further.
    check(&CIPHER, msg_key, payload);
    check(&CIPHER, msg_key, STANDARD.encode(payload).as_bytes());
});

fn check(cipher: &Cipher, msg_key: &[u8], payload: &[u8]) {
    let decrypted = cipher.decrypt(payload);
    let mut in_place = payload.to_vec();
    assert_eq!(cipher.decrypt_in_place(&mut in_place).map(|text| text.to_vec()), decrypted);
    if let Ok(plain) = &decrypted {
        // There is one ciphertext for each text, and no other is taken for it.
        assert_eq!(cipher.encrypt(plain), payload);
    }
    assert_eq!(cipher.decrypt(&cipher.encrypt(payload)).as_deref(), Ok(payload));

    let recv = Recv { msg_key: WireStr::new(msg_key), payload, ..Recv::default() };
    let right = cipher.recv_msg_key(&recv);
    let expected =
        if right.as_bytes() == msg_key { decrypted.clone() } else { Err(CryptoError::MsgKeyMismatch) };
    assert_eq!(cipher.open_recv(&recv), expected);
    assert_eq!(cipher.open_recv(&Recv { msg_key: (&right).into(), ..recv }), decrypted);

    let send = Send { channel_id: WireStr::new(msg_key), payload, ..Send::default() };
    let right = cipher.send_msg_key(&send);
    assert_eq!(cipher.open_send(&Send { msg_key: (&right).into(), ..send }), decrypted);
}

fn text(data: &[u8]) -> (&[u8], &[u8]) {
    let (&len, rest) = data.split_first().unwrap_or((&0, &[]));
    rest.split_at(usize::from(len).min(rest.len()))
}
