//! Bringing the schema to the version that this program needs, and checking that it has it.

use core::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::IsolationLevel;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::error::PostgresError;
use super::options::PostgresOptions;
use super::schema::{LATEST, MIGRATIONS, Schema};

/// How long a migration may take, waiting for another instance included.
const DEADLINE: Duration = Duration::from_secs(60);

/// Creates what is missing; returns how many migrations that took.
pub(super) async fn migrate(pool: &Pool, options: &PostgresOptions) -> Result<u32, PostgresError> {
    let until = Instant::now().checked_add(DEADLINE).unwrap_or_else(Instant::now);
    let connection = timeout_at(until, pool.get()).await;
    let mut client =
        connection.map_err(|_| PostgresError::TooSlow)?.map_err(PostgresError::of_pool)?;
    if let Ok(migrated) = timeout_at(until, apply(&mut client, &options.schema)).await {
        migrated
    } else {
        drop(Object::take(client));
        Err(PostgresError::TooSlow)
    }
}

/// All in one transaction, under a lock that other instances wait for: they then find nothing to do.
async fn apply(client: &mut Object, schema: &Schema) -> Result<u32, PostgresError> {
    let failed = PostgresError::of_server;
    // Whatever the server's default is: what is read behind the lock must be what the one before has written.
    let work = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let work = work.start().await.map_err(failed)?;
    let lock = format!("SELECT pg_advisory_xact_lock({})", schema.lock());
    work.batch_execute(&lock).await.map_err(failed)?;
    let has_schema = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let has_table =
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'";
    let name = schema.name();
    if work.query_typed(has_schema, &[(&name, Type::TEXT)]).await.map_err(failed)?.is_empty() {
        work.batch_execute(&schema.fill("CREATE SCHEMA {schema}")).await.map_err(failed)?;
    }
    if work.query_typed(has_table, &[(&name, Type::TEXT)]).await.map_err(failed)?.is_empty() {
        let first = "CREATE TABLE {schema}.schema_version (version integer NOT NULL);
                     CREATE UNIQUE INDEX schema_version_one ON {schema}.schema_version ((true));
                     INSERT INTO {schema}.schema_version VALUES (0)";
        work.batch_execute(&schema.fill(first)).await.map_err(failed)?;
    }
    let version = schema.fill("SELECT version FROM {schema}.schema_version");
    let rows = work.query_typed(&version, &[]).await.map_err(failed)?;
    let found = number(&rows, schema)?;
    if found > LATEST {
        return Err(PostgresError::Newer { schema: name.to_owned(), found });
    }
    let mut applied = 0_u32;
    for (step, text) in (1_u32..).zip(MIGRATIONS).filter(|(step, _)| *step > found) {
        let counted = format!("UPDATE {{schema}}.schema_version SET version = {step}");
        for statement in [text, &counted] {
            work.batch_execute(&schema.fill(statement)).await.map_err(failed)?;
        }
        applied = applied.saturating_add(1);
    }
    work.commit().await.map_err(failed)?;
    Ok(applied)
}

/// Whether the schema has the version that this program needs, and the server is none that lags behind another.
pub(super) async fn check(pool: &Pool, options: &PostgresOptions) -> Result<(), PostgresError> {
    let until = Instant::now().checked_add(options.deadline).unwrap_or_else(Instant::now);
    let connection = timeout_at(until, pool.get()).await;
    let client = connection.map_err(|_| PostgresError::TooSlow)?.map_err(PostgresError::of_pool)?;
    let schema = &options.schema;
    let asked = schema.fill("SELECT version, pg_is_in_recovery() FROM {schema}.schema_version");
    let Ok(rows) = timeout_at(until, client.query_typed(&asked, &[])).await else {
        drop(Object::take(client));
        return Err(PostgresError::TooSlow);
    };
    let missing = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    let rows = rows.map_err(|error| match error.code() {
        Some(code) if missing.contains(code) => {
            PostgresError::Missing { schema: schema.name().to_owned() }
        }
        _ => PostgresError::of_server(error),
    })?;
    let (found, schema) = (number(&rows, schema)?, schema.name().to_owned());
    let is_standby = rows.first().map(|row| row.try_get(1)).transpose();
    if is_standby.map_err(PostgresError::of_server)? != Some(false) {
        return Err(PostgresError::Standby);
    }
    match found.cmp(&LATEST) {
        core::cmp::Ordering::Less => Err(PostgresError::Older { schema, found }),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Greater => Err(PostgresError::Newer { schema, found }),
    }
}

fn number(rows: &[tokio_postgres::Row], schema: &Schema) -> Result<u32, PostgresError> {
    let missing = || PostgresError::Missing { schema: schema.name().to_owned() };
    let found: i32 =
        rows.first().ok_or_else(missing)?.try_get(0).map_err(PostgresError::of_server)?;
    u32::try_from(found).map_err(|_| missing())
}
