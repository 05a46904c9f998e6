//! What kind of device a connection belongs to, and its rank.

wire_code! {
    /// The kind of device. Servers treat it as an opaque key: connections of one user and one flag displace
    /// each other, other flags do not.
    DeviceFlag {
        /// A phone or tablet.
        0 APP = "app",
        /// A browser.
        1 WEB = "web",
        /// A desktop program.
        2 PC = "pc",
        /// The application's own servers.
        99 SYSTEM = "system",
    }
}

wire_code! {
    /// The rank of a device. It is set with the user's token over HTTP, never by CONNECT.
    DeviceLevel {
        /// Several may be connected.
        0 SLAVE = "slave",
        /// Displaces every other connection of the same flag.
        1 MASTER = "master",
    }
}
