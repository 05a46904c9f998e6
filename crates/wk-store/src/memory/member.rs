//! Members in memory.

use std::ops::Bound;

use wk_model::{ChannelId, Member, MemberQuery, MemberRole, Uid};

use super::state::State;
use super::{Access, View, Writing};
use crate::{MemberRead, MemberWrite, StoreError};

impl<A: Access> MemberRead for View<A> {
    fn member(&mut self, channel: &ChannelId, uid: &Uid) -> Result<Option<Member>, StoreError> {
        let key = (channel.clone(), uid.clone());
        Ok(self.0.read(|state| state.tables.members.get(&key).cloned()))
    }

    fn members(&mut self, query: &MemberQuery<'_>) -> Result<Vec<Member>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(self.0.read(|state| state.present(query).take(limit).cloned().collect()))
    }

    fn count_members(&mut self, channel: &ChannelId, role: Option<MemberRole>) -> Result<u64, StoreError> {
        let query = MemberQuery { channel, role, after: None, limit: u32::MAX };
        Ok(self.0.read(|state| state.present(&query).count() as u64))
    }
}

impl MemberWrite for View<Writing<'_>> {
    fn put_member(&mut self, member: &Member) -> Result<(), StoreError> {
        let key = (member.channel.clone(), member.uid.clone());
        self.0.put_row(|tables| &mut tables.members, key, Some(member.clone()));
        Ok(())
    }
}

impl State {
    fn present<'a>(&'a self, query: &'a MemberQuery<'_>) -> impl Iterator<Item = &'a Member> {
        let first = match query.after {
            Some(uid) => Bound::Excluded((query.channel.clone(), uid.clone())),
            None => Bound::Included((query.channel.clone(), Uid::new(""))),
        };
        let rows = self.tables.members.range((first, Bound::Unbounded)).map(|(_, member)| member);
        rows.take_while(|member| member.channel == *query.channel)
            .filter(|member| !member.info.deleted)
            .filter(|member| query.role.is_none_or(|role| role == member.info.role))
    }
}
