//! Sockets and the clock of a WuKongIM client.
