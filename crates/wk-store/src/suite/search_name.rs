//! Suite: finding channels and members by their names.

use wk_model::{
    Channel, ChannelHit, ChannelId, ChannelInfo, ChannelLocal, ChannelType, Member, MemberHit, MemberInfo, NameQuery, Uid,
};

use super::fixtures::{group, write, write_and_drop};
use super::full::HOSTILE;
use crate::{Store, StoreRead};

fn named(id: &ChannelId, name: &str) -> Channel {
    let info = ChannelInfo { name: name.into(), ..ChannelInfo::default() };
    Channel { info, ..Channel::new(id.clone()) }
}

fn member(channel: &ChannelId, uid: &str, name: &str) -> Member {
    let info = MemberInfo { name: name.into(), ..MemberInfo::default() };
    Member { info, ..Member::new(channel.clone(), Uid::new(uid)) }
}

fn channels(store: &dyn Store, query: &NameQuery) -> Vec<ChannelHit> {
    store.reader().unwrap().search_channels(query).unwrap()
}

fn members(store: &dyn Store, query: &NameQuery) -> Vec<MemberHit> {
    store.reader().unwrap().search_members(query).unwrap()
}

fn ids(store: &dyn Store, query: &NameQuery) -> Vec<String> {
    channels(store, query).iter().map(|hit| hit.channel.id.id().to_owned()).collect()
}

fn uids(store: &dyn Store, query: &NameQuery) -> Vec<String> {
    members(store, query).iter().map(|hit| hit.member.uid.as_str().to_owned()).collect()
}

pub(super) fn channels_are_found_by_every_name(store: &mut dyn Store) {
    let person = |id: &str| ChannelId::person(id);
    let remark = |id: &str, remark: &str| {
        let local = ChannelLocal { remark: Some(remark.into()), ..ChannelLocal::default() };
        Channel { local, ..named(&person(id), "原名字") }
    };
    let username = ChannelInfo { username: "Chen_01".into(), ..ChannelInfo::default() };
    let deleted = ChannelInfo { deleted: true, ..named(&person("e"), "天气预报").info };
    write(store, |tx| {
        for channel in [
            named(&group(), "天气讨论组"),
            named(&person("a"), "Weather Bot"),
            remark("b", "老天气先生"),
            Channel { info: username, ..Channel::new(person("c")) },
            named(&person("d"), "Snapped"),
            Channel { info: deleted, ..Channel::new(person("e")) },
        ] {
            tx.put_channel(&channel).unwrap();
        }
    });
    let query = NameQuery::new;
    for (text, expected) in [
        ("天气", vec!["b", "g"]),
        ("天", vec!["b", "g"]),
        ("讨论 天气", vec!["g"]),
        ("天气 先生 讨论", vec![]),
        ("WEA", vec!["a"]),
        ("bot weather", vec!["a"]),
        ("ｂｏｔ", vec!["a"]),
        ("chen", vec!["c"]),
        ("_01", vec!["c"]),
        ("napped", vec![]),
        ("原名", vec!["b"]),
        ("%", vec![]),
    ] {
        assert_eq!(ids(store, &query(text)), expected, "{text}");
    }
    assert_eq!(ids(store, &query("天气").channel_type(ChannelType::GROUP)), ["g"]);
    assert_eq!(ids(store, &query("天气").channel(person("b"))), ["b"]);
    assert_eq!(ids(store, &query("天气").limit(1)), ["b"]);
    assert_eq!(ids(store, &query("天气").limit(0)), [""; 0]);
    assert_eq!(ids(store, &query(" ")), ["a", "b", "c", "d", "g"]);
    let hits = channels(store, &query("天气"));
    assert_eq!((hits[0].name.text.as_str(), &hits[0].name.highlights[0]), ("老天气先生", &(3..9)));
}

pub(super) fn members_are_found_in_one_channel_or_all(store: &mut dyn Store) {
    let other = ChannelId::group("h");
    let left = MemberInfo { deleted: true, ..member(&group(), "x", "小明").info };
    let remarked = MemberInfo { remark: "小明".into(), ..member(&group(), "y", "Ming").info };
    write(store, |tx| {
        for member in [
            member(&other, "a", "王小明"),
            member(&group(), "b", "小明明"),
            member(&group(), "a", "大明"),
            Member { info: left, ..Member::new(group(), Uid::new("l")) },
            Member { info: remarked, ..Member::new(group(), Uid::new("r")) },
        ] {
            tx.put_member(&member).unwrap();
        }
    });
    let query = NameQuery::new;
    assert_eq!(uids(store, &query("小明").channel(group())), ["b", "r"]);
    assert_eq!(uids(store, &query("小明")), ["b", "r", "a"]);
    assert_eq!(uids(store, &query("明").channel(group())), ["a", "b", "r"]);
    assert_eq!(uids(store, &query("ming")), ["r"]);
    assert_eq!(uids(store, &query("小明").channel(ChannelId::group("unknown"))), [""; 0]);
    assert_eq!(uids(store, &query("小明").channel_type(ChannelType::PERSON)), [""; 0]);
    assert_eq!(uids(store, &query("小明").limit(2)), ["b", "r"]);
    assert_eq!(members(store, &query("小明"))[0].name.highlights[0], 0..6);
}

pub(super) fn names_that_change_are_found_as_they_are(store: &mut dyn Store) {
    write(store, |tx| {
        tx.put_channel(&named(&group(), "旧名")).unwrap();
        tx.put_member(&member(&group(), "a", "旧名")).unwrap();
        tx.put_channel(&named(&group(), "新名")).unwrap();
        tx.put_member(&member(&group(), "a", "新名")).unwrap();
        assert_eq!(tx.search_channels(&NameQuery::new("新名")).unwrap().len(), 1);
    });
    write_and_drop(store, |tx| tx.put_channel(&named(&group(), "别的")).unwrap());
    for (text, count) in [("旧名", 0), ("新名", 1), ("别的", 0)] {
        assert_eq!(channels(store, &NameQuery::new(text)).len(), count, "{text}");
    }
    assert_eq!(members(store, &NameQuery::new("旧名")), []);
    assert_eq!(members(store, &NameQuery::new("新名")).len(), 1);
}

pub(super) fn hostile_names_are_plain_text(store: &mut dyn Store) {
    let ids = HOSTILE.iter().map(|name| (ChannelId::group(*name), *name));
    write(store, |tx| {
        for (id, name) in ids.clone() {
            tx.put_channel(&named(&id, name)).unwrap();
            tx.put_member(&member(&id, name, name)).unwrap();
        }
    });
    let mut reader = store.reader().unwrap();
    for (id, name) in ids {
        let found = reader.search_channels(&NameQuery::new(name)).unwrap();
        assert!(found.iter().any(|hit| hit.channel.id == id), "{name}");
        let found = reader.search_members(&NameQuery::new(name)).unwrap();
        assert!(found.iter().any(|hit| hit.member.channel == id), "{name}");
    }
    let all = |reader: &mut dyn StoreRead, text: &str| reader.search_channels(&NameQuery::new(text)).unwrap().len();
    assert_eq!(all(&mut *reader, "%_\\"), 1);
    assert_eq!(all(&mut *reader, "_%"), 0);
}
