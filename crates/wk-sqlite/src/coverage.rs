//! What is known of channels' logs, in SQLite.

use std::fmt::Write;

use diesel::prelude::*;
use wk_store::model::{ChannelId, MessageSeq, SeqRange, SeqSet, UnixMillis};
use wk_store::{ChannelLog, CoverageRead, CoverageWrite, StoreError};

use crate::deferred::LogRow;
use crate::link::{Access, View, Writing, failed};
use crate::number::{corrupt, from_db, to_db};
use crate::schema::channel;

impl<A: Access> CoverageRead for View<A> {
    fn channel_log(&mut self, id: &ChannelId) -> Result<ChannelLog, StoreError> {
        self.0.with(|link| {
            link.write_deferred()?;
            let Some(number) = link.find_channel(id)? else { return Ok(ChannelLog::default()) };
            let (tail, cleared_to, cleared_at, covered) = channel::table
                .find(number)
                .select((channel::tail, channel::cleared_to, channel::cleared_at, channel::covered))
                .get_result::<(i64, i64, i64, String)>(&mut link.connection)
                .map_err(failed("reads what is known of a channel"))?;
            Ok(ChannelLog {
                covered: parse_covered(&covered)?,
                tail: MessageSeq::new(from_db("tail", tail)?),
                cleared_to: MessageSeq::new(from_db("cleared seq", cleared_to)?),
                cleared_at: UnixMillis::new(cleared_at),
            })
        })
    }

    fn tails(&mut self) -> Result<Vec<(ChannelId, MessageSeq)>, StoreError> {
        self.0.with(|link| {
            link.write_deferred()?;
            let rows = channel::table
                .filter(channel::tail.gt(0))
                .select((channel::id, channel::tail))
                .load::<(i64, i64)>(&mut link.connection)
                .map_err(failed("reads the tails of channels"))?;
            let tails = rows
                .into_iter()
                .map(|(number, tail)| Ok((link.channel(number)?, MessageSeq::new(from_db("tail", tail)?))));
            tails.collect()
        })
    }
}

impl CoverageWrite for View<Writing<'_>> {
    fn set_channel_log(&mut self, id: &ChannelId, log: &ChannelLog) -> Result<(), StoreError> {
        self.0.with(|link| {
            // They ascend.
            if let Some(range) = log.covered.ranges().last() {
                to_db("covered seq", range.last().get())?;
            }
            let tail = to_db("tail", log.tail.get())?;
            let cleared_to = to_db("cleared seq", log.cleared_to.get())?;
            let cleared_at = log.cleared_at.get();
            let number = link.intern_channel(id)?;
            link.deferred.put_log(number, LogRow { tail, cleared_to, cleared_at }, &log.covered);
            Ok(())
        })
    }
}

/// `1-20,35-40`
pub(crate) fn format_covered(covered: &SeqSet) -> Result<String, StoreError> {
    let mut text = String::new();
    for range in covered.ranges() {
        let (first, last) = (range.first().get(), range.last().get());
        to_db("covered seq", last)?;
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a String has no way to fail.
        let _ = write!(text, "{comma}{first}-{last}");
    }
    Ok(text)
}

fn parse_covered(text: &str) -> Result<SeqSet, StoreError> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-')?;
        SeqRange::from_u64(first.parse().ok()?, last.parse().ok()?)
    };
    let parts = text.split(',').filter(|_| !text.is_empty());
    parts.map(|part| range(part).ok_or_else(|| corrupt("covered range", part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_ranges_round_trip() {
        for ranges in [&[][..], &[(1, 1)], &[(1, 20), (35, 40)], &[(7, i64::MAX as u64)]] {
            let set: SeqSet = ranges.iter().filter_map(|(a, b)| SeqRange::from_u64(*a, *b)).collect();
            assert_eq!(set.ranges().len(), ranges.len());
            assert_eq!(parse_covered(&format_covered(&set).unwrap()).unwrap(), set);
        }
    }

    #[test]
    fn other_texts_are_corrupt() {
        for text in [",", "1", "1-", "-1", "5-4", "0-3", "1-2,", "1-2;3-4", "1-99999999999999999999", "a-b"] {
            assert!(matches!(parse_covered(text), Err(StoreError::Corrupt { .. })), "{text}");
        }
    }
}
