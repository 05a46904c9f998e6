//! The WuKongIM REST API as a data source.
//!
//! [`HttpSource`] answers the questions of the sync engine (`wk_sync::DataSource`) from a server's own REST API, in
//! the dialect of WuKongIM v2. One file per endpoint, in `api`.
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
mod source;
mod tls;
mod wire;

pub use api::{Route, TokenRequest};
pub use builder::HttpSourceBuilder;
pub use error::BuildError;
pub use source::HttpSource;
pub use wk_sync as sync;
