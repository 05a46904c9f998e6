//! Which server the data came from, in memory.

use wk_model::ServerIdentity;

use super::{Access, View, Writing};
use crate::{ServerRead, ServerWrite, StoreError};

impl<A: Access> ServerRead for View<A> {
    fn server(&mut self) -> Result<Option<ServerIdentity>, StoreError> {
        Ok(self.0.read(|state| state.tables.servers.get(&()).cloned()))
    }
}

impl ServerWrite for View<Writing<'_>> {
    fn put_server(&mut self, server: &ServerIdentity) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.servers, (), Some(server.clone()));
        Ok(())
    }
}
