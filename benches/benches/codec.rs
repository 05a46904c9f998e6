//! The wire codec: packets decoded and encoded one by one and in a stream, and the encryption against its parts.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::Duration;

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use bytes::BytesMut;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wkproto::{
    Cipher, ClientSecret, Connack, Connect, DEFAULT_LIMIT, Decoder, Disconnect, Encoder, Event, Flags, Frame,
    MessageId, MessageSeq, Packet, ProtocolVersion, Recv, Recvack, Send, Sendack, Sub, Suback, packets,
};

const VERSION: ProtocolVersion = ProtocolVersion::V5;
const ENCODER: Encoder = Encoder::new(VERSION).relay();
const DIGITS: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns=";
const SALT: &str = "aB3dE5gH7jK9mN1p";
/// What one read from a socket may bring.
const READ: usize = 64 * 1024;
const SIZES: [usize; 4] = [16, 100, 1024, 16 * 1024];

fn send(payload: &[u8]) -> Packet<'_> {
    Packet::from(Send {
        client_seq: 7,
        client_msg_no: DIGITS.into(),
        channel_id: "u2".into(),
        channel_type: 1.into(),
        msg_key: DIGITS.into(),
        payload,
        ..Send::default()
    })
}

fn recv(payload: &[u8]) -> Packet<'_> {
    Packet::from(Recv {
        flags: Flags::RED_DOT,
        msg_key: DIGITS.into(),
        from_uid: "u1".into(),
        channel_id: "u1".into(),
        channel_type: 1.into(),
        client_msg_no: DIGITS.into(),
        message_id: MessageId::new(1_745_678_901_234_567_168),
        message_seq: MessageSeq::new(9),
        timestamp: 1_700_000_001,
        payload,
        ..Recv::default()
    })
}

fn event(data: &[u8]) -> Packet<'_> {
    Packet::from(Event { id: "e1".into(), event_type: "stream.delta".into(), data, ..Event::default() })
}

/// One packet of each kind that has no payload, by name.
fn without_payload() -> [(&'static str, Packet<'static>); 9] {
    let message_id = MessageId::new(1_745_678_901_234_567_168);
    let message_seq = MessageSeq::new(9);
    let client_msg_no = Some(DIGITS.into());
    [
        (
            "connect",
            Connect {
                version: 5,
                uid: "u1".into(),
                device_id: DIGITS.into(),
                token: DIGITS.into(),
                client_key: KEY.into(),
                ..Connect::default()
            }
            .into(),
        ),
        (
            "connack",
            Connack {
                server_version: Some(5),
                server_key: KEY.into(),
                salt: SALT.into(),
                node_id: Some(1),
                ..Connack::default()
            }
            .into(),
        ),
        ("sendack", Sendack { message_id, message_seq, client_msg_no, ..Sendack::default() }.into()),
        ("recvack", Recvack { message_id, message_seq, ..Recvack::default() }.into()),
        ("ping", Packet::Ping),
        ("pong", Packet::Pong),
        (
            "disconnect",
            Disconnect { reason_text: "login in other device".into(), ..Disconnect::default() }.into(),
        ),
        ("sub", Sub { sub_no: DIGITS.into(), channel_id: "g1".into(), ..Sub::default() }.into()),
        ("suback", Suback { sub_no: DIGITS.into(), channel_id: "g1".into(), ..Suback::default() }.into()),
    ]
}

