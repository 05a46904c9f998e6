//! Which server the data came from.

use wk_model::{ServerIdentity, Written};

use crate::StoreError;

/// Reads which server the data came from.
pub trait ServerRead {
    /// The server, once it has been written.
    ///
    /// # Errors
    /// The backend failed.
    fn server(&mut self) -> Result<Option<ServerIdentity>, StoreError>;
}

/// Writes which server the data came from.
pub trait ServerWrite: ServerRead {
    /// Writes the server without asking what it was.
    ///
    /// # Errors
    /// The backend failed.
    fn put_server(&mut self, server: &ServerIdentity) -> Result<(), StoreError>;

    /// Sets the server and says whether it is another. What then happens to the data is the caller's decision.
    ///
    /// # Errors
    /// The backend failed.
    fn set_server(&mut self, server: &ServerIdentity) -> Result<Written, StoreError> {
        let written = match self.server()? {
            None => Written::Inserted,
            Some(stored) if stored == *server => return Ok(Written::Unchanged),
            Some(_) => Written::Updated,
        };
        self.put_server(server)?;
        Ok(written)
    }
}
