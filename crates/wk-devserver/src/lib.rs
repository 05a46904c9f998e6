//! An embedded WuKongIM-compatible server for tests, demos and offline development.
//!
//! It speaks the wire protocol over TCP, TLS and WebSocket and the HTTP API, keeps everything in memory, and does what the real server
//! does, its surprises included. It is checked against recordings of WuKongIM 2.2.5 and of a v3 beta, not against a
//! client; see the README for what is compared and where it differs.
//!
//! ```
//! use wk_devserver::{DevServer, Seed};
//! use wk_model::{ChannelId, Uid};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let (alice, bob) = (Uid::from("alice"), Uid::from("bob"));
//! let server = DevServer::builder().seed(Seed::person(&alice, &bob, 100_000)).start().await?;
//! println!("clients: {}, API: {}", server.tcp_addr(), server.api_url());
//!
//! server.send(&bob, &ChannelId::person("alice"), "no-1", r#"{"type":1,"content":"hi"}"#);
//! assert_eq!(server.last_seq(&ChannelId::person("bob"), &alice).get(), 100_001);
//! server.shutdown().await?;
//! # Ok::<(), wk_devserver::DevServerError>(()) }).unwrap();
//! ```

mod admin;
mod builder;
mod clock;
mod config;
mod error;
mod faults;
mod gateway;
mod http;
mod random;
mod seed;
mod server;
mod shared;
mod state_file;
mod stats;
mod world;

pub use admin::ChannelAdmin;
pub use builder::Builder;
pub use config::{Generation, Limits, Quirks, Timings};
pub use error::DevServerError;
pub use faults::{Direction, FaultRates, Faults};
pub use seed::Seed;
pub use server::{DevServer, LoggedMessage};
pub use stats::Stats;
