//! A wire client that hides nothing: it sends what it is told and returns what comes.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wk_model::{ChannelType, DeviceFlag, MessageId, MessageSeq, ReasonCode, Setting};
use wkproto::{
    Cipher, ClientSecret, Connect, Decoder, Encoder, Flags, Frame, Packet, ProtocolVersion, Recvack, Send,
    WireStr,
};

/// How long a test waits for something that must come. Long, because it only passes when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    decoder: Decoder,
    pub(crate) version: ProtocolVersion,
    pub(crate) cipher: Option<Cipher>,
    pub(crate) client_seq: u32,
}

/// A RECV with its payload in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) flags: Flags,
    pub(crate) setting: Setting,
    pub(crate) from: String,
    pub(crate) channel: String,
    pub(crate) channel_type: ChannelType,
    pub(crate) client_msg_no: String,
    pub(crate) topic: String,
    pub(crate) expire: u32,
    pub(crate) id: MessageId,
    pub(crate) seq: MessageSeq,
    pub(crate) timestamp: i32,
    pub(crate) payload: Vec<u8>,
}

/// What a SEND shall say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Letter<'a> {
    pub(crate) channel: &'a str,
    pub(crate) kind: ChannelType,
    pub(crate) number: &'a str,
    pub(crate) flags: Flags,
    pub(crate) setting: Setting,
    pub(crate) topic: &'a str,
    pub(crate) expire: u32,
    pub(crate) text: &'a [u8],
}

/// A SENDACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Acked {
    pub(crate) flags: Flags,
    pub(crate) id: MessageId,
    pub(crate) client_seq: u32,
    pub(crate) seq: MessageSeq,
    pub(crate) reason: ReasonCode,
}

