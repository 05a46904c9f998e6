//! POST /channel/messagesync and messagesyncbatch (v3): pages of what a member may see of a log (docs/servers.md §5).

use serde::Serialize;
use serde_json::{Value, json};
use wk_model::ChannelType;

use super::message_json::MessageJson;
use super::{Answer, Call, Reply, malformed, read};
use crate::http::body::{BodyError, Fields};
use crate::world::World;
use crate::world::conversation::ChannelKey;
use crate::world::v3::reads::{Hidden, Seen, stored_id};

struct Stretch {
    channel_id: String,
    channel_type: ChannelType,
    start: u64,
    end: u64,
    limit: usize,
    newer: bool,
    summary: Summary,
}

#[derive(Serialize)]
struct PageJson {
    start_message_seq: u64,
    end_message_seq: u64,
    more: u8,
    messages: Vec<MessageJson>,
}

#[derive(Serialize)]
struct ItemJson {
    channel_id: String,
    channel_type: u8,
    #[serde(flatten)]
    page: PageJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn stretch(fields: &Fields) -> Result<Stretch, BodyError> {
    const MAX_LIMIT: usize = 10_000;
    let mode: u8 = fields.integer("pull_mode", "uint8")?;
    let limit: i64 = fields.integer("limit", "int")?;
    Ok(Stretch {
        channel_id: fields.string("channel_id")?.trim().to_owned(),
        channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
        start: fields.integer("start_message_seq", "uint64")?,
        end: fields.integer("end_message_seq", "uint64")?,
        limit: match usize::try_from(limit) {
            Ok(0) | Err(_) => 100,
            Ok(limit) => limit.min(MAX_LIMIT),
        },
        newer: mode != 0,
        summary: Summary::read(fields)?,
    })
}

impl Stretch {
    fn key(&self, uid: &str) -> Result<ChannelKey, Reply> {
        let flaw = if uid.is_empty() {
            "login_uid不能为空！"
        } else if self.channel_id.is_empty() {
            "channel_id不能为空！"
        } else if self.channel_type.value() == 0 {
            "channel_type不能为空！"
        } else {
            let stored = stored_id(uid, &self.channel_id, self.channel_type);
            let stored = stored.ok_or_else(|| Reply::refused("runtime/channelid: invalid person channel"))?;
            return Ok((stored.into(), self.channel_type));
        };
        Err(Reply::refused(flaw))
    }

    /// The page, in ascending order. Nothing that the reader may not see is in it.
    fn page(&self, seen: &Seen<'_>, reader: &str) -> PageJson {
        let (log, floor) = (&seen.channel.log, seen.membership.deleted_to);
        let &Self { start, end, limit, .. } = self;
        let (last, mut messages, more);
        if self.newer {
            last = if end == 0 { log.last_seq() } else { end - 1 };
            let mut rest = log.range(start.max(floor + 1)..=last);
            messages = rest.by_ref().take(limit).collect::<Vec<_>>();
            more = rest.next().is_some();
        } else {
            // Without a start it begins at the end, whatever the end of the stretch is.
            last = if start == 0 { log.last_seq() } else { start };
            let mut rest = log.range(end.max(floor).saturating_add(1)..=last).rev();
            messages = rest.by_ref().take(limit).collect::<Vec<_>>();
            more = rest.next().is_some();
            messages.reverse();
        }
        PageJson {
            start_message_seq: start,
            end_message_seq: end,
            more: u8::from(more),
            messages: messages.iter().map(|message| MessageJson::new(message, reader)).collect(),
        }
    }

    /// An answer without messages.
    const fn nothing(&self) -> PageJson {
        PageJson { start_message_seq: self.start, end_message_seq: self.end, more: 0, messages: Vec::new() }
    }
}

pub(super) fn words(hidden: &Hidden, channel_type: ChannelType) -> String {
    match hidden {
        Hidden::NoMember => "internal/message: valid channel membership required".to_owned(),
        Hidden::Disbanded => "internal/message: channel disbanded".to_owned(),
        Hidden::Empty(id) => {
            let channel_type = channel_type.value();
            format!(
                "internal/message: channel not found: channel: channel not found: {{{id} {channel_type}}}"
            )
        }
    }
}

fn pull(world: &mut World, uid: &str, stretch: &Stretch) -> Result<Result<PageJson, Hidden>, Reply> {
    let key = stretch.key(uid)?;
    let mut page = world.seen(uid, &key).map(|seen| stretch.page(&seen, uid));
    if let (Ok(page), Some(is_full)) = (&mut page, stretch.summary.is_full()) {
        page.messages.iter_mut().for_each(|message| message.add_stream(&world.streams_v3, &key, is_full));
    }
    Ok(page)
}

/// What is told of messages that are written piece by piece.
#[derive(Clone, Copy)]
enum Summary {
    Nothing,
    Basic,
    Full,
}

impl Summary {
    fn read(fields: &Fields) -> Result<Self, BodyError> {
        let mode = fields.string("event_summary_mode")?.trim().to_lowercase();
        Ok(match &*mode {
            "" if fields.integer::<i64>("include_event_meta", "int")? == 1 => Self::Full,
            "" => Self::Nothing,
            "full" => Self::Full,
            _ => Self::Basic,
        })
    }

    const fn is_full(self) -> Option<bool> {
        match self {
            Self::Nothing => None,
            Self::Basic => Some(false),
            Self::Full => Some(true),
        }
    }
}

pub(super) fn page(call: &Call<'_>) -> Answer {
    let (uid, stretch) =
        read(call, |fields| Ok((fields.string("login_uid")?.trim().to_owned(), stretch(fields)?)))?;
    let page = pull(&mut call.shared.world(), &uid, &stretch)?;
    let page = page.map_err(|hidden| Reply::refused(words(&hidden, stretch.channel_type)))?;
    call.shared.counters.messages_pulled.add(page.messages.len() as u64);
    Ok(Reply::json(&page))
}

/// One channel that the user is no member of fails all; one without messages only itself.
pub(super) fn batch(call: &Call<'_>) -> Answer {
    const AT_ONCE: usize = 200;
    let (uid, items) = read(call, |fields| {
        Ok((fields.string("login_uid")?.trim().to_owned(), fields.value("items").cloned()))
    })?;
    if uid.is_empty() {
        return Err(Reply::refused("login_uid不能为空！"));
    }
    let items = match items {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) | None => {
            return Err(Reply::refused("internal/message: batch message sync items required"));
        }
        Some(_) => return Err(malformed()),
    };
    if items.len() > AT_ONCE {
        return Err(Reply::refused(format!("internal/message: batch message sync exceeds {AT_ONCE} items")));
    }
    let mut answers = Vec::new();
    let mut world = call.shared.world();
    for item in items {
        let Value::Object(members) = item else { return Err(malformed()) };
        let stretch = stretch(&Fields::of_object(members, "")).map_err(|_| malformed())?;
        let (page, error) = match pull(&mut world, &uid, &stretch)? {
            Ok(page) => (page, None),
            Err(hidden @ Hidden::Empty(_)) => (stretch.nothing(), Some(words(&hidden, stretch.channel_type))),
            Err(hidden) => return Err(Reply::refused(words(&hidden, stretch.channel_type))),
        };
        call.shared.counters.messages_pulled.add(page.messages.len() as u64);
        let (channel_id, channel_type) = (stretch.channel_id, stretch.channel_type.value());
        answers.push(ItemJson { channel_id, channel_type, page, error });
    }
    Ok(Reply::json(&json!({ "items": answers })))
}
