//! Whose store it is.

use wk_model::Account;

use crate::StoreError;

/// Reads the account.
pub trait AccountRead {
    /// The account, once it has been written.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn account(&mut self) -> Result<Option<Account>, StoreError>;
}

/// Writes the account.
pub trait AccountWrite: AccountRead {
    /// Sets the account of a fresh store. Where the store has this uid already, nothing changes: the device id of
    /// the first time stays.
    ///
    /// # Errors
    /// [`StoreError::WrongAccount`] if the store already belongs to another uid, or the backend failed.
    fn set_account(&mut self, account: &Account) -> Result<(), StoreError>;
}
