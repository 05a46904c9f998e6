//! A model of the servers of both generations, for everybody: what real ones were seen doing, and what goes wrong there.

mod commands;
mod connect;
mod extras;
mod list;
mod log;
mod push;
mod send;
mod source;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use wk_sync::store::model::proto::{Cipher, Decoder, Frame, Packet, ProtocolVersion};
use wk_sync::store::model::{ChannelId, Instant, MessageId};

use super::common::rig::EPOCH_MS;
use super::common::{Flavour, Prng, Stored};
use super::faults::Tally;
use super::letters::Letters;
use super::queue::Wire;
use super::weather::Weather;
pub use extras::Extras;
pub use log::Log;
pub use send::Arrived;

/// Something that the server goes on with after a while.
#[derive(Debug)]
pub enum Task {
    /// CONNACK is written.
    Welcome(Wire, Frame),
    /// A SEND is worked on.
    Take(Wire, Box<Arrived>),
    /// A RECV is written, for the so many'th time.
    Push { wire: Wire, log: ChannelId, message: Box<Stored>, time: u8 },
    /// A displaced connection falls silent (docs/servers.md T56).
    Fade(Wire),
}

/// What the server wants done.
#[derive(Debug)]
pub enum Out {
    Write(Wire, Frame),
    Later(Duration, Task),
    Close(Wire),
}

/// A connection, from its CONNECT on.
#[derive(Debug)]
pub struct Conn {
    pub uid: String,
    pub device_id: String,
    pub version: ProtocolVersion,
    cipher: Option<Cipher>,
    /// Open, and neither heard nor served.
    pub zombie: bool,
    last_ping: Instant,
    /// SENDs without an answer.
    unanswered: usize,
    /// When the last SEND of the session will have been worked on (v3).
    busy_until: Instant,
    unacked: HashMap<MessageId, u8>,
}

#[derive(Debug)]
pub struct Server {
    pub flavour: Flavour,
    pub encrypted: bool,
    pub weather: Weather,
    pub up: bool,
    /// Not before then, once it is down.
    pub back_at: Instant,
    pub now: Instant,
    pub logs: BTreeMap<ChannelId, Log>,
    /// By the name of the channel they command.
    pub command_logs: BTreeMap<ChannelId, Log>,
    pub conns: BTreeMap<Wire, Conn>,
    /// Connections that have ended; what still comes on them is not read.
    ended: HashSet<Wire>,
    pub letters: Letters,
    pub out: Vec<Out>,
    pub tally: Tally,
    /// Which log and seq an id is.
    pub ids: HashMap<MessageId, (ChannelId, u64)>,
    read_to: BTreeMap<(String, ChannelId), u64>,
    /// How far each user has had the commands of a log, and how far the last answer went.
    commands_had: BTreeMap<(String, ChannelId), u64>,
    commands_pulled: BTreeMap<String, Vec<(ChannelId, u64)>>,
    /// Logs that were lost and counted anew at least once, and those in which nothing stands since.
    pub wiped: BTreeSet<ChannelId>,
    pub lost: Vec<ChannelId>,
    /// How many channels a page of the list looks at (v3).
    pub list_page: usize,
    minted: i64,
    /// How many SENDs and RECVs went over the connections.
    pub packets: u64,
    /// What happened to the messages of each log, and how many versions were given.
    pub extras: BTreeMap<ChannelId, Extras>,
    versions: u64,
    /// The senders and numbers of what is deleted for all.
    deleted: HashSet<(String, String)>,
    pub luck: Prng,
    /// For what came later: the first one draws for old seeds what it always did.
    pub whims: Prng,
}

