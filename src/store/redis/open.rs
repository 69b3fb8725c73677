//! Opening a store: connecting, and looking whether the server keeps what it acknowledges.

use core::future::Future;
use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicU8, AtomicU64};
use core::time::Duration;
use std::hash::RandomState;
use std::sync::Arc;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::cluster::ClusterClient;
use ::redis::io::tcp::{TcpSettings, socket2};
use ::redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, RedisError, RedisResult,
    Value, cmd,
};
use tokio::time::timeout;

use crate::store::redis::error::RedisConfigError;
use crate::store::redis::keys::Keys;
use crate::store::redis::link::{Foreign, NoAnswer, RedisConnection};
use crate::store::redis::options::RedisOptions;
use crate::store::redis::renewed::Renewed;
use crate::store::redis::{RedisStore, Scripts, Shared};

/// The format of keys and rows that this version reads and writes.
const FORMAT: &str = "3";
/// How long a reconnection waits at most before it is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// The same in a cluster, in milliseconds: the client's default of more than a second is longer than a
/// deadline may be.
const FIRST_PAUSE: u64 = 20;
const LAST_PAUSE: u64 = 500;

/// What becomes of an acknowledged write if the server stops, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RedisDurability {
    /// The server does not tell.
    Unknown,
    /// There is no append-only file: everything may be lost.
    Volatile,
    /// `appendfsync no`: what the operating system had not written may be lost if the machine stops.
    System,
    /// `appendfsync everysec`: the last second or two may be lost if the machine stops.
    EverySecond,
    /// `appendfsync always`: it is on disk before it is acknowledged.
    Always,
}

impl RedisStore {
    /// A store on a connection of the service's own. It sends a few commands to see that every primary keeps
    /// records: no eviction, an append-only file, no replica.
    ///
    /// Give the connection a response time-out as long as the store's deadline: the default of the client is
    /// half a second. (The store does so itself for a `MultiplexedConnection`.) A cluster is better opened by
    /// [`connect_cluster`](Self::connect_cluster), which also connects anew if the client hangs.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] says what to change.
    pub async fn new(
        connection: impl Into<RedisConnection>,
        options: RedisOptions,
    ) -> Result<Self, RedisConfigError> {
        if !options.has_good_prefix() {
            return Err(RedisConfigError::Prefix);
        }
        let mut link = connection.into();
        link.set_deadline(options.deadline);
        let durability = inspect(&link, &options).await?;
        let keys = Keys::new(&options.prefix);
        check_format(&link, &options, &keys.format()).await?;
        Ok(Self(Arc::new(Shared {
            link,
            late: options.deadline.checked_div(2).unwrap_or_default(),
            options,
            durability,
            keys,
            scripts: Scripts::new(),
            calls: AtomicU64::new(random()),
            turn: AtomicU8::new(random().to_be_bytes()[0]),
        })))
    }

    /// A store at `url`, `redis://user:password@host:port/database`: on one connection that connects anew by
    /// itself, or, if the server is part of a cluster, on a connection to each of its primaries.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] says what to change, without the password.
    pub async fn connect(url: &str, options: RedisOptions) -> Result<Self, RedisConfigError> {
        let deadline = options.deadline;
        let client = Client::open(info(url, deadline)?).map_err(|_| RedisConfigError::Url)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(deadline))
            .set_response_timeout(Some(deadline));
        let first = client.get_multiplexed_async_connection_with_config(&config);
        let first = RedisConnection::from(within(deadline, first).await?);
        let facts = facts(&first, deadline).await;
        if facts.is_ok_and(|facts| facts.iter().any(|facts| facts.says("cluster_enabled", "1"))) {
            return Self::connect_cluster([url], options).await;
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(deadline))
            .set_response_timeout(Some(deadline))
            .set_max_delay(PAUSE);
        let manager = within(deadline, ConnectionManager::new_with_config(client, config)).await?;
        Self::new(manager, options).await
    }

    /// A store in the cluster of which some servers are at `urls`. The others are found through them.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] says what to change, without the password.
    pub async fn connect_cluster<'a>(
        urls: impl IntoIterator<Item = &'a str> + Send,
        options: RedisOptions,
    ) -> Result<Self, RedisConfigError> {
        let deadline = options.deadline;
        let nodes: Result<Vec<_>, _> = urls.into_iter().map(|url| info(url, deadline)).collect();
        let client = ClusterClient::builder(nodes?)
            .connection_timeout(deadline)
            .response_timeout(deadline)
            .overall_response_timeout(Some(deadline))
            .min_retry_wait(FIRST_PAUSE)
            .max_retry_wait(LAST_PAUSE)
            .tcp_settings(tcp(deadline))
            .build()
            .map_err(|_| RedisConfigError::Url)?;
        Self::with_cluster(client, options).await
    }

    /// A store in the cluster that the service's own client knows: one with certificates, say. Unlike one that is given a
    /// [`ClusterConnection`], it connects anew if the client hangs.
    ///
    /// Give the client time-outs as long as the store's deadline, and a `min_retry_wait` well below it.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] says what to change.
    ///
    /// [`ClusterConnection`]: ::redis::cluster_async::ClusterConnection
    pub async fn with_cluster(
        client: ClusterClient,
        options: RedisOptions,
    ) -> Result<Self, RedisConfigError> {
        let cluster = within(options.deadline, client.get_async_connection()).await?;
        Self::new(Renewed::new(client, cluster), options).await
    }
}

