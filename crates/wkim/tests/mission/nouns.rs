//! One stream for each noun and one for all, and what is asked of each noun.

use std::sync::Arc;

use async_trait::async_trait;
use wk_devserver::DevServer;
use wkim::model::{
    ChannelFilter, ChannelInfo, ChannelLocal, MemberInfo, MemberRole, PinnedMessage, Presence, Reminder,
    ReminderFilter, ReminderId, ReminderKind, Robot, RobotMenu, Version,
};
use wkim::source::{AccountFetch, ChannelFetch, Offers};
use wkim::{
    ChannelId, ChannelType, DataSource, DeviceFlag, Event, MessageEvent, MessageId, MessageSeq, PageQuery,
    SourceError, Uid, UnixMillis,
};

use crate::common::{PATIENCE, Player, client, serve};

/// A backend that offers everything and knows one of each.
struct Backend;

fn robot(id: &Uid) -> Robot {
    let menu = RobotMenu { command: "/help".into(), remark: "helps".into(), kind: "cmd".into() };
    Robot {
        id: id.clone(),
        username: "weather".into(),
        status: 1,
        version: Version::new(1),
        inline_on: true,
        placeholder: "a city".into(),
        menus: vec![menu],
    }
}

fn reminder() -> Reminder {
    Reminder {
        id: ReminderId::new(3),
        channel: ChannelId::group("team"),
        message_id: MessageId::new(1),
        seq: MessageSeq::new(1),
        kind: ReminderKind::JOIN_REQUEST,
        uid: None,
        publisher: None,
        text: "wants to join".into(),
        data: String::new(),
        locate: false,
        version: Version::new(1),
        done: false,
        done_unsent: false,
    }
}

#[async_trait]
impl DataSource for Backend {
    fn offers(&self) -> Offers {
        Offers::ALL
    }

    async fn pinned_messages(&self, request: &ChannelFetch) -> Result<Vec<PinnedMessage>, SourceError> {
        let pinned = PinnedMessage {
            message_id: MessageId::new(77),
            channel: request.channel.clone(),
            seq: MessageSeq::new(1),
            version: Version::new(1),
            deleted: false,
        };
        Ok(if request.after < pinned.version { vec![pinned] } else { Vec::new() })
    }

    async fn members(&self, request: &ChannelFetch) -> Result<Vec<(Uid, MemberInfo)>, SourceError> {
        let member = |uid: &str, role, version| {
            let info = MemberInfo {
                version: Version::new(version),
                name: uid.to_uppercase(),
                role,
                ..MemberInfo::default()
            };
            (Uid::new(uid), info)
        };
        let mut members = vec![
            member("alice", MemberRole::MEMBER, 1),
            member("bob", MemberRole::CREATOR, 2),
            member("carol", MemberRole::MEMBER, 3),
        ];
        members.retain(|(_, info)| info.version > request.after);
        Ok(members)
    }

    async fn channel(
        &self,
        _: &Uid,
        channel: &ChannelId,
    ) -> Result<(ChannelInfo, Option<Presence>), SourceError> {
        let name = format!("the {}", channel.id());
        let info = ChannelInfo { version: Version::new(1), name, mute: true, ..ChannelInfo::default() };
        let online =
            Presence { online: true, last_offline: UnixMillis::new(0), device_flag: DeviceFlag::APP };
        Ok((info, (channel.channel_type() == ChannelType::PERSON).then_some(online)))
    }

    async fn robot(&self, _: &Uid, id: &Uid) -> Result<Robot, SourceError> {
        Ok(robot(id))
    }

    async fn reminders(&self, request: &AccountFetch) -> Result<Vec<Reminder>, SourceError> {
        Ok(if request.after < Version::new(1) { vec![reminder()] } else { Vec::new() })
    }

    async fn reactions(&self, _: &ChannelFetch) -> Result<Vec<wkim::model::Reaction>, SourceError> {
        Ok(Vec::new())
    }

    async fn message_extras(
        &self,
        _: &ChannelFetch,
    ) -> Result<Vec<(MessageId, wkim::model::MessageExtraInfo)>, SourceError> {
        Ok(Vec::new())
    }
}

