//! A JSON object whose keys keep their order and whose values keep their bytes.

use std::fmt;

use bytes::Bytes;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient;

/// A JSON object that is written as it was read: its keys in their order, its values byte for byte. Numbers of any size
/// keep all their digits; nothing is interpreted before it is asked for, so depth costs nothing.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct JsonObject {
    /// Names, and values as JSON.
    entries: Vec<(String, Box<str>)>,
}

impl JsonObject {
    /// The key under which a payload that is not sent yet names a file of this device.
    pub const LOCAL_PATH: &'static str = "localPath";

    /// An object without keys.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Reads an object, nothing where the bytes are anything else.
    pub fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| &**name)
    }

    /// Whether there are no keys.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// A value as JSON, byte for byte. A key that is there twice has its last value, as everywhere.
    pub fn raw(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, json)| &**json)
    }

    /// A value as a type of the caller's, nothing where it is absent or does not fit.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// A string. Half a surrogate pair becomes U+FFFD.
    pub fn text(&self, key: &str) -> Option<String> {
        lenient::text(self.raw(key)?)
    }

    /// A string, or a number as it is written: what SDKs write as ids is either.
    pub fn id(&self, key: &str) -> Option<String> {
        lenient::id(self.raw(key)?)
    }

    /// A whole number, or a text of one. A fraction is cut off, what is out of range is the nearest in range.
    pub fn integer(&self, key: &str) -> Option<i64> {
        lenient::integer(self.raw(key)?)
    }

    /// As [`JsonObject::integer`], from 0 on.
    pub fn unsigned(&self, key: &str) -> Option<u64> {
        lenient::unsigned(self.raw(key)?)
    }

    /// A number, or a text of one.
    pub fn float(&self, key: &str) -> Option<f64> {
        lenient::float(self.raw(key)?)
    }

    /// `true`, or a number that is not 0, or a text of either.
    pub fn flag(&self, key: &str) -> Option<bool> {
        lenient::flag(self.raw(key)?)
    }

    /// An object, or a text of one.
    pub fn object(&self, key: &str) -> Option<Self> {
        let json = self.raw(key)?;
        match lenient::text(json) {
            Some(inner) => Self::parse(inner.as_bytes()),
            None => Self::parse(json.as_bytes()),
        }
    }

    /// The objects of an array; what is no object is left out.
    pub fn objects(&self, key: &str) -> Vec<Self> {
        let items = self.items(key);
        items.iter().filter_map(|item| Self::parse(item.get().as_bytes())).collect()
    }

    /// The ids of an array: strings and numbers; anything else is left out.
    pub fn ids(&self, key: &str) -> Vec<String> {
        self.items(key).iter().filter_map(|item| lenient::id(item.get())).collect()
    }

    fn items(&self, key: &str) -> Vec<Box<RawValue>> {
        self.get(key).unwrap_or_default()
    }

    /// Sets a value, in its place if the key is there and at the end if it is not.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.put(key, value.into().to_string().into_boxed_str());
    }

    /// Sets an object.
    pub fn set_object(&mut self, key: &str, object: &Self) {
        self.put(key, object.to_json().into_boxed_str());
    }

    /// Sets an array of objects.
    pub fn set_objects<'a>(&mut self, key: &str, objects: impl IntoIterator<Item = &'a Self>) {
        let items: Vec<String> = objects.into_iter().map(Self::to_json).collect();
        self.put(key, format!("[{}]", items.join(",")).into_boxed_str());
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        self.entries.retain(|(name, _)| name != key);
    }

    /// Sets every key of another object.
    pub fn extend(&mut self, other: Self) {
        for (name, json) in other.entries {
            self.put(&name, json);
        }
    }

    /// The object as JSON.
    pub fn to_json(&self) -> String {
        let len = self.entries.iter().map(|(name, json)| name.len() + json.len() + 4).sum::<usize>();
        let mut text = String::with_capacity(len + 2);
        let mut opening = '{';
        for (name, json) in &self.entries {
            text.push(opening);
            text.push_str(&Value::from(&**name).to_string());
            text.push(':');
            text.push_str(json);
            opening = ',';
        }
        if self.entries.is_empty() {
            text.push(opening);
        }
        text.push('}');
        text
    }

    /// The object as a payload.
    pub fn to_bytes(&self) -> Bytes {
        self.to_json().into()
    }

    fn put(&mut self, key: &str, json: Box<str>) {
        match self.entries.iter_mut().rev().find(|(name, _)| name == key) {
            Some((_, place)) => *place = json,
            None => self.entries.push((key.to_owned(), json)),
        }
    }
}

