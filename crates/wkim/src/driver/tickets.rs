//! The application's questions that wait for an answer.

use std::collections::HashMap;

use wk_sync::store::StoreError;
use wk_sync::store::model::{Message, Page};
use wk_sync::{Input, Reply, Ticket};

use crate::Error;
use crate::request::{Answer, Request};

#[derive(Default)]
pub(super) struct Tickets {
    open: HashMap<Ticket, Open>,
    last: u64,
}

enum Open {
    Message(Answer<Message>),
    Page(Answer<Page>),
    Done(Answer<()>),
}

impl Tickets {
    /// The input that a request becomes; nothing for those that are not the engine's.
    pub(super) fn open(&mut self, request: Request) -> Option<Input> {
        self.last += 1;
        let ticket = Ticket::new(self.last);
        let (open, input) = match request {
            Request::Send(message, answer) => (Open::Message(answer), Input::Send { ticket, message }),
            Request::Cancel(client_seq, answer) => (Open::Done(answer), Input::Cancel { ticket, client_seq }),
            Request::Retry(client_seq, answer) => (Open::Done(answer), Input::Retry { ticket, client_seq }),
            Request::PauseUpload { row, paused, answer } => {
                (Open::Done(answer), Input::PauseUpload { ticket, client_seq: row, paused })
            }
            Request::FollowStream(client_seq, answer) => {
                (Open::Done(answer), Input::FollowStream { ticket, client_seq })
            }
            Request::Page(query, answer) => (Open::Page(answer), Input::Page { ticket, query }),
            Request::MarkRead { channel, unread, answer } => {
                (Open::Done(answer), Input::MarkRead { ticket, channel, unread })
            }
            Request::Change(change, answer) => (Open::Done(answer), Input::Change { ticket, change }),
            Request::Clear { channel, up_to, answer } => {
                (Open::Done(answer), Input::Clear { ticket, channel, up_to })
            }
            Request::OpenChannel(channel) => return Some(Input::OpenChannel(channel)),
            Request::CloseChannel(channel) => return Some(Input::CloseChannel(channel)),
            Request::Wake => return Some(Input::Wake),
            Request::NetworkChanged => return Some(Input::NetworkChanged),
            Request::Connect | Request::Disconnect | Request::Snapshot(_) | Request::Shutdown(_) => {
                return None;
            }
        };
        self.open.insert(ticket, open);
        Some(input)
    }

    /// Gives an answer to who asked; nobody may be waiting any more.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: Reply) {
        match (self.open.remove(&ticket), reply) {
            (Some(Open::Message(answer)), Reply::Stored(result)) => {
                answer.send(result.map_err(Error::Send)).ok();
            }
            (Some(Open::Page(answer)), Reply::Page(result)) => {
                answer.send(result.map_err(Error::Query)).ok();
            }
            (Some(Open::Done(answer)), Reply::Done(result)) => {
                answer.send(result.map_err(Error::Query)).ok();
            }
            (None, _) => {}
            (Some(_), reply) => tracing::error!(?reply, "the engine answered another question"),
        }
    }

    pub(super) fn fail_all(&mut self, error: &StoreError) {
        let error = Error::Store(error.clone());
        for (_, open) in self.open.drain() {
            match open {
                Open::Message(answer) => drop(answer.send(Err(error.clone()))),
                Open::Page(answer) => drop(answer.send(Err(error.clone()))),
                Open::Done(answer) => drop(answer.send(Err(error.clone()))),
            }
        }
    }
}
