//! The place in the list of conversations where a page ends, as text that only the server can read.

use std::cmp::Reverse;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wk_model::ChannelType;

use crate::world::conversation::ChannelKey;
use crate::world::v3::roster::Place;

const VERSION: u8 = 1;

/// The version, the time of activation, the channel's type, and the id behind its length.
pub(super) fn write(key: &ChannelKey, active_at: i64) -> String {
    let (id, channel_type) = key;
    let len = u16::try_from(id.len()).unwrap_or(u16::MAX);
    let bytes = [
        &[VERSION][..],
        &active_at.to_be_bytes(),
        &u64::from(channel_type.value()).to_be_bytes(),
        &len.to_be_bytes(),
        id.as_bytes(),
    ];
    URL_SAFE_NO_PAD.encode(bytes.concat())
}

pub(super) fn read(text: &str) -> Option<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (active_at, rest) = rest.split_first_chunk()?;
    let (channel_type, rest) = rest.split_first_chunk()?;
    let (len, id) = rest.split_first_chunk()?;
    let channel_type = u8::try_from(u64::from_be_bytes(*channel_type)).ok().map(ChannelType::new)?;
    let is_right = *version == VERSION && usize::from(u16::from_be_bytes(*len)) == id.len();
    let id: Arc<str> = std::str::from_utf8(id).ok()?.into();
    is_right.then(|| (Reverse(i64::from_be_bytes(*active_at)), id.len(), id, channel_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_the_real_servers() {
        let key = (Arc::from("hqgk1"), ChannelType::GROUP);
        let text = write(&key, 0);
        assert_eq!(text, "AQAAAAAAAAAAAAAAAAAAAAIABWhxZ2sx");
        assert_eq!(read(&text), Some((Reverse(0), 5, Arc::from("hqgk1"), ChannelType::GROUP)));
        assert_eq!((read("###"), read("AAAA"), read("")), (None, None, None));
    }
}
