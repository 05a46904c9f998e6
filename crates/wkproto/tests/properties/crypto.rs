//! Encryption and the MsgKey.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use proptest::collection::vec;
use proptest::prelude::*;
use wkproto::*;

use crate::parts::{parts, version};

proptest! {
    #[test]
    fn a_text_is_the_same_after_encryption_and_decryption(
        secret: [u8; 32],
        salt: [u8; 16],
        plain in vec(any::<u8>(), 0..9000),
    ) {
        let client = ClientSecret::from_bytes(secret);
        let server = ServerSecret::from_bytes([7; 32]);
        let sealing = client.agree(server.public_key_base64().as_bytes(), &salt).unwrap();
        let opening = server.agree(client.public_key_base64().as_bytes(), salt).unwrap();
        let mut wire = b"before".to_vec();
        sealing.encrypt_into(&plain, &mut wire);
        let wire = &mut wire[6..];
        assert_eq!(wire.len(), encrypted_len(plain.len()));
        assert_eq!(opening.decrypt(wire).as_deref(), Ok(&plain[..]));
        assert_eq!(opening.decrypt_in_place(wire).as_deref(), Ok(&plain[..]));
    }

    #[test]
    fn a_msg_key_is_the_hash_of_the_encrypted_fields(mut parts in parts(), version in version()) {
        let cipher = ClientSecret::from_bytes([1; 32]);
        let key = ServerSecret::from_bytes([2; 32]).public_key_base64();
        let cipher = cipher.agree(key.as_bytes(), b"aB3dE5gH7jK9mN1p").unwrap();
        parts.kind = PacketType::Send;
        let Packet::Send(send) = parts.packet(version) else { panic!("a SEND") };
        let (seq, channel_type) = (send.client_seq.to_string(), send.channel_type.value().to_string());
        let sign = [
            seq.as_bytes(),
            send.client_msg_no.as_bytes(),
            send.channel_id.as_bytes(),
            channel_type.as_bytes(),
            send.payload,
        ];
        assert_eq!(cipher.send_msg_key(&send).as_str(), &naive_key(&cipher, &sign.concat()));
        parts.kind = PacketType::Recv;
        let Packet::Recv(recv) = parts.packet(version) else { panic!("a RECV") };
        let (id, seq) = (recv.message_id.get().to_string(), recv.message_seq.get().to_string());
        let (time, channel_type) = (recv.timestamp.to_string(), recv.channel_type.value().to_string());
        let sign = [
            id.as_bytes(),
            seq.as_bytes(),
            recv.client_msg_no.as_bytes(),
            time.as_bytes(),
            recv.from_uid.as_bytes(),
            recv.channel_id.as_bytes(),
            channel_type.as_bytes(),
            recv.payload,
        ];
        assert_eq!(cipher.recv_msg_key(&recv).as_str(), &naive_key(&cipher, &sign.concat()));
    }

    #[test]
    fn only_the_whole_msg_key_matches(secret: [u8; 32], place in 0..32_usize, other: u8, len in 0..32_usize) {
        let cipher = ClientSecret::from_bytes(secret);
        let key = ServerSecret::from_bytes([2; 32]).public_key_base64();
        let cipher = cipher.agree(key.as_bytes(), b"aB3dE5gH7jK9mN1p").unwrap();
        let payload = cipher.encrypt(b"hi");
        let send = Send { payload: &payload, ..Send::default() };
        let key = cipher.send_msg_key(&send);
        let mut changed = *key.as_bytes();
        prop_assume!(changed[place] != other);
        changed[place] = other;
        let longer = [&key.as_bytes()[..], b"0"].concat();
        for wrong in [&changed[..], &key.as_bytes()[..len], &longer] {
            let opened = cipher.open_send(&Send { msg_key: WireStr::new(wrong), ..send });
            assert_eq!(opened, Err(CryptoError::MsgKeyMismatch));
        }
        let opened = cipher.open_send(&Send { msg_key: (&key).into(), ..send });
        assert_eq!(opened.as_deref(), Ok(&b"hi"[..]));
    }
}

fn naive_key(cipher: &Cipher, sign: &[u8]) -> String {
    Md5::digest(cipher.encrypt(sign)).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
