//! Signing in: what one connect transfers.

use wkim::{ConnectionState, Event};

use super::report::{Report, thousands};
use super::stage::{ALICE, Player, Stage, until};
use crate::failure::Failure;

/// The newest messages that come with each conversation.
pub(super) const PER_CONVERSATION: u64 = 20;

pub(super) async fn run(stage: &Stage, report: &mut Report) -> Result<Player, Failure> {
    report.heading("2. alice signs in on a new device: handshake, encryption, one conversation sync")?;
    let before = stage.server.stats();
    let mut alice = stage.enter(ALICE).await?;
    let mut version = 0;
    let synced = until(&mut alice.events, |event| match event {
        Event::Connection(ConnectionState::Online { version: said }) => {
            version = said.value();
            None
        }
        Event::Synced { messages, .. } => Some(messages as u64),
        _ => None,
    });
    let messages = report.during("syncing", synced).await??;
    let after = stage.server.stats();
    let listed = alice.client.conversations().list().await?;
    let requests: u64 =
        after.http_requests.values().sum::<u64>() - before.http_requests.values().sum::<u64>();
    let bytes = (after.http_bytes_out - before.http_bytes_out) + (after.tcp_bytes_out - before.tcp_bytes_out);
    let existing = stage.conversations.saturating_mul(stage.messages);
    report.say(format!("  protocol version {version}, {}", stage.alices_file().display()))?;
    report.say(format!(
        "  received {} conversations and {} messages with {requests} request and {} bytes, of {} messages",
        listed.len(),
        thousands(messages),
        thousands(bytes),
        thousands(existing)
    ))?;
    report.figure("conversations_synced", listed.len());
    report.figure("messages_synced", messages);
    report.figure("sync_requests", requests);
    report.figure("sync_bytes", bytes);
    let wanted = stage.conversations * PER_CONVERSATION;
    report.check(&format!("exactly {wanted} messages came"), messages == wanted)?;
    report.check(
        &format!("the server sent exactly {wanted} messages too"),
        after.messages_pulled - before.messages_pulled == wanted,
    )?;
    report.check("every conversation is in the list", listed.len() as u64 == stage.conversations)?;
    report.check("one request was enough", requests == 1)?;
    report.check(
        "each conversation shows its newest message",
        listed.iter().all(|conversation| {
            conversation.last_message.as_ref().is_some_and(|last| last.message_seq() == conversation.last_seq)
        }),
    )?;
    Ok(alice)
}
