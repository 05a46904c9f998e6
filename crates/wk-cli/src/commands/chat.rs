//! `wkim chat`: a conversation, line by line.

use std::collections::HashSet;
use std::io::BufRead as _;
use std::time::Duration;

use tokio::sync::mpsc;
use wkim::{
    ChannelId, Client, ClientMsgNo, ClientSeq, ConnectionState, Event, Events, EventsError, Message,
    MessageStatus, Page, PageQuery,
};

use crate::args::ChatArgs;
use crate::failure::Failure;
use crate::{account, output};

/// How long the end of the input waits for messages that are not yet sent.
const SEND_WITHIN: Duration = Duration::from_secs(15);

const HELP: &str = "\
/older [N]      show the N messages before the oldest shown, 20 if not given
/all            show everything back to the start of the channel
/conversations  list the conversations
/read           mark this conversation as read
/quit           leave (or end the input)
//text          send a text that begins with a slash";

pub(crate) async fn run(args: &ChatArgs) -> Result<(), Failure> {
    let (client, _runner) = account::start(&args.account).await?;
    account::login(&client).await?;
    let mut events = client.events();
    let channel = args.channel.channel();
    let mut chat =
        Chat { client, channel, oldest: None, unsent: HashSet::new(), shown: HashSet::new(), lost: false };
    chat.show(PageQuery::newest(chat.channel.clone()).limit(args.last)).await?;
    let mut lines = read_lines();
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                Some(line) if !chat.typed(&line).await? => {}
                _ => break,
            },
            event = events.next() => chat.happened(event)?,
        }
    }
    chat.finish(&mut events).await
}

struct Chat {
    client: Client,
    channel: ChannelId,
    /// The page that begins with the oldest message shown.
    oldest: Option<Page>,
    /// What was typed and has no answer.
    unsent: HashSet<ClientMsgNo>,
    /// The rows on the screen: a message may come with a page and with the sync that ran meanwhile.
    shown: HashSet<ClientSeq>,
    /// Whether the connection was lost since the login.
    lost: bool,
}

impl Chat {
    /// Does what a line says. Says whether to leave.
    async fn typed(&mut self, line: &str) -> Result<bool, Failure> {
        let line = line.trim_end();
        let text = match line.strip_prefix('/') {
            None => line,
            Some(text) if text.starts_with('/') => text,
            Some(command) => return self.command(command).await,
        };
        if text.is_empty() {
            return Ok(false);
        }
        match self.client.messages().send_text(&self.channel, text).await {
            Ok(message) => {
                self.unsent.insert(message.client_msg_no.clone());
            }
            Err(wkim::Error::Send(error)) => output::line(&format!("not sent: {error}"))?,
            Err(error) => return Err(error.into()),
        }
        Ok(false)
    }

    async fn command(&mut self, command: &str) -> Result<bool, Failure> {
        let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
        match name {
            "quit" => return Ok(true),
            "older" => match argument.trim() {
                "" => self.older(PageQuery::DEFAULT_LIMIT).await?,
                number => match number.parse() {
                    Ok(limit) => self.older(limit).await?,
                    Err(_) => output::line(&format!("{number:?} is no number; /help lists the commands"))?,
                },
            },
            "all" => {
                while self
                    .oldest
                    .as_ref()
                    .is_some_and(|page| !page.reached_start && page.incomplete.is_none())
                {
                    self.older(100).await?;
                }
            }
            "read" => match self.client.conversations().clear_unread(&self.channel).await {
                Ok(()) => output::line("read")?,
                Err(error) => output::line(&error.to_string())?,
            },
            "conversations" => {
                for conversation in self.client.conversations().list().await? {
                    let last = conversation.last_message.as_ref().map(output::message).unwrap_or_default();
                    output::line(&format!(
                        "{} ({} unread) {last}",
                        conversation.channel,
                        conversation.unread()
                    ))?;
                }
            }
            "help" => output::line(HELP)?,
            other => output::line(&format!("/{other} is no command; /help lists them"))?,
        }
        Ok(false)
    }

