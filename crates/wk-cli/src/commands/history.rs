//! `wkim history`: a channel from its start to its end.

use serde_json::json;
use wkim::{Anchor, Direction, Message, PageQuery};

use crate::args::HistoryArgs;
use crate::failure::Failure;
use crate::{account, output};

pub(crate) async fn run(args: &HistoryArgs) -> Result<(), Failure> {
    let (client, _runner) = account::start(&args.account).await?;
    account::login(&client).await?;
    let channel = args.channel.channel();
    let mut query = PageQuery::newest(channel.clone()).limit(args.page);
    (query.anchor, query.direction) = (Anchor::Edge, Direction::Newer);
    loop {
        let page = client.messages().history(query).await?;
        for message in &page.messages {
            output::line(&if args.json { as_json(message) } else { output::message(message) })?;
        }
        if let Some(gap) = output::gap(&page) {
            return Err(Failure::broken(gap));
        }
        match page.newer(&channel) {
            Some(next) if !page.reached_end => query = next.limit(args.page),
            _ => break,
        }
    }
    client.shutdown().await?;
    Ok(())
}

fn as_json(message: &Message) -> String {
    json!({
        "message_id": message.message_id.get().to_string(),
        "message_seq": message.message_seq().get(),
        "client_msg_no": message.client_msg_no.as_str(),
        "from_uid": message.from_uid.as_str(),
        "timestamp_ms": message.timestamp.get(),
        "content_type": message.content_type.value(),
        "payload": String::from_utf8_lossy(&message.payload),
    })
    .to_string()
}