fn info(url: &str, deadline: Duration) -> Result<ConnectionInfo, RedisConfigError> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let info = url.into_connection_info().map_err(|error| match scheme {
        "rediss" | "valkeys" if error.to_string().contains("TLS") => RedisConfigError::Tls,
        _ => RedisConfigError::Url,
    })?;
    Ok(info.set_tcp_settings(tcp(deadline)))
}

/// Sends at once, and notices a server that went away without a word.
fn tcp(deadline: Duration) -> TcpSettings {
    // In whole seconds: less is none, which the system refuses.
    let pause = deadline.max(Duration::from_secs(1));
    let probes = socket2::TcpKeepalive::new().with_time(pause).with_interval(pause);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(probes);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(pause);
    settings
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = RedisResult<T>> + Send,
) -> Result<T, RedisConfigError> {
    match timeout(deadline, work).await {
        Ok(answer) => answer.map_err(RedisConfigError::of),
        Err(_) => Err(RedisConfigError::Unreachable(NoAnswer.into())),
    }
}

/// What a server tells of itself.
struct Facts(String);

impl Facts {
    fn get(&self, name: &str) -> Option<&str> {
        let named =
            |line: &'_ str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        let line = self.0.lines().find(|line| named(line))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    fn says(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }
}

async fn facts(link: &RedisConnection, deadline: Duration) -> Result<Vec<Facts>, RedisConfigError> {
    let answers = within(deadline, link.send_to_all(&cmd("INFO"))).await?;
    Ok(answers.into_iter().filter_map(text).map(Facts).collect())
}

fn text(answer: Value) -> Option<String> {
    match answer {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

/// Looks at every primary; returns what the weakest of them promises.
async fn inspect(
    link: &RedisConnection,
    options: &RedisOptions,
) -> Result<RedisDurability, RedisConfigError> {
    let found = match facts(link, options.deadline).await {
        Err(RedisConfigError::Forbidden(_)) if options.volatile => {
            return Ok(RedisDurability::Unknown);
        }
        found => found?,
    };
    for facts in &found {
        // Valkey has a name of its own for it.
        if ["redis_mode", "server_mode"].iter().any(|name| facts.says(name, "sentinel")) {
            return Err(RedisConfigError::Sentinel);
        }
        if facts.says("role", "slave") {
            return Err(RedisConfigError::Replica);
        }
        if facts.says("cluster_enabled", "1") && !link.is_cluster() {
            return Err(RedisConfigError::Cluster);
        }
    }
    if !options.volatile {
        for facts in &found {
            let unread = || RedisConfigError::Forbidden(Foreign.into());
            let policy = facts.get("maxmemory_policy").ok_or_else(unread)?;
            if policy != "noeviction" {
                return Err(RedisConfigError::Evicts { policy: policy.to_owned() });
            }
            if facts.get("aof_enabled").ok_or_else(unread)? != "1" {
                return Err(RedisConfigError::Volatile);
            }
        }
    }
    let kept = |facts: &Facts| match facts.get("aof_enabled") {
        Some("1") => RedisDurability::Always,
        Some(_) => RedisDurability::Volatile,
        None => RedisDurability::Unknown,
    };
    let by_file = found.iter().map(kept).min().unwrap_or(RedisDurability::Unknown);
    if by_file < RedisDurability::Always {
        return Ok(by_file);
    }
    // Some services hide this command. Then it stays unknown.
    let mut ask = cmd("CONFIG");
    ask.arg("GET").arg("appendfsync");
    let answers = match within(options.deadline, link.send_to_all(&ask)).await {
        Ok(answers) => answers,
        Err(RedisConfigError::Unreachable(error)) if !is_of_server(&*error) => {
            return Err(RedisConfigError::Unreachable(error));
        }
        Err(_) => return Ok(RedisDurability::Unknown),
    };
    let weakest = answers.into_iter().map(by_policy).min();
    Ok(weakest.unwrap_or(RedisDurability::Unknown))
}

/// Whether the server itself refused, rather than the way to it.
fn is_of_server(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<RedisError>().is_some_and(|error| error.code().is_some())
}

fn by_policy(answer: Value) -> RedisDurability {
    let value = match answer {
        Value::Array(mut pair) => pair.pop(),
        Value::Map(mut pairs) => pairs.pop().map(|(_, value)| value),
        _ => None,
    };
    match value.and_then(text).as_deref() {
        Some("always") => RedisDurability::Always,
        Some("everysec") => RedisDurability::EverySecond,
        Some("no") => RedisDurability::System,
        _ => RedisDurability::Unknown,
    }
}

/// Writes the format down where none stands, and reads it.
async fn check_format(
    link: &RedisConnection,
    options: &RedisOptions,
    key: &str,
) -> Result<(), RedisConfigError> {
    let mut read = cmd("GET");
    read.arg(key);
    if within(options.deadline, link.send(&read, key)).await? == Value::Nil {
        let mut write = cmd("SETNX");
        write.arg(key).arg(FORMAT);
        within(options.deadline, link.send(&write, key)).await?;
    }
    let found = within(options.deadline, link.send(&read, key)).await?;
    match text(found) {
        Some(found) if found == FORMAT => Ok(()),
        found => Err(RedisConfigError::Format {
            found: found.unwrap_or_default(),
            expected: FORMAT.to_owned(),
        }),
    }
}

/// A number that differs from process to process: no secret.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
