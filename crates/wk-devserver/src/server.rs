//! A running server, as the program that embeds it holds it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use wk_model::{ChannelId, DeviceFlag, MessageId, MessageSeq, Setting, Uid};
use wkproto::{DeviceLevel, Flags};

use crate::admin::ChannelAdmin;
use crate::builder::{Addresses, Builder};
use crate::config::Generation;
use crate::error::DevServerError;
use crate::faults::Faults;
use crate::gateway;
use crate::shared::Shared;
use crate::state_file::StateFile;
use crate::stats::Stats;
use crate::world::channel::{log_id, stored_id_of};
use crate::world::send::{Draft, Origin, sender_or_system};
use crate::world::session::Session;
use crate::world::stream::{FINISH_LANE, MAIN_LANE, StreamEvent};

/// A WuKongIM server inside this process. Dropping it closes everything.
#[derive(Debug)]
pub struct DevServer {
    shared: Arc<Shared>,
    addresses: Addresses,
    root_certificate: Option<String>,
    services: Vec<JoinHandle<()>>,
    state: Option<StateFile>,
}

/// A message of a channel's log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedMessage {
    /// The server's id of it.
    pub id: MessageId,
    /// Its place in the log.
    pub seq: MessageSeq,
    /// Who sent it; nobody for the system.
    pub from: Uid,
    /// The sender's number. A resend has the same, and is stored again.
    pub client_msg_no: String,
    /// When it was stored, in seconds since 1970.
    pub timestamp: i32,
    /// What was sent, decrypted.
    pub payload: Bytes,
}

