//! What can go wrong with PostgreSQL: while a store is set up, each with what to do, and during a call.

use core::error::Error;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use super::schema::LATEST;
use crate::store::StoreError;

/// A store on PostgreSQL cannot be set up. Its text says what to do, and never a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// The URL cannot be read. What is wrong with it is not told: it might be a part of the password.
    #[error(
        "this is no URL of a PostgreSQL server: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, and percent-encode what is special in the password"
    )]
    Url,
    /// The name of the schema may not be used.
    #[error(
        "the schema may not be called {0:?}: take 1 to 63 of a-z, 0-9 and _, not beginning with a digit or pg_"
    )]
    SchemaName(String),
    /// No connection could be made.
    #[error(
        "no connection to the server: check host and port of the URL, and whether the server runs"
    )]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// The server does not take the user or the password.
    #[error(
        "the server refused the user or the password: check both, and the server's pg_hba.conf"
    )]
    Refused(#[source] tokio_postgres::Error),
    /// The server takes no connection without TLS, or the URL asks for TLS.
    #[error(
        "TLS is required, and this connection has none: make the pool with a TLS connector and hand it to PostgresStore::new"
    )]
    TlsRequired(#[source] tokio_postgres::Error),
    /// The database does not exist.
    #[error("the server has no such database: create it, or correct the URL")]
    NoDatabase(#[source] tokio_postgres::Error),
    /// The schema, or its table of versions, is missing.
    #[error(
        "the schema {schema:?} is not there yet: run PostgresStore::migrate once, or correct the name"
    )]
    Missing {
        /// Its name.
        schema: String,
    },
    /// The schema is older than this program.
    #[error(
        "the schema {schema:?} has version {found}, and this program needs {LATEST}: run PostgresStore::migrate"
    )]
    Older {
        /// Its name.
        schema: String,
        /// Its version.
        found: u32,
    },
    /// The schema is newer than this program.
    #[error(
        "the schema {schema:?} has version {found}, and this program knows only {LATEST}: update the program, and do not migrate with it"
    )]
    Newer {
        /// Its name.
        schema: String,
        /// Its version.
        found: u32,
    },
    /// The user may not do this.
    #[error(
        "the user lacks a privilege: grant it what the manual lists, or migrate as the owner of the schema"
    )]
    Forbidden(#[source] tokio_postgres::Error),
    /// The server takes no writes.
    #[error("the server is read-only, as a standby is: connect to the primary")]
    ReadOnly(#[source] tokio_postgres::Error),
    /// No answer came in time.
    #[error(
        "no answer from the server in time: check whether it runs, and whether somebody holds a lock"
    )]
    TooSlow,
    /// The pool failed.
    #[error("the pool gave no connection")]
    Pool(#[source] Box<dyn Error + Send + Sync>),
    /// The server reported something else.
    #[error("the server failed")]
    Server(#[source] tokio_postgres::Error),
}

impl PostgresError {
    pub(super) fn of_pool(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::of_server(error),
            other => Self::Pool(other.into()),
        }
    }

    pub(super) fn of_server(error: tokio_postgres::Error) -> Self {
        let Some(report) = error.as_db_error() else {
            let text = error.to_string();
            // The client has no code for what the URL asks of a connection without TLS.
            return if text.contains("TLS") {
                Self::TlsRequired(error)
            } else {
                Self::Unreachable(error.into())
            };
        };
        let code = report.code();
        // pg_hba.conf with hostssl alone, and PgBouncer with client_tls_sslmode.
        let unencrypted = ["no encryption", "SSL off", "SSL required"];
        if unencrypted.iter().any(|text| report.message().contains(text)) {
            Self::TlsRequired(error)
        } else if [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION]
            .contains(code)
            || report.message().contains("authentication failed")
        {
            Self::Refused(error)
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            Self::NoDatabase(error)
        } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            Self::Forbidden(error)
        } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
            Self::ReadOnly(error)
        } else {
            Self::Server(error)
        }
    }
}

/// What a call failed by.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no connection of the pool was free before the deadline")]
    NoConnection,
    #[error("the server did not answer before the deadline")]
    NoAnswer,
    #[error("the pool gave no connection")]
    Pool(#[source] PoolError),
    #[error("the server is read-only, as a standby is: connect to the primary")]
    ReadOnly(#[source] tokio_postgres::Error),
    #[error(
        "the schema of this version is not there, or not for this user: see PostgresStore::migrate"
    )]
    Missing(#[source] tokio_postgres::Error),
    /// The server undid all of it, because of others that ran at once.
    #[error("the server undid the call because of others")]
    Undone(#[source] tokio_postgres::Error),
    #[error("no room")]
    Full,
    #[error(transparent)]
    Other(#[from] tokio_postgres::Error),
    #[error("the store holds {0}, which it did not write")]
    Foreign(&'static str),
    #[error("the cursor is not this store's")]
    Cursor,
}

impl Failure {
    pub(super) fn of_pool(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::of_server(error),
            other => Self::Pool(other),
        }
    }

    pub(super) fn of_server(error: tokio_postgres::Error) -> Self {
        /// What the function `put_if` raises.
        const FULL: &str = "CSFUL";
        let Some(code) = error.code() else { return Self::Other(error) };
        let is = |codes: &[SqlState]| codes.contains(code);
        if is(&[SqlState::DISK_FULL, SqlState::PROGRAM_LIMIT_EXCEEDED]) || code.code() == FULL {
            Self::Full
        } else if is(&[SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]) {
            Self::Undone(error)
        } else if is(&[SqlState::READ_ONLY_SQL_TRANSACTION]) {
            Self::ReadOnly(error)
        } else if is(&[
            SqlState::UNDEFINED_FUNCTION,
            SqlState::UNDEFINED_TABLE,
            SqlState::INVALID_SCHEMA_NAME,
            SqlState::INSUFFICIENT_PRIVILEGE,
        ]) {
            Self::Missing(error)
        } else {
            Self::Other(error)
        }
    }

    /// What the store's caller is told.
    pub(super) fn told(self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Other(error) => StoreError::unavailable(error),
            other => StoreError::unavailable(other),
        }
    }
}
