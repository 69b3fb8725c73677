//! One call of the server: a connection of the pool, one statement, one round trip, one deadline.

use core::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::error::Failure;
use super::options::PostgresOptions;
use super::statements::Statements;

/// A value with its type, which spares asking the server for it.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// How often a call is made that the server undoes because of others: more would only heat a fight.
const ATTEMPTS: u8 = 3;
/// The longest wait for one lock, whatever the deadline. A statement has a few of them, and all of them together must end
/// within the hour for which the engine takes a write that was given up for one that may still land.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Caller {
    pub(super) pool: Pool,
    pub(super) options: PostgresOptions,
    pub(super) statements: Statements,
}

/// A connection that is asked something. It goes back to the pool once the answer came, and nowhere otherwise, whoever
/// stops waiting: the answer to the next statement would stand behind this one's, or the connection is dead and the
/// next call would wait in vain too.
struct Asked {
    connection: Option<Object>,
    answered: bool,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| !self.answered) {
            drop(Object::take(connection));
        }
    }
}

/// For how long the server may wait for a lock, in milliseconds: three quarters of what is left. So a call that waits in
/// vain ends in the server, and its answer comes while somebody waits for it; or it would wait there on, in a process of
/// the server, and be made whenever the lock goes.
fn patience(until: Instant) -> String {
    let left = until.saturating_duration_since(Instant::now());
    // None at all would be no bound.
    left.mul_f32(0.75).min(LONGEST_WAIT).as_millis().max(1).to_string()
}

impl Caller {
    pub(super) fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.options.deadline).unwrap_or(now)
    }

    /// Makes the call once.
    pub(super) async fn once(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
        until: Instant,
    ) -> Result<Vec<Row>, Failure> {
        let connection = timeout_at(until, self.pool.get()).await;
        let client = connection.map_err(|_| Failure::NoConnection)?.map_err(Failure::of_pool)?;
        let mut asked = Asked { connection: Some(client), answered: false };
        let client = asked.connection.as_ref().ok_or(Failure::NoConnection)?;
        let patience = patience(until);
        let parameters = [parameters, &[(&patience, Type::TEXT)]].concat();
        let answer = timeout_at(until, self.ask(client, statement, &parameters)).await;
        let answer = answer.map_err(|_| Failure::NoAnswer)?;
        asked.answered = true;
        answer.map_err(Failure::of_server)
    }

    /// Makes a call that may be made again if the server undid it: whoever calls need not know of that.
    pub(super) async fn call(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let until = self.deadline();
        let mut attempt = 1_u8;
        loop {
            match self.once(statement, parameters, until).await {
                Err(Failure::Undone(_)) if attempt < ATTEMPTS => {
                    attempt = attempt.saturating_add(1);
                }
                answer => return answer,
            }
        }
    }

    async fn ask(
        &self,
        client: &Object,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        if !self.options.named_statements {
            return client.query_typed(statement, parameters).await;
        }
        let types: Vec<Type> = parameters.iter().map(|(_, of)| of.clone()).collect();
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(value, _)| *value).collect();
        let prepared = client.prepare_typed_cached(statement, &types).await?;
        client.query(&prepared, &values).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_waits_for_a_lock_for_less_than_is_left_and_never_without_a_bound() {
        let now = Instant::now();
        assert_eq!(patience(now), "1", "0 would be for ever");
        assert_eq!(patience(now + Duration::from_secs(3600)), "600000");
        let some: u64 = patience(now + Duration::from_secs(100)).parse().unwrap();
        assert!((60_000..=75_000).contains(&some), "{some}");
    }
}
