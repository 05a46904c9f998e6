//! Searching channels and members by their names.

use std::ops::Range;

use super::{FoldedText, SearchPattern};
use crate::{Channel, ChannelId, ChannelType, Member};

/// A search for channels or members by their names. A name is found as a text is, see [`SearchPattern`]: all terms in
/// one name. Empty text finds every name. Who was deleted or left is not found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameQuery {
    /// What the user typed.
    pub text: String,
    /// Only channels of this type, and only members of such.
    pub channel_type: Option<ChannelType>,
    /// Only members of this channel; for channels only this one.
    pub channel: Option<ChannelId>,
    /// The most hits.
    pub limit: u32,
}

impl NameQuery {
    /// A search of everything for what the user typed, with at most 20 hits.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), channel_type: None, channel: None, limit: 20 }
    }

    /// The same for channels of one type.
    #[must_use]
    pub fn channel_type(self, channel_type: ChannelType) -> Self {
        Self { channel_type: Some(channel_type), ..self }
    }

    /// The same in one channel.
    #[must_use]
    pub fn channel(self, channel: ChannelId) -> Self {
        Self { channel: Some(channel), ..self }
    }

    /// The same for at most so many hits.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// The hit that a channel is, if it is one. The pattern is that of the text, made once for many.
    pub fn channel_hit(&self, pattern: &SearchPattern, channel: &Channel) -> Option<ChannelHit> {
        if channel.info.deleted || !self.admits(&channel.id) {
            return None;
        }
        let name = NameMatch::find(pattern, channel.names())?;
        Some(ChannelHit { channel: channel.clone(), name })
    }

    /// The hit that a member is, if it is one. The pattern is that of the text, made once for many.
    pub fn member_hit(&self, pattern: &SearchPattern, member: &Member) -> Option<MemberHit> {
        if member.info.deleted || !self.admits(&member.channel) {
            return None;
        }
        let name = NameMatch::find(pattern, member.names())?;
        Some(MemberHit { member: member.clone(), name })
    }

    fn admits(&self, channel: &ChannelId) -> bool {
        self.channel_type.is_none_or(|channel_type| channel_type == channel.channel_type())
            && self.channel.as_ref().is_none_or(|only| only == channel)
    }
}

/// The name in which the terms of a search were found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameMatch {
    /// The name: the first of those it has, in the order in which they are shown.
    pub text: String,
    /// Where the terms stand in it: ranges of bytes, ascending, none touching another.
    pub highlights: Vec<Range<usize>>,
}

impl NameMatch {
    fn find<'a>(pattern: &SearchPattern, names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().find_map(|name| {
            let highlights = pattern.find(name)?;
            Some(Self { text: name.to_owned(), highlights })
        })
    }
}

/// A channel that was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelHit {
    /// The channel.
    pub channel: Channel,
    /// The name.
    pub name: NameMatch,
}

/// A member that was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberHit {
    /// The member.
    pub member: Member,
    /// The name.
    pub name: NameMatch,
}

impl Channel {
    /// Its names, in the order in which they are shown: the one this user gave it, its own, that of its account. Some are
    /// empty.
    pub fn names(&self) -> [&str; 3] {
        let remark = self.local.remark.as_ref().unwrap_or(&self.info.remark);
        [remark, &self.info.name, &self.info.username]
    }
}

impl Member {
    /// The names, in the order in which they are shown: the one this user gave, the one in the channel. Some are empty.
    pub fn names(&self) -> [&str; 2] {
        [&self.info.remark, &self.info.name]
    }
}

/// Names as searches compare them, in one text that a backend may keep and look through: where a pattern is found in
/// one of the names, each of its terms is in this text.
pub fn folded_names(names: &[&str]) -> String {
    let names: Vec<String> =
        names.iter().map(|name| FoldedText::new(name).chars().iter().collect()).collect();
    names.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_is_shown_is_found_first() {
        let mut channel = Channel::new(ChannelId::person("u1"));
        channel.info.name = "王小明".into();
        channel.info.username = "wxm".into();
        channel.info.remark = "小明同学".into();
        let hit = |channel: &Channel, text: &str| {
            let hit = NameQuery::new(text).channel_hit(&SearchPattern::new(text), channel)?;
            Some((hit.name.text, hit.name.highlights))
        };
        let found = |text: &str, highlights: Range<usize>| Some((text.to_owned(), vec![highlights]));
        assert_eq!(hit(&channel, "小明"), found("小明同学", 0..6));
        assert_eq!(hit(&channel, "王"), found("王小明", 0..3));
        assert_eq!(hit(&channel, "WX"), found("wxm", 0..2));
        assert_eq!(hit(&channel, "王 同学"), None);
        channel.local.remark = Some(String::new());
        assert_eq!(hit(&channel, "小明"), found("王小明", 3..9));
        assert_eq!(hit(&channel, "同学"), None);
        channel.info.deleted = true;
        assert_eq!(hit(&channel, "小明"), None);
    }

    #[test]
    fn folded_names_have_every_term_that_is_found() {
        let names = ["Ｂob ❤\u{FE0F}好", "", "李ИЯ"];
        let folded = folded_names(&names);
        assert_eq!(folded, "bob ❤好\n\n李ия");
        for text in ["b", "BOB", "❤\u{FE0F}好", "❤好", "李и", "Я"] {
            let pattern = SearchPattern::new(text);
            let found = names.iter().any(|name| pattern.find(name).is_some());
            assert!(
                !found || pattern.terms().all(|term| folded.contains(&term.iter().collect::<String>())),
                "{text}"
            );
        }
    }
}
