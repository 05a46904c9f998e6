//! Building and logging in the client that the arguments describe.

use wkim::model::proto::DeviceLevel;
use wkim::net::Tls;
use wkim::{Client, DeviceFlag, LoginError, RunnerHandle};

use crate::args::{AccountArgs, Generation};
use crate::failure::Failure;

/// Builds the client and starts it, without connecting.
pub(crate) async fn start(args: &AccountArgs) -> Result<(Client, RunnerHandle), Failure> {
    if args.register {
        register(args).await?;
    }
    let mut builder = Client::builder(args.uid.as_str()).token(&args.token);
    if let Some(address) = &args.tcp {
        builder = builder.server(address);
    }
    if let Some(address) = &args.tls {
        builder = builder.server(format!("tls://{address}"));
    }
    if let Some(url) = &args.ws {
        builder = builder.server(url);
    }
    if let Some(file) = &args.tls_root {
        let failed = |error: &dyn std::fmt::Display| Failure::input(format!("{}: {error}", file.display()));
        let pem = std::fs::read(file).map_err(|error| failed(&error))?;
        builder = builder.tls(Tls::with_roots(&pem).map_err(|error| failed(&error))?);
    }
    if let Some(url) = &args.api {
        builder = builder.api(url);
        if let Some(generation) = args.generation {
            builder = builder.api_generation(match generation {
                Generation::V2 => wkim::http::Generation::V2,
                Generation::V3 => wkim::http::Generation::V3,
            });
        }
    }
    if let Some(path) = &args.store {
        builder = builder.sqlite(path);
    }
    let (client, runner) = builder.build().map_err(Failure::input)?;
    Ok((client, runner.spawn()))
}

/// Logs in; a server that cannot be reached or does not want us is the user's to mend.
pub(crate) async fn login(client: &Client) -> Result<(), Failure> {
    client.connection().login().await.map_err(|error| match error {
        LoginError::Client(error) => Failure::broken(error),
        error => Failure::input(error),
    })
}

async fn register(args: &AccountArgs) -> Result<(), Failure> {
    let url = args.api.as_deref().unwrap_or_default();
    let api = wkim::HttpSource::builder(url).and_then(|builder| builder.build()).map_err(Failure::input)?;
    let request = wkim::http::TokenRequest {
        uid: args.uid.as_str().into(),
        token: args.token.clone(),
        device_flag: DeviceFlag::APP,
        device_level: DeviceLevel::SLAVE,
    };
    api.register_token(&request)
        .await
        .map_err(|error| Failure::input(format!("the token was not registered: {error}")))
}
