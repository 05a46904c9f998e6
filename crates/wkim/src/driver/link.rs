//! The one connection that the engine wants.

use wk_net::{Link, LinkEvent, LinkReceiver, LinkSender};
use wk_sync::store::model::proto::ProtocolVersion;
use wk_sync::{Input, LinkId};

#[derive(Default)]
pub(super) struct Current {
    wanted: Option<LinkId>,
    open: Option<(LinkSender, LinkReceiver)>,
}

impl Current {
    pub(super) fn want(&mut self, link: LinkId) {
        self.wanted = Some(link);
        self.open = None;
    }

    pub(super) fn is_wanted(&self, link: LinkId) -> bool {
        self.wanted == Some(link)
    }

    pub(super) fn set(&mut self, link: Link) {
        self.open = Some(link.split());
    }

    /// The session has begun. v2 servers, which speak version 5 at most, lose bursts of WebSocket messages
    /// (docs/servers.md T58).
    pub(super) fn is_online(&self, version: ProtocolVersion) {
        if let Some((sender, _)) = &self.open
            && version < ProtocolVersion::V6
        {
            sender.pace();
        }
    }

    /// Queues bytes; says what is wrong if they cannot be.
    pub(super) fn send(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), String> {
        match &self.open {
            Some((sender, _)) if self.wanted == Some(link) => {
                let sent = sender.send(bytes);
                if sent.is_err() {
                    self.open = None;
                }
                sent.map_err(|error| error.to_string())
            }
            _ => Ok(()),
        }
    }

    /// Takes the connection out, to be closed.
    pub(super) fn close(&mut self, link: LinkId) -> Option<LinkSender> {
        if self.wanted != Some(link) {
            return None;
        }
        self.wanted = None;
        self.open.take().map(|(sender, _)| sender)
    }

    /// Waits for the next thing to arrive; for ever where there is no connection.
    pub(super) async fn recv(&mut self) -> Input {
        let (Some(link), Some((_, receiver))) = (self.wanted, &mut self.open) else {
            return std::future::pending().await;
        };
        let event = receiver.recv().await;
        self.input(link, event)
    }

    pub(super) fn try_recv(&mut self) -> Option<Input> {
        let (link, (_, receiver)) = (self.wanted?, self.open.as_mut()?);
        let event = receiver.try_recv()?;
        Some(self.input(link, Some(event)))
    }

    fn input(&mut self, link: LinkId, event: Option<LinkEvent>) -> Input {
        let reason = match event {
            Some(LinkEvent::Frame(frame)) => return Input::Frame { link, frame },
            Some(LinkEvent::Closed(reason)) => reason.to_string(),
            None => "the connection has ended".to_owned(),
        };
        self.open = None;
        Input::LinkDown { link, reason }
    }
}
