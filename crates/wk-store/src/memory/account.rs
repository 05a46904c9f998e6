//! The account in memory.

use wk_model::Account;

use super::state::Undo;
use super::{Access, View, Writing};
use crate::{AccountRead, AccountWrite, StoreError};

impl<A: Access> AccountRead for View<A> {
    fn account(&mut self) -> Result<Option<Account>, StoreError> {
        Ok(self.0.read(|state| state.account.clone()))
    }
}

impl AccountWrite for View<Writing<'_>> {
    fn set_account(&mut self, account: &Account) -> Result<(), StoreError> {
        let Writing { state, undo } = &mut self.0;
        match &state.account {
            Some(owner) if owner.uid != account.uid => {
                Err(StoreError::WrongAccount { owner: owner.uid.clone(), uid: account.uid.clone() })
            }
            Some(_) => Ok(()),
            None => {
                undo.push(Undo::Account(state.account.replace(account.clone())));
                Ok(())
            }
        }
    }
}
