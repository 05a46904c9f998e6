//! Every decision of a WuKongIM client, as a synchronous state machine.
