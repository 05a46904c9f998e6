//! Why a content could not be written or read.

use thiserror::Error;

use super::ContentType;

/// Why a content could not be written or read. All are the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The application's content has a number that is not free.
    #[error(
        "content type {content_type} is reserved; an application's own content takes a number outside 0 to 8, 11, 97 \
         to 99 and 1000 to 2000"
    )]
    ReservedType {
        /// The number.
        content_type: ContentType,
    },
    /// Two contents of the application have one number.
    #[error("content type {content_type} is registered twice")]
    RegisteredTwice {
        /// The number.
        content_type: ContentType,
    },
    /// The application's content does not become a JSON object.
    #[error("content type {content_type} does not become a JSON object: {reason}")]
    NotAnObject {
        /// Its number.
        content_type: ContentType,
        /// Why, for people.
        reason: String,
    },
    /// A key of the application's that has a meaning already.
    #[error("the key {key:?} has a meaning of its own in every payload")]
    ReservedKey {
        /// The key.
        key: String,
    },
    /// The payload is of another type than the one asked for.
    #[error("the message is of content type {found}, not {wanted}")]
    OtherType {
        /// The type of the content asked for.
        wanted: ContentType,
        /// The type of the message.
        found: ContentType,
    },
    /// The keys of the payload do not fit the content.
    #[error("content type {content_type} cannot be read: {reason}")]
    Unreadable {
        /// Its number.
        content_type: ContentType,
        /// Why, for people.
        reason: String,
    },
    /// The message has no id yet, so nobody would know what is answered or forwarded.
    #[error("a message that the server has not accepted yet cannot be answered")]
    NotSentYet,
    /// The text has no such range, or it cuts a character apart.
    #[error("bytes {start} to {end} are no range of whole characters in the text")]
    BadRange {
        /// Its first byte.
        start: usize,
        /// The byte behind its last.
        end: usize,
    },
}
