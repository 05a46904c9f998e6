//! Why the server refused something, or that it did not: the reason code of CONNACK, SENDACK, DISCONNECT and SUBACK.

wire_code! {
    /// The outcome of a CONNECT, a SEND or a subscription, or the reason for a DISCONNECT.
    ///
    /// Which server sends which code, and which codes are worth a retry, is in docs/protocol.md §9.
    ReasonCode {
        /// Never sent by a server.
        0 UNKNOWN = "unknown",
        /// It was done.
        1 SUCCESS = "success",
        /// The key of the CONNECT was bad, or the sender is not authenticated.
        2 AUTH_FAIL = "auth fail",
        /// The sender is not a member of the channel.
        3 SUBSCRIBER_NOT_EXIST = "subscriber not exist",
        /// The sender is on the channel's denylist.
        4 IN_BLACKLIST = "in blacklist",
        /// The channel does not exist.
        5 CHANNEL_NOT_EXIST = "channel not exist",
        /// The user has no connection on this node.
        6 USER_NOT_ON_NODE = "user not on node",
        /// The sender is offline.
        7 SENDER_OFFLINE = "sender offline",
        /// The MsgKey is wrong. Servers send `PAYLOAD_DECODE_ERROR` instead.
        8 MSG_KEY_ERROR = "msg key error",
        /// The payload could not be decrypted, its MsgKey is wrong, or it is empty.
        9 PAYLOAD_DECODE_ERROR = "payload decode error",
        /// The node could not forward the SEND.
        10 FORWARD_SEND_PACKET_ERROR = "forward send packet error",
        /// Sending is not allowed here.
        11 NOT_ALLOW_SEND = "not allow send",
        /// The connection is closed because of another login, or by an administrator.
        12 CONNECT_KICK = "connect kick",
        /// The channel has an allowlist and the sender is not on it.
        13 NOT_IN_WHITELIST = "not in whitelist",
        /// The server could not look up the user's token.
        14 QUERY_TOKEN_ERROR = "query token error",
        /// The server failed. A SEND may have been stored all the same.
        15 SYSTEM_ERROR = "system error",
        /// The channel id is not valid.
        16 CHANNEL_ID_ERROR = "channel id error",
        /// The node is not the right one.
        17 NODE_MATCH_ERROR = "node match error",
        /// The node does not lead the channel at the moment: send again, with the same `client_msg_no`.
        18 NODE_NOT_MATCH = "node not match",
        /// The channel is banned.
        19 BAN = "ban",
        /// A header flag is not supported.
        20 NOT_SUPPORT_HEADER = "not support header",
        /// The CONNECT carried no public key.
        21 CLIENT_KEY_IS_EMPTY = "client key is empty",
        /// Too many packets.
        22 RATE_LIMIT = "rate limit",
        /// The channel type is not supported.
        23 NOT_SUPPORT_CHANNEL_TYPE = "not support channel type",
        /// The channel was disbanded.
        24 DISBAND = "disband",
        /// The sender may not send.
        25 SEND_BAN = "send ban",
        /// The channel is being deleted.
        26 CHANNEL_DELETING = "channel deleting",
        /// The server wants a newer protocol version.
        27 PROTOCOL_UPGRADE_REQUIRED = "protocol upgrade required",
        /// The same `client_msg_no` was used for another message.
        28 IDEMPOTENCY_CONFLICT = "idempotency conflict",
        /// The channel has no sequence numbers left that this protocol version can carry.
        29 MESSAGE_SEQ_EXHAUSTED = "message seq exhausted",
    }
}

impl ReasonCode {
    /// Whether the request succeeded.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == Self::SUCCESS.0
    }
}

#[cfg(test)]
mod tests {
    use super::ReasonCode;
    use alloc::format;

    #[test]
    fn named_and_unnamed_values_are_kept_and_shown() {
        assert_eq!(ReasonCode::new(12), ReasonCode::CONNECT_KICK);
        assert_eq!(format!("{}", ReasonCode::NODE_NOT_MATCH), "node not match");
        assert_eq!(format!("{:?}", ReasonCode::SUCCESS), "ReasonCode(1 success)");
        assert_eq!(ReasonCode::new(200).name(), None);
        assert_eq!(format!("{}", ReasonCode::new(200)), "ReasonCode(200)");
        assert_eq!(u8::from(ReasonCode::from(200)), 200);
        assert!(ReasonCode::SUCCESS.is_success() && !ReasonCode::UNKNOWN.is_success());
        assert!((0..=29).all(|value| ReasonCode::NAMED[usize::from(value)].value() == value));
    }
}
