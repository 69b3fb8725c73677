//! What can go wrong with PostgreSQL: while a store is set up, each with what to do, and during a call.

use core::error::Error;
use std::io;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::NoTlsError;

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
        "TLS is required, and this connection has none: make the pool with a TLS connector and hand it to PostgresStore::new, or turn it on in the server if it has none"
    )]
    TlsRequired(#[source] tokio_postgres::Error),
    /// The server offers TLS, and the pool's connector does not accept it.
    #[error(
        "no TLS with this server: check the authorities that the connector trusts, and the name and dates of the server's certificate"
    )]
    Tls(#[source] tokio_postgres::Error),
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
    /// The server is a standby. It is behind, and what was used may stand there as unused.
    #[error(
        "the server is a standby: connect to the primary, with target_session_attrs=read-write if the URL names several servers"
    )]
    Standby,
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
            // The client has no code for any of these.
            let of_tls = error.to_string().contains("TLS");
            if takes_no_writes(&error) {
                return Self::ReadOnly(error);
            }
            return match error.source() {
                _ if !of_tls => Self::Unreachable(error.into()),
                Some(source) if is_missing(source) => Self::TlsRequired(error),
                _ => Self::Tls(error),
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

/// Whether one of both sides has no TLS at all, though the URL asks for it.
fn is_missing(source: &(dyn Error + 'static)) -> bool {
    source.is::<NoTlsError>() || source.to_string().contains("does not support TLS")
}

/// Whether a connection was refused here because the server takes no writes, as `target_session_attrs` asks.
fn takes_no_writes(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    // The same kind from the system itself is a firewall's.
    cause.is_some_and(|cause| {
        cause.kind() == io::ErrorKind::PermissionDenied && cause.raw_os_error().is_none()
    })
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
    #[error("somebody else held a lock for too long: nothing was written")]
    Locked(#[source] tokio_postgres::Error),
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
        let Some(code) = error.code() else {
            return if takes_no_writes(&error) {
                Self::ReadOnly(error)
            } else {
                Self::Other(error)
            };
        };
        let is = |codes: &[SqlState]| codes.contains(code);
        if is(&[SqlState::DISK_FULL, SqlState::PROGRAM_LIMIT_EXCEEDED]) || code.code() == FULL {
            Self::Full
        } else if is(&[SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]) {
            Self::Undone(error)
        } else if is(&[SqlState::READ_ONLY_SQL_TRANSACTION]) {
            Self::ReadOnly(error)
        } else if is(&[SqlState::LOCK_NOT_AVAILABLE]) {
            Self::Locked(error)
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