/// The next of a stream, within a test's patience.
macro_rules! next {
    ($events:expr) => {
        tokio::time::timeout(PATIENCE, $events.next()).await.expect("nothing came").unwrap()
    };
}

#[tokio::test]
async fn every_noun_has_a_stream_of_its_own_and_what_it_tells_is_there() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::start(client(&server, "alice").data_source(Arc::new(Backend)));
    let client = &alice.client;
    let mut all = client.events();
    let mut channels = client.channels().events();
    let mut members = client.members().events();
    let mut reminders = client.reminders().events();
    let mut commands = client.commands().events();
    let mut robots = client.robots().events();
    let mut messages = client.messages().events();
    client.connection().login().await.unwrap();
    let (team, weather) = (ChannelId::group("team"), Uid::new("weather-1"));

    // Reminders are asked for after each connect.
    assert_eq!(next!(reminders).first(), Some(&team));
    let filter = ReminderFilter::default();
    assert_eq!(client.reminders().list(&filter).await.unwrap(), [reminder()]);

    client.robots().refresh(&weather).await.unwrap();
    assert_eq!(next!(robots), weather);
    assert_eq!(client.robots().by_id(&weather).await.unwrap(), Some(robot(&weather)));
    assert_eq!(client.robots().by_id(&Uid::new("nobody")).await.unwrap(), None);

    client.members().refresh(&team).await.unwrap();
    assert_eq!(next!(members), team);
    let bob = client.members().by_uid(&team, &Uid::new("bob")).await.unwrap().unwrap();
    assert_eq!((bob.display_name(), bob.info.role), ("BOB", MemberRole::CREATOR));
    assert_eq!(client.members().count(&team, Some(MemberRole::MEMBER)).await.unwrap(), 2);
    let page = client.members().page(&team, None, Some(&Uid::new("alice")), 1).await.unwrap();
    assert_eq!(page[0].uid, Uid::new("bob"));

    for channel in [&team, &ChannelId::person("bob")] {
        client.channels().refresh(channel).await.unwrap();
        assert_eq!(next!(channels), *channel);
    }
    let known = client.channels().by_id(&ChannelId::person("bob")).await.unwrap().unwrap();
    assert!(known.presence.online && known.is_muted());
    let local = ChannelLocal { mute: Some(false), remark: Some("ours".into()), ..ChannelLocal::default() };
    client.channels().set_local(&team, local).await.unwrap();
    assert_eq!(next!(channels), team);
    let known = client.channels().list(&ChannelFilter::default()).await.unwrap();
    let names: Vec<_> = known.iter().map(|channel| channel.display_name()).collect();
    assert_eq!(names, ["the bob", "ours"]);

    // What is pinned is asked for when a channel is opened.
    client.messages().history(PageQuery::newest(team.clone())).await.unwrap();
    loop {
        if let MessageEvent::Pinned(channel) = next!(messages) {
            assert_eq!(channel, team);
            break;
        }
    }
    assert_eq!(client.messages().pinned(&team).await.unwrap()[0].message_id, MessageId::new(77));

    let to_alice = ChannelId::person("alice");
    server.send(&Uid::new(""), &to_alice, "", &br#"{"type":99,"cmd":"room.invoke","param":{"n":1}}"#[..]);
    let command = next!(commands);
    assert_eq!((command.command.cmd.as_str(), command.command.param.integer("n")), ("room.invoke", Some(1)));

    // The stream of all has every one of them, in the order in which they became true.
    let mut kinds = Vec::new();
    while !matches!(kinds.last(), Some(&"command")) {
        let kind = match next!(all) {
            Event::Reminders(_) => "reminder",
            Event::Robot(_) => "robot",
            Event::Members(_) => "members",
            Event::Channel(_) => "channel",
            Event::PinnedMessages(_) => "pinned",
            Event::Command(_) => "command",
            _ => continue,
        };
        kinds.push(kind);
    }
    let expected = ["reminder", "robot", "members", "channel", "channel", "channel", "pinned", "command"];
    assert_eq!(kinds, expected);
}
