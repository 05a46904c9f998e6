//! The flag bits of a packet's first byte.

wire_bits! {
    /// The lower four bits of a packet's first byte.
    ///
    /// CONNACK uses bit 0 to say that a server version follows; PING and PONG have none. In all other packets
    /// the bits have the meaning of the constants, if any.
    Flags mask 0x0f {
        /// The message is delivered but not stored.
        0x01 NO_PERSIST,
        /// The message counts as unread.
        0x02 RED_DOT,
        /// The message is a command: synchronised once per user, not shown.
        0x04 SYNC_ONCE,
        /// The packet was sent before.
        0x08 DUP,
    }
}

#[cfg(test)]
mod tests {
    use super::Flags;
    use alloc::format;

    #[test]
    fn set_operations() {
        let both = Flags::RED_DOT | Flags::SYNC_ONCE;
        assert_eq!(both.bits(), 6);
        assert!(both.contains(Flags::RED_DOT) && !both.contains(Flags::RED_DOT.with(Flags::DUP)));
        assert!(both.intersects(Flags::RED_DOT.with(Flags::DUP)));
        assert_eq!(both.without(Flags::RED_DOT), Flags::SYNC_ONCE);
        assert_eq!(both.intersection(Flags::NO_PERSIST.with(Flags::SYNC_ONCE)), Flags::SYNC_ONCE);
        assert_eq!(Flags::from_bits(0xff), Flags::ALL);
        assert_eq!(format!("{both:?} {:?}", Flags::EMPTY), "Flags(RED_DOT | SYNC_ONCE) Flags()");
    }
}
