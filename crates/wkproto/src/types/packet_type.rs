//! The kind of a packet.

use core::fmt;

/// The kind of a packet: the upper four bits of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PacketType {
    /// The client logs in.
    Connect = 1,
    /// The server answers a CONNECT.
    Connack = 2,
    /// The client sends a message.
    Send = 3,
    /// The server answers a SEND.
    Sendack = 4,
    /// The server delivers a message.
    Recv = 5,
    /// The client confirms a RECV.
    Recvack = 6,
    /// The client shows that it is alive.
    Ping = 7,
    /// The server answers a PING.
    Pong = 8,
    /// The server is about to close the connection.
    Disconnect = 9,
    /// A subscription is asked for.
    Sub = 10,
    /// The answer to a SUB.
    Suback = 11,
    /// The server reports an event.
    Event = 12,
}

impl PacketType {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Connect,
        Self::Connack,
        Self::Send,
        Self::Sendack,
        Self::Recv,
        Self::Recvack,
        Self::Ping,
        Self::Pong,
        Self::Disconnect,
        Self::Sub,
        Self::Suback,
        Self::Event,
    ];

    /// The kind with this number, if there is one.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        Some(match value {
            1 => Self::Connect,
            2 => Self::Connack,
            3 => Self::Send,
            4 => Self::Sendack,
            5 => Self::Recv,
            6 => Self::Recvack,
            7 => Self::Ping,
            8 => Self::Pong,
            9 => Self::Disconnect,
            10 => Self::Sub,
            11 => Self::Suback,
            12 => Self::Event,
            _ => return None,
        })
    }

    /// The number on the wire, 1 to 12.
    #[must_use]
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// The name in the protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Connack => "CONNACK",
            Self::Send => "SEND",
            Self::Sendack => "SENDACK",
            Self::Recv => "RECV",
            Self::Recvack => "RECVACK",
            Self::Ping => "PING",
            Self::Pong => "PONG",
            Self::Disconnect => "DISCONNECT",
            Self::Sub => "SUB",
            Self::Suback => "SUBACK",
            Self::Event => "EVENT",
        }
    }

    /// Whether the packet is the first byte alone, without a length: PING and PONG.
    #[must_use]
    pub const fn is_single_byte(self) -> bool {
        matches!(self, Self::Ping | Self::Pong)
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::PacketType;

    #[test]
    fn numbers_and_kinds_agree() {
        for value in 0..=255 {
            let expected = PacketType::ALL.into_iter().find(|kind| kind.value() == value);
            assert_eq!(PacketType::new(value), expected);
        }
    }
}