/// Every kind of packet, those with a payload in all sizes, under its name.
fn each(mut bench: impl FnMut(BenchmarkId, Packet<'_>)) {
    for (name, packet) in without_payload() {
        bench(BenchmarkId::from_parameter(name), packet);
    }
    for size in SIZES {
        let payload = vec![b'p'; size];
        bench(BenchmarkId::new("send", size), send(&payload));
        bench(BenchmarkId::new("recv", size), recv(&payload));
        bench(BenchmarkId::new("event", size), event(&payload));
    }
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    each(|id, packet| {
        let bytes = ENCODER.to_bytes(&packet).unwrap();
        group.bench_function(id, |bencher| {
            bencher.iter(|| black_box(Packet::decode(black_box(&bytes), VERSION).unwrap()));
        });
    });
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode");
    each(|id, packet| {
        let mut out = Vec::with_capacity(READ);
        group.bench_function(id, |bencher| {
            bencher.iter(|| {
                out.clear();
                ENCODER.encode(black_box(&packet), &mut out).unwrap();
                black_box(&out);
            });
        });
    });
}

/// As many of these packets in a row as one read may bring.
fn read_of(packets: &[Packet<'_>]) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let mut count = 0;
    for packet in packets.iter().cycle() {
        if out.len() + ENCODER.encoded_len(packet).unwrap() > READ {
            break;
        }
        ENCODER.encode(packet, &mut out).unwrap();
        count += 1;
    }
    (out, count)
}

/// Reads nothing but headers and the lengths of a RECV's strings: what no decoder can do without.
fn headers_and_lengths(mut bytes: &[u8]) -> usize {
    let mut payloads = 0;
    while let [_, rest @ ..] = bytes {
        let (mut len, mut shift, mut start) = (0, 0, 0);
        for &byte in rest.iter().take(4) {
            len |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            start += 1;
            if byte < 0x80 {
                break;
            }
        }
        let (body, rest) = rest[start..].split_at(len);
        let mut at = 1;
        for fixed in [0, 0, 1 + 4, 8 + 4 + 4] {
            at += 2 + usize::from(u16::from_be_bytes([body[at], body[at + 1]])) + fixed;
        }
        payloads += body[at..].len();
        bytes = rest;
    }
    payloads
}

fn stream(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    let (small, large) = (vec![b'p'; 100], vec![b'p'; 16 * 1024]);
    let mut mixed: Vec<_> = without_payload().map(|(_, packet)| packet).into();
    mixed.extend([recv(&small), send(&small), event(&small), recv(&small)]);
    let reads = [
        ("mixed", read_of(&mixed)),
        ("recv-100", read_of(&[recv(&small)])),
        ("recv-16k", read_of(&[recv(&large)])),
    ];
    for (name, (read, count)) in &reads {
        group.throughput(Throughput::Elements(*count));
        if name.starts_with("recv") {
            group.bench_function(BenchmarkId::new(*name, "headers-and-lengths"), |bencher| {
                bencher.iter(|| black_box(headers_and_lengths(black_box(read))));
            });
        }
        group.bench_function(BenchmarkId::new(*name, "borrowed"), |bencher| {
            bencher.iter(|| {
                for packet in packets(black_box(read), VERSION, DEFAULT_LIMIT) {
                    black_box(packet.unwrap());
                }
            });
        });
        group.bench_function(BenchmarkId::new(*name, "frames"), |bencher| {
            bencher.iter_batched_ref(|| filled(read), drain, BatchSize::SmallInput);
        });
    }
}

fn filled(read: &[u8]) -> Decoder {
    let mut decoder = Decoder::new();
    *decoder.buffer_mut() = BytesMut::from(read);
    decoder
}

fn drain(decoder: &mut Decoder) {
    while let Some(frame) = decoder.next_frame().unwrap() {
        black_box(frame.decode(VERSION).unwrap());
        black_box(frame);
    }
}

fn cipher() -> Cipher {
    ClientSecret::from_bytes([7; 32]).agree(KEY.as_bytes(), SALT.as_bytes()).unwrap()
}

fn crypto(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crypto");
    let cipher = cipher();
    for size in [100, 1024, 16 * 1024, wkproto::MAX_PLAINTEXT] {
        group.throughput(Throughput::Bytes(u64::try_from(size).unwrap()));
        let plain = vec![b'p'; size];
        let wire = cipher.encrypt(&plain);
        let mut out = Vec::with_capacity(2 * wire.len());
        group.bench_function(BenchmarkId::new("encrypt", size), |bencher| {
            bencher.iter(|| {
                out.clear();
                cipher.encrypt_into(black_box(&plain), &mut out);
                black_box(&out);
            });
        });
        group.bench_function(BenchmarkId::new("decrypt", size), |bencher| {
            bencher.iter(|| black_box(cipher.decrypt(black_box(&wire)).unwrap()));
        });
        group.bench_function(BenchmarkId::new("decrypt-in-place", size), |bencher| {
            bencher.iter(|| {
                // The copy counts: buffers filled beforehand would not be in the cache any more.
                out.clear();
                out.extend_from_slice(black_box(&wire));
                black_box(cipher.decrypt_in_place(&mut out).unwrap());
            });
        });
        raw(&mut group, size, &plain);
        let payload = send(&wire);
        let Packet::Send(send) = payload else { unreachable!() };
        group.bench_function(BenchmarkId::new("msg-key", size), |bencher| {
            bencher.iter(|| black_box(cipher.send_msg_key(black_box(&send))));
        });
    }
}

/// AES-CBC alone, on the same texts.
fn raw(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    size: usize,
    plain: &[u8],
) {
    let (key, iv) = ([7; 16].into(), [9; 16].into());
    let mut buffer = vec![0; size + 16];
    let encrypted = cbc::Encryptor::<Aes128>::new(&key, &iv)
        .encrypt_padded_b2b::<Pkcs7>(plain, &mut buffer)
        .unwrap()
        .to_owned();
    group.bench_function(BenchmarkId::new("raw-encrypt", size), |bencher| {
        bencher.iter(|| {
            let cbc = cbc::Encryptor::<Aes128>::new(&key, &iv);
            black_box(cbc.encrypt_padded_b2b::<Pkcs7>(black_box(plain), &mut buffer).unwrap());
        });
    });
    group.bench_function(BenchmarkId::new("raw-decrypt", size), |bencher| {
        bencher.iter(|| {
            let cbc = cbc::Decryptor::<Aes128>::new(&key, &iv);
            black_box(cbc.decrypt_padded_b2b::<Pkcs7>(black_box(&encrypted), &mut buffer).unwrap());
        });
    });
}

fn handshake(criterion: &mut Criterion) {
    criterion.bench_function("handshake/agree", |bencher| bencher.iter(|| black_box(cipher())));
    let frame = Frame::from_bytes(ENCODER.to_bytes(&recv(b"hi")).unwrap()).unwrap();
    criterion.bench_function("frame/clone", |bencher| bencher.iter(|| black_box(frame.clone())));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(20);
    targets = decode, encode, stream, crypto, handshake
}
criterion_main!(benches);