    async fn older(&mut self, limit: u32) -> Result<(), Failure> {
        let query = self.oldest.as_ref().and_then(|page| page.older(&self.channel));
        let query = query.unwrap_or_else(|| PageQuery::newest(self.channel.clone()));
        self.show(query.limit(limit)).await
    }

    async fn show(&mut self, query: PageQuery) -> Result<(), Failure> {
        let page = match self.client.messages().history(query).await {
            Ok(page) => page,
            Err(wkim::Error::Query(error)) => return Ok(output::line(&error.to_string())?),
            Err(error) => return Err(error.into()),
        };
        if page.reached_start {
            output::line("-- the start of the channel --")?;
        }
        if let Some(gap) = output::gap(&page) {
            output::line(&format!("-- {gap} --"))?;
        }
        for message in &page.messages {
            self.print(message)?;
        }
        if !page.messages.is_empty() || self.oldest.is_none() {
            self.oldest = Some(page);
        }
        Ok(())
    }

    /// Shows a message unless it is on the screen. One that is not stored has no row and is always new.
    fn print(&mut self, message: &Message) -> Result<(), Failure> {
        if message.client_seq == ClientSeq::NONE || self.shown.insert(message.client_seq) {
            output::line(&output::message(message))?;
        }
        Ok(())
    }

    fn happened(&mut self, event: Result<Event, EventsError>) -> Result<(), Failure> {
        match event {
            Ok(Event::Messages { messages, .. }) => {
                for message in &messages {
                    if message.channel == self.channel {
                        self.print(message)?;
                    }
                }
            }
            Ok(Event::Refreshed(message)) => self.refreshed(&message)?,
            Ok(Event::Connection(state)) => {
                if let Some(text) = describe(&state, self.lost) {
                    output::line(&format!("-- {text} --"))?;
                }
                self.lost = !matches!(state, ConnectionState::Online { .. });
            }
            Err(EventsError::Lagged { missed }) => {
                output::line(&format!("-- {missed} events were missed --"))?
            }
            Err(EventsError::Ended) => return Err(Failure::broken("the client has ended")),
            _ => {}
        }
        Ok(())
    }

    fn refreshed(&mut self, message: &Message) -> Result<(), Failure> {
        if message.status != MessageStatus::Sending && self.unsent.remove(&message.client_msg_no) {
            let reason = match (message.status, message.reason_code) {
                (MessageStatus::Failed, Some(reason)) => format!("  (refused: {reason})"),
                _ => String::new(),
            };
            self.shown.insert(message.client_seq);
            output::line(&format!("{}{reason}", output::message(message)))?;
        }
        Ok(())
    }

    /// Waits for what is still on its way, then says goodbye.
    async fn finish(mut self, events: &mut Events) -> Result<(), Failure> {
        let all_sent = async {
            while !self.unsent.is_empty() {
                self.happened(events.next().await)?;
            }
            Ok::<_, Failure>(())
        };
        let in_time = tokio::time::timeout(SEND_WITHIN, all_sent).await;
        self.client.shutdown().await?;
        match in_time {
            Ok(result) => result,
            Err(_) => Err(Failure::broken(format!("{} messages are not sent yet", self.unsent.len()))),
        }
    }
}

fn describe(state: &ConnectionState, lost: bool) -> Option<String> {
    match state {
        ConnectionState::Waiting { delay, cause } => {
            Some(format!("connection lost ({cause:?}), trying again in {:.1} s", delay.as_secs_f32()))
        }
        ConnectionState::Kicked { reason, text } => {
            Some(format!("another device logged in ({reason}): {text}"))
        }
        ConnectionState::Refused { reason } => Some(format!("the server refuses us: {reason}")),
        ConnectionState::Online { .. } if lost => Some("connected again".to_owned()),
        _ => None,
    }
}

/// Reads lines on a thread of its own: a terminal cannot be read without blocking.
fn read_lines() -> mpsc::Receiver<String> {
    let (lines, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
