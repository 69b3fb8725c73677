//! Sending commands: to one server or to a cluster, with a deadline, and scripts by their digest.

use core::fmt;
use core::future::Future;
use core::time::Duration;

use ::redis::aio::{ConnectionManager, MultiplexedConnection};
use ::redis::cluster_async::ClusterConnection;
use ::redis::cluster_routing::{
    MultipleNodeRoutingInfo, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr,
};
use ::redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Script, ServerErrorKind, Value, cmd,
};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::store::StoreError;
use crate::store::redis::renewed::{Awaited, Renewed};

/// A connection of the service's own: to one server ([`MultiplexedConnection`], [`ConnectionManager`]), or
/// to a cluster ([`ClusterConnection`]).
///
/// A `MultiplexedConnection` does not connect anew after it was cut; the other two do.
#[derive(Clone)]
pub struct RedisConnection(Link);

#[derive(Clone)]
enum Link {
    Single(MultiplexedConnection),
    Managed(ConnectionManager),
    Cluster(ClusterConnection),
    Renewed(Renewed),
}

impl From<MultiplexedConnection> for RedisConnection {
    fn from(connection: MultiplexedConnection) -> Self {
        Self(Link::Single(connection))
    }
}

impl From<ConnectionManager> for RedisConnection {
    fn from(connection: ConnectionManager) -> Self {
        Self(Link::Managed(connection))
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(connection: ClusterConnection) -> Self {
        Self(Link::Cluster(connection))
    }
}

impl From<Renewed> for RedisConnection {
    fn from(connection: Renewed) -> Self {
        Self(Link::Renewed(connection))
    }
}

impl fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.0 {
            Link::Single(_) => "one connection",
            Link::Managed(_) => "a connection manager",
            Link::Cluster(_) | Link::Renewed(_) => "a cluster",
        };
        write!(f, "RedisConnection({kind})")
    }
}

/// No answer came in time.
#[derive(Debug, thiserror::Error)]
#[error("Redis did not answer before the deadline; it may have done what it was asked")]
pub(super) struct NoAnswer;

/// The answer is not what the scripts of this store return.
#[derive(Debug, thiserror::Error)]
#[error("Redis holds or answered something that this store did not write")]
pub(super) struct Foreign;

/// Whether nothing was answered at all.
pub(super) fn is_silence<T>(answer: &Result<T, StoreError>) -> bool {
    match answer {
        Err(StoreError::Unavailable(source)) => {
            source.is::<NoAnswer>() || source.downcast_ref().is_some_and(RedisError::is_timeout)
        }
        _ => false,
    }
}

pub(super) fn foreign() -> StoreError {
    StoreError::unavailable(Foreign)
}

impl RedisConnection {
    /// The client's own time-out must not be shorter than ours: its default is half a second.
    pub(super) fn set_deadline(&mut self, deadline: Duration) {
        if let Link::Single(connection) = &mut self.0 {
            connection.set_response_timeout(deadline);
        }
    }

