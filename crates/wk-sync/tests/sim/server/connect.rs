//! CONNECT, its answer or the lack of one, displacement and kicks.

use std::collections::HashMap;
use std::time::Duration;

use wk_sync::store::model::ReasonCode;
use wk_sync::store::model::proto::{
    Connack, Connect, Disconnect, Frame, Packet, ProtocolVersion, ServerSecret,
};

use super::{Conn, Out, Server, Task, pack};
use crate::faults::Fault;
use crate::queue::{Wire, millis};
use crate::weather::Luck as _;

impl Server {
    /// The first packet of a connection.
    pub(super) fn greet(&mut self, wire: Wire, frame: &Frame) {
        let Ok(Packet::Connect(connect)) = frame.decode(ProtocolVersion::LATEST) else {
            panic!("{frame:?} before CONNECT");
        };
        if self.is_v2() && self.luck.chance(self.weather.ignore_connect) {
            self.tally.add("connect ignored");
            return;
        }
        self.displace(wire, &connect);
        let version = if self.is_v2() { ProtocolVersion::V5 } else { ProtocolVersion::V6 };
        let salt: [u8; 16] = self.luck.bytes::<16>().map(|byte| b'a' + byte % 26);
        let (key, cipher) = if self.encrypted {
            let secret = ServerSecret::from_bytes(self.luck.bytes());
            let cipher = secret.agree(connect.client_key.as_bytes(), salt).unwrap();
            (secret.public_key_base64().as_str().to_owned(), Some(cipher))
        } else {
            (String::new(), None)
        };
        let salt = str::from_utf8(&salt).unwrap();
        let welcome = Connack {
            server_version: Some(version.value()),
            time_diff: self.unix_ms() - connect.client_timestamp,
            reason: ReasonCode::SUCCESS,
            server_key: key.as_str().into(),
            salt: if self.encrypted { salt.into() } else { "".into() },
            node_id: Some(1),
        };
        let frame = pack(Packet::Connack(welcome), version);
        let conn = Conn {
            uid: connect.uid.to_str().unwrap().to_owned(),
            device_id: connect.device_id.to_str().unwrap().to_owned(),
            version,
            cipher,
            zombie: false,
            last_ping: self.now,
            unanswered: 0,
            busy_until: self.now,
            unacked: HashMap::new(),
        };
        self.conns.insert(wire, conn);
        // v2 pushes to a connection that it has not answered yet (docs/servers.md T3).
        let wait = if self.is_v2() { millis(self.luck.within(&(0..=40))) } else { Duration::ZERO };
        self.later(wait, Task::Welcome(wire, frame));
    }

    /// The same device on another connection: v2 forgets that one after two seconds, v3 closes it.
    fn displace(&mut self, wire: Wire, connect: &Connect<'_>) {
        let (uid, device) = (connect.uid.to_str().unwrap(), connect.device_id.to_str().unwrap());
        let same = |conn: &Conn| conn.uid == uid && conn.device_id == device && !conn.zombie;
        let old: Vec<Wire> = self
            .conns
            .iter()
            .filter(|(old, conn)| **old != wire && same(conn))
            .map(|(old, _)| *old)
            .collect();
        for old in old {
            self.tally.add("displaced");
            if self.is_v2() {
                self.later(Duration::from_secs(2), Task::Fade(old));
            } else {
                self.close(old);
            }
        }
    }

    pub fn close(&mut self, wire: Wire) {
        self.hang_up(wire);
        self.out.push(Out::Close(wire));
    }

    /// The end of a session by the server's will.
    pub fn end(&mut self, wire: Wire, how: Fault) {
        let Some(conn) = self.conns.get_mut(&wire) else { return };
        match how {
            Fault::Zombie => conn.zombie = true,
            // v3 has no DISCONNECT (docs/servers.md T28).
            Fault::Kick if self.flavour == crate::common::Flavour::V2 => {
                let packet = Packet::Disconnect(Disconnect {
                    reason: ReasonCode::CONNECT_KICK,
                    reason_text: "server kick".into(),
                    ..Disconnect::default()
                });
                let frame = pack(packet, conn.version);
                self.out.push(Out::Write(wire, frame));
                self.later(Duration::from_secs(2), Task::Fade(wire));
            }
            _ => self.close(wire),
        }
    }
}
