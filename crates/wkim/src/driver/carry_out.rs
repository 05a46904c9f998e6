//! Doing what the engine wants done, after the commit.

use std::sync::Arc;

use wk_sync::{ConnectionState, Event, Input, Output};

use super::connect::CONNECT_WITHIN;
use super::{CLOSE_WITHIN, Driver, source};

impl Driver {
    pub(super) fn carry_out(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Connect(link) => {
                    self.link.want(link);
                    let open = self.parts.opener.clone().open(CONNECT_WITHIN);
                    self.dialing.spawn(async move { (link, open.await) });
                }
                Output::Transmit { link, bytes } => {
                    if let Err(reason) = self.link.send(link, &bytes) {
                        self.late.push(Input::LinkDown { link, reason });
                    }
                }
                Output::Close(link) => {
                    if let Some(sender) = self.link.close(link) {
                        let closing = sender.close(CLOSE_WITHIN);
                        self.closing.spawn(async move {
                            if let Err(unflushed) = closing.await {
                                tracing::debug!(%unflushed, "a connection was closed");
                            }
                        });
                    }
                }
                Output::Ask { job, question } => {
                    let (data, uploads) = (Arc::clone(&self.parts.source), self.parts.uploads.clone());
                    let answer = async move { (job, source::ask(&*data, &uploads, question).await) };
                    let task = self.jobs.spawn(answer);
                    self.job_handles.insert(job, task);
                }
                Output::Abandon(job) => {
                    if let Some(task) = self.job_handles.remove(&job) {
                        task.abort();
                    }
                }
                Output::Reply { ticket, reply } => self.tickets.answer(ticket, reply),
                Output::Emit(event) => {
                    match &event {
                        Event::Connection(
                            ConnectionState::Kicked { .. } | ConnectionState::Refused { .. },
                        ) => self.wanted = false,
                        Event::Connection(ConnectionState::Online { version }) => {
                            self.link.is_online(*version)
                        }
                        _ => {}
                    }
                    if let Event::Connection(state) = &event {
                        self.parts.state.send_replace(state.clone());
                    }
                    #[cfg(feature = "metrics")]
                    self.metrics.emitted(&event, self.parts.clock.elapsed());
                    self.parts.events.send(event);
                }
                other => tracing::error!(?other, "the engine wants something unknown"),
            }
        }
    }
}
