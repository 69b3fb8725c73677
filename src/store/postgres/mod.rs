//! Records in PostgreSQL, for services of many instances.
//!
//! Each call is one statement and one round trip: a call of a function that the migrations made. It works
//! with direct connections and behind PgBouncer in transaction mode. What a refused write finds it finds
//! without writing and without a lock. Client types stay in this module.

mod call;
mod error;
mod lists;
mod migrate;
mod operations;
mod options;
mod rows;
mod schema;
mod statements;

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::sync::Arc;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Config, NoTls};

use self::call::Caller;
use self::error::Failure;
pub use self::error::PostgresError;
pub use self::options::PostgresOptions;
use self::statements::Statements;
use crate::store::{
    Backlog, Entry, EntryId, Expected, Head, Lease, Listed, News, Place, Position, Put, Range,
    Record, ScanCursor, Store, StoreError,
};
use crate::values::time::Timestamp;

/// Records in PostgreSQL 13 or later.
///
/// Clones share the pool. Every call ends before the deadline of [`PostgresOptions`], the wait for a
/// connection included; it needs a tokio runtime with its time driver on. A call whose future is dropped
/// may have been made.
///
/// The outbox is bounded by lane, not in total, and only if [`PostgresOptions::with_entries_per_lane`] says
/// so. Records are bounded by the server's disk alone: [`StoreError::Full`] is then what the server reports.
#[derive(Clone)]
pub struct PostgresStore(Arc<Caller>);

impl PostgresStore {
    /// A store on the service's own pool, after a look at the version of the schema. A standby is refused, here and by
    /// each call: it is behind, and what was used may stand there as unused.
    ///
    /// The pool should recycle its connections fast ([`RecyclingMethod::Fast`]): another way costs a round
    /// trip a call.
    ///
    /// # Errors
    ///
    /// [`PostgresError`] says what to do: run [`migrate`](Self::migrate), update, correct the URL, and so on.
    pub async fn new(pool: Pool, options: PostgresOptions) -> Result<Self, PostgresError> {
        migrate::check(&pool, &options).await?;
        let statements = Statements::of(&options.schema);
        Ok(Self(Arc::new(Caller { pool, options, statements })))
    }

    /// A store on a pool of its own: `connections` connections at most, without TLS, to the server at `url`
    /// (`postgres://user:password@host:port/database`). A service that needs TLS makes its pool itself.
    ///
    /// # Errors
    ///
    /// [`PostgresError`] says what to do. No text of it holds the password.
    pub async fn connect(
        url: &str,
        connections: usize,
        options: PostgresOptions,
    ) -> Result<Self, PostgresError> {
        let pool = Self::pool(url, connections, options.deadline)?;
        Self::new(pool, options).await
    }

    /// The pool that [`connect`](Self::connect) makes, for [`migrate`](Self::migrate). A URL may name several servers:
    /// connections are made to the one that takes writes (`target_session_attrs=read-write`).
    ///
    /// # Errors
    ///
    /// [`PostgresError::Url`] if the URL cannot be read. Connections are made later.
    pub fn pool(
        url: &str,
        connections: usize,
        connect_within: Duration,
    ) -> Result<Pool, PostgresError> {
        let mut config = Config::from_str(url).map_err(|_| PostgresError::Url)?;
        if config.get_hosts().is_empty() {
            return Err(PostgresError::Url);
        }
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(connect_within);
        }
        // A connection whose other end is gone without a word (a failover that moved an address) is noticed in time, also
        // while nothing is asked on it.
        let pause = connect_within.max(Duration::from_secs(1));
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(pause);
        }
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config.keepalives_idle(pause).keepalives_interval(pause).keepalives_retries(2);
        }
        if config.get_application_name().is_none() {
            config.application_name("countersign");
        }
        let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, fast);
        let pool = Pool::builder(manager).max_size(connections.max(1)).build();
        pool.map_err(|error| PostgresError::Pool(error.into()))
    }

    /// Brings the schema to the version that this program needs; returns how many migrations that took. It
    /// may be called at each start and by many instances at once: one migrates, the others wait for it. The
    /// user must own the schema, or may create it. It takes 60 seconds at most.
    ///
    /// # Errors
    ///
    /// [`PostgresError`], and nothing was changed. [`PostgresError::Newer`] if a later version of this
    /// library migrated before.
    pub async fn migrate(pool: &Pool, options: &PostgresOptions) -> Result<u32, PostgresError> {
        migrate::migrate(pool, options).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("options", &self.0.options)
            .field("pool", &self.0.pool.status())
            .finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    async fn load(&self, at: &Place, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(at, now).await.map_err(Failure::told)
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.0.put_if(at, expected, new, news, now).await.map_err(Failure::told)
    }

    async fn delete(&self, at: &Place, expected: Head) -> Result<Put, StoreError> {
        self.0.delete(at, expected).await.map_err(Failure::told)
    }

    async fn list(
        &self,
        lane: u8,
        owner: &[u8; 16],
        range: Range,
        now: Timestamp,
    ) -> Result<Listed<(Place, Record), Position>, StoreError> {
        self.0.list(lane, owner, range, now).await.map_err(Failure::told)
    }

    async fn list_each(
        &self,
        lane: u8,
        owners: &[[u8; 16]],
        range: Range,
        now: Timestamp,
    ) -> Result<Vec<Listed<(Place, Record), Position>>, StoreError> {
        self.0.list_each(lane, owners, range, now).await.map_err(Failure::told)
    }

    async fn scan(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<(Place, Record), ScanCursor>, StoreError> {
        self.0.scan(after, limit).await.map_err(Failure::told)
    }

    /// Deletes in batches. It ends early, with what it deleted until then, when half of the deadline is
    /// over: more may be left although it returns less than `limit`.
    async fn purge(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.0.purge(before, limit).await.map_err(Failure::told)
    }

    async fn lease(
        &self,
        token: &[u8; 16],
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.0.lease(token, limit, now, until).await.map_err(Failure::told)
    }

    async fn acknowledge(
        &self,
        lease: &Lease,
        done: &[EntryId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.acknowledge(lease, done, now).await.map_err(Failure::told)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.0.release(lease).await.map_err(Failure::told)
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.0.backlog().await.map_err(Failure::told)
    }

    async fn entries(
        &self,
        after: Option<&ScanCursor>,
        limit: usize,
    ) -> Result<Listed<Entry, ScanCursor>, StoreError> {
        self.0.entries(after, limit).await.map_err(Failure::told)
    }
}
