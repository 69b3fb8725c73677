//! What a host may set of a store in Redis.

use core::time::Duration;

/// How a [`RedisStore`](super::RedisStore) behaves. What is not set has the value in brackets.
///
/// ```
/// use countersign::store::redis::RedisOptions;
/// use core::time::Duration;
///
/// let options = RedisOptions::new().prefix("bank").deadline(Duration::from_secs(2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisOptions {
    pub(super) prefix: String,
    pub(super) deadline: Duration,
    pub(super) outbox_per_lane: u32,
    pub(super) volatile: bool,
}

impl RedisOptions {
    /// All as in brackets.
    #[must_use]
    pub fn new() -> Self {
        Self {
            prefix: "countersign".to_owned(),
            deadline: Duration::from_secs(5),
            outbox_per_lane: 4096,
            volatile: false,
        }
    }

    /// What the name of every key begins with (`countersign`): stores with different prefixes are apart on
    /// one server. 1 to 64 letters, digits, `-`, `_`, `.` and `:`.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// After how long a call that has no answer ends as an error (5 seconds).
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// How many entries of the outbox each of the 256 lanes holds (4 096). An eighth more is kept for what
    /// takes authority away. The bound is one of each lane, because a cluster can count no total in one
    /// step with a write.
    #[must_use]
    pub fn outbox_per_lane(self, entries: u32) -> Self {
        Self { outbox_per_lane: entries, ..self }
    }

    /// Takes a server that may lose what it acknowledged: one without an append-only file, one that evicts,
    /// or one that does not say. For tests, and where durability comes from elsewhere (a service that
    /// replicates each write before it answers, and hides its settings).
    #[must_use]
    pub fn allow_volatile(self) -> Self {
        Self { volatile: true, ..self }
    }

    pub(super) fn has_good_prefix(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        (1..=64).contains(&self.prefix.len()) && self.prefix.bytes().all(plain)
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self::new()
    }
}
