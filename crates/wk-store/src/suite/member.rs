//! Suite: members.

use wk_model::{ChannelId, Member, MemberInfo, MemberQuery, MemberRole, Uid, Written};

use super::fixtures::{group, write};
use super::full::{HOSTILE, hostile_group, member, member_info};
use crate::{Store, StoreRead};

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let uids = HOSTILE.iter().flat_map(|uid| [member(&group(), uid), member(&hostile_group(), uid)]);
    let mut all: Vec<Member> = uids.collect();
    all.push(Member::new(group(), Uid::new("plain")));
    write(store, |tx| all.iter().for_each(|one| tx.put_member(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.member(&one.channel, &one.uid).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.member(&group(), &Uid::new("nobody")).unwrap(), None);
    assert_eq!(reader.member(&ChannelId::person("g"), &Uid::new("plain")).unwrap(), None);
    let gone = MemberInfo { deleted: true, robot: false, inviter: None, ..member_info(2) };
    write(store, |tx| {
        let uid = Uid::new(HOSTILE[0]);
        assert_eq!(tx.save_member(&group(), &uid, &gone).unwrap(), Written::Updated);
        assert_eq!(tx.member(&group(), &uid).unwrap().unwrap().info, gone);
    });
}

pub(super) fn a_version_replaces_only_older_and_nothing_local(store: &mut dyn Store) {
    let uid = Uid::new("bob");
    let named = |n: u64, name: &str| MemberInfo { name: name.into(), ..member_info(n) };
    write(store, |tx| {
        assert_eq!(tx.set_member_avatar_cache_key(&group(), &uid, "k").unwrap(), Written::Missing);
        assert_eq!(tx.save_member(&group(), &uid, &named(2, "two")).unwrap(), Written::Inserted);
        assert_eq!(tx.set_member_avatar_cache_key(&group(), &uid, "k").unwrap(), Written::Updated);
        assert_eq!(tx.set_member_avatar_cache_key(&group(), &uid, "k").unwrap(), Written::Unchanged);
        assert_eq!(tx.save_member(&group(), &uid, &named(1, "one")).unwrap(), Written::Older);
        assert_eq!(tx.save_member(&group(), &uid, &named(2, "other")).unwrap(), Written::Unchanged);
        assert_eq!(tx.save_member(&group(), &uid, &named(3, "three")).unwrap(), Written::Updated);
        let expected = Member { avatar_cache_key: "k".into(), info: named(3, "three"), ..member(&group(), "bob") };
        assert_eq!(tx.member(&group(), &uid).unwrap(), Some(expected));
    });
}

/// 40 members of three roles, every fifth gone; in the bytes' order of their uids.
fn fill(store: &mut dyn Store) -> Vec<Member> {
    let make = |n: u64| {
        let uid = match n % 4 {
            0 => format!("B{n:02}"),
            1 => format!("a{n:02}"),
            2 => format!("é{n:02}"),
            _ => format!("'{n:02}"),
        };
        let (role, deleted) = (MemberRole::new((n % 3) as u8), n.is_multiple_of(5));
        Member { info: MemberInfo { role, deleted, ..member_info(n) }, ..member(&group(), &uid) }
    };
    let mut all: Vec<Member> = (0..40).map(make).collect();
    write(store, |tx| {
        all.iter().for_each(|one| tx.put_member(one).unwrap());
        tx.put_member(&member(&ChannelId::person("g"), "a99")).unwrap();
        tx.put_member(&member(&ChannelId::group("h"), "a00")).unwrap();
    });
    all.sort_by(|a, b| a.uid.as_str().as_bytes().cmp(b.uid.as_str().as_bytes()));
    all.retain(|one| !one.info.deleted);
    all
}

pub(super) fn pages_join_without_a_seam(store: &mut dyn Store) {
    let all = fill(store);
    let mut reader = store.reader().unwrap();
    for role in [None, Some(MemberRole::MEMBER), Some(MemberRole::MANAGER), Some(MemberRole::new(9))] {
        let expected: Vec<Member> =
            all.iter().filter(|one| role.is_none_or(|role| role == one.info.role)).cloned().collect();
        for limit in [1, 7, 32, 100] {
            assert_eq!(pages(&mut *reader, role, limit), expected, "{role:?} by {limit}");
        }
    }
}

fn pages(read: &mut dyn StoreRead, role: Option<MemberRole>, limit: u32) -> Vec<Member> {
    let (channel, mut found) = (group(), Vec::<Member>::new());
    loop {
        let after = found.last().map(|last| last.uid.clone());
        let query = MemberQuery { channel: &channel, role, after: after.as_ref(), limit };
        let page = read.members(&query).unwrap();
        assert!(page.len() <= limit as usize);
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

pub(super) fn a_page_begins_behind_anybody(store: &mut dyn Store) {
    let all = fill(store);
    let mut reader = store.reader().unwrap();
    for after in ["", "a", "a01", "a02", "zz", "é99", "' OR '1'='1"] {
        let after = Uid::new(after);
        let query = MemberQuery { channel: &group(), role: None, after: Some(&after), limit: 100 };
        let expected: Vec<Member> = all.iter().filter(|one| one.uid > after).cloned().collect();
        assert_eq!(reader.members(&query).unwrap(), expected, "{after:?}");
    }
    let query = MemberQuery { channel: &group(), role: None, after: None, limit: 0 };
    assert_eq!(reader.members(&query).unwrap(), []);
}

pub(super) fn those_who_left_do_not_count(store: &mut dyn Store) {
    let all = fill(store);
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.count_members(&group(), None).unwrap(), all.len() as u64);
    assert_eq!(all.len(), 32);
    for role in 0..4 {
        let role = MemberRole::new(role);
        let expected = all.iter().filter(|one| one.info.role == role).count() as u64;
        assert_eq!(reader.count_members(&group(), Some(role)).unwrap(), expected);
    }
    assert_eq!(reader.count_members(&ChannelId::group("nobody"), None).unwrap(), 0);
}
