//! The WuKongIM wire protocol: bytes to packets and back, without IO.
