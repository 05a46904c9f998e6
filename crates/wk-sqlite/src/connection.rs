//! Opening connections, with every pragma in one place.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use wk_store::StoreError;

use crate::file::{APPLICATION_ID, Found, Location};
use crate::link::failed;
use crate::migrations::{SCHEMA_VERSION, migrate};

/// What a commit survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A crash of the process loses nothing. When the system crashes or loses power the last transactions may be
    /// lost, in their order; the file is never corrupted. What is lost is fetched again from the server, except
    /// messages that were not sent yet.
    #[default]
    Normal,
    /// Every commit waits for the disk, so a loss of power loses nothing either.
    Full,
}

/// Opens the writer of a file, which is made or brought up to date; or refuses it untouched.
pub(crate) fn open_writer(
    location: &Location,
    durability: Durability,
) -> Result<SqliteConnection, StoreError> {
    let found = location.inspect()?;
    if found == (Found::Store { has_log: true }) {
        check_logged_version(location)?;
    }
    let mut connection = establish(location, &location.writer_uri())?;
    if found == Found::Nothing {
        // Before the write-ahead log, so that the main file tells whose it is, whatever happens next.
        connection
            .batch_execute(&format!("{PATIENCE} PRAGMA application_id = {APPLICATION_ID};"))
            .map_err(failed("makes the file"))?;
    }
    configure(&mut connection, Role::Writer(durability))?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens one more connection to a file that has a writer.
pub(crate) fn open_reader(location: &Location) -> Result<SqliteConnection, StoreError> {
    let mut connection = establish(location, &location.reader_uri())?;
    configure(&mut connection, Role::Reader)?;
    Ok(connection)
}

/// Opens one more connection that copies a file: it writes nothing to it, but a connection that could not would make no
/// copy either.
pub(crate) fn open_copier(location: &Location) -> Result<SqliteConnection, StoreError> {
    let mut connection = establish(location, &location.writer_uri())?;
    connection.batch_execute(PATIENCE).map_err(failed("configures a connection"))?;
    Ok(connection)
}

/// Opens a database that lives as long as its connection.
pub(crate) fn open_memory() -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(":memory:")
        .map_err(|error| StoreError::backend("opens a database in memory", error))?;
    // Copies in files have it too.
    connection
        .batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID};"))
        .map_err(failed("makes a database in memory"))?;
    configure(&mut connection, Role::Writer(Durability::Normal))?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// The version of the schema that a file has.
pub(crate) fn user_version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    diesel::sql_query("PRAGMA user_version")
        .get_result(connection)
        .map(|row: UserVersion| row.user_version)
        .map_err(failed("reads the schema version"))
}

/// Looks for a newer version in the log, without changing the file: a reader writes nothing back from the log. Of an
/// encrypted file all is looked at here.
fn check_logged_version(location: &Location) -> Result<(), StoreError> {
    let mut connection = establish(location, &location.reader_uri())?;
    connection.batch_execute(PATIENCE).map_err(failed("opens the file"))?;
    #[cfg(feature = "sqlcipher")]
    if location.is_encrypted() {
        crate::encryption::check(location, &mut connection)?;
    }
    match user_version(&mut connection)? {
        found if found > SCHEMA_VERSION => Err(location.newer(found)),
        _ => Ok(()),
    }
}

fn establish(location: &Location, uri: &str) -> Result<SqliteConnection, StoreError> {
    #[allow(unused_mut, reason = "only a key changes it")]
    let mut connection = SqliteConnection::establish(uri).map_err(|error| location.unavailable(error))?;
    #[cfg(feature = "sqlcipher")]
    if let Some(key) = location.key() {
        key.unlock(&mut connection).map_err(failed("sets the key"))?;
    }
    Ok(connection)
}

#[derive(Clone, Copy)]
enum Role {
    Reader,
    Writer(Durability),
}

/// Every pragma of a connection.
fn configure(connection: &mut SqliteConnection, role: Role) -> Result<(), StoreError> {
    let set = |connection: &mut SqliteConnection, pragmas: &str| {
        connection.batch_execute(pragmas).map_err(failed("configures a connection"))
    };
    set(connection, PATIENCE)?;
    // A file may have been prepared by others: its schema gets no functions with side effects, and each page is
    // checked as it is read. Sorting needs no files.
    set(connection, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;")?;
    match role {
        Role::Reader => set(connection, "PRAGMA query_only = ON; PRAGMA cache_size = -2048;"),
        Role::Writer(durability) => {
            set(connection, "PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192;")?;
            let mode = use_log(connection).map_err(failed("configures a connection"))?;
            // Some file systems have no write-ahead log. Without one only FULL keeps the file whole.
            let level = if mode == "delete" || durability == Durability::Full { "FULL" } else { "NORMAL" };
            // A log that grew in a long transaction does not keep its size.
            set(connection, &format!("PRAGMA synchronous = {level}; PRAGMA journal_size_limit = 16777216;"))
        }
    }
}

/// Switches to the write-ahead log, and says which mode the file has then. While another connection makes the same switch
/// SQLite refuses it at once and does not wait: an empty transaction does, and then the switch is made already.
fn use_log(connection: &mut SqliteConnection) -> QueryResult<String> {
    let mut attempts_left = 10;
    loop {
        let switched = diesel::sql_query("PRAGMA journal_mode = WAL").get_result(connection);
        if switched.is_ok() || attempts_left == 0 {
            return switched.map(|row: JournalMode| row.journal_mode);
        }
        attempts_left -= 1;
        connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK;")?;
    }
}

#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = BigInt)]
    user_version: i64,
}

#[derive(QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// How long a statement waits for another process: 5 seconds.
const PATIENCE: &str = "PRAGMA busy_timeout = 5000;";

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a pragma, as text.
    fn value(connection: &mut SqliteConnection, pragma: &str) -> String {
        #[derive(QueryableByName)]
        struct Value {
            #[diesel(sql_type = Text)]
            value: String,
        }
        let row = diesel::sql_query(format!("SELECT CAST({pragma} AS TEXT) AS value FROM pragma_{pragma}"));
        row.get_result(connection).map(|row: Value| row.value).unwrap()
    }

    #[test]
    fn connections_are_configured() {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::new(&directory.path().join("wk.db")).unwrap();
        for (durability, level) in [(Durability::Normal, "1"), (Durability::Full, "2")] {
            let mut writer = open_writer(&location, durability).unwrap();
            assert_eq!(value(&mut writer, "journal_mode"), "wal");
            assert_eq!(value(&mut writer, "synchronous"), level);
            assert_eq!(value(&mut writer, "foreign_keys"), "1");
            assert_eq!(value(&mut writer, "trusted_schema"), "0");
        }
        let mut reader = open_reader(&location).unwrap();
        assert_eq!(value(&mut reader, "query_only"), "1");
        let refused = reader.batch_execute("DELETE FROM message").unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }

    #[test]
    fn a_file_that_another_holds_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::new(&directory.path().join("wk.db")).unwrap();
        for mut connection in
            [open_writer(&location, Durability::Normal).unwrap(), open_reader(&location).unwrap()]
        {
            assert_eq!(
                diesel::sql_query("PRAGMA busy_timeout").get_result(&mut connection),
                Ok(Timeout { timeout: 5000 })
            );
        }
    }

    #[derive(Debug, PartialEq, QueryableByName)]
    struct Timeout {
        #[diesel(sql_type = BigInt)]
        timeout: i64,
    }
}
