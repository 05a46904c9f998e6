//! A bare connection: packets over TCP or in WebSocket messages, without anything of ours but the codec.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wkim::model::proto::{Decoder, Frame, PacketType};

/// Nothing for so long is the end: v2 drops what it cannot take.
const SILENCE: Duration = Duration::from_secs(10);
/// No WebSocket message is larger.
const MESSAGE: usize = 256 << 10;
const PING: u8 = PacketType::Ping.value() << 4;
/// A final binary frame, and the bit of a length that says that a mask follows.
const BINARY: u8 = 0x82;
const MASKED: u8 = 0x80;

pub(crate) struct Bare {
    stream: TcpStream,
    decoder: Decoder,
    messages: Option<Messages>,
}

/// What WebSocket adds.
#[derive(Default)]
struct Messages {
    read: Vec<u8>,
    waiting: VecDeque<Vec<u8>>,
    /// Each message ends with a PING and the next one waits for the PONG: v2 loses others (docs/servers.md T58).
    unanswered: bool,
}

impl Bare {
    /// Connects to `host:port` or to `ws://host:port`.
    pub(crate) async fn connect(address: &str) -> Self {
        let host = address.trim_start_matches("ws://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let messages = (host != address).then(Messages::default);
        if messages.is_some() {
            let request = format!(
                "GET / HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(stream.read_u8().await.unwrap());
            }
            assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        }
        Self { stream, decoder: Decoder::new(), messages }
    }

    /// Writes packets: at once, or in the next message.
    pub(crate) async fn write(&mut self, packets: impl IntoIterator<Item = &[u8]>) {
        match &mut self.messages {
            None => {
                let packets: Vec<_> = packets.into_iter().collect();
                self.stream.write_all(&packets.concat()).await.unwrap();
            }
            Some(messages) => {
                messages.waiting.extend(packets.into_iter().map(<[u8]>::to_vec));
                self.flush().await;
            }
        }
    }

    /// Writes the CONNECT, alone.
    pub(crate) async fn hello(&mut self, connect: &[u8]) {
        match self.messages {
            None => self.stream.write_all(connect).await.unwrap(),
            Some(_) => self.write_message(connect).await,
        }
    }

    async fn flush(&mut self) {
        let Some(messages) = &mut self.messages else { return };
        if messages.unanswered || messages.waiting.is_empty() {
            return;
        }
        let mut payload = Vec::new();
        while messages.waiting.front().is_some_and(|next| payload.len() + next.len() < MESSAGE) {
            payload.extend(messages.waiting.pop_front().unwrap());
        }
        payload.push(PING);
        messages.unanswered = true;
        self.write_message(&payload).await;
    }

    async fn write_message(&mut self, payload: &[u8]) {
        let mut message = vec![BINARY];
        match u16::try_from(payload.len()) {
            Ok(len) if len < 126 => message.push(MASKED | u8::try_from(len).unwrap()),
            Ok(len) => {
                message.push(MASKED | 126);
                message.extend(len.to_be_bytes());
            }
            Err(_) => {
                message.push(MASKED | 127);
                message.extend(u64::try_from(payload.len()).unwrap().to_be_bytes());
            }
        }
        // The mask that changes nothing.
        message.extend([0; 4]);
        message.extend(payload);
        self.stream.write_all(&message).await.unwrap();
    }

    /// The next packet that is not a PONG; nothing after a silence or the end.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                if frame.packet_type() != PacketType::Pong {
                    return Some(frame);
                }
                if let Some(messages) = &mut self.messages {
                    messages.unanswered = false;
                }
                self.flush().await;
                continue;
            }
            let buffer = match &mut self.messages {
                None => {
                    let read = self.stream.read_buf(self.decoder.buffer_mut());
                    if tokio::time::timeout(SILENCE, read).await.ok()?.ok()? == 0 {
                        return None;
                    }
                    continue;
                }
                Some(messages) => &mut messages.read,
            };
            let read = self.stream.read_buf(buffer);
            if tokio::time::timeout(SILENCE, read).await.ok()?.ok()? == 0 {
                return None;
            }
            while let Some((whole, payload)) = message(buffer) {
                self.decoder.extend(&buffer[payload..whole]);
                buffer.drain(..whole);
            }
        }
    }
}

/// Where the first message ends and where its payload begins, if it is whole. Servers do not mask.
fn message(read: &[u8]) -> Option<(usize, usize)> {
    let (len, payload) = match read.get(1)? {
        126 => (usize::from(u16::from_be_bytes(*read.get(2..)?.first_chunk()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(*read.get(2..)?.first_chunk()?)).unwrap(), 10),
        len => (usize::from(*len), 2),
    };
    assert_eq!(read[0], BINARY, "the server sent something else than a whole binary message");
    (read.len() >= payload + len).then_some((payload + len, payload))
}
