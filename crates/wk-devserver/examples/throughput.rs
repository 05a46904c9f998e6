//! How many SENDs a server takes in a second: `cargo run --release -p wk-devserver --example throughput`.
//!
//! One client sends without waiting, to a person who is not there and then to one who reads along. The client's
//! work is done in the same process, so this is less than the server could do.

use std::error::Error;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use wk_devserver::DevServer;
use wk_model::{ChannelType, DeviceFlag, Setting};
use wkproto::{
    Cipher, ClientSecret, Connect, Decoder, Encoder, Flags, Packet, PacketType, ProtocolVersion, Send,
    WireStr,
};

const MESSAGES: u32 = 200_000;
const V5: ProtocolVersion = ProtocolVersion::V5;

type Failure = Box<dyn Error + std::marker::Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    for has_reader in [false, true] {
        let server = DevServer::builder().start().await?;
        // A half that is dropped would end the connection.
        let peer = if has_reader { "bob" } else { "carol" };
        let (bob_read, _bob_write) = login(&server, peer).await?.0.into_split();
        let reader =
            tokio::spawn(read_packets(bob_read, PacketType::Recv, if has_reader { MESSAGES } else { 0 }));
        let (stream, cipher) = login(&server, "alice").await?;
        let sends = encode(&cipher)?;
        let (read, mut write) = stream.into_split();
        #[allow(clippy::disallowed_methods, reason = "this measures real time")]
        let start = std::time::Instant::now();
        let acks = tokio::spawn(read_packets(read, PacketType::Sendack, MESSAGES));
        write.write_all(&sends).await?;
        acks.await??;
        reader.await??;
        let rate = f64::from(MESSAGES) / start.elapsed().as_secs_f64();
        let what = if has_reader { "stored, acknowledged and delivered" } else { "stored and acknowledged" };
        println!("{MESSAGES} messages of 100 bytes {what}: {rate:.0} per second");
        server.shutdown().await?;
    }
    Ok(())
}

async fn login(server: &DevServer, uid: &str) -> Result<(TcpStream, Cipher), Failure> {
    let mut stream = TcpStream::connect(server.tcp_addr()).await?;
    let secret = ClientSecret::from_bytes([1; 32]);
    let key = secret.public_key_base64();
    let connect = Connect {
        flags: Flags::EMPTY,
        version: V5.value(),
        device_flag: DeviceFlag::APP,
        device_id: WireStr::from("throughput"),
        uid: WireStr::from(uid),
        token: WireStr::EMPTY,
        client_timestamp: 0,
        client_key: WireStr::from(&key),
    };
    stream.write_all(&Encoder::new(V5).to_bytes(&connect.into())?).await?;
    let mut decoder = Decoder::new();
    let frame = loop {
        if let Some(frame) = decoder.next_frame()? {
            break frame;
        }
        if stream.read_buf(decoder.buffer_mut()).await? == 0 {
            return Err("the server does not let us in".into());
        }
    };
    let Packet::Connack(connack) = frame.decode(V5)? else { return Err("no CONNACK".into()) };
    let cipher = secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes())?;
    Ok((stream, cipher))
}

fn encode(cipher: &Cipher) -> Result<Vec<u8>, Failure> {
    let mut sends = Vec::new();
    for client_seq in 1..=MESSAGES {
        let number = client_seq.to_string();
        let payload = cipher.encrypt(&[b'x'; 100]);
        let mut send = Send {
            flags: Flags::RED_DOT,
            setting: Setting::EMPTY,
            client_seq,
            client_msg_no: WireStr::from(&number),
            stream_no: WireStr::EMPTY,
            channel_id: WireStr::from("bob"),
            channel_type: ChannelType::PERSON,
            expire: 0,
            msg_key: WireStr::EMPTY,
            topic: WireStr::EMPTY,
            payload: &payload,
        };
        let key = cipher.send_msg_key(&send);
        send.msg_key = WireStr::from(key.as_str());
        Encoder::new(V5).encode(&send.into(), &mut sends)?;
    }
    Ok(sends)
}

/// Reads until so many packets of a type have come.
async fn read_packets(mut stream: OwnedReadHalf, wanted: PacketType, count: u32) -> Result<(), Failure> {
    let mut decoder = Decoder::new();
    let mut seen = 0;
    while seen < count {
        decoder.buffer_mut().reserve(64 * 1024);
        if stream.read_buf(decoder.buffer_mut()).await? == 0 {
            return Err(format!("the server closed after {seen} of {count}").into());
        }
        while let Some(frame) = decoder.next_frame()? {
            seen += u32::from(frame.packet_type() == wanted);
        }
    }
    Ok(())
}
