//! Keys, payloads and MsgKeys of crypto.json.

use std::collections::BTreeMap;

use serde_json::Value;
use wkproto::{
    Cipher, ClientSecret, CryptoError, MessageId, Packet, ProtocolVersion, Recv, Send, ServerSecret,
    encrypted_len,
};

use crate::{list, load, text, unhex};

/// The sessions of the file by their names, agreed on by both sides.
pub(crate) fn sessions(file: &Value) -> BTreeMap<String, [Cipher; 2]> {
    let agree = |session: &Value| {
        let client = ClientSecret::from_bytes(secret(session, "client_private"));
        let server = ServerSecret::from_bytes(secret(session, "server_private"));
        assert_eq!(client.public_key_base64(), text(session, "client_key"));
        assert_eq!(server.public_key_base64(), text(session, "server_key"));
        let salt = text(session, "salt").as_bytes();
        let of_client = client.agree(text(session, "server_key").as_bytes(), salt).unwrap();
        let of_server = server.agree(text(session, "client_key").as_bytes(), salt.try_into().unwrap());
        (text(session, "name").to_owned(), [of_client, of_server.unwrap()])
    };
    list(file, "sessions", 11).iter().map(agree).collect()
}

pub(crate) fn secret(value: &Value, key: &str) -> [u8; 32] {
    unhex(text(value, key)).try_into().unwrap()
}

#[test]
fn payloads() {
    let file = load("crypto.json");
    let sessions = sessions(&file);
    for vector in list(&file, "payloads", 154) {
        let (plain, wire) = (unhex(text(&vector, "plain_hex")), text(&vector, "cipher").as_bytes());
        assert_eq!(encrypted_len(plain.len()), wire.len());
        for cipher in &sessions[text(&vector, "session")] {
            assert_eq!(cipher.encrypt(&plain), wire);
            assert_eq!(cipher.decrypt(wire).unwrap(), plain);
            assert_eq!(cipher.decrypt_in_place(&mut wire.to_owned()).unwrap(), plain);
        }
    }
}

#[test]
fn sends() {
    let file = load("crypto.json");
    let sessions = sessions(&file);
    for vector in list(&file, "send", 61) {
        let [client, server] = &sessions[text(&vector, "session")];
        let payload = client.encrypt(&unhex(text(&vector, "plain_hex")));
        assert_eq!(payload, text(&vector, "payload").as_bytes());
        let mut send = Send {
            client_seq: u32::try_from(vector["client_seq"].as_u64().unwrap()).unwrap(),
            client_msg_no: text(&vector, "client_msg_no").into(),
            channel_id: text(&vector, "channel_id").into(),
            channel_type: u8::try_from(vector["channel_type"].as_u64().unwrap()).unwrap().into(),
            payload: &payload,
            ..Send::default()
        };
        let key = client.send_msg_key(&send);
        assert_eq!(key.as_str(), text(&vector, "msg_key"));
        send.msg_key = (&key).into();
        let wire = unhex(text(&vector, "wire_v5_and_v6"));
        for version in [ProtocolVersion::V5, ProtocolVersion::V6] {
            assert_eq!(Packet::from(send).to_bytes(version).unwrap(), wire);
            let Ok(Packet::Send(received)) = Packet::decode(&wire, version) else { panic!() };
            assert_eq!(server.open_send(&received).unwrap(), unhex(text(&vector, "plain_hex")));
        }
        let changed = Send { client_seq: send.client_seq ^ 1, ..send };
        assert_eq!(server.open_send(&changed), Err(CryptoError::MsgKeyMismatch));
    }
}

#[test]
fn recvs() {
    let file = load("crypto.json");
    let sessions = sessions(&file);
    let mut wires = 0;
    for vector in list(&file, "recv", 92) {
        let [client, server] = &sessions[text(&vector, "session")];
        let payload = server.encrypt(&unhex(text(&vector, "plain_hex")));
        assert_eq!(payload, text(&vector, "payload").as_bytes());
        let mut recv = Recv {
            message_id: MessageId::new(text(&vector, "message_id").parse().unwrap()),
            message_seq: text(&vector, "message_seq").parse::<u64>().unwrap().into(),
            client_msg_no: text(&vector, "client_msg_no").into(),
            timestamp: i32::try_from(vector["timestamp"].as_i64().unwrap()).unwrap(),
            from_uid: text(&vector, "from_uid").into(),
            channel_id: text(&vector, "channel_id").into(),
            channel_type: u8::try_from(vector["channel_type"].as_u64().unwrap()).unwrap().into(),
            payload: &payload,
            ..Recv::default()
        };
        let key = server.recv_msg_key(&recv);
        assert_eq!(key.as_str(), text(&vector, "msg_key"));
        recv.msg_key = (&key).into();
        for (name, version) in [("wire_v5", ProtocolVersion::V5), ("wire_v6", ProtocolVersion::V6)] {
            let Some(wire) = vector.get(name) else { continue };
            let wire = unhex(wire.as_str().unwrap());
            assert_eq!(Packet::from(recv).to_bytes(version).unwrap(), wire);
            let Ok(Packet::Recv(received)) = Packet::decode(&wire, version) else { panic!() };
            assert_eq!(client.open_recv(&received).unwrap(), unhex(text(&vector, "plain_hex")));
            wires += 1;
        }
        let changed = Recv { timestamp: recv.timestamp ^ 1, ..recv };
        assert_eq!(client.open_recv(&changed), Err(CryptoError::MsgKeyMismatch));
    }
    assert_eq!(wires, 162);
}
