//! Channels and users as numbers: looked up once, then remembered.

use std::collections::HashMap;
use std::hash::Hash;

use diesel::prelude::*;
use wk_store::StoreError;
use wk_store::model::{ChannelId, ChannelType, Uid};

use crate::link::{Link, failed};
use crate::number::{corrupt, from_db};
use crate::schema::{channel, user};

/// What a connection remembers of names. Committed names never change, so this is never stale; after a rollback it
/// is emptied.
#[derive(Debug, Default)]
pub(crate) struct Names {
    channels: Pairs<ChannelId>,
    users: Pairs<Uid>,
    has_new: bool,
}

impl Names {
    /// The open transaction was committed: what it added is there to stay.
    pub(crate) fn committed(&mut self) {
        self.has_new = false;
    }

    /// The open transaction was undone: numbers that it gave out may come to mean other names.
    pub(crate) fn rolled_back(&mut self) {
        if self.has_new {
            *self = Self::default();
        }
    }
}

impl Link {
    /// The number of a channel, if the file has it.
    pub(crate) fn find_channel(&mut self, id: &ChannelId) -> Result<Option<i64>, StoreError> {
        if let Some(number) = self.names.channels.number(id) {
            return Ok(Some(number));
        }
        let found = channel::table
            .filter(channel::name.eq(id.id()))
            .filter(channel::channel_type.eq(i64::from(id.channel_type().value())))
            .select(channel::id)
            .get_result(&mut self.connection)
            .optional()
            .map_err(failed("looks for a channel"))?;
        if let Some(number) = found {
            self.names.channels.remember(number, id);
        }
        Ok(found)
    }

    /// The number of a channel, which gets one if it is new.
    pub(crate) fn intern_channel(&mut self, id: &ChannelId) -> Result<i64, StoreError> {
        if let Some(number) = self.find_channel(id)? {
            return Ok(number);
        }
        let values =
            (channel::name.eq(id.id()), channel::channel_type.eq(i64::from(id.channel_type().value())));
        let number = diesel::insert_into(channel::table)
            .values(values)
            .returning(channel::id)
            .get_result(&mut self.connection)
            .map_err(failed("adds a channel"))?;
        self.names.has_new = true;
        self.names.channels.remember(number, id);
        Ok(number)
    }

    /// The channel with a number.
    pub(crate) fn channel(&mut self, number: i64) -> Result<ChannelId, StoreError> {
        if let Some(id) = self.names.channels.name(number) {
            return Ok(id);
        }
        let (name, channel_type) = channel::table
            .find(number)
            .select((channel::name, channel::channel_type))
            .get_result::<(String, i64)>(&mut self.connection)
            .optional()
            .map_err(failed("reads a channel"))?
            .ok_or_else(|| corrupt("channel number", number))?;
        let id = ChannelId::new(name, ChannelType::new(from_db("channel type", channel_type)?));
        self.names.channels.remember(number, &id);
        Ok(id)
    }

    /// The number of a user, if the file has it.
    pub(crate) fn find_user(&mut self, uid: &Uid) -> Result<Option<i64>, StoreError> {
        if let Some(number) = self.names.users.number(uid) {
            return Ok(Some(number));
        }
        let found = user::table
            .filter(user::uid.eq(uid.as_str()))
            .select(user::id)
            .get_result(&mut self.connection)
            .optional()
            .map_err(failed("looks for a user"))?;
        if let Some(number) = found {
            self.names.users.remember(number, uid);
        }
        Ok(found)
    }

    /// The number of a user, who gets one if new.
    pub(crate) fn intern_user(&mut self, uid: &Uid) -> Result<i64, StoreError> {
        if let Some(number) = self.find_user(uid)? {
            return Ok(number);
        }
        let number = diesel::insert_into(user::table)
            .values(user::uid.eq(uid.as_str()))
            .returning(user::id)
            .get_result(&mut self.connection)
            .map_err(failed("adds a user"))?;
        self.names.has_new = true;
        self.names.users.remember(number, uid);
        Ok(number)
    }

    /// The user with a number.
    pub(crate) fn user(&mut self, number: i64) -> Result<Uid, StoreError> {
        if let Some(uid) = self.names.users.name(number) {
            return Ok(uid);
        }
        let uid = user::table
            .find(number)
            .select(user::uid)
            .get_result::<String>(&mut self.connection)
            .optional()
            .map_err(failed("reads a user"))?
            .ok_or_else(|| corrupt("user number", number))?;
        let uid = Uid::from(uid);
        self.names.users.remember(number, &uid);
        Ok(uid)
    }
}

/// Names and numbers, both ways.
#[derive(Debug)]
struct Pairs<T> {
    by_name: HashMap<T, i64>,
    by_number: HashMap<i64, T>,
    /// The last answer: what is written of one message names its channel again and again.
    last: Option<(T, i64)>,
}

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self { by_name: HashMap::new(), by_number: HashMap::new(), last: None }
    }
}

impl<T: Clone + Eq + Hash> Pairs<T> {
    fn number(&mut self, name: &T) -> Option<i64> {
        if let Some((_, number)) = self.last.as_ref().filter(|(last, _)| last == name) {
            return Some(*number);
        }
        let number = self.by_name.get(name).copied()?;
        self.last = Some((name.clone(), number));
        Some(number)
    }

    fn name(&self, number: i64) -> Option<T> {
        self.by_number.get(&number).cloned()
    }

    fn remember(&mut self, number: i64, name: &T) {
        if self.by_name.len() >= MOST_PAIRS {
            *self = Self::default();
        }
        self.by_name.insert(name.clone(), number);
        self.by_number.insert(number, name.clone());
    }
}

/// Beyond this many, all are forgotten: a bound on memory, far above what a client meets in practice.
const MOST_PAIRS: usize = 1 << 16;
