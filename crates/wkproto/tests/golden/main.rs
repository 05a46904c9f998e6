//! Bytes and answers equal those of the original Go code and of real servers, see tests/data/README.md.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

mod captures;
mod codec;
mod crypto;
mod fields;
mod invalid;
mod invalid_crypto;
mod limits;
mod seeds;

use std::fs;
use std::path::Path;

use serde_json::Value;
use wkproto::ProtocolVersion;

fn load(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A list in a file, with the number of entries it must have.
fn list(file: &Value, name: &str, len: usize) -> Vec<Value> {
    let list = file[name].as_array().unwrap().clone();
    assert_eq!(list.len(), len, "{name}");
    list
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn version(value: &Value) -> ProtocolVersion {
    let number = value["protocol"].as_u64().unwrap();
    ProtocolVersion::new(u8::try_from(number).unwrap()).unwrap()
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit = |index: usize| hex[index..index + 2].to_owned();
    (0..hex.len()).step_by(2).map(|index| u8::from_str_radix(&digit(index), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
