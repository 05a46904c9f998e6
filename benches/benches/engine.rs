//! The engine: pushes from the decoder to the commit over the memory store, and what of that is the cryptography.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench stops at what it did not expect")]

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wk_sync::store::model::proto::{
    ChannelType, Cipher, Connack, Decoder, Flags, Frame, MessageId, MessageSeq, Packet, ProtocolVersion,
    ReasonCode, Recv, Recvack, ServerSecret,
};
use wk_sync::store::model::{Instant, Now, Uid, UnixMillis, text_payload};
use wk_sync::store::{MemoryStore, Store};
use wk_sync::{Answer, Config, Engine, Input, LinkId, Output, Question};

/// How many pushes one measurement takes.
const PUSHES: u64 = 10_000;
/// How many share a transaction.
const BATCH: usize = 100;
const SALT: &str = "aaaabbbbccccdddd";

/// An engine that is online and idle, with its store and what the server knows of the session.
struct Session {
    engine: Engine,
    store: MemoryStore,
    link: LinkId,
    cipher: Option<Cipher>,
}

fn now(millis: u64) -> Now {
    let instant = Instant::from_zero(Duration::from_millis(millis));
    Now { instant, unix: UnixMillis::new(1_700_000_000_000 + i64::try_from(millis).unwrap()) }
}

/// One transaction over these inputs, and after its commit the outputs.
fn run(
    engine: &mut Engine,
    store: &mut MemoryStore,
    millis: u64,
    inputs: impl IntoIterator<Item = Input>,
) -> Vec<Output> {
    let mut tx = store.begin().unwrap();
    for input in inputs {
        engine.handle(now(millis), input, &mut *tx).unwrap();
    }
    tx.commit().unwrap();
    std::iter::from_fn(|| engine.poll_output()).collect()
}

impl Session {
    fn online(encrypted: bool) -> Self {
        let mut store = MemoryStore::new();
        let mut tx = store.begin().unwrap();
        let entropy = Box::new(|bytes: &mut [u8]| bytes.fill(7));
        let mut engine = Engine::load(Config::new(Uid::new("alice")), entropy, &mut *tx).unwrap();
        tx.commit().unwrap();
        let outputs = run(&mut engine, &mut store, 0, [Input::Connect]);
        let link = outputs.iter().find_map(|output| match output {
            Output::Connect(link) => Some(*link),
            _ => None,
        });
        let link = link.expect("a connection is opened");
        run(&mut engine, &mut store, 0, [Input::LinkUp(link)]);
        let outputs = run(&mut engine, &mut store, 20, [Input::Timeout]);
        let connect = outputs.iter().find_map(|output| match output {
            Output::Transmit { bytes, .. } => Some(Frame::from_bytes(bytes.clone()).unwrap()),
            _ => None,
        });
        let connect = connect.expect("CONNECT is written");
        let Packet::Connect(connect) = connect.decode(ProtocolVersion::LATEST).unwrap() else {
            panic!("{connect:?}");
        };
        let secret = ServerSecret::from_bytes([9; 32]);
        let key = secret.public_key_base64();
        let salt: [u8; 16] = SALT.as_bytes().try_into().unwrap();
        let cipher = encrypted.then(|| secret.agree(connect.client_key.as_bytes(), salt).unwrap());
        let welcome = Packet::Connack(Connack {
            server_version: Some(ProtocolVersion::LATEST.value()),
            reason: ReasonCode::SUCCESS,
            server_key: if encrypted { key.as_str().into() } else { "".into() },
            salt: if encrypted { SALT.into() } else { "".into() },
            node_id: Some(1),
            ..Connack::default()
        });
        let frame = Frame::from_bytes(welcome.to_bytes(ProtocolVersion::LATEST).unwrap()).unwrap();
        let outputs = run(&mut engine, &mut store, 20, [Input::Frame { link, frame }]);
        for output in outputs {
            if let Output::Ask { job, question: Question::Sync(_) } = output {
                run(
                    &mut engine,
                    &mut store,
                    20,
                    [Input::Answer { job, answer: Answer::Synced(Ok(Vec::new())) }],
                );
            }
        }
        Self { engine, store, link, cipher }
    }