    /// A call that begins now, so that a connection to a cluster is made anew that no longer answers.
    pub(super) fn awaited(&self, deadline: Duration) -> Option<Awaited<'_>> {
        match &self.0 {
            Link::Renewed(renewed) => Some(renewed.awaited(deadline)),
            Link::Single(_) | Link::Managed(_) | Link::Cluster(_) => None,
        }
    }

    pub(super) const fn is_cluster(&self) -> bool {
        matches!(self.0, Link::Cluster(_) | Link::Renewed(_))
    }

    /// Sends one command to the primary that has `key`: a replica might answer with an older row.
    pub(super) async fn send(&self, command: &Cmd, key: &str) -> RedisResult<Value> {
        match self.0.clone() {
            Link::Single(mut connection) => command.query_async(&mut connection).await,
            Link::Managed(mut connection) => command.query_async(&mut connection).await,
            Link::Cluster(connection) => to_slot(connection, command, key).await,
            Link::Renewed(renewed) => to_slot(renewed.current(), command, key).await,
        }
    }

    /// Sends one command to every primary.
    pub(super) async fn send_to_all(&self, command: &Cmd) -> RedisResult<Vec<Value>> {
        let answer = match self.0.clone() {
            Link::Single(mut connection) => return one(command.query_async(&mut connection).await),
            Link::Managed(mut connection) => {
                return one(command.query_async(&mut connection).await);
            }
            Link::Cluster(connection) => to_primaries(connection, command).await?,
            Link::Renewed(renewed) => to_primaries(renewed.current(), command).await?,
        };
        Ok(match answer {
            Value::Map(nodes) => nodes.into_iter().map(|(_, answer)| answer).collect(),
            Value::Array(nodes) => nodes
                .into_iter()
                .filter_map(|node| match node {
                    Value::Array(mut pair) => pair.pop(),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        })
    }

    /// Sends many commands, each with its key, in one round trip: to one server in a row, to those of a
    /// cluster side by side.
    pub(super) async fn send_many(&self, commands: Vec<(String, Cmd)>) -> RedisResult<Vec<Value>> {
        if !self.is_cluster() {
            let mut pipeline = Pipeline::with_capacity(commands.len());
            for (_, command) in commands {
                pipeline.add_command(command);
            }
            return match self.0.clone() {
                Link::Single(mut connection) => pipeline.query_async(&mut connection).await,
                Link::Managed(mut connection) => pipeline.query_async(&mut connection).await,
                Link::Cluster(_) | Link::Renewed(_) => Ok(Vec::new()),
            };
        }
        let mut asked = JoinSet::new();
        for (index, (key, command)) in commands.into_iter().enumerate() {
            let link = self.clone();
            asked.spawn(async move { (index, link.send(&command, &key).await) });
        }
        let mut answers = Vec::with_capacity(asked.len());
        while let Some(answer) = asked.join_next().await {
            let (index, answer) = answer.map_err(std::io::Error::other)?;
            answers.push((index, answer?));
        }
        answers.sort_by_key(|(index, _)| *index);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Runs a script, whose first key says where: by its digest, or by its text if the server does not know
    /// it (then nothing was done).
    pub(super) async fn run(
        &self,
        script: &Source,
        keys: &[&[u8]],
        args: &[&[u8]],
        lane_key: &str,
    ) -> RedisResult<Value> {
        let known = call("EVALSHA", script.script.get_hash(), keys, args);
        match self.send(&known, lane_key).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.send(&call("EVAL", script.text, keys, args), lane_key).await
            }
            answer => answer,
        }
    }
}

async fn to_slot(
    mut connection: ClusterConnection,
    command: &Cmd,
    key: &str,
) -> RedisResult<Value> {
    let route = Route::with_key(key, SlotAddr::Master);
    let node = RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(route));
    connection.route_command(command.clone(), node).await?.extract_error()
}

async fn to_primaries(mut connection: ClusterConnection, command: &Cmd) -> RedisResult<Value> {
    let primaries = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
    connection.route_command(command.clone(), primaries).await?.extract_error()
}

fn one(answer: RedisResult<Value>) -> RedisResult<Vec<Value>> {
    answer.map(|answer| vec![answer])
}

/// A script, and its digest.
pub(super) struct Source {
    text: &'static str,
    script: Script,
}

impl Source {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text, script: Script::new(text) }
    }
}

fn call(verb: &str, script: &str, keys: &[&[u8]], args: &[&[u8]]) -> Cmd {
    let mut call = cmd(verb);
    call.arg(script).arg(keys.len());
    for part in keys.iter().chain(args) {
        call.arg(*part);
    }
    call
}

/// What `work` comes to, or an error after `deadline`.
pub(super) async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = RedisResult<T>> + Send,
) -> Result<T, StoreError> {
    match timeout(deadline, work).await {
        Ok(answer) => answer.map_err(failed),
        Err(_) => Err(StoreError::unavailable(NoAnswer)),
    }
}

/// A server without memory refuses the first write of a script, so that nothing of it is done.
fn failed(error: RedisError) -> StoreError {
    const REFUSED: &str = "OOM command not allowed";
    let full = error.code() == Some("OOM")
        || error.detail().is_some_and(|detail| detail.contains(REFUSED));
    if full { StoreError::Full } else { StoreError::unavailable(error) }
}
