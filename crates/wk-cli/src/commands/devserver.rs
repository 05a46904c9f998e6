//! `wkim devserver`: a server to develop against.

use wk_devserver::{DevServer, Quirks, Seed};
use wkim::Uid;

use crate::args::{DevserverArgs, Generation};
use crate::failure::Failure;
use crate::output;

pub(crate) async fn run(args: &DevserverArgs) -> Result<(), Failure> {
    let mut builder = DevServer::builder()
        .tcp(&args.tcp)
        .ws(&args.ws)
        .http(&args.http)
        .token_auth(args.token_auth)
        .generation(match args.generation {
            Generation::V2 => wk_devserver::Generation::V2,
            Generation::V3 => wk_devserver::Generation::V3,
        })
        .quirks(|quirks| set_quirks(args, quirks));
    if let Some(address) = &args.tls {
        builder = builder.tls(address);
    }
    if let Some(address) = &args.wss {
        builder = builder.wss(address);
    }
    for text in &args.seeds {
        builder = builder.seed(seed(text)?);
    }
    if let Some(file) = &args.state {
        builder = builder.state_file(file);
    }
    let server = builder.start().await.map_err(Failure::input)?;
    if let (Some(file), Some(pem)) = (&args.tls_root, server.root_certificate()) {
        std::fs::write(file, pem).map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    }
    output::line(&format!("clients   {}", server.tcp_addr()))?;
    output::line(&format!("HTTP API  {}", server.api_url()))?;
    let others = [("ws", server.ws_addr()), ("tls", server.tls_addr()), ("wss", server.wss_addr())];
    for (scheme, address) in others {
        if let Some(address) = address {
            output::line(&format!("also      {scheme}://{address}"))?;
        }
    }
    output::line("Ctrl-C ends it")?;
    tokio::signal::ctrl_c().await?;
    server.shutdown().await.map_err(Failure::input)?;
    Ok(())
}

fn set_quirks(args: &DevserverArgs, quirks: &mut Quirks) {
    quirks.websocket_burst_loss = !args.no_burst_loss;
    quirks.slow_first_send = !args.no_slow_first_send;
}

/// `alice,bob=100` or `team:alice,bob,carol=500`.
fn seed(text: &str) -> Result<Seed, Failure> {
    let wrong =
        || Failure::input(format!("--seed {text:?} is not like alice,bob=100 or team:alice,bob,carol=500"));
    let (channel, count) = text.rsplit_once('=').ok_or_else(wrong)?;
    let count = count.parse().map_err(|_| wrong())?;
    let (group, members) = match channel.split_once(':') {
        Some((group, members)) => (Some(group), members),
        None => (None, channel),
    };
    let members: Vec<Uid> = members.split(',').map(Uid::from).collect();
    if members.iter().any(|uid| uid.check().is_err()) {
        return Err(wrong());
    }
    match (group, members.as_slice()) {
        (Some(group), members) if !group.is_empty() => Ok(Seed::group(group, members.to_vec(), count)),
        (None, [one, other]) if one != other => Ok(Seed::person(one, other, count)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    #[test]
    fn quirks_are_the_real_servers_unless_a_flag_takes_them_away() {
        let quirks = |flags: &[&str]| {
            let args = Args::parse_from([&["wkim", "devserver"], flags].concat());
            let Command::Devserver(args) = args.command else { panic!("{flags:?}") };
            let mut quirks = Quirks::default();
            set_quirks(&args, &mut quirks);
            (quirks.websocket_burst_loss, quirks.slow_first_send)
        };
        assert_eq!(quirks(&[]), (true, true));
        assert_eq!(quirks(&["--no-burst-loss"]), (false, true));
        assert_eq!(quirks(&["--no-slow-first-send"]), (true, false));
    }

    #[test]
    fn seeds_are_read_or_explained() {
        assert!(seed("alice,bob=100").is_ok());
        assert!(seed("team:alice,bob,carol=500").is_ok());
        for wrong in ["alice,bob", "alice=3", "alice,bob=x", "a,b,c=1", ":a,b=1", "alice,alice=1", "a@b,c=1"]
        {
            assert_eq!(seed(wrong).map(drop).map_err(|failure| failure.code), Err(2), "{wrong}");
        }
    }
}
