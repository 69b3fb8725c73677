//! What a host may set.

use core::time::Duration;

use super::error::PostgresError;
use super::schema::Schema;

/// How long a call may take if the host says nothing.
const DEADLINE: Duration = Duration::from_secs(5);
/// A call that takes longer is as good as lost.
const LONGEST: Duration = Duration::from_secs(3600);

/// How a [`PostgresStore`](super::PostgresStore) works.
///
/// ```
/// use std::time::Duration;
///
/// use countersign::store::postgres::PostgresOptions;
///
/// let options = PostgresOptions::new()
///     .with_schema("bank_verification")?
///     .with_deadline(Duration::from_secs(2))
///     .with_entries_per_lane(100_000);
/// # Ok::<(), countersign::store::postgres::PostgresError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    pub(super) schema: Schema,
    pub(super) deadline: Duration,
    pub(super) entries_per_lane: Option<u64>,
    pub(super) named_statements: bool,
}

impl PostgresOptions {
    /// Schema `countersign`, a deadline of five seconds, an outbox without a bound, no named statements.
    #[must_use]
    pub fn new() -> Self {
        Self {
            schema: Schema::usual(),
            deadline: DEADLINE,
            entries_per_lane: None,
            named_statements: false,
        }
    }

    /// The schema that holds the tables and functions. Several stores may stand in one database, each in a
    /// schema of its own.
    ///
    /// # Errors
    ///
    /// [`PostgresError::SchemaName`] unless it is 1 to 63 of `a` to `z`, `0` to `9` and `_`, does not begin
    /// with a digit and not with `pg_`.
    pub fn with_schema(mut self, name: &str) -> Result<Self, PostgresError> {
        self.schema =
            Schema::named(name).ok_or_else(|| PostgresError::SchemaName(name.to_owned()))?;
        Ok(self)
    }

    /// How long a call may take, waiting for a connection included: an hour at most.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(LONGEST);
        self
    }

    /// How many entries may wait in each of the 256 lanes. An eighth more is kept for what takes authority
    /// away. The bound is one by lane, because a total would make all writes with news wait for each other.
    #[must_use]
    pub const fn with_entries_per_lane(mut self, entries: u64) -> Self {
        self.entries_per_lane = Some(entries);
        self
    }

    /// Whether statements are prepared by name, once a connection. This saves the server some work at each
    /// call. It fails behind a pooler in transaction mode that does not know of it, such as PgBouncer
    /// before 1.21: leave it off there.
    #[must_use]
    pub const fn with_named_statements(mut self, named: bool) -> Self {
        self.named_statements = named;
        self
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}
