//! How often somebody may call: a bucket of tokens for each key, refilled over time.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

/// So many keys are remembered; with more, those whose buckets are full are forgotten.
const KEYS: usize = 10_000;

/// A limit for each of many callers.
pub struct Limits {
    burst: f64,
    each_second: f64,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Limits {
    /// `burst` calls at once, and `each_second` more every second.
    #[must_use]
    pub fn new(burst: u32, each_second: u32) -> Self {
        let (burst, each_second) = (f64::from(burst), f64::from(each_second));
        Self { burst, each_second, buckets: Mutex::default() }
    }

    /// Whether `key` may call now.
    pub fn allow(&self, key: &str) -> bool {
        let Ok(mut buckets) = self.buckets.lock() else { return false };
        let now = Instant::now();
        let filled = |(left, since): (f64, Instant)| {
            self.burst.min(left + now.duration_since(since).as_secs_f64() * self.each_second)
        };
        if buckets.len() > KEYS {
            buckets.retain(|_, bucket| filled(*bucket) < self.burst);
        }
        let left = buckets.get(key).map_or(self.burst, |bucket| filled(*bucket));
        let allowed = left >= 1.0;
        buckets.insert(key.to_owned(), (if allowed { left - 1.0 } else { left }, now));
        allowed
    }
}
