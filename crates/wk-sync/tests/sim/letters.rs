//! The truth: what everybody wrote, and who may see it.

use std::collections::HashMap;

use bytes::Bytes;
use wk_sync::store::model::{ChannelId, ChannelType, text_payload};

/// The users who have devices here. Others write through the server's HTTP side only.
pub const PEOPLE: [&str; 3] = ["alice", "bob", "carol"];

/// What the names of the groups of one begin with, which have a long history.
pub const OLD: &str = "old-";

/// What the name of a file begins with that is not uploaded.
const DRAFT: &str = "file:";

/// A writer without a device.
pub const ROBOT: &str = "robot";

/// Who may see something, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A content type that lists do not show.
    Hidden,
    /// Nobody but its writer and this one.
    OnlyFor(&'static str),
    /// SyncOnce.
    Command,
    /// NoPersist.
    Transient,
}

/// Something that somebody wrote. Its payload is unlike any other.
#[derive(Debug, Clone)]
pub struct Letter {
    pub author: String,
    /// The device it was written on; none for the robot's.
    pub device: Option<usize>,
    /// Where, by the server's name for it.
    pub log: ChannelId,
    pub kind: Kind,
    /// The number that it was first seen with on the wire.
    pub number: Option<String>,
    /// It was handed to a connection.
    pub handed: bool,
    /// The server refused it for now at least once: later ones may have overtaken it.
    pub delayed: bool,
    /// Its writer took it back, or sent it again later.
    pub withdrawn: bool,
    /// The server refused it for good.
    pub refused: bool,
    /// What it names was not uploaded at least once.
    pub not_uploaded: bool,
    /// When it was written, and for how many seconds it lives.
    pub life: Option<(i64, u32)>,
    /// How many seconds it is left to its readers.
    pub burns: Option<u32>,
    /// How often what it names was uploaded.
    uploads: u32,
    /// What it said on the wire.
    pub sent: Option<Bytes>,
}

impl Letter {
    /// Whether a list shows this to a reader.
    fn is_shown_to(&self, reader: &str) -> bool {
        match self.kind {
            Kind::Text | Kind::Transient => true,
            Kind::Hidden | Kind::Command => false,
            Kind::OnlyFor(one) => reader == one || reader == self.author,
        }
    }
}

/// Everything that was ever written.
#[derive(Debug, Default)]
pub struct Letters {
    all: Vec<Letter>,
    by_payload: HashMap<Bytes, usize>,
}

impl Letters {
    pub fn write(&mut self, author: &str, device: Option<usize>, log: ChannelId, kind: Kind) -> Bytes {
        let text = format!("{author} {}", self.all.len());
        let payload = match kind {
            Kind::Text | Kind::Transient => text_payload(&text),
            Kind::Hidden | Kind::Command => Bytes::from(format!(r#"{{"type":99,"cmd":"{text}"}}"#)),
            Kind::OnlyFor(reader) => {
                Bytes::from(format!(r#"{{"type":1,"content":"{text}","visibles":["{reader}"]}}"#))
            }
        };
        self.by_payload.insert(payload.clone(), self.all.len());
        self.all.push(Letter {
            author: author.to_owned(),
            device,
            log,
            kind,
            number: None,
            handed: false,
            delayed: false,
            withdrawn: false,
            refused: false,
            not_uploaded: false,
            life: None,
            burns: None,
            uploads: 0,
            sent: None,
        });
        payload
    }

    /// The letter as one that burns when it was viewed.
    pub fn burning(&mut self, payload: &Bytes, seconds: u32) -> Bytes {
        let at = self.find(payload).unwrap();
        self.all[at].burns = Some(seconds);
        let payload = format!(r#"{{"type":1,"content":"ash {at}","flame":1,"flame_second":{seconds}}}"#);
        let payload = Bytes::from(payload);
        self.by_payload.insert(payload.clone(), at);
        payload
    }

    pub fn at(&self, number: usize) -> &Letter {
        &self.all[number]
    }

    /// The draft of a letter that has something to upload.
    pub fn attach(&mut self, payload: &Bytes) -> Bytes {
        let at = self.find(payload).unwrap();
        let draft = Bytes::from(format!(r#"{{"type":2,"url":"{DRAFT}{at}"}}"#));
        self.by_payload.insert(draft.clone(), at);
        draft
    }

    pub fn is_draft(&self, payload: &Bytes) -> bool {
        str::from_utf8(payload).unwrap().contains(DRAFT)
    }

    /// What a draft becomes by an upload: each one stores the file anew.
    pub fn upload(&mut self, draft: &Bytes) -> Bytes {
        assert!(self.is_draft(draft), "uploaded already: {draft:?}");
        let at = self.find(draft).unwrap();
        self.all[at].uploads += 1;
        let payload = format!(r#"{{"type":2,"url":"https:{at}/{}"}}"#, self.all[at].uploads);
        let payload = Bytes::from(payload);
        self.by_payload.insert(payload.clone(), at);
        payload
    }

    /// Its number in the order of writing; none for what nobody wrote.
    pub fn find(&self, payload: &Bytes) -> Option<usize> {
        self.by_payload.get(payload).copied()
    }

    pub fn get(&self, payload: &Bytes) -> &Letter {
        self.find(payload).map(|at| &self.all[at]).unwrap_or_else(|| panic!("nobody wrote {payload:?}"))
    }

    pub fn get_mut(&mut self, payload: &Bytes) -> &mut Letter {
        let at = self.find(payload).unwrap_or_else(|| panic!("nobody wrote {payload:?}"));
        &mut self.all[at]
    }

    /// Whether a list shows this to a reader. What nobody wrote is history from before, and plain text.
    pub fn shows(&self, payload: &Bytes, reader: &str) -> bool {
        self.find(payload).is_none_or(|at| self.all[at].is_shown_to(reader))
    }
}

/// The server's name for a channel that `uid` calls so: persons share one log.
pub fn log_of(uid: &str, channel: &ChannelId) -> ChannelId {
    if channel.channel_type() != ChannelType::PERSON {
        return channel.clone();
    }
    let (low, high) = if uid < channel.id() { (uid, channel.id()) } else { (channel.id(), uid) };
    ChannelId::person(format!("{low}@{high}"))
}

/// What `uid` calls a log.
pub fn channel_of(uid: &str, log: &ChannelId) -> ChannelId {
    match log.id().split_once('@') {
        Some((low, high)) => ChannelId::person(if low == uid { high } else { low }),
        None => log.clone(),
    }
}

/// The groups: all three, and two of them.
pub fn groups() -> Vec<(ChannelId, Vec<&'static str>)> {
    vec![(ChannelId::group("all"), PEOPLE.to_vec()), (ChannelId::group("two"), PEOPLE[..2].to_vec())]
}

/// Who reads a log.
pub fn members(log: &ChannelId) -> Vec<String> {
    match log.id().split_once('@') {
        Some((low, high)) => vec![low.to_owned(), high.to_owned()],
        None if log.id().starts_with(OLD) => vec![PEOPLE[0].to_owned()],
        None => {
            let group = groups().into_iter().find(|(group, _)| group == log);
            group.map(|(_, members)| members.into_iter().map(str::to_owned).collect()).unwrap_or_default()
        }
    }
}

/// All that a user may write to.
pub fn channels_of(uid: &str) -> Vec<ChannelId> {
    let groups = groups().into_iter().filter(|(_, members)| members.contains(&uid)).map(|(group, _)| group);
    let peers = PEOPLE.into_iter().filter(|peer| *peer != uid).map(ChannelId::person);
    groups.chain(peers).collect()
}