impl Server {
    pub fn new(seed: u64, flavour: Flavour, encrypted: bool, weather: Weather) -> Self {
        Self {
            flavour,
            encrypted,
            weather,
            up: true,
            back_at: Instant::default(),
            now: Instant::default(),
            logs: BTreeMap::new(),
            command_logs: BTreeMap::new(),
            conns: BTreeMap::new(),
            ended: HashSet::new(),
            letters: Letters::default(),
            out: Vec::new(),
            tally: Tally::default(),
            ids: HashMap::new(),
            read_to: BTreeMap::new(),
            commands_had: BTreeMap::new(),
            commands_pulled: BTreeMap::new(),
            wiped: BTreeSet::new(),
            lost: Vec::new(),
            list_page: 1 + (seed % 5) as usize,
            minted: 0,
            packets: 0,
            extras: BTreeMap::new(),
            versions: 0,
            deleted: HashSet::new(),
            luck: Prng::new(seed ^ 0x5e12_7e12),
            whims: Prng::new(seed ^ 0x0bac_ced5),
        }
    }

    pub fn unix_ms(&self) -> i64 {
        EPOCH_MS + i64::try_from(self.now.since_zero().as_millis()).unwrap()
    }

    /// Takes in what was written on a connection. Says whose acknowledgements are among it.
    pub fn receive(&mut self, wire: Wire, bytes: &[u8]) -> Vec<MessageId> {
        let mut acknowledged = Vec::new();
        if self.ended.contains(&wire) {
            return acknowledged;
        }
        let mut decoder = Decoder::new();
        decoder.extend(bytes);
        while let Some(frame) = decoder.next_frame().unwrap() {
            let Some(conn) = self.conns.get_mut(&wire) else {
                self.greet(wire, &frame);
                continue;
            };
            if conn.zombie {
                continue;
            }
            match frame.decode(conn.version).unwrap() {
                Packet::Send(send) => self.arrived(wire, &send),
                Packet::Recvack(ack) => {
                    conn.unacked.remove(&ack.message_id);
                    acknowledged.push(ack.message_id);
                }
                Packet::Ping => {
                    conn.last_ping = self.now;
                    let pong = pack(Packet::Pong, conn.version);
                    self.out.push(Out::Write(wire, pong));
                }
                other => panic!("a client must not send {other:?}"),
            }
        }
        assert_eq!(decoder.buffered(), 0, "half a packet");
        acknowledged
    }

    pub fn go_on(&mut self, task: Task) {
        match task {
            Task::Welcome(wire, frame) => {
                if self.conns.contains_key(&wire) {
                    self.out.push(Out::Write(wire, frame));
                }
            }
            Task::Take(wire, arrived) => self.take(wire, *arrived),
            Task::Push { wire, log, message, time } => self.push(wire, log, message, time),
            Task::Fade(wire) => {
                if let Some(conn) = self.conns.get_mut(&wire) {
                    conn.zombie = true;
                }
            }
        }
    }

    /// The connection is gone; what it had in the pipeline is worked on all the same.
    pub fn hang_up(&mut self, wire: Wire) {
        self.conns.remove(&wire);
        self.ended.insert(wire);
    }

    pub fn log(&mut self, log: &ChannelId) -> &mut Log {
        self.logs.entry(log.clone()).or_default()
    }

    /// The log of a channel is lost, and counts from 1 again.
    pub fn wipe(&mut self, log: &ChannelId) {
        self.logs.remove(log);
        self.ids.retain(|_, (of, _)| of != log);
        self.read_to.retain(|(_, of), _| of != log);
        self.wiped.insert(log.clone());
        self.lost.push(log.clone());
    }

    fn mint(&mut self) -> MessageId {
        self.minted += 1;
        MessageId::new(((self.unix_ms() - 1_288_834_974_657) << 22) | (self.minted & 0x3e_ffff))
    }

    fn is_v2(&self) -> bool {
        self.flavour == Flavour::V2
    }

    fn later(&mut self, wait: Duration, task: Task) {
        self.out.push(Out::Later(wait, task));
    }
}

pub fn pack(packet: Packet<'_>, version: ProtocolVersion) -> Frame {
    Frame::from_bytes(packet.to_bytes(version).unwrap()).unwrap()
}