/// What contents write: a value that reads the same already stays as it is written.
impl JsonObject {
    pub(super) fn write_text(&mut self, key: &str, value: &str) {
        if self.text(key).as_deref() != Some(value) {
            self.set(key, value);
        }
    }

    /// An absent value removes the key.
    pub(super) fn write_optional_text(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.write_text(key, value),
            None if self.text(key).is_some() => self.remove(key),
            None => {}
        }
    }

    pub(super) fn write_unsigned(&mut self, key: &str, value: impl Into<u64>) {
        let value = value.into();
        if self.unsigned(key) != Some(value) {
            self.set(key, value);
        }
    }

    pub(super) fn write_float(&mut self, key: &str, value: f64) {
        if self.float(key) != Some(value) {
            self.set(key, value);
        }
    }

    /// As [`JsonObject::text`], empty where it is absent.
    pub(super) fn text_or_empty(&self, key: &str) -> String {
        self.text(key).unwrap_or_default()
    }

    /// As [`JsonObject::unsigned`], 0 where it is absent.
    pub(super) fn small(&self, key: &str) -> u32 {
        self.unsigned(key).map_or(0, |value| u32::try_from(value).unwrap_or(u32::MAX))
    }
}

impl fmt::Debug for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, json) in &self.entries {
            let json: &RawValue = serde_json::from_str(json).map_err(serde::ser::Error::custom)?;
            map.serialize_entry(name, json)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = JsonObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, json)) = map.next_entry::<String, Box<RawValue>>()? {
                    entries.push((name, json.into()));
                }
                Ok(JsonObject { entries })
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> JsonObject {
        JsonObject::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_read_is_written_byte_for_byte() {
        let deep = format!("{{\"deep\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for json in [
            "{}",
            r#"{"z":1,"a":2}"#,
            r#"{"big":123456789012345678901234567890,"float":0.1000000000000000055511151231257827,"e":1E+2}"#,
            r#"{"text":"\u4f60\/ \ud83d","spaced":{ "a" : [1, 2] }}"#,
            r#"{"same":1,"same":2}"#,
            &deep,
        ] {
            assert_eq!(object(json).to_json(), json);
        }
        assert_eq!(object(" {\n\"a\" : 1 } ").to_json(), r#"{"a":1}"#);
    }

    #[test]
    fn only_objects_are_objects() {
        for other in ["", "[]", "1", "null", "\"x\"", "{", "{\"a\"}", "{\"a\":1}x", "{\"a\":01}", "{'a':1}"] {
            assert_eq!(JsonObject::parse(other.as_bytes()), None, "{other}");
        }
        assert_eq!(JsonObject::parse(b"{\"a\":\"\xff\"}"), None);
    }

    #[test]
    fn a_change_leaves_everything_else_alone() {
        let mut keys = object(r#"{"a":1.50,"b":"x","c":[ 1 ]}"#);
        keys.set("b", "y \"z\"");
        keys.set("d", u64::MAX);
        assert_eq!(keys.to_json(), r#"{"a":1.50,"b":"y \"z\"","c":[ 1 ],"d":18446744073709551615}"#);
        keys.remove("a");
        keys.set_object("b", &object("{\"k\":0.10}"));
        keys.set_objects("c", &[object("{}"), object("{\"x\":1}")]);
        assert_eq!(keys.to_json(), r#"{"b":{"k":0.10},"c":[{},{"x":1}],"d":18446744073709551615}"#);
        assert_eq!(keys.get::<Vec<Value>>("c").map(|items| items.len()), Some(2));
        assert_eq!(keys.object("b").and_then(|inner| inner.float("k")), Some(0.1));
    }

    #[test]
    fn the_last_of_two_equal_keys_counts_and_is_the_one_that_changes() {
        let mut keys = object(r#"{"same":1,"same":2}"#);
        assert_eq!(keys.integer("same"), Some(2));
        keys.set("same", 3);
        assert_eq!(keys.to_json(), r#"{"same":1,"same":3}"#);
        keys.remove("same");
        assert!(keys.is_empty());
    }

    #[test]
    fn an_object_may_come_as_text_and_odd_items_are_left_out() {
        let keys = object(r#"{"param":"{\"n\":1}","list":[{"a":1},7,"x",null,true]}"#);
        assert_eq!(keys.object("param").and_then(|param| param.integer("n")), Some(1));
        assert_eq!(keys.objects("list").len(), 1);
        assert_eq!(keys.ids("list"), ["7", "x"]);
        assert_eq!(keys.objects("absent").len(), 0);
    }
}
