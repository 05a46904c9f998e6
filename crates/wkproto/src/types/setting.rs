//! The setting byte of SEND, RECV and SUB.

wire_bits! {
    /// The setting byte of SEND, RECV and SUB (docs/protocol.md §7). Bits without a name are kept.
    Setting mask 0xff {
        /// The sender asks for read receipts. No effect on the wire.
        0x80 RECEIPT,
        /// The payload is end-to-end encrypted by the application. No effect on the wire.
        0x20 SIGNAL,
        /// The payload is not encrypted by the session. One server family ignores this bit, the other obeys it:
        /// a client must not set it.
        0x10 NO_ENCRYPT,
        /// A topic follows.
        0x08 TOPIC,
        /// Stream fields follow in protocol versions 2 to 4. A client must not set it.
        0x02 STREAM,
    }
}

#[cfg(test)]
mod tests {
    use super::Setting;
    use alloc::format;

    #[test]
    fn unnamed_bits_are_kept_and_shown() {
        let setting = Setting::from_bits(0x4d);
        assert_eq!(setting.bits(), 0x4d);
        assert_eq!(format!("{setting:?}"), "Setting(TOPIC | 0x45)");
    }
}
