//! Alice and bob write to each other.

use wkim::{ChannelId, Client, Event, Events, Message, MessageStatus, ReasonCode};

use super::report::Report;
use super::stage::{ALICE, BOB, Player, Stage, until, with_bob};
use crate::failure::Failure;

pub(super) async fn run(stage: &Stage, alice: &Client, report: &mut Report) -> Result<Player, Failure> {
    report.heading("4. alice and bob chat: stored first, then sent, then confirmed")?;
    let mut bob = stage.enter(BOB).await?;
    let mut alices_events = alice.events();
    let to_alice = ChannelId::person(ALICE);
    let mut exchanged = 0_u64;
    for round in 1..=3 {
        let text = format!("hello bob, {round}");
        send(alice, &mut alices_events, &with_bob(), &text, report).await?;
        received(&mut bob.events, ALICE, &text, report).await?;
        let text = format!("hello alice, {round}");
        send(&bob.client, &mut bob.events, &to_alice, &text, report).await?;
        received(&mut alices_events, BOB, &text, report).await?;
        exchanged += 2;
    }
    report.figure("messages_exchanged", exchanged);
    Ok(bob)
}

/// Sends a text and follows it to the server's word.
pub(super) async fn send(
    client: &Client,
    events: &mut Events,
    channel: &ChannelId,
    text: &str,
    report: &Report,
) -> Result<Message, Failure> {
    let stored = client.messages().send_text(channel, text).await?;
    let number = stored.client_msg_no.clone();
    let inserted = until(events, |event| match event {
        Event::Inserted(message) if message.client_msg_no == number => Some(message),
        _ => None,
    });
    let inserted = report.during("storing", inserted).await??;
    let settled = until(events, |event| match event {
        Event::Refreshed(message) if message.client_msg_no == number => Some(message),
        _ => None,
    });
    let settled = report.during("sending", settled).await??;
    report.say(format!(
        "  {}: {text:?} stored as row {} at {} → {} → {} as {}, reason {}",
        client.uid(),
        stored.client_seq,
        stored.order_seq(),
        name(inserted.status),
        name(settled.status),
        settled.order_seq(),
        settled.reason_code.unwrap_or_default()
    ))?;
    let way = *stored == inserted
        && inserted.status == MessageStatus::Sending
        && settled.status == MessageStatus::Sent
        && settled.reason_code == Some(ReasonCode::SUCCESS)
        && settled.message_seq() > stored.position.seq;
    if !way {
        report.check("a message is stored, then sent, then confirmed", way)?;
    }
    Ok(settled)
}

async fn received(events: &mut Events, from: &str, text: &str, report: &Report) -> Result<(), Failure> {
    let arrived = until(events, |event| match event {
        Event::Messages { messages, .. } => {
            messages.into_iter().find(|message| message.from_uid.as_str() == from && is_text(message, text))
        }
        _ => None,
    });
    let message = report.during("receiving", arrived).await??;
    report.check(&format!("{text:?} arrived, decrypted, as message {}", message.message_seq()), true)
}

pub(super) fn is_text(message: &Message, text: &str) -> bool {
    message.parse().content.display_text() == text
}

const fn name(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Sending => "sending",
        MessageStatus::Sent => "success",
        MessageStatus::Failed => "failed",
        _ => "unknown",
    }
}
