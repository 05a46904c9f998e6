//! A bare client that floods a server: what the rate of the real client is compared with.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use wkim::model::proto::{
    Cipher, ClientSecret, Connect, Encoder, Flags, Packet, ProtocolVersion, ReasonCode, Send, Setting,
    WireStr,
};
use wkim::{ChannelId, DeviceFlag};

use crate::bare::Bare;

/// Who floods.
#[derive(Clone, Copy)]
pub(crate) struct Login<'a> {
    pub(crate) uid: &'a str,
    pub(crate) token: &'a str,
}

async fn login(bare: &mut Bare, login: Login<'_>) -> (ProtocolVersion, Cipher) {
    let secret = ClientSecret::from_bytes([9; 32]);
    let key = secret.public_key_base64();
    let connect = Connect {
        flags: Flags::EMPTY,
        version: ProtocolVersion::LATEST.value(),
        device_flag: DeviceFlag::PC,
        device_id: WireStr::from("flooder"),
        uid: WireStr::from(login.uid),
        token: WireStr::from(login.token),
        client_timestamp: 0,
        client_key: WireStr::from(&key),
    };
    // v2 misses a CONNECT that is written at once (docs/servers.md T59).
    tokio::time::sleep(Duration::from_millis(50)).await;
    bare.hello(&Encoder::new(ProtocolVersion::LATEST).to_bytes(&connect.into()).unwrap()).await;
    let frame = bare.next().await.expect("a CONNACK");
    let Packet::Connack(connack) = frame.decode(ProtocolVersion::LATEST).unwrap() else {
        panic!("{frame:?}")
    };
    assert_eq!(connack.reason, ReasonCode::SUCCESS);
    let version = connack.server_version.and_then(ProtocolVersion::new).unwrap();
    (version, secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes()).unwrap())
}

/// How much is in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) enum InFlight {
    /// So many, whatever their channels: v2 changes their order, and drops some under load.
    Any(usize),
    /// One in each channel, which is what keeps the order on v2 (docs/servers.md T54).
    OneInEachChannel,
}

/// What became of a flood.
pub(crate) struct Flooded {
    /// How many SENDs got each reason.
    pub(crate) answers: BTreeMap<ReasonCode, usize>,
    /// How many have a smaller seq than one that was sent before to the same channel.
    pub(crate) out_of_order: usize,
    /// Answers a second, until the last one.
    pub(crate) rate: f64,
}

/// Sends `count` texts to the channels in turns.
pub(crate) async fn flood(
    address: &str,
    login: Login<'_>,
    channels: &[ChannelId],
    count: usize,
    in_flight: InFlight,
) -> Flooded {
    let mut bare = Bare::connect(address).await;
    let (version, cipher) = self::login(&mut bare, login).await;
    let channel = |number: usize| &channels[number % channels.len()];
    let sends: Vec<_> = (0..count).map(|number| encode(&cipher, version, channel(number), number)).collect();
    #[allow(clippy::disallowed_methods, reason = "the rate is printed, not judged")]
    let start = Instant::now();
    let first = match in_flight {
        InFlight::Any(window) => window,
        InFlight::OneInEachChannel => channels.len(),
    };
    bare.write(sends[..first.min(count)].iter().map(Vec::as_slice)).await;
    let (mut answered, mut last) = (0, start.elapsed());
    let (mut answers, mut seqs) = (BTreeMap::new(), vec![0; count]);
    while answered < count {
        let Some(frame) = bare.next().await else { break };
        let Ok(Packet::Sendack(ack)) = frame.decode(version) else { continue };
        last = start.elapsed();
        let number = usize::try_from(ack.client_seq).unwrap() - 1;
        *answers.entry(ack.reason).or_insert(0) += 1;
        seqs[number] = ack.message_seq.get();
        // An answer lets the next one go, in the window or in the same channel.
        let next = match in_flight {
            InFlight::Any(window) => answered + window,
            InFlight::OneInEachChannel => number + channels.len(),
        };
        answered += 1;
        if let Some(send) = sends.get(next) {
            bare.write([send.as_slice()]).await;
        }
    }
    let out_of_order = (0..channels.len().min(count)).map(|first| {
        let seqs: Vec<_> = seqs[first..].iter().step_by(channels.len()).filter(|seq| **seq > 0).collect();
        seqs.windows(2).filter(|pair| pair[0] > pair[1]).count()
    });
    Flooded { answers, out_of_order: out_of_order.sum(), rate: answered as f64 / last.as_secs_f64() }
}

fn encode(cipher: &Cipher, version: ProtocolVersion, channel: &ChannelId, number: usize) -> Vec<u8> {
    let payload = cipher.encrypt(&crate::common::payload(&number.to_string()));
    let client_msg_no = format!("flood-{number}-{:x}", payload.len());
    let mut send = Send {
        flags: Flags::EMPTY,
        setting: Setting::EMPTY,
        client_seq: u32::try_from(number).unwrap() + 1,
        client_msg_no: WireStr::from(&client_msg_no),
        stream_no: WireStr::EMPTY,
        channel_id: WireStr::from(channel.id()),
        channel_type: channel.channel_type(),
        expire: 0,
        msg_key: WireStr::EMPTY,
        topic: WireStr::EMPTY,
        payload: &payload,
    };
    let key = cipher.send_msg_key(&send);
    send.msg_key = WireStr::from(key.as_str());
    Encoder::new(version).to_bytes(&send.into()).unwrap().to_vec()
}
