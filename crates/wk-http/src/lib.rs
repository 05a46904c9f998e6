//! The WuKongIM REST API as a data source.
//!
//! [`HttpSource`] answers the questions of the sync engine (`wk_sync::DataSource`) from a server's own REST API, in
//! the dialects of WuKongIM 2 and 3. One file per endpoint, in `api`.
//!
//! # Two generations
//!
//! v3 has no `/conversation/sync`, `/messages` and `/channel/max_message_seq`; v2 has no `/conversation/list`,
//! `/conversation/retry` and `/channel/messagesyncbatch`. A source answers each question by the endpoint that is made for
//! it, and says `NotSupported` where the server is of the other generation. It finds that out by itself: an endpoint that
//! is answered with 404 is missing if one that only the other generation has is there, which costs one request, once
//! ([`HttpSource::generation`]). Texts are never looked at (docs/servers.md T69). Whoever knows the generation says so
//! with [`HttpSourceBuilder::generation`].
//!
//! # For trusted places only
//!
//! The server's REST API believes every caller: whoever reaches it may read any channel and act for any user
//! (docs/servers.md T53). Use it from a backend, a bot, a test or a private network, with the server's
//! `managerToken` set. An app for the public implements `DataSource` over its own backend instead, which asks the
//! server on behalf of the user who is logged in.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use wk_http::HttpSource;
//!
//! let source = HttpSource::builder("http://127.0.0.1:5001")?.header("token", "the manager token").build()?;
//! println!("connect to {}", source.route().await?.tcp_addr);
//! # Ok(())
//! # }
//! ```

mod api;
mod builder;
mod error;
mod exchange;
mod generation;
mod source;
mod tls;
mod wire;

pub use api::{Route, TokenRequest};
pub use builder::HttpSourceBuilder;
pub use error::BuildError;
pub use generation::Generation;
pub use source::HttpSource;
pub use wk_sync as sync;
