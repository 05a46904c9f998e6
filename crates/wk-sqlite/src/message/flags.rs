//! The fields of a message that share one integer.

use wk_store::StoreError;
use wk_store::model::{Message, MessageHeader, MessageStatus, ReasonCode, Setting};

use crate::number::{corrupt, from_db};

/// What the `flags` column holds. Its bits are part of the file format: they are listed in the migrations 1 and 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) status: MessageStatus,
    pub(super) header: MessageHeader,
    pub(super) setting: Setting,
    pub(super) reason_code: Option<ReasonCode>,
}

impl Flags {
    pub(super) const fn of(message: &Message) -> Self {
        let Message { status, header, setting, reason_code, .. } = message;
        Self { status: *status, header: *header, setting: *setting, reason_code: *reason_code }
    }

    pub(super) fn to_db(self) -> i64 {
        let reason = self.reason_code.map_or(0, |code| HAS_REASON | i64::from(code.value()) << REASON_SHIFT);
        let status = i64::from(self.status.code());
        status & 0b11
            | (status >> 2) << STATUS_HIGH_SHIFT
            | i64::from(self.header.no_persist) << NO_PERSIST_SHIFT
            | i64::from(self.header.red_dot) << RED_DOT_SHIFT
            | i64::from(self.header.sync_once) << SYNC_ONCE_SHIFT
            | i64::from(self.setting.bits()) << SETTING_SHIFT
            | reason
    }

    pub(super) fn from_db(stored: i64) -> Result<Self, StoreError> {
        let bits = |shift: u32, mask: i64| (stored >> shift) & mask;
        let byte = |shift: u32| from_db("message flags", bits(shift, 0xff));
        let status: u8 = from_db("message flags", bits(0, 0b11) | bits(STATUS_HIGH_SHIFT, 1) << 2)?;
        let reason: u8 = byte(REASON_SHIFT)?;
        Ok(Self {
            status: MessageStatus::from_code(status).ok_or_else(|| corrupt("message status", status))?,
            header: MessageHeader {
                no_persist: bits(NO_PERSIST_SHIFT, 1) != 0,
                red_dot: bits(RED_DOT_SHIFT, 1) != 0,
                sync_once: bits(SYNC_ONCE_SHIFT, 1) != 0,
            },
            setting: Setting::from_bits(byte(SETTING_SHIFT)?),
            reason_code: (stored & HAS_REASON != 0).then(|| ReasonCode::new(reason)),
        })
    }
}

/// The third bit of the status, which the first schema did not have.
const STATUS_HIGH_SHIFT: u32 = 5;
const NO_PERSIST_SHIFT: u32 = 2;
const RED_DOT_SHIFT: u32 = 3;
const SYNC_ONCE_SHIFT: u32 = 4;
const SETTING_SHIFT: u32 = 8;
const REASON_SHIFT: u32 = 16;
const HAS_REASON: i64 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(bit: u32) -> Flags {
        Flags {
            status: MessageStatus::Failed,
            header: MessageHeader { no_persist: bit == 0, red_dot: bit == 1, sync_once: bit == 2 },
            setting: Setting::from_bits(0x88),
            reason_code: (bit != 3).then_some(ReasonCode::new(13)),
        }
    }

    #[test]
    fn the_bits_are_those_of_the_migration() {
        assert_eq!(flags(0).to_db(), 0b1_0000_1101_1000_1000_0000_0110);
        assert_eq!(flags(1).to_db(), 0b1_0000_1101_1000_1000_0000_1010);
        assert_eq!(flags(2).to_db(), 0b1_0000_1101_1000_1000_0001_0010);
        assert_eq!(flags(3).to_db(), 0b1000_1000_0000_0010);
    }

    #[test]
    fn flags_round_trip_and_an_unknown_status_is_corrupt() {
        for bit in 0..4 {
            assert_eq!(Flags::from_db(flags(bit).to_db()).unwrap(), flags(bit));
        }
        let none = Flags { reason_code: Some(ReasonCode::new(0)), ..flags(0) };
        assert_eq!(Flags::from_db(none.to_db()).unwrap(), none);
        for status in [MessageStatus::Sending, MessageStatus::Expired, MessageStatus::NotUploaded] {
            let flags = Flags { status, ..flags(0) };
            assert_eq!(Flags::from_db(flags.to_db()).unwrap(), flags);
        }
        // Six statuses are known.
        assert!(matches!(Flags::from_db(0b10_0010), Err(StoreError::Corrupt { what: "message status", .. })));
    }
}
