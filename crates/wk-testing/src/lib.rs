//! Fixtures for the tests of the workspace: people and channels with names, messages, a clock that tests turn.

mod clock;
mod message_factory;
mod people;

pub use clock::FakeClock;
pub use message_factory::MessageFactory;
pub use people::{alice, bob, carol, direct, group, mallory};
pub use wk_store as store;
