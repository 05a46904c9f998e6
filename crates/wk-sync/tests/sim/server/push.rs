//! RECVs: to whom, in which order, how often, and when not.

use std::time::Duration;

use wk_sync::store::model::proto::{Flags, Packet, Recv};
use wk_sync::store::model::{ChannelId, MessageSeq, Setting};

use super::{Conn, Out, Server, Task, pack};
use crate::common::{Flavour, Stored};
use crate::letters::{channel_of, members};
use crate::queue::{Wire, millis};
use crate::weather::Luck as _;

/// How long v3 takes a client for present after its last PING (docs/servers.md T18).
const PRESENCE: Duration = Duration::from_secs(90);

/// How often v2 writes a RECV at most.
const TRIES: u8 = 6;

/// How many unacknowledged RECVs v3 remembers; behind them it drops (docs/servers.md T17).
const MOST_UNACKED: usize = 1024;

impl Server {
    /// A message goes to every connection of every member, except to the one it came from.
    pub(super) fn fan_out(&mut self, log: &ChannelId, message: Stored, from: Option<Wire>) {
        let members = members(log);
        let is_member = |conn: &Conn| !conn.zombie && members.contains(&conn.uid);
        let to: Vec<Wire> = self
            .conns
            .iter()
            .filter(|(wire, conn)| Some(**wire) != from && is_member(conn))
            .map(|(wire, _)| *wire)
            .collect();
        for wire in to {
            if self.is_v2() && self.luck.chance(self.weather.lose_push) {
                self.tally.add("recv lost");
                continue;
            }
            let times = if self.luck.chance(self.weather.double_push) { 2 } else { 1 };
            if times == 2 {
                self.tally.add("recv twice");
            }
            for _ in 0..times {
                let wait = millis(self.luck.within(&(0..=30)));
                let message = Box::new(message.clone());
                self.later(wait, Task::Push { wire, log: log.clone(), message, time: 1 });
            }
        }
    }

    pub(super) fn push(&mut self, wire: Wire, log: ChannelId, message: Box<Stored>, time: u8) {
        let (is_v2, now) = (self.is_v2(), self.now);
        let Some(conn) = self.conns.get_mut(&wire).filter(|conn| !conn.zombie) else { return };
        if time > 1 && !conn.unacked.contains_key(&message.id) {
            return;
        }
        if !is_v2 && (now - conn.last_ping > PRESENCE || conn.unacked.len() >= MOST_UNACKED) {
            self.tally.add("recv not routed");
            return;
        }
        let stored = message.seq > 0;
        if stored {
            conn.unacked.insert(message.id, time);
        }
        let timestamp =
            i32::try_from((crate::common::rig::EPOCH_MS / 1000) as u64 + now.since_zero().as_secs());
        let frame = recv(conn, self.flavour, &log, &message, timestamp.unwrap());
        self.packets += 1;
        self.out.push(Out::Write(wire, frame));
        if is_v2 && stored && time < TRIES {
            if time > 1 {
                self.tally.add("recv repeated");
            }
            let wait = self.retry_wait();
            self.later(wait, Task::Push { wire, log, message, time: time + 1 });
        }
    }
}

/// A RECV. v3 sends commands under the name of the command log, without their flag.
fn recv(
    conn: &Conn,
    flavour: Flavour,
    log: &ChannelId,
    message: &Stored,
    timestamp: i32,
) -> wk_sync::store::model::proto::Frame {
    let v3 = flavour == Flavour::V3;
    let channel = channel_of(&conn.uid, log);
    let mut id = channel.id().to_owned();
    if v3 && message.header.sync_once {
        id.push_str(ChannelId::COMMAND_SUFFIX);
    }
    let mut flags = Flags::EMPTY;
    for (set, flag) in [
        (message.header.no_persist && !v3, Flags::NO_PERSIST),
        (message.header.red_dot, Flags::RED_DOT),
        (message.header.sync_once && !v3, Flags::SYNC_ONCE),
    ] {
        if set {
            flags = flags.with(flag);
        }
    }
    let encrypted = conn.cipher.as_ref().map(|cipher| cipher.encrypt(&message.payload));
    let mut recv = Recv {
        flags,
        from_uid: message.from.as_str().into(),
        channel_id: id.as_str().into(),
        channel_type: channel.channel_type(),
        client_msg_no: message.client_msg_no.as_str().into(),
        message_id: message.id,
        message_seq: MessageSeq::new(message.seq),
        timestamp,
        payload: encrypted.as_deref().unwrap_or(&message.payload),
        // v3 leaves them out (docs/servers.md §2.5).
        expire: if v3 { 0 } else { message.expire },
        setting: if v3 { Setting::EMPTY } else { message.setting },
        ..Recv::default()
    };
    let key = conn.cipher.as_ref().map(|cipher| cipher.recv_msg_key(&recv));
    if let Some(key) = &key {
        recv.msg_key = key.as_str().into();
    }
    pack(Packet::Recv(recv), conn.version)
}
