//! The account in SQLite.

use diesel::prelude::*;
use wk_store::model::{Account, Uid};
use wk_store::{AccountRead, AccountWrite, StoreError};

use crate::link::{Access, Link, View, Writing, failed};
use crate::schema::account;

impl<A: Access> AccountRead for View<A> {
    fn account(&mut self) -> Result<Option<Account>, StoreError> {
        self.0.with(read)
    }
}

impl AccountWrite for View<Writing<'_>> {
    fn set_account(&mut self, new: &Account) -> Result<(), StoreError> {
        self.0.with(|link| match read(link)? {
            Some(owner) if owner.uid != new.uid => {
                Err(StoreError::WrongAccount { owner: owner.uid, uid: new.uid.clone() })
            }
            Some(_) => Ok(()),
            None => diesel::insert_into(account::table)
                .values((
                    account::id.eq(1),
                    account::uid.eq(new.uid.as_str()),
                    account::device_id.eq(&new.device_id),
                ))
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes the account")),
        })
    }
}

fn read(link: &mut Link) -> Result<Option<Account>, StoreError> {
    let row = account::table
        .select((account::uid, account::device_id))
        .get_result::<(String, String)>(&mut link.connection)
        .optional()
        .map_err(failed("reads the account"))?;
    Ok(row.map(|(uid, device_id)| Account { uid: Uid::from(uid), device_id }))
}