impl Client {
    /// Opens a connection and sends nothing.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, decoder: Decoder::new(), version: ProtocolVersion::V5, cipher: None, client_seq: 0 }
    }

    /// Logs in as an app device without a token.
    pub(crate) async fn login(address: SocketAddr, uid: &str, device_id: &str) -> Self {
        let mut client = Self::open(address).await;
        assert!(client.connect(uid, device_id, DeviceFlag::APP, "").await, "{uid} is not let in");
        client
    }

    /// Sends a CONNECT and waits for the CONNACK; false if the server closes instead.
    pub(crate) async fn connect(
        &mut self,
        uid: &str,
        device_id: &str,
        flag: DeviceFlag,
        token: &str,
    ) -> bool {
        let secret = ClientSecret::from_bytes([7; 32]);
        let key = secret.public_key_base64();
        let connect = Self::connect_packet(uid, device_id, flag, token, &key);
        self.write(&Encoder::new(self.version).to_bytes(&connect.into()).unwrap()).await;
        let Some(frame) = self.next().await else { return false };
        let Packet::Connack(connack) = frame.decode(self.version).unwrap() else {
            panic!("no CONNACK: {frame:?}")
        };
        assert_eq!(connack.reason, ReasonCode::SUCCESS);
        let cipher = secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes()).unwrap();
        self.cipher = Some(cipher);
        true
    }

    pub(crate) fn connect_packet<'a>(
        uid: &'a str,
        device_id: &'a str,
        device_flag: DeviceFlag,
        token: &'a str,
        key: &'a str,
    ) -> Connect<'a> {
        Connect {
            flags: Flags::EMPTY,
            version: 5,
            device_flag,
            device_id: WireStr::from(device_id),
            uid: WireStr::from(uid),
            token: WireStr::from(token),
            client_timestamp: 0,
            client_key: WireStr::from(key),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next packet, nothing at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        self.next_for("a packet").await
    }

    /// The same, with words for when nothing comes.
    pub(crate) async fn next_for(&mut self, purpose: &str) -> Option<Frame> {
        let next = tokio::time::timeout(PATIENCE, self.next_or_end()).await;
        next.unwrap_or_else(|_| panic!("the server says nothing, wanted: {purpose}"))
    }

    async fn next_or_end(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return Some(frame);
            }
            match self.stream.read_buf(self.decoder.buffer_mut()).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// What has arrived already, if anything.
    pub(crate) async fn pending(&mut self) -> Option<Frame> {
        // Sockets are looked at only every now and then while there is something else to do.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        let mut next = pin!(self.next_or_end());
        poll_fn(|cx| match next.as_mut().poll(cx) {
            Poll::Ready(frame) => Poll::Ready(frame),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Encodes a SEND as it must be, with the next client seq.
    pub(crate) fn encode(&mut self, letter: &Letter<'_>) -> Vec<u8> {
        self.client_seq += 1;
        let cipher = self.cipher.as_ref().unwrap();
        let payload = cipher.encrypt(letter.text);
        let mut send = Send {
            flags: letter.flags,
            setting: letter.setting,
            client_seq: self.client_seq,
            client_msg_no: WireStr::from(letter.number),
            stream_no: WireStr::EMPTY,
            channel_id: WireStr::from(letter.channel),
            channel_type: letter.kind,
            expire: letter.expire,
            msg_key: WireStr::EMPTY,
            topic: WireStr::from(letter.topic),
            payload: &payload,
        };
        let key = cipher.send_msg_key(&send);
        send.msg_key = WireStr::from(key.as_str());
        Encoder::new(self.version).relay().to_bytes(&send.into()).unwrap().to_vec()
    }

    pub(crate) fn encode_send(
        &mut self,
        channel: &str,
        kind: ChannelType,
        number: &str,
        flags: Flags,
        text: &[u8],
    ) -> Vec<u8> {
        self.encode(&Letter { channel, kind, number, flags, text, ..Letter::default() })
    }

    pub(crate) async fn send(&mut self, channel: &str, kind: ChannelType, number: &str, text: &[u8]) {
        let bytes = self.encode_send(channel, kind, number, Flags::RED_DOT, text);
        self.write(&bytes).await;
    }

    pub(crate) async fn send_person(&mut self, peer: &str, number: &str, text: &[u8]) {
        self.send(peer, ChannelType::PERSON, number, text).await;
    }

    pub(crate) async fn sendack(&mut self) -> Acked {
        let frame = self.next().await.expect("a SENDACK, not the end");
        let Packet::Sendack(ack) = frame.decode(self.version).unwrap() else {
            panic!("no SENDACK: {frame:?}")
        };
        Acked {
            flags: ack.flags,
            id: ack.message_id,
            client_seq: ack.client_seq,
            seq: ack.message_seq,
            reason: ack.reason,
        }
    }

    pub(crate) async fn recv(&mut self) -> Received {
        let frame = self.next().await.expect("a RECV, not the end");
        let Packet::Recv(recv) = frame.decode(self.version).unwrap() else { panic!("no RECV: {frame:?}") };
        Received {
            flags: recv.flags,
            setting: recv.setting,
            from: recv.from_uid.to_string(),
            channel: recv.channel_id.to_string(),
            channel_type: recv.channel_type,
            client_msg_no: recv.client_msg_no.to_string(),
            topic: recv.topic.to_string(),
            expire: recv.expire,
            id: recv.message_id,
            seq: recv.message_seq,
            timestamp: recv.timestamp,
            payload: self.cipher.as_ref().unwrap().open_recv(&recv).unwrap(),
        }
    }

    pub(crate) async fn acknowledge(&mut self, received: &Received) {
        let ack = Recvack { flags: received.flags, message_id: received.id, message_seq: received.seq };
        self.write(&Encoder::new(self.version).to_bytes(&ack.into()).unwrap()).await;
    }

    /// Sends a PING and expects its PONG next: nothing else is on its way.
    pub(crate) async fn ping(&mut self) {
        self.write(b"\x70").await;
        let frame = self.next().await.expect("a PONG, not the end");
        assert!(matches!(frame.decode(self.version), Ok(Packet::Pong)), "{frame:?} instead of a PONG");
    }

    /// Expects the reason and text of a DISCONNECT.
    pub(crate) async fn disconnected(&mut self) -> (ReasonCode, String) {
        let frame = self.next().await.expect("a DISCONNECT, not the end");
        let Packet::Disconnect(body) = frame.decode(self.version).unwrap() else {
            panic!("no DISCONNECT: {frame:?}")
        };
        (body.reason, body.reason_text.to_string())
    }
}
