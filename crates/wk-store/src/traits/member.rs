//! The members of channels.

use wk_model::{ChannelId, Member, MemberInfo, MemberQuery, MemberRole, Uid, Written};

use super::change::change;
use crate::StoreError;

/// Reads members.
pub trait MemberRead {
    /// One member, even one who left.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn member(&mut self, channel: &ChannelId, uid: &Uid) -> Result<Option<Member>, StoreError>;

    /// A page of members, those who left excepted, in the order of the bytes of their uids.
    ///
    /// # Errors
    /// As [`MemberRead::member`].
    fn members(&mut self, query: &MemberQuery<'_>) -> Result<Vec<Member>, StoreError>;

    /// How many members a channel has, of one role or of all.
    ///
    /// # Errors
    /// As [`MemberRead::member`].
    fn count_members(&mut self, channel: &ChannelId, role: Option<MemberRole>) -> Result<u64, StoreError>;
}

/// Writes members.
pub trait MemberWrite: MemberRead {
    /// Writes a whole member, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_member(&mut self, member: &Member) -> Result<(), StoreError>;

    /// Takes what the server says of a member, unless newer is known.
    ///
    /// # Errors
    /// As [`MemberWrite::put_member`].
    fn save_member(
        &mut self,
        channel: &ChannelId,
        uid: &Uid,
        info: &MemberInfo,
    ) -> Result<Written, StoreError> {
        let stored = self.member(channel, uid)?;
        let new = || Member::new(channel.clone(), uid.clone());
        let (row, written) = change(stored, new, |row| row.merge(info.clone()));
        if written.is_change() {
            self.put_member(&row)?;
        }
        Ok(written)
    }

    /// Takes the key of a member's cached avatar; [`Written::Missing`] where there is no such member.
    ///
    /// # Errors
    /// As [`MemberWrite::put_member`].
    fn set_member_avatar_cache_key(
        &mut self,
        channel: &ChannelId,
        uid: &Uid,
        key: &str,
    ) -> Result<Written, StoreError> {
        let Some(mut row) = self.member(channel, uid)? else { return Ok(Written::Missing) };
        let written = row.set_avatar_cache_key(key.to_owned());
        if written.is_change() {
            self.put_member(&row)?;
        }
        Ok(written)
    }
}
