//! An event of a stream on its way: taken, and pushed to the members who are online.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::World;
use super::conversation::ChannelKey;
use super::session::{Outgoing, PushedEvent};
use super::stream::{StreamEvent, Taken};
use crate::config::Generation;

/// The data of EVENT. The channel is the sender's view of it, whoever gets it (docs/servers.md T52).
#[derive(Serialize)]
struct EventJson<'a> {
    client_msg_no: &'a str,
    channel_id: &'a str,
    channel_type: u8,
    from_uid: &'a str,
    message_id: i64,
    event_key: &'a str,
    msg_event_seq: u64,
    stream_status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    visibility: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a Value>,
}

impl World {
    /// Takes an event and pushes it, or says in the server's words why not. v3 pushes none.
    pub(crate) fn append_event(&mut self, event: &StreamEvent, now_ms: i64) -> Result<Taken, &'static str> {
        if self.generation == Generation::V3 {
            return self.streams_v3.take(event);
        }
        let taken = self.streams.take(event, now_ms)?;
        let data = EventJson {
            client_msg_no: &event.client_msg_no,
            channel_id: &event.shown_channel,
            channel_type: event.channel.1.value(),
            from_uid: &event.from,
            message_id: event.message_id.get(),
            event_key: &event.lane,
            msg_event_seq: taken.seq,
            stream_status: taken.status.as_str(),
            visibility: &event.visibility,
            payload: event.payload.as_ref(),
        };
        let pushed = PushedEvent {
            id: event.id.to_string(),
            event_type: event.spelt_kind.clone(),
            timestamp: event.occurred_at,
            data: serde_json::to_vec(&data).map_err(|_| "the event cannot be written as JSON")?.into(),
        };
        self.push_event(&event.channel, &Arc::new(pushed));
        Ok(taken)
    }

    /// To everybody in the channel, the sender too. Nobody acknowledges it, and it is not sent again.
    fn push_event(&self, (stored, channel_type): &ChannelKey, event: &Arc<PushedEvent>) {
        let receivers = self.receivers(stored, *channel_type);
        for session in receivers.iter().filter_map(|uid| self.users.get(uid)).flat_map(|user| &user.sessions)
        {
            session.push(Outgoing::Event(Arc::clone(event)));
        }
    }
}
