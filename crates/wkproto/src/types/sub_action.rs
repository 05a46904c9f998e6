//! What a SUB asks for.

wire_code! {
    /// What a SUB asks for, repeated in its SUBACK.
    SubAction {
        /// Deliver the channel's messages.
        0 SUBSCRIBE = "subscribe",
        /// Stop delivering them.
        1 UNSUBSCRIBE = "unsubscribe",
    }
}
