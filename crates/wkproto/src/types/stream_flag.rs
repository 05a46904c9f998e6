//! The place of a RECV in a stream of protocol versions 2 to 4.

wire_code! {
    /// The place of a RECV in a stream. Only protocol versions 2 to 4 carry it.
    StreamFlag {
        /// The first part.
        0 START = "start",
        /// A part in between.
        1 PROGRESS = "in progress",
        /// The last part.
        2 END = "end",
    }
}
