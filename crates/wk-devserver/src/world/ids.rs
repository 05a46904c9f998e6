//! Names that the server makes up or reserves: person channels, command channels, message ids.

use wk_model::MessageId;

/// The sender of messages that nobody sent.
pub(crate) const SYSTEM_UID: &str = "____system";
/// A device id that bypasses permissions and is never told about its SENDs.
pub(crate) const SYSTEM_DEVICE_ID: &str = "____device";
/// Uids with this end need no token.
pub(crate) const VISITOR_SUFFIX: &str = "___vstr";
/// The channel of commands to named users that are not stored.
pub(crate) const ONLINE_COMMANDS: &str = "systemcmdonline";
/// Characters that ids of users and channels must not have, because the server builds ids with them.
const RESERVED: [char; 3] = ['@', '#', '&'];
/// The node's number, in CONNACK and in message ids.
pub(crate) const NODE_ID: u64 = 1001;
/// The same of a v3 server.
pub(crate) const NODE_ID_V3: u64 = 1;

pub(crate) fn has_reserved(id: &str) -> bool {
    id.contains(RESERVED)
}

/// The id under which the conversation of two users is stored: the uid with the greater CRC-32 comes first.
/// With equal sums the order depends on who sends, which makes two channels (docs/servers.md T51).
pub(crate) fn person_channel(from: &str, to: &str) -> String {
    if crc32fast::hash(from.as_bytes()) > crc32fast::hash(to.as_bytes()) {
        format!("{from}@{to}")
    } else {
        format!("{to}@{from}")
    }
}

/// The other side of a person channel as `uid` sees it; the first part if `uid` is in neither.
pub(crate) fn peer_of<'a>(person_channel: &'a str, uid: &str) -> &'a str {
    match person_channel.split_once('@') {
        Some((first, second)) if first == uid => second,
        Some((first, _)) => first,
        None => person_channel,
    }
}

/// Makes snowflake ids: the time in milliseconds, the node, and a counter within the millisecond.
#[derive(Debug, Default)]
pub(crate) struct MessageIds {
    last_ms: i64,
    step: i64,
}

/// Where the scheme's time begins, in milliseconds since 1970.
pub(crate) const SNOWFLAKE_EPOCH_MS: i64 = 1_288_834_974_657;
const STEP_BITS: u32 = 12;
/// The bits below the time.
pub(crate) const SNOWFLAKE_LOW_BITS: u32 = 22;

impl MessageIds {
    /// Makes only later ids than one that was made in an earlier run.
    pub(crate) fn skip_past(&mut self, id: MessageId) {
        let made_ms = (id.get() >> SNOWFLAKE_LOW_BITS) + SNOWFLAKE_EPOCH_MS;
        if made_ms >= self.last_ms {
            (self.last_ms, self.step) = (made_ms + 1, 0);
        }
    }

    pub(crate) fn next(&mut self, unix_ms: i64) -> i64 {
        if unix_ms > self.last_ms {
            self.last_ms = unix_ms;
            self.step = 0;
        } else {
            self.step += 1;
            if self.step >= 1 << STEP_BITS {
                // More than 4096 ids in a millisecond: borrow from the next one.
                self.last_ms += 1;
                self.step = 0;
            }
        }
        ((self.last_ms - SNOWFLAKE_EPOCH_MS) << SNOWFLAKE_LOW_BITS)
            | ((NODE_ID as i64) << STEP_BITS)
            | self.step
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageIds, peer_of, person_channel};
    use wk_model::MessageId;

    #[test]
    fn person_channels_are_ordered_by_checksum() {
        assert_eq!(person_channel("u1", "u2"), "u2@u1");
        assert_eq!(person_channel("u2", "u1"), "u2@u1");
        assert_eq!(person_channel("alice", "bob"), "bob@alice");
        assert_eq!(person_channel("u", "u"), "u@u");
        assert_eq!(peer_of("bob@alice", "alice"), "bob");
        assert_eq!(peer_of("bob@alice", "bob"), "alice");
        assert_eq!(peer_of("bob@alice", "carol"), "bob");
    }

    #[test]
    fn ids_are_unique_and_tell_their_time() {
        let mut ids = MessageIds::default();
        let now = 1_795_398_800_123;
        let made: Vec<i64> = (0..10_000).map(|_| ids.next(now)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(MessageId::new(made[0]).unix_ms(), Some(now));
        assert_eq!(MessageId::new(made[9_999]).unix_ms(), Some(now + 2));
    }
}
