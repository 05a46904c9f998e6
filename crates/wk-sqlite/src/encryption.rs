//! Encryption at rest with SQLCipher: the key, and unlocking a connection with it.
//!
//! A whole file is encrypted, its log too, page by page with AES-256 and an HMAC. The key is used as it is: deriving it
//! from a passphrase, or keeping it where the system keeps secrets, is the application's.

use std::fmt;
use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::BigInt;
use wk_store::StoreError;
use zeroize::Zeroizing;

use crate::file::{APPLICATION_ID, Location};
use crate::link::failed;

/// The key of an encrypted store: 256 bits that should be random. Overwritten when the last copy is dropped, and shown by
/// nothing.
#[derive(Clone)]
pub struct EncryptionKey(Arc<Zeroizing<[u8; 32]>>);

impl EncryptionKey {
    /// A key of these bytes. The caller's own copy is the caller's to overwrite.
    pub fn new(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self(Arc::new(bytes))
    }

    /// Makes a connection use the key, before it looks at the file.
    pub(crate) fn unlock(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        // It writes to the standard error stream of its own accord; what is wrong is in the errors too.
        connection.batch_execute("PRAGMA cipher_log_level = NONE")?;
        self.run("key", connection)
    }

    /// Encrypts the file of an unlocked connection anew, with this key.
    pub(crate) fn replace(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        self.run("rekey", connection)
    }

    fn run(&self, pragma: &str, connection: &mut SqliteConnection) -> QueryResult<()> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Long enough from the start, so that growing leaves no copy behind.
        let mut statement = Zeroizing::new(String::with_capacity(128));
        statement.push_str("PRAGMA ");
        statement.push_str(pragma);
        statement.push_str(" = \"x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                statement.extend(DIGITS.get(usize::from(digit)).copied().map(char::from));
            }
        }
        statement.push_str("'\";");
        connection.batch_execute(&statement)
    }
}

/// Looks at what the header of a plain file would say: whether the key opens it, and whose it is.
pub(crate) fn check(location: &Location, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: Result<Id, Error> = diesel::sql_query("PRAGMA application_id").get_result(connection);
    let id = match found {
        Ok(id) => id.application_id,
        // With another key the first page is noise.
        Err(Error::DatabaseError(_, what)) if what.message() == NOT_A_DATABASE => {
            return Err(location.wrong_key());
        }
        Err(error) => return Err(failed("reads whose file it is")(error)),
    };
    if id == i64::from(APPLICATION_ID) {
        return Ok(());
    }
    Err(location.foreign(format!("it is an encrypted database with application id {id:#010x}")))
}

/// What SQLite says of a first page that is none.
const NOT_A_DATABASE: &str = "file is not a database";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    application_id: i64,
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(..)")
    }
}
