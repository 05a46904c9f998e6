//! A model of the servers of both generations, for one user: real packets, a real handshake, real encryption.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use wk_sync::store::model::proto::{
    Cipher, Connack, Connect, Decoder, Disconnect, Flags, Frame, Packet, ProtocolVersion, Recv, Recvack,
    Send, Sendack, ServerSecret,
};
use wk_sync::store::model::{ChannelId, MessageHeader, MessageId, MessageSeq, ReasonCode};
use wk_sync::{
    FetchRequest, FindRequest, LinkId, PullRequest, Report, SourceError, SyncRequest, UnreadRequest,
    UploadRequest,
};

use super::list::Listing;
use super::log::{Log, Stored};
use super::prng::Prng;

/// The generation of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    V2,
    V3,
}

/// What the server does with a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    Accept,
    /// The login succeeds, but its answer names this version.
    AcceptAs(Option<u8>),
    Silent,
    Refuse(ReasonCode),
}

/// What the server does with a SEND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnSend {
    Accept,
    /// It never arrives.
    Lose,
    /// It is stored, and the answer is lost.
    LoseAnswer,
    Refuse(ReasonCode),
    /// It is stored, and refused all the same.
    StoreAndRefuse(ReasonCode),
}

/// A SEND as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub link: LinkId,
    pub wire_seq: u32,
    pub channel: ChannelId,
    pub client_msg_no: String,
    pub flags: Flags,
    pub payload: Bytes,
    pub topic: String,
    pub expire: u32,
}

pub struct Session {
    pub link: LinkId,
    pub version: ProtocolVersion,
    cipher: Option<Cipher>,
    /// The SENDs whose answers the client has not read.
    unanswered: BTreeMap<u32, ChannelId>,
}

pub struct Server {
    pub flavour: Flavour,
    pub uid: String,
    pub encrypted: bool,
    pub handshake: Handshake,
    /// For the next SENDs; accepted when empty.
    pub on_send: VecDeque<OnSend>,
    /// For the next questions.
    pub failures: VecDeque<SourceError>,
    /// Every question fails.
    pub broken: bool,
    pub max_limit: u32,
    /// On v2 a channel's SEND must not come before the answer to the last one is read.
    pub strict: bool,
    pub unix_ms: i64,
    pub logs: BTreeMap<ChannelId, Log>,
    pub session: Option<Session>,
    pub connects: Vec<u8>,
    pub sent: Vec<Sent>,
    pub acks: Vec<Recvack>,
    pub pings: usize,
    pub pulls: Vec<PullRequest>,
    pub syncs: Vec<SyncRequest>,
    pub finds: Vec<FindRequest>,
    pub unreads: Vec<UnreadRequest>,
    pub uploads: Vec<UploadRequest>,
    pub listing: Listing,
    pub fetches: Vec<FetchRequest>,
    pub reports: Vec<Report>,
    /// The most SENDs that were unanswered at once.
    pub most_unanswered: usize,
    minted: i64,
    prng: Prng,
}

impl Server {
    pub fn new(seed: u64, flavour: Flavour, uid: &str) -> Self {
        Self {
            flavour,
            uid: uid.to_owned(),
            encrypted: true,
            handshake: Handshake::Accept,
            on_send: VecDeque::new(),
            failures: VecDeque::new(),
            broken: false,
            max_limit: 10_000,
            strict: false,
            unix_ms: super::rig::EPOCH_MS,
            logs: BTreeMap::new(),
            session: None,
            connects: Vec::new(),
            sent: Vec::new(),
            acks: Vec::new(),
            pings: 0,
            pulls: Vec::new(),
            syncs: Vec::new(),
            finds: Vec::new(),
            unreads: Vec::new(),
            uploads: Vec::new(),
            listing: Listing::default(),
            fetches: Vec::new(),
            reports: Vec::new(),
            most_unanswered: 0,
            minted: 0,
            prng: Prng::new(seed ^ 0x5e7e_5e7e),
        }
    }

    /// A snowflake of this moment.
    pub fn mint(&mut self) -> MessageId {
        self.minted += 1;
        MessageId::new(((self.unix_ms - 1_288_834_974_657) << 22) | (self.minted & 0x3f_ffff))
    }

    pub fn log(&mut self, channel: &ChannelId) -> &mut Log {
        self.logs.entry(channel.clone()).or_default()
    }

    /// Stores a message of somebody.
    pub fn append(&mut self, channel: &ChannelId, message: Stored) -> Stored {
        let (id, at_ms) = (self.mint(), self.unix_ms);
        self.log(channel).append(id, at_ms, message).clone()
    }

