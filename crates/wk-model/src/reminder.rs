//! What asks for the user's attention in a conversation: a mention, a request to join.

use std::fmt;

use wkproto::{MessageId, MessageSeq};

use crate::version::set;
use crate::{ChannelId, Uid, Version, Written};

/// The server's id of a reminder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReminderId(i64);

impl ReminderId {
    /// The reminder with this id.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The id.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ReminderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReminderKind(i32);

impl ReminderKind {
    /// Somebody mentioned the user.
    pub const MENTION: Self = Self(1);
    /// Somebody asks to join.
    pub const JOIN_REQUEST: Self = Self(2);

    /// Any kind of the application.
    pub const fn new(code: i32) -> Self {
        Self(code)
    }

    /// Its number.
    pub const fn code(self) -> i32 {
        self.0
    }
}

/// What asks for the user's attention in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Reminder {
    /// The server's id.
    pub id: ReminderId,
    /// The channel.
    pub channel: ChannelId,
    /// The message it is about, [`MessageId::ZERO`] for none.
    pub message_id: MessageId,
    /// That message's seq.
    pub seq: MessageSeq,
    /// What it is about.
    pub kind: ReminderKind,
    /// Who is reminded; nobody in particular means every member.
    pub uid: Option<Uid>,
    /// Who caused it.
    pub publisher: Option<Uid>,
    /// What to show.
    pub text: String,
    /// The application's JSON, empty for none.
    pub data: String,
    /// Whether to scroll to the message.
    pub locate: bool,
    /// The server's number of the last change.
    pub version: Version,
    /// Done, as the server knows.
    pub done: bool,
    /// Done here, and the server has to be told. What the server says does not undo it.
    pub done_unsent: bool,
}

impl Reminder {
    /// Whether it is done, here or on the server.
    pub const fn is_done(&self) -> bool {
        self.done || self.done_unsent
    }

    /// Takes what the server says of the same reminder, unless newer is known. What was done here stays done, and
    /// unsent, until [`Reminder::done_uploaded`]: a server may not have heard of it yet.
    pub fn merge(&mut self, news: Self) -> Written {
        let done_unsent = self.done_unsent;
        news.version.refused_by(self.version).unwrap_or_else(|| set(self, Self { done_unsent, ..news }))
    }

    /// The user did it.
    pub fn mark_done(&mut self) -> Written {
        set(&mut self.done_unsent, true)
    }

    /// The server knows that it is done.
    pub fn done_uploaded(&mut self) -> Written {
        if !self.done_unsent {
            return Written::Unchanged;
        }
        (self.done, self.done_unsent) = (true, false);
        Written::Updated
    }
}

/// Which reminders to list. What is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReminderFilter {
    /// Of this channel.
    pub channel: Option<ChannelId>,
    /// Of this kind.
    pub kind: Option<ReminderKind>,
    /// Done, here or on the server, or not.
    pub done: Option<bool>,
}

impl ReminderFilter {
    /// Whether a reminder is asked for.
    pub fn matches(&self, reminder: &Reminder) -> bool {
        self.channel.as_ref().is_none_or(|asked| *asked == reminder.channel)
            && self.kind.is_none_or(|asked| asked == reminder.kind)
            && self.done.is_none_or(|asked| asked == reminder.is_done())
    }
}
