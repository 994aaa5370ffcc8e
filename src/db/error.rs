//! Why the database gave no answer, and what that leaves behind.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// It cannot be reached, has no free connection, is starting, stopping or read-only, or a lock was not
    /// to be had in time. Nothing was stored.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It lets nobody in under this name and password, or there is no such database. Nothing was stored.
    #[error("refused: {0}")]
    Refused(String),
    /// Another transaction was in the way: a deadlock or a serialization failure. Nothing was stored, and
    /// to try again is likely to succeed.
    #[error("contended: {0}")]
    Contended(String),
    /// The connection ended before the answer; what a write stored is not known.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// It did not finish within the statement timeout; what a write stored is not known.
    #[error("the statement timeout has passed")]
    Timeout,
    /// It refused a statement: a fault of ours.
    #[error(transparent)]
    Query(DieselError),
}

impl DbError {
    /// The same error for another who waited for the same statement.
    pub fn again(&self) -> Self {
        match self {
            Self::Unavailable(reason) => Self::Unavailable(reason.clone()),
            Self::Refused(reason) => Self::Refused(reason.clone()),
            Self::Contended(reason) => Self::Contended(reason.clone()),
            Self::Lost(reason) => Self::Lost(reason.clone()),
            Self::Timeout => Self::Timeout,
            Self::Query(error) => {
                Self::Query(DieselError::QueryBuilderError(error.to_string().into()))
            }
        }
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        let (kind, information) = match &error {
            DieselError::DatabaseError(kind, information) => (kind, information),
            DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => {
                return Self::Lost(error.to_string());
            }
            _ => return Self::Query(error),
        };
        let message = information.message();
        let owned = || message.to_owned();
        // diesel keeps the SQLSTATE and the severity to itself; of its unknown errors these are known by their
        // words.
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Lost(owned())
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable(owned()),
            DatabaseErrorKind::SerializationFailure => Self::Contended(owned()),
            _ if LOST.iter().any(|words| message.contains(words)) => Self::Lost(owned()),
            // 40P01
            _ if message.starts_with("deadlock detected") => Self::Contended(owned()),
            // 57P02, 57P03
            _ if message.starts_with("the database system is") => Self::Unavailable(owned()),
            // 55P03
            _ if message.contains("lock timeout") => Self::Unavailable(owned()),
            // Class 53
            _ if EXHAUSTED.iter().any(|words| message.contains(words)) => {
                Self::Unavailable(owned())
            }
            // 57014
            _ if message.contains("statement timeout") => Self::Timeout,
            _ => Self::Query(error),
        }
    }
}

/// What is said when a session ends with a statement under way: by the server (57P01) and by PgBouncer.
const LOST: [&str; 14] = [
    "terminating connection",
    "server conn crashed",
    "server connection closed",
    "server disconnect",
    "server shutting down",
    "server lifetime over",
    "pooler is shutting down",
    "admin forced disconnect",
    "database configuration changed",
    "connect string changed",
    "obsolete connection",
    "suspend_timeout",
    "query_timeout",
    "transaction timeout",
];

/// What is said when the server is short of disk, memory or connections, or PgBouncer does not reach it.
const EXHAUSTED: [&str; 14] = [
    "No space left on device",
    "Disk quota exceeded",
    "could not extend file",
    "could not write",
    "out of shared memory",
    "out of memory",
    "too many clients already",
    "remaining connection slots",
    "no more connections allowed",
    "query_wait_timeout",
    "client_login_timeout",
    "server_login_retry",
    "server login has been failing",
    "cannot connect to server",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ended_is_known_by_the_words_of_whoever_ended_it() {
        let error = |message: &str| {
            let message = Box::new(message.to_owned());
            DbError::from(DieselError::DatabaseError(
                DatabaseErrorKind::Unknown,
                message,
            ))
        };
        for words in [
            "terminating connection due to administrator command",
            "server conn crashed?",
            "server connection closed",
            "pooler is shutting down",
            "idle transaction timeout",
        ] {
            assert!(matches!(error(words), DbError::Lost(_)), "{words}");
        }
        let ours = error("column \"x\" does not exist");
        assert!(matches!(ours, DbError::Query(_)), "{ours}");
    }
}
