//! The schema, and bringing a file up to it.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use wk_store::StoreError;

use crate::connection::user_version;

/// The migrations, in the order of their numbers. Each ends by setting `user_version` to its number.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The newest schema: the number of the last migration.
pub(crate) const SCHEMA_VERSION: i64 = 9;

/// Runs what is missing, all or nothing: a crash leaves the old schema.
pub(crate) fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    if user_version(connection)? == SCHEMA_VERSION {
        return Ok(());
    }
    // IMMEDIATE and once more: another process may be doing the same.
    let migrated = connection
        .immediate_transaction(|connection| connection.run_pending_migrations(MIGRATIONS).map(|_| ()));
    migrated.map_err(|source| StoreError::Backend { doing: "migrates", source: Arc::from(source) })
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::migration::MigrationSource;
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    use diesel::sqlite::Sqlite;

    use super::*;

    #[derive(QueryableByName)]
    struct Entry {
        #[diesel(sql_type = Text)]
        sql: String,
    }

    fn schema(connection: &mut SqliteConnection) -> Vec<String> {
        let all = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_%' ESCAPE '\\' \
                   AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        diesel::sql_query(all).load::<Entry>(connection).unwrap().into_iter().map(|entry| entry.sql).collect()
    }

    #[test]
    fn down_takes_back_what_up_made() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        migrate(&mut connection).unwrap();
        let up = schema(&mut connection);
        assert!(up.iter().any(|sql| sql.contains("CREATE TABLE message")), "{up:?}");
        assert_eq!(user_version(&mut connection).unwrap(), SCHEMA_VERSION);
        connection.revert_all_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut connection), [""; 0]);
        assert_eq!(user_version(&mut connection).unwrap(), 0);
        migrate(&mut connection).unwrap();
        assert_eq!(schema(&mut connection), up);
    }

    #[test]
    fn every_migration_sets_its_number() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let all = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).unwrap();
        for (index, migration) in all.iter().enumerate() {
            let number = index as i64 + 1;
            assert_eq!(migration.name().version().to_string(), format!("{number:04}"));
            connection.run_next_migration(MIGRATIONS).unwrap();
            assert_eq!(user_version(&mut connection).unwrap(), number, "{}", migration.name());
        }
        assert_eq!(all.len() as i64, SCHEMA_VERSION);
    }

    #[test]
    fn every_table_is_strict() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        migrate(&mut connection).unwrap();
        // Those with quoted names belong to FTS5, which makes them itself.
        let tables: Vec<String> = schema(&mut connection)
            .into_iter()
            .filter(|sql| sql.starts_with("CREATE TABLE") && !sql.starts_with("CREATE TABLE '"))
            .collect();
        assert_eq!(tables.len(), 23);
        tables.iter().for_each(|sql| assert!(sql.ends_with("STRICT"), "{sql}"));
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        // In the way of the last table.
        connection.batch_execute("CREATE TABLE outbox (x)").unwrap();
        assert!(migrate(&mut connection).is_err());
        assert_eq!(schema(&mut connection), ["CREATE TABLE outbox (x)"]);
        assert_eq!(user_version(&mut connection).unwrap(), 0);
    }
}
