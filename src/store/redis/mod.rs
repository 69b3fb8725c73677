//! A store in Redis or Valkey: one server, or a cluster.
//!
//! Every call is one script, or one command, in one round trip; only those that look at all 256 lanes
//! (`scan`, `purge`, `backlog`, `entries`, and in a cluster `lease`) take more. All keys of a lane share a
//! hash tag, `{prefix:lane}`, so that a record, its index entries and its news change in one atomic step in
//! a cluster too. Nothing expires by the server's clock.
//!
//! A row is a string: version, `created`, `live_until`, `retain_until` and the number of the call that wrote
//! it, eight bytes each, then the sealed bytes. Three sorted sets per lane find rows: all by owner, `created` and
//! id, live ones by owner, `live_until`, `created` and id, and all by the end of their retention. The outbox of a
//! lane is a list of ids and a hash with their bytes.
//!
//! What reads carries a write that changes nothing: a replica refuses it, so that no answer comes from one, whatever the
//! address of the connection leads to since.
//!
//! Everything stands on what the server acknowledged: `appendonly yes`, `appendfsync always` or `everysec`,
//! `maxmemory-policy noeviction`. [`RedisStore::new`] checks what the server tells, and refuses what would
//! lose records. A failover can lose the last writes; what to do about it is in the manual.
//!
//! Calls need tokio's runtime with its timer (`enable_time` or `enable_all`).

mod answer;
mod beside;
mod error;
mod keys;
mod link;
mod open;
mod options;
mod outbox;
mod records;
mod renewed;

use core::fmt;
use core::future::Future;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use ::redis::{Cmd, RedisResult, Value, cmd};

pub use self::error::RedisConfigError;
pub use self::link::RedisConnection;
pub use self::open::RedisDurability;
pub use self::options::RedisOptions;

use self::keys::{Keys, LaneKeys};
use self::link::{Source, foreign, is_silence, within};
use crate::store::StoreError;

/// Records in Redis or Valkey.
///
/// Clones share the connection.
///
/// ```no_run
/// use countersign::store::redis::{RedisOptions, RedisStore};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::connect("redis://127.0.0.1:6379/0", RedisOptions::new()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisStore(Arc<Shared>);

struct Shared {
    link: RedisConnection,
    options: RedisOptions,
    /// A call of many round trips rather ends early than goes on with less time than this: half of it.
    late: Duration,
    durability: RedisDurability,
    keys: Keys,
    scripts: Scripts,
    /// Numbers the writes of this process, from a random number on.
    calls: AtomicU64,
    /// The lane with which the next search for one to lease begins.
    turn: AtomicU8,
}

struct Scripts {
    put: Source,
    again: Source,
    delete: Source,
    list: Source,
    live: Source,
    scan: Source,
    purge: Source,
    lease: Source,
    acknowledge: Source,
    release: Source,
    entries: Source,
}

impl Scripts {
    fn new() -> Self {
        Self {
            put: Source::new(concat!(include_str!("lua/forget.lua"), include_str!("lua/put.lua"))),
            again: Source::new(include_str!("lua/again.lua")),
            delete: Source::new(concat!(
                include_str!("lua/forget.lua"),
                include_str!("lua/delete.lua")
            )),
            list: Source::new(include_str!("lua/list.lua")),
            live: Source::new(concat!(include_str!("lua/live.lua"), include_str!("lua/list.lua"))),
            scan: Source::new(include_str!("lua/scan.lua")),
            purge: Source::new(concat!(
                include_str!("lua/forget.lua"),
                include_str!("lua/purge.lua")
            )),
            lease: Source::new(include_str!("lua/lease.lua")),
            acknowledge: Source::new(include_str!("lua/acknowledge.lua")),
            release: Source::new(include_str!("lua/release.lua")),
            entries: Source::new(include_str!("lua/entries.lua")),
        }
    }
}

impl RedisStore {
    /// How long the server takes care that an acknowledged write outlives it.
    #[must_use]
    pub fn durability(&self) -> RedisDurability {
        self.0.durability
    }

    /// A number that no other write has.
    fn next_call(&self) -> u64 {
        self.0.calls.fetch_add(1, Ordering::Relaxed)
    }

    fn lane(&self, lane: u8) -> Result<&LaneKeys, StoreError> {
        self.0.keys.lane(lane).ok_or_else(foreign)
    }

    /// When a call that begins now must have ended.
    fn end(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.0.options.deadline).unwrap_or(now)
    }

    async fn before<T>(
        &self,
        end: Instant,
        work: impl Future<Output = RedisResult<T>> + Send,
    ) -> Result<T, StoreError> {
        let mut awaited = self.0.link.awaited(self.0.options.deadline);
        let answer = within(end.saturating_duration_since(Instant::now()), work).await;
        if let Some(awaited) = &mut awaited {
            awaited.ended(!is_silence(&answer));
        }
        answer
    }

    /// Runs a script in the slot of its first key.
    async fn run(
        &self,
        end: Instant,
        script: &Source,
        lane: &LaneKeys,
        keys: &[&[u8]],
        args: &[&[u8]],
    ) -> Result<Value, StoreError> {
        self.before(end, self.0.link.run(script, keys, args, &lane.rows)).await
    }

    /// What a command says of every lane from `first` on.
    async fn of_lanes(
        &self,
        end: Instant,
        first: u8,
        ask: impl Fn(&LaneKeys) -> Cmd,
    ) -> Result<Vec<(u8, Value)>, StoreError> {
        let lanes = || (first..=u8::MAX).filter_map(|lane| Some((lane, self.0.keys.lane(lane)?)));
        let mut commands: Vec<_> =
            lanes().map(|(_, keys)| (keys.rows.clone(), ask(keys))).collect();
        // As in the scripts that read.
        let mut persist = cmd("PERSIST");
        persist.arg(self.0.keys.format());
        commands.insert(0, (self.0.keys.format(), persist));
        let answers = self.before(end, self.0.link.send_many(commands)).await?;
        Ok(lanes().map(|(lane, _)| lane).zip(answers.into_iter().skip(1)).collect())
    }

    /// The lanes from `first` on of which a command counts anything, and how much.
    async fn lanes_with(
        &self,
        end: Instant,
        first: u8,
        count: impl Fn(&LaneKeys) -> Cmd,
    ) -> Result<Vec<(u8, u64)>, StoreError> {
        let answers = self.of_lanes(end, first, count).await?;
        let counted = answers.into_iter().map(|(lane, count)| Ok((lane, answer::count(&count)?)));
        counted.filter(|lane| !matches!(lane, Ok((_, 0)))).collect()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("link", &self.0.link)
            .field("options", &self.0.options)
            .field("durability", &self.0.durability)
            .finish_non_exhaustive()
    }
}
