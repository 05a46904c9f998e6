//! Suite: what is known of channels' logs.

use wk_model::{ChannelId, MessageSeq, SeqRange, SeqSet, UnixMillis};

use super::fixtures::{group, seq, write};
use crate::{ChannelLog, Store, StoreError};

pub(super) fn an_unknown_channel_has_the_default_log(store: &mut dyn Store) {
    assert_eq!(store.begin().unwrap().channel_log(&group()).unwrap(), ChannelLog::default());
    assert_eq!(store.reader().unwrap().tails().unwrap(), []);
}

pub(super) fn a_log_is_replaced_exactly(store: &mut dyn Store) {
    let logs = [
        log(&[(1, 9), (20, 30)], 40, 3),
        log(&[(1, 30)], 40, 3),
        log(&[(5, 5), (7, 7), (30, 31)], 39, 0),
        log(&[], 0, 17),
        ChannelLog::default(),
    ];
    for log in logs {
        write(store, |tx| {
            tx.set_channel_log(&group(), &log).unwrap();
            assert_eq!(tx.channel_log(&group()).unwrap(), log);
        });
        assert_eq!(store.reader().unwrap().channel_log(&group()).unwrap(), log);
    }
}

pub(super) fn logs_of_channels_are_apart(store: &mut dyn Store) {
    let channels = [ChannelId::group("x"), ChannelId::person("x"), ChannelId::group("x' OR '1'='1")];
    let log_of = |index: usize| log(&[(1, index as u64 + 1)], 10, index as u64);
    write(store, |tx| {
        for (index, channel) in channels.iter().enumerate() {
            tx.set_channel_log(channel, &log_of(index)).unwrap();
        }
    });
    let mut reader = store.reader().unwrap();
    for (index, channel) in channels.iter().enumerate() {
        assert_eq!(reader.channel_log(channel).unwrap(), log_of(index), "{channel:?}");
    }
}

pub(super) fn only_tails_above_zero_are_listed(store: &mut dyn Store) {
    let (quiet, busy) = (ChannelId::group("quiet"), ChannelId::person("busy"));
    write(store, |tx| {
        tx.set_channel_log(&quiet, &log(&[], 0, 5)).unwrap();
        tx.set_channel_log(&busy, &log(&[(1, 2)], 8, 0)).unwrap();
        tx.set_channel_log(&group(), &log(&[], 3, 0)).unwrap();
    });
    let mut tails = store.reader().unwrap().tails().unwrap();
    tails.sort();
    assert_eq!(tails, [(busy, seq(8)), (group(), seq(3))]);
}

pub(super) fn a_thousand_ranges_are_kept(store: &mut dyn Store) {
    let ranges: Vec<(u64, u64)> = (0..1000).map(|n| (n * 1_000_003 + 1, n * 1_000_003 + 1 + n)).collect();
    let log = log(&ranges, u64::from(u32::MAX) * 1000, 0);
    write(store, |tx| tx.set_channel_log(&group(), &log).unwrap());
    assert_eq!(store.reader().unwrap().channel_log(&group()).unwrap(), log);
}

pub(super) fn numbers_fit_or_are_refused(store: &mut dyn Store) {
    let edge = i64::MAX as u64;
    let fits = log(&[(edge - 1, edge)], edge, edge);
    write(store, |tx| tx.set_channel_log(&group(), &fits).unwrap());
    assert_eq!(store.reader().unwrap().channel_log(&group()).unwrap(), fits);
    for beyond in [
        log(&[(edge, u64::MAX)], 0, 0),
        log(&[], edge + 1, 0),
        log(&[], 0, u64::MAX),
        log(&[(1, 1), (edge + 1, edge + 2)], 0, 0),
    ] {
        let kept = write(store, |tx| match tx.set_channel_log(&group(), &beyond) {
            Ok(()) => beyond.clone(),
            Err(StoreError::OutOfRange { value, .. }) => {
                assert!(value > edge, "{value}");
                tx.channel_log(&group()).unwrap()
            }
            Err(other) => panic!("{other}"),
        });
        assert!(kept == beyond || kept == fits, "{kept:?}");
        write(store, |tx| tx.set_channel_log(&group(), &fits).unwrap());
    }
}

fn log(ranges: &[(u64, u64)], tail: u64, cleared_to: u64) -> ChannelLog {
    let covered: SeqSet = ranges.iter().filter_map(|(first, last)| SeqRange::from_u64(*first, *last)).collect();
    // Every number has a time of its own, 0 among them.
    let cleared_at = UnixMillis::new((cleared_to % 1_000_000_007).cast_signed() * 3);
    ChannelLog { covered, tail: MessageSeq::new(tail), cleared_to: MessageSeq::new(cleared_to), cleared_at }
}