    /// The bytes of pushes by five people in so many groups.
    fn pushes(&self, channels: u64) -> Bytes {
        let mut bytes = Vec::new();
        for number in 0..PUSHES {
            let plain = text_payload("hello from the other side of the benchmark");
            let payload = self.cipher.as_ref().map(|cipher| cipher.encrypt(&plain));
            let (from, group, client_msg_no) = (
                format!("user-{}", number % 5),
                format!("group-{}", number % channels),
                format!("{number:032}"),
            );
            let mut recv = Recv {
                flags: Flags::RED_DOT,
                from_uid: from.as_str().into(),
                channel_id: group.as_str().into(),
                channel_type: ChannelType::GROUP,
                client_msg_no: client_msg_no.as_str().into(),
                message_id: MessageId::new(1_725_000_000_000_000_000 + i64::try_from(number).unwrap()),
                message_seq: MessageSeq::new(number / channels + 1),
                timestamp: 1_700_000_000,
                payload: payload.as_deref().unwrap_or(&plain),
                ..Recv::default()
            };
            let key = self.cipher.as_ref().map(|cipher| cipher.recv_msg_key(&recv));
            if let Some(key) = &key {
                recv.msg_key = key.as_str().into();
            }
            bytes.extend_from_slice(&Packet::Recv(recv).to_bytes(ProtocolVersion::LATEST).unwrap());
        }
        bytes.into()
    }

    /// Reads, handles, commits and acknowledges everything, and says how many bytes that wrote.
    fn receive(&mut self, bytes: &Bytes) -> usize {
        let mut decoder = Decoder::new();
        decoder.extend(bytes);
        let mut written = 0;
        loop {
            let frames = std::iter::from_fn(|| decoder.next_frame().unwrap()).take(BATCH);
            let link = self.link;
            let inputs: Vec<_> = frames.map(|frame| Input::Frame { link, frame }).collect();
            if inputs.is_empty() {
                return written;
            }
            for output in run(&mut self.engine, &mut self.store, 30, inputs) {
                if let Output::Transmit { bytes, .. } = &output {
                    written += bytes.len();
                }
                black_box(output);
            }
        }
    }
}

fn receive(c: &mut Criterion) {
    let mut bench = c.benchmark_group("receive");
    bench.throughput(Throughput::Elements(PUSHES)).sample_size(20);
    bench.measurement_time(Duration::from_secs(5)).warm_up_time(Duration::from_secs(1));
    let one = Packet::Recvack(Recvack::default()).to_bytes(ProtocolVersion::LATEST).unwrap();
    let acknowledgements = one.len() * usize::try_from(PUSHES).unwrap();
    for (name, encrypted) in [("plain", false), ("encrypted", true)] {
        for channels in [1, 100] {
            let bytes = Session::online(encrypted).pushes(channels);
            let id = BenchmarkId::new(format!("10,000 pushes, {name}"), format!("{channels} channels"));
            bench.bench_function(id, |b| {
                let receive = |mut session: Session| {
                    assert_eq!(session.receive(black_box(&bytes)), acknowledgements);
                    // Dropping the store is not part of receiving.
                    session
                };
                b.iter_batched(|| Session::online(encrypted), receive, BatchSize::PerIteration);
            });
        }
    }
    bench.finish();
}

/// What of it is the cryptography: the MsgKeys checked and the payloads decrypted, and nothing else.
fn open(c: &mut Criterion) {
    let mut bench = c.benchmark_group("open");
    bench.throughput(Throughput::Elements(PUSHES)).sample_size(20);
    let session = Session::online(true);
    let cipher = session.cipher.as_ref().expect("an encrypted session");
    let mut decoder = Decoder::new();
    decoder.extend(&session.pushes(1));
    let frames: Vec<Frame> = std::iter::from_fn(|| decoder.next_frame().unwrap()).collect();
    let recvs: Vec<Recv<'_>> = frames
        .iter()
        .map(|frame| match frame.decode(ProtocolVersion::LATEST).unwrap() {
            Packet::Recv(recv) => recv,
            other => panic!("{other:?}"),
        })
        .collect();
    bench.bench_function("10,000 pushes", |b| {
        b.iter(|| recvs.iter().filter(|recv| cipher.open_recv(black_box(recv)).is_ok()).count());
    });
    bench.finish();
}

criterion_group!(benches, receive, open);
criterion_main!(benches);
