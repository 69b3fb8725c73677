//! Why a store in Redis cannot be opened, and what to do about it.

use ::redis::{ErrorKind, RedisError, ServerErrorKind};

/// A server that cannot keep records, or cannot be reached. No text of it holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisConfigError {
    /// The URL is none.
    #[error(
        "this is no URL of Redis: write redis://user:password@host:6379/0, with special characters of the \
         password percent-encoded"
    )]
    Url,
    /// The URL asks for TLS, which the client was built without.
    #[error(
        "the client was built without TLS: turn on the feature tokio-rustls-comp of the crate redis in your \
         own Cargo.toml, and install a provider of rustls"
    )]
    Tls,
    /// The prefix does not fit into a key.
    #[error("a prefix is 1 to 64 letters, digits, '-', '_', '.' or ':'")]
    Prefix,
    /// No server answers there.
    #[error("no server answers: check host, port, TLS and firewall, and that the server runs")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server does not accept name and password, or wants some.
    #[error(
        "the server refuses the user or the password: check both in the URL, and `ACL LIST` on the server"
    )]
    Credentials(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The user may not read the server's settings, or not use the store's keys.
    #[error(
        "the server does not let this user do what the store needs: allow +@read +@write +@scripting +info \
         +config|get on the keys of the prefix, or accept unread settings by allow_volatile()"
    )]
    Forbidden(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server is a replica, which cannot be written to.
    #[error("this server is a replica: connect to its primary")]
    Replica,
    /// The server is a sentinel, which holds no keys.
    #[error("this is a sentinel: ask it for the primary and connect to that")]
    Sentinel,
    /// The server is one of a cluster, and the connection knows one server only.
    #[error("this server is part of a cluster: give the store a ClusterConnection")]
    Cluster,
    /// The server deletes keys when its memory is full.
    #[error(
        "maxmemory-policy is {policy}, so records could be evicted: set it to noeviction, or accept losses by \
         allow_volatile()"
    )]
    Evicts {
        /// The policy it has.
        policy: String,
    },
    /// The server forgets everything when it stops.
    #[error(
        "appendonly is off, so a restart loses records: set appendonly yes (and appendfsync always, or \
         everysec to lose a second at most), or accept losses by allow_volatile()"
    )]
    Volatile,
    /// Another version of this crate wrote the records.
    #[error(
        "the records under this prefix have format {found}, this version of countersign reads {expected}"
    )]
    Format {
        /// The format there.
        found: String,
        /// The format this version knows.
        expected: String,
    },
}

impl RedisConfigError {
    /// What an error of the client means while a store is opened.
    pub(super) fn of(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
                Self::Credentials(error.into())
            }
            (ErrorKind::Server(ServerErrorKind::NoPerm), _) => Self::Forbidden(error.into()),
            (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => Self::Replica,
            (ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask), _) => Self::Cluster,
            // A cluster's client tells what its servers said in its own words.
            _ if error.detail().is_some_and(|detail| detail.contains("AuthenticationFailed")) => {
                Self::Credentials(error.into())
            }
            _ => Self::Unreachable(error.into()),
        }
    }
}
