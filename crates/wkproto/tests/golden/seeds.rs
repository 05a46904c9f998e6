//! The seeds of the fuzz targets, made from the golden packets.
//!
//! `UPDATE_SEEDS=1 cargo test -p wkproto --test golden seeds` writes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use crate::{fields, list, load, text, unhex, version};

#[test]
fn seeds_are_the_golden_packets() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let seeds = seeds();
    if env::var_os("UPDATE_SEEDS").is_some() {
        for (file, bytes) in &seeds {
            let path = corpus.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    assert!(seeds.len() > 150 && seeds.values().map(Vec::len).sum::<usize>() < 40_000);
    let mut stored = BTreeMap::new();
    for target in ["decode_stream", "decrypt", "roundtrip"] {
        for entry in fs::read_dir(corpus.join(target)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with("seed-") {
                let file = Path::new(target).join(name);
                stored.insert(file.clone(), fs::read(corpus.join(file)).unwrap());
            }
        }
    }
    assert!(stored == seeds, "run again with UPDATE_SEEDS=1");
}

fn seeds() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut seeds = BTreeMap::new();
    let mut put = |target: &str, name: &str, bytes: Vec<u8>| {
        seeds.insert(Path::new(target).join(format!("seed-{name}")), bytes);
    };
    let mut streams: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    let mut seen = BTreeMap::new();
    for vector in list(&load("codec.json"), "vectors", 862) {
        let packet = unhex(text(&vector, "hex"));
        let version = version(&vector).value();
        // One of each kind and layout, which the names of the fields tell.
        let fields: Vec<_> = vector["fields"].as_object().unwrap().keys().cloned().collect();
        let layout = (text(&vector, "packet").to_owned(), version, fields);
        if packet.len() > 150 || vector.get("decode").is_some() || seen.insert(layout, ()).is_some() {
            continue;
        }
        streams.entry(version).or_insert_with(|| vec![7]).extend(&packet);
        put("decode_stream", text(&vector, "name"), [&[u8::MAX], &packet[..]].concat());
        put("roundtrip", text(&vector, "name"), arbitrary(&vector));
    }
    for (version, stream) in streams {
        put("decode_stream", &format!("stream-v{version}"), stream);
    }
    let file = load("crypto.json");
    let key = text(&list(&file, "sessions", 11)[0], "server_key").as_bytes().to_vec();
    let parts = |key: &[u8], salt: &[u8], msg_key: &[u8], payload: &[u8]| {
        let text = |text: &[u8]| [&[u8::try_from(text.len()).unwrap()], text].concat();
        [text(key), text(salt), text(msg_key), payload.to_vec()].concat()
    };
    for vector in list(&file, "invalid_public_keys", 34) {
        let key = text(&vector, "peer_key").as_bytes();
        put("decrypt", &format!("key-{}", text(&vector, "name")), parts(key, &[b'a'; 16], b"", b""));
    }
    for vector in list(&file, "invalid_payloads", 31) {
        let payload = text(&vector, "cipher").as_bytes();
        let seed = parts(&key, b"aB3dE5gH7jK9mN1p", &[b'0'; 32], payload);
        put("decrypt", &format!("payload-{}", text(&vector, "name")), seed);
    }
    seeds
}

/// Bytes of which an arbitrary packet is made: the version, the kind, and then what the packet consists of.
fn arbitrary(vector: &Value) -> Vec<u8> {
    let kinds = 12_u64;
    let kind = wkproto::PacketType::ALL.iter().position(|kind| kind.name() == text(vector, "packet"));
    // A variant is chosen by the upper half of a 32-bit number times the count of variants.
    let variant = (u64::try_from(kind.unwrap()).unwrap() << 32).div_ceil(kinds);
    let variant = u32::try_from(variant).unwrap();
    let mut bytes = vec![version(vector).value() - 1, 1];
    bytes.extend(variant.to_le_bytes());
    bytes.extend(unhex(text(vector, "hex")));
    bytes.extend(fields::payload(&vector["fields"]));
    bytes
}
