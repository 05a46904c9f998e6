//! Suite: channels.

use wk_model::{
    Channel, ChannelFilter, ChannelId, ChannelInfo, ChannelLocal, ChannelType, Presence, Version, Written,
};

use super::fixtures::{group, write};
use super::full::{channel, channel_info, channel_local, hostile_group, presence, version};
use crate::{Store, StoreError};

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let all = [channel(&group()), channel(&hostile_group()), Channel::new(ChannelId::person("g"))];
    write(store, |tx| all.iter().for_each(|one| tx.put_channel(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.channel(&one.id).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.channel(&ChannelId::person("nobody")).unwrap(), None);
    // Each switch and each pending setting has its own place.
    let switches: [fn(&mut Channel) -> &mut bool; 12] = [
        |c| &mut c.info.deleted,
        |c| &mut c.info.top,
        |c| &mut c.info.mute,
        |c| &mut c.info.save,
        |c| &mut c.info.show_nick,
        |c| &mut c.info.follow,
        |c| &mut c.info.forbidden,
        |c| &mut c.info.invite,
        |c| &mut c.info.receipt,
        |c| &mut c.info.robot,
        |c| &mut c.info.flame,
        |c| &mut c.presence.online,
    ];
    let settings: [fn(&mut Channel) -> &mut Option<bool>; 4] =
        [|c| &mut c.local.top, |c| &mut c.local.mute, |c| &mut c.local.save, |c| &mut c.local.show_nick];
    write(store, |tx| {
        for switch in switches {
            let mut one = Channel::new(group());
            *switch(&mut one) = true;
            tx.put_channel(&one).unwrap();
            assert_eq!(tx.channel(&group()).unwrap(), Some(one));
        }
        for setting in settings {
            let mut one = Channel::new(group());
            *setting(&mut one) = Some(false);
            tx.put_channel(&one).unwrap();
            assert_eq!(tx.channel(&group()).unwrap(), Some(one));
        }
    });
}

pub(super) fn older_and_equal_versions_are_ignored_and_said(store: &mut dyn Store) {
    write(store, |tx| {
        let named = |n: u64, name: &str| ChannelInfo { name: name.into(), ..channel_info(n) };
        assert_eq!(tx.save_channel_info(&group(), &named(2, "two")).unwrap(), Written::Inserted);
        assert_eq!(tx.save_channel_info(&group(), &named(1, "one")).unwrap(), Written::Older);
        assert_eq!(tx.save_channel_info(&group(), &named(2, "other")).unwrap(), Written::Unchanged);
        let unversioned = ChannelInfo { version: Version::ZERO, ..channel_info(0) };
        assert_eq!(tx.save_channel_info(&group(), &unversioned).unwrap(), Written::Older);
        assert_eq!(tx.channel(&group()).unwrap().unwrap().info, named(2, "two"));
        assert_eq!(tx.save_channel_info(&group(), &named(3, "three")).unwrap(), Written::Updated);
        assert_eq!(tx.channel(&group()).unwrap().unwrap().info, named(3, "three"));
    });
}

pub(super) fn without_versions_the_later_word_counts(store: &mut dyn Store) {
    let named = |name: &str| ChannelInfo { name: name.into(), ..ChannelInfo::default() };
    write(store, |tx| {
        assert_eq!(tx.save_channel_info(&group(), &named("a")).unwrap(), Written::Inserted);
        assert_eq!(tx.save_channel_info(&group(), &named("b")).unwrap(), Written::Updated);
        assert_eq!(tx.save_channel_info(&group(), &named("b")).unwrap(), Written::Unchanged);
        assert_eq!(tx.channel(&group()).unwrap().unwrap().info.name, "b");
    });
}

pub(super) fn what_the_server_says_erases_nothing_local(store: &mut dyn Store) {
    write(store, |tx| {
        assert_eq!(tx.set_channel_local(&group(), &channel_local()).unwrap(), Written::Inserted);
        assert_eq!(tx.set_channel_local(&group(), &channel_local()).unwrap(), Written::Unchanged);
        assert_eq!(tx.set_presence(&group(), presence()).unwrap(), Written::Updated);
        assert_eq!(tx.set_presence(&group(), presence()).unwrap(), Written::Unchanged);
        assert_eq!(tx.save_channel_info(&group(), &channel_info(1)).unwrap(), Written::Updated);
        assert_eq!(tx.channel(&group()).unwrap(), Some(channel(&group())));
        assert_eq!(tx.set_presence(&group(), Presence::default()).unwrap(), Written::Updated);
        assert_eq!(tx.set_channel_local(&group(), &ChannelLocal::default()).unwrap(), Written::Updated);
        let row = tx.channel(&group()).unwrap().unwrap();
        assert_eq!(row, Channel { info: channel_info(1), ..Channel::new(group()) });
    });
}

pub(super) fn a_profile_leaves_the_log_alone(store: &mut dyn Store) {
    let log = crate::ChannelLog { tail: 9u64.into(), ..crate::ChannelLog::default() };
    write(store, |tx| {
        tx.set_channel_log(&group(), &log).unwrap();
        tx.put_channel(&channel(&group())).unwrap();
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.channel_log(&group()).unwrap(), log);
    assert_eq!(reader.tails().unwrap().len(), 1, "the parent has no log");
}

pub(super) fn channels_are_listed_by_filter(store: &mut dyn Store) {
    let make = |id: ChannelId, name: &str, follow: bool, status: i32| Channel {
        info: ChannelInfo { name: name.into(), follow, status, ..ChannelInfo::default() },
        ..Channel::new(id)
    };
    let remarked = |channel: Channel, remark: &str| Channel {
        local: ChannelLocal { remark: Some(remark.into()), ..ChannelLocal::default() },
        ..channel
    };
    let all = [
        make(ChannelId::person("a"), "Ärger 50%", true, 1),
        remarked(make(ChannelId::person("z"), "50 x", false, 1), "the ÄRGER"),
        make(ChannelId::group("a"), "it's_me", true, 2),
        make(ChannelId::group("b"), "itssme", true, 1),
    ];
    write(store, |tx| {
        for index in [2, 0, 3, 1] {
            tx.put_channel(&all[index]).unwrap();
        }
    });
    let mut reader = store.reader().unwrap();
    let mut listed = |change: &dyn Fn(&mut ChannelFilter)| {
        let mut filter = ChannelFilter::default();
        change(&mut filter);
        let found = reader.channels(&filter).unwrap();
        found.iter().map(|row| all.iter().position(|one| one == row).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&|_| ()), [0, 1, 2, 3]);
    assert_eq!(listed(&|f| f.channel_type = Some(ChannelType::GROUP)), [2, 3]);
    assert_eq!(listed(&|f| f.follow = Some(true)), [0, 2, 3]);
    assert_eq!(listed(&|f| (f.follow, f.status) = (Some(true), Some(1))), [0, 3]);
    assert_eq!(listed(&|f| f.text = "ärger".into()), [0, 1]);
    assert_eq!(listed(&|f| f.text = "50%".into()), [0]);
    assert_eq!(listed(&|f| f.text = "s_m".into()), [2]);
    assert_eq!(listed(&|f| f.text = "' OR 1".into()), [0; 0]);
}

pub(super) fn versions_fit_or_are_refused(store: &mut dyn Store) {
    let of = |number: u64| ChannelInfo { version: Version::new(number), ..ChannelInfo::default() };
    write(store, |tx| {
        let edge = i64::MAX as u64;
        assert_eq!(tx.save_channel_info(&group(), &of(edge)).unwrap(), Written::Inserted);
        match tx.save_channel_info(&group(), &of(u64::MAX)) {
            Ok(written) => assert_eq!(written, Written::Updated),
            Err(StoreError::OutOfRange { value, .. }) => {
                assert_eq!(value, u64::MAX);
                assert_eq!(tx.channel(&group()).unwrap().unwrap().info.version, Version::new(edge));
            }
            Err(other) => panic!("{other}"),
        }
        assert_eq!(tx.save_channel_info(&group(), &channel_info(1)).unwrap(), Written::Older);
        assert!(version(1) < Version::new(edge));
    });
}
