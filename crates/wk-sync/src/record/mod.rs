//! Writing down what the server said of a message. Any order of the same facts ends in the same rows.

mod channel_logs;
mod fact;
mod merge;
mod place;

pub(crate) use channel_logs::ChannelLogs;
pub(crate) use fact::{Fact, SYSTEM_UID, is_in_log, is_possible, sender};
pub(crate) use merge::{Recorded, ashes, is_place, notice_new_log, record, settle_own};
pub(crate) use place::place_behind;