impl DevServer {
    /// A server that is not started yet.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        addresses: Addresses,
        root_certificate: Option<String>,
        services: Vec<JoinHandle<()>>,
        state: Option<StateFile>,
    ) -> Self {
        Self { shared, addresses, root_certificate, services, state }
    }

    /// Where clients connect by TCP.
    pub fn tcp_addr(&self) -> SocketAddr {
        self.addresses.tcp
    }

    /// Where clients connect by TLS, if that was asked for.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.addresses.tls
    }

    /// Where clients connect by WebSocket, if that was asked for.
    pub fn ws_addr(&self) -> Option<SocketAddr> {
        self.addresses.ws
    }

    /// Where clients connect by WebSocket over TLS, if that was asked for.
    pub fn wss_addr(&self) -> Option<SocketAddr> {
        self.addresses.wss
    }

    /// The certificate (PEM) that clients have to trust, if there is a listener with TLS. It is good for `localhost`,
    /// `127.0.0.1` and `::1`.
    pub fn root_certificate(&self) -> Option<&str> {
        self.root_certificate.as_deref()
    }

    /// Where the HTTP API is.
    pub fn http_addr(&self) -> SocketAddr {
        self.addresses.http
    }

    /// The base URL of the HTTP API, without a slash at its end.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.addresses.http)
    }

    /// Serves a client over any byte stream, such as a pipe in memory or a simulated network, until its end.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn attach(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        tokio::spawn(gateway::attach(self.shared.clone(), stream));
    }

    /// What the server has done so far.
    pub fn stats(&self) -> Stats {
        self.shared.counters.snapshot()
    }

    /// Makes things go wrong from now on.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Gives a device its token, as `POST /user/token` with device level 0 does. It matters only with
    /// [`Builder::token_auth`].
    pub fn set_token(&self, uid: &Uid, device_flag: DeviceFlag, token: &str) {
        self.shared.world().set_token(uid.as_str(), device_flag, DeviceLevel::SLAVE, token);
    }

    /// Gives a master device its token, as `POST /user/token` with device level 1 does: running sessions of the
    /// flag are kicked.
    pub fn set_master_token(&self, uid: &Uid, device_flag: DeviceFlag, token: &str) {
        let silent_at = self.shared.token_silence();
        let mut world = self.shared.world();
        world.set_token(uid.as_str(), device_flag, DeviceLevel::MASTER, token);
        world.kick_for_token(uid.as_str(), device_flag, silent_at);
    }

    /// A channel, to change who may do what in it.
    pub fn channel(&self, channel: &ChannelId) -> ChannelAdmin<'_> {
        ChannelAdmin::new(&self.shared, channel.clone())
    }

    /// Sends a message as `POST /message/send` does: without a check of the sender, and shown as unread. An empty
    /// `from` is the system.
    pub fn send(
        &self,
        from: &Uid,
        channel: &ChannelId,
        client_msg_no: &str,
        payload: impl Into<Bytes>,
    ) -> MessageId {
        self.send_with(Setting::EMPTY, from, channel, client_msg_no, payload.into())
    }

    fn send_with(
        &self,
        setting: Setting,
        from: &Uid,
        channel: &ChannelId,
        client_msg_no: &str,
        payload: Bytes,
    ) -> MessageId {
        let now = self.shared.clock.unix_secs();
        let mut world = self.shared.world();
        // The HTTP API of v3 has no say about the red dot.
        let flags = if world.generation == Generation::V3 { Flags::EMPTY } else { Flags::RED_DOT };
        let id = world.next_message_id(self.shared.clock.unix_ms());
        let draft = Draft {
            id,
            flags,
            setting,
            from: sender_or_system(from.as_str()).into(),
            device_id: None,
            client_msg_no: client_msg_no.into(),
            channel_id: channel.id().into(),
            channel_type: channel.channel_type(),
            topic: "".into(),
            expire: 0,
            payload,
        };
        match world.send(draft, Origin::Http, now, &self.shared.faults) {
            Ok(_) => self.shared.counters.messages_stored.add(1),
            Err(reason) => tracing::debug!(%reason, "a message is dropped"),
        }
        id
    }

    /// Sends a message that is going to be written piece by piece, as `POST /message/send` with `is_stream` does. The
    /// pieces come by [`append_event`](Self::append_event).
    pub fn begin_stream(
        &self,
        from: &Uid,
        channel: &ChannelId,
        client_msg_no: &str,
        payload: impl Into<Bytes>,
    ) -> MessageId {
        let id = self.send_with(Setting::STREAM, from, channel, client_msg_no, payload.into());
        let key =
            (log_id(from.as_str(), channel.id(), channel.channel_type()).into(), channel.channel_type());
        let now_ms = self.shared.clock.unix_ms();
        self.shared.world().streams.begin(client_msg_no.into(), key, from.as_str().into(), id, now_ms);
        id
    }

    /// Adds an event to the main lane of a message that [`begin_stream`](Self::begin_stream) sent, as
    /// `POST /message/event` does: `kind` is `stream.delta`, `stream.snapshot`, `stream.close` or another one, `payload` its
    /// JSON. Members who are online are pushed it, but on v3, where they have to ask.
    ///
    /// # Errors
    ///
    /// If the payload is no JSON, and in the server's words if the stream does not take it.
    pub fn append_event(
        &self,
        from: &Uid,
        channel: &ChannelId,
        client_msg_no: &str,
        kind: &str,
        payload: &str,
    ) -> Result<(), String> {
        let now_ms = self.shared.clock.unix_ms();
        let mut world = self.shared.world();
        let message_id = world.streams.author(client_msg_no).map(|(_, id)| id).unwrap_or_default();
        let event = StreamEvent {
            channel: (
                log_id(from.as_str(), channel.id(), channel.channel_type()).into(),
                channel.channel_type(),
            ),
            shown_channel: channel.id().into(),
            client_msg_no: client_msg_no.into(),
            from: from.as_str().into(),
            message_id,
            lane: if kind == "stream.finish" { FINISH_LANE } else { MAIN_LANE }.into(),
            id: world.next_message_id(now_ms).to_string().into(),
            spelt_kind: kind.to_owned(),
            kind: kind.to_lowercase(),
            visibility: String::new(),
            occurred_at: now_ms,
            payload: Some(serde_json::from_str(payload).map_err(|error| error.to_string())?),
        };
        world.append_event(&event, now_ms).map(|_| ()).map_err(str::to_owned)
    }

    /// The log of the channel that `uid` calls `channel`, in order. A generated history is generated here, so this
    /// is for assertions on short logs.
    pub fn messages(&self, channel: &ChannelId, uid: &Uid) -> Vec<LoggedMessage> {
        let stored = stored_id_of(uid.as_str(), channel);
        let world = self.shared.world();
        let Some(channel) = world.channels.get(&stored, channel.channel_type()) else { return Vec::new() };
        let logged = channel.log.range(1..=channel.log.last_seq()).map(|message| LoggedMessage {
            id: message.id,
            seq: message.seq,
            from: Uid::from(message.visible_from()),
            client_msg_no: message.client_msg_no.to_string(),
            timestamp: message.timestamp,
            payload: message.payload.clone(),
        });
        logged.collect()
    }

    /// The last seq of the channel that `uid` calls `channel`, zero if nothing was sent.
    pub fn last_seq(&self, channel: &ChannelId, uid: &Uid) -> MessageSeq {
        let stored = stored_id_of(uid.as_str(), channel);
        let world = self.shared.world();
        let channel = world.channels.get(&stored, channel.channel_type());
        MessageSeq::new(channel.map_or(0, |channel| channel.log.last_seq()))
    }

    /// How many sessions a user has, those of zombies not included.
    pub fn session_count(&self, uid: &Uid) -> usize {
        self.shared.world().users.get(uid.as_str()).map_or(0, |user| user.sessions.len())
    }

    /// Closes all connections of a user, without a word.
    pub fn drop_sessions(&self, uid: &Uid) {
        self.sessions(|session| *session.uid == *uid.as_str()).iter().for_each(|session| session.close());
    }

    /// Closes all connections of everybody, without a word.
    pub fn drop_all_sessions(&self) {
        self.sessions(|_| true).iter().for_each(|session| session.close());
    }

    /// Makes the connections of a user half-open: they stay open, and nothing is read or written any more.
    pub fn silence_sessions(&self, uid: &Uid) {
        self.sessions(|session| *session.uid == *uid.as_str())
            .iter()
            .for_each(|session| session.go_half_open());
    }

    fn sessions(&self, wanted: impl Fn(&Session) -> bool) -> Vec<Arc<Session>> {
        let world = self.shared.world();
        let all = world.users.values().flat_map(|user| user.sessions.iter());
        all.filter(|session| wanted(session)).cloned().collect()
    }

    /// Writes the state file, if there is one ([`Builder::state_file`]).
    ///
    /// # Errors
    ///
    /// If it cannot be written; then it is as it was.
    pub fn save(&self) -> Result<(), DevServerError> {
        match &self.state {
            Some(file) => file.save(&self.shared.world()),
            None => Ok(()),
        }
    }

    /// Closes everything, waits until it is closed, and writes the state file, if there is one.
    ///
    /// # Errors
    ///
    /// If the state file cannot be written; then it is as it was.
    pub async fn shutdown(mut self) -> Result<(), DevServerError> {
        self.shared.stop.send_replace(true);
        for service in std::mem::take(&mut self.services) {
            if let Err(error) = service.await {
                tracing::error!(%error, "a service of the development server failed");
            }
        }
        // Every task holds a receiver for as long as it runs.
        self.shared.stop.closed().await;
        self.save()
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
    }
}