    /// Takes what was written on a connection; gives what it writes back.
    pub fn receive(&mut self, link: LinkId, bytes: &Bytes) -> Vec<Frame> {
        let mut decoder = Decoder::new();
        decoder.extend(bytes);
        let mut answers = Vec::new();
        while let Some(frame) = decoder.next_frame().unwrap() {
            let version = self.session_on(link).map_or(ProtocolVersion::LATEST, |session| session.version);
            match frame.decode(version).unwrap() {
                Packet::Connect(connect) => answers.extend(self.connect(link, &connect)),
                _ if self.session_on(link).is_none() => panic!("{frame:?} before CONNACK"),
                Packet::Send(send) => answers.extend(self.send(link, &send)),
                Packet::Recvack(ack) => self.acks.push(ack),
                Packet::Ping => {
                    self.pings += 1;
                    answers.push(pack(Packet::Pong, version));
                }
                other => panic!("a client must not send {other:?}"),
            }
        }
        assert_eq!(decoder.buffered(), 0, "half a packet");
        answers
    }

    pub fn hang_up(&mut self, link: LinkId) {
        if self.session_on(link).is_some() {
            self.session = None;
        }
    }

    pub fn kick(&self, reason: ReasonCode, text: &str) -> Frame {
        let packet =
            Packet::Disconnect(Disconnect { reason, reason_text: text.into(), ..Disconnect::default() });
        pack(packet, self.version())
    }

    /// A RECV of a stored message. v3 sends commands under the name of the command log, without their flag.
    pub fn recv(&self, channel: &ChannelId, message: &Stored) -> Frame {
        let v3 = self.flavour == Flavour::V3;
        let mut id = channel.id().to_owned();
        if v3 && message.header.sync_once {
            id.push_str(ChannelId::COMMAND_SUFFIX);
        }
        let flags =
            if v3 { flags(message.header).intersection(Flags::RED_DOT) } else { flags(message.header) };
        self.recv_packet(Recv {
            flags,
            setting: if v3 { wk_sync::store::model::Setting::EMPTY } else { message.setting },
            from_uid: message.from.as_str().into(),
            channel_id: id.as_str().into(),
            channel_type: channel.channel_type(),
            expire: if v3 { 0 } else { message.expire },
            client_msg_no: message.client_msg_no.as_str().into(),
            message_id: message.id,
            message_seq: MessageSeq::new(message.seq),
            timestamp: i32::try_from(self.unix_ms / 1000).unwrap(),
            topic: if v3 { "" } else { message.topic.as_str() }.into(),
            payload: &message.payload,
            ..Recv::default()
        })
    }

    /// Any RECV; its payload is given plain and leaves encrypted.
    pub fn recv_packet(&self, plain: Recv<'_>) -> Frame {
        let session = self.session.as_ref().expect("a session");
        let encrypted = session.cipher.as_ref().map(|cipher| cipher.encrypt(plain.payload));
        let mut recv = Recv { payload: encrypted.as_deref().unwrap_or(plain.payload), ..plain };
        let key = session.cipher.as_ref().map(|cipher| cipher.recv_msg_key(&recv));
        if let Some(key) = &key {
            recv.msg_key = key.as_str().into();
        }
        pack(Packet::Recv(recv), session.version)
    }

    /// A RECV whose payload nobody can decrypt.
    pub fn garbage(&self, channel: &ChannelId, message: &Stored) -> Frame {
        assert!(self.encrypted, "only an encrypted payload can be undecryptable");
        let mut bytes = self.recv(channel, message).into_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        Frame::from_bytes(bytes.into()).unwrap()
    }

    /// The client has read the answer to a SEND.
    pub fn answered(&mut self, link: LinkId, answer: &Frame) {
        let Some(session) = self.session_on(link) else { return };
        if let Ok(Packet::Sendack(ack)) = answer.decode(session.version) {
            session.unanswered.remove(&ack.client_seq);
        }
    }

    pub fn sendack(&self, ack: Sendack<'_>) -> Frame {
        pack(Packet::Sendack(ack), self.version())
    }

    fn version(&self) -> ProtocolVersion {
        self.session.as_ref().map_or(ProtocolVersion::V5, |session| session.version)
    }

    fn session_on(&mut self, link: LinkId) -> Option<&mut Session> {
        self.session.as_mut().filter(|session| session.link == link)
    }

    fn connect(&mut self, link: LinkId, connect: &Connect<'_>) -> Option<Frame> {
        assert_eq!(connect.uid.to_str(), Ok(self.uid.as_str()));
        self.connects.push(connect.version);
        let version = if self.flavour == Flavour::V2 { ProtocolVersion::V5 } else { ProtocolVersion::V6 };
        match self.handshake {
            Handshake::Silent => None,
            Handshake::Refuse(reason) => {
                let refusal = Connack { reason, node_id: Some(0), ..Connack::default() };
                Some(pack(Packet::Connack(refusal), ProtocolVersion::V5))
            }
            Handshake::Accept | Handshake::AcceptAs(_) => {
                let server_version = match self.handshake {
                    Handshake::AcceptAs(named) => named,
                    _ => Some(version.value()),
                };
                let salt: [u8; 16] = self.prng.bytes::<16>().map(|byte| b'a' + byte % 26);
                let secret = ServerSecret::from_bytes(self.prng.bytes());
                let key = secret.public_key_base64();
                let cipher =
                    self.encrypted.then(|| secret.agree(connect.client_key.as_bytes(), salt).unwrap());
                let salt = std::str::from_utf8(&salt).unwrap();
                let welcome = Connack {
                    server_version,
                    time_diff: self.unix_ms - connect.client_timestamp,
                    reason: ReasonCode::SUCCESS,
                    server_key: if self.encrypted { key.as_str().into() } else { "".into() },
                    salt: if self.encrypted { salt.into() } else { "".into() },
                    node_id: Some(1),
                };
                self.session = Some(Session { link, version, cipher, unanswered: BTreeMap::new() });
                Some(pack(Packet::Connack(welcome), version))
            }
        }
    }

