//! Which server the data came from, in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use wk_store::model::ServerIdentity;
use wk_store::{ServerRead, ServerWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, View, Writing, failed};

impl<A: Access> ServerRead for View<A> {
    fn server(&mut self) -> Result<Option<ServerIdentity>, StoreError> {
        self.0.with(|link| {
            let row: Option<(String, i64)> = Fetch::new(Read, [])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads the server"))?;
            Ok(row.map(|(endpoint, node_id)| ServerIdentity { endpoint, node_id: node_id.cast_unsigned() }))
        })
    }
}

impl ServerWrite for View<Writing<'_>> {
    fn put_server(&mut self, server: &ServerIdentity) -> Result<(), StoreError> {
        self.0.with(|link| {
            let values = [1i64.into(), (&server.endpoint).into(), server.node_id.cast_signed().into()];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes the server"))
        })
    }
}

sql!(Read -> (Text, BigInt), "SELECT endpoint, node_id FROM server WHERE id = 1");
sql!(
    Put,
    "INSERT INTO server (id, endpoint, node_id) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET endpoint = \
    excluded.endpoint, node_id = excluded.node_id"
);