    fn send(&mut self, link: LinkId, send: &Send<'_>) -> Option<Frame> {
        let session = self.session_on(link).expect("a session");
        let payload = match &session.cipher {
            Some(cipher) => cipher.open_send(send).unwrap(),
            None => send.payload.to_vec(),
        };
        let channel = ChannelId::new(send.channel_id.to_str().unwrap(), send.channel_type);
        let sent = Sent {
            link,
            wire_seq: send.client_seq,
            client_msg_no: send.client_msg_no.to_str().unwrap().to_owned(),
            flags: send.flags,
            payload: payload.into(),
            topic: send.topic.to_str().unwrap().to_owned(),
            expire: send.expire,
            channel: channel.clone(),
        };
        let rule = self.on_send.pop_front().unwrap_or(OnSend::Accept);
        let answer = match rule {
            OnSend::Lose => None,
            OnSend::Refuse(reason) => Some((MessageId::ZERO, 0, reason)),
            OnSend::Accept => Some(self.store(&sent)),
            OnSend::LoseAnswer => {
                self.store(&sent);
                None
            }
            OnSend::StoreAndRefuse(reason) => {
                self.store(&sent);
                Some((MessageId::ZERO, 0, reason))
            }
        };
        let number = (self.flavour == Flavour::V3).then_some(send.client_msg_no);
        self.sent.push(sent);
        let (message_id, seq, reason) = answer?;
        let (v2, strict) = (self.flavour == Flavour::V2, self.strict);
        let unanswered = &mut self.session_on(link)?.unanswered;
        let twice = v2 && unanswered.values().any(|other| *other == channel);
        assert!(!twice || !strict, "two SENDs of one channel in flight: v2 may swap them");
        assert!(
            unanswered.insert(send.client_seq, channel).is_none(),
            "client seq {} again",
            send.client_seq
        );
        let in_flight = unanswered.len();
        self.most_unanswered = self.most_unanswered.max(in_flight);
        Some(self.sendack(Sendack {
            message_id,
            client_seq: send.client_seq,
            message_seq: MessageSeq::new(seq),
            reason,
            client_msg_no: number,
            ..Sendack::default()
        }))
    }

    /// v3 knows a number that it has seen, v2 stores the message again.
    fn store(&mut self, sent: &Sent) -> (MessageId, u64, ReasonCode) {
        let header = MessageHeader {
            no_persist: sent.flags.contains(Flags::NO_PERSIST),
            red_dot: sent.flags.contains(Flags::RED_DOT),
            sync_once: sent.flags.contains(Flags::SYNC_ONCE),
        };
        if header.no_persist {
            let id = if self.flavour == Flavour::V2 { self.mint() } else { MessageId::ZERO };
            return (id, 0, ReasonCode::SUCCESS);
        }
        let uid = self.uid.clone();
        let channel = match self.flavour {
            Flavour::V3 if header.sync_once => command_log(&sent.channel),
            _ => sent.channel.clone(),
        };
        let seen = |message: &&Stored| message.from == uid && message.client_msg_no == sent.client_msg_no;
        let known = self.log(&channel).messages.iter().find(seen).cloned();
        if let (Flavour::V3, Some(known)) = (self.flavour, known) {
            return (known.id, known.seq, ReasonCode::SUCCESS);
        }
        let stored = Stored {
            header,
            topic: sent.topic.clone(),
            expire: sent.expire,
            ..Stored::with_payload(&uid, sent.payload.clone()).numbered(&sent.client_msg_no)
        };
        let stored = self.append(&channel, stored);
        (stored.id, stored.seq, ReasonCode::SUCCESS)
    }
}

pub fn command_log(channel: &ChannelId) -> ChannelId {
    ChannelId::new(format!("{}{}", channel.id(), ChannelId::COMMAND_SUFFIX), channel.channel_type())
}

pub fn pack(packet: Packet<'_>, version: ProtocolVersion) -> Frame {
    Frame::from_bytes(packet.to_bytes(version).unwrap()).unwrap()
}

fn flags(header: MessageHeader) -> Flags {
    let mut flags = Flags::EMPTY;
    for (set, flag) in [
        (header.no_persist, Flags::NO_PERSIST),
        (header.red_dot, Flags::RED_DOT),
        (header.sync_once, Flags::SYNC_ONCE),
    ] {
        if set {
            flags = flags.with(flag);
        }
    }
    flags
}
