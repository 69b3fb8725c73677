//! Randomness, passed in: the operating system's by default, a seeded one in tests.

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
use super::backend::rand::{SecureRandom, SystemRandom};
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
use in_a_browser::SystemRandom;

/// A source of cryptographically secure random bytes.
///
/// The default is [`OsRandom`]. An own implementation (an HSM, say) must be unpredictable: keys and
/// nonces come from it.
pub trait Random: Send + Sync + 'static {
    /// Fills all of `to`.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the source failed; `to` is then not used.
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
#[non_exhaustive]
pub struct RandomError;

impl RandomError {
    /// An error for an own [`Random`] to return.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Default for RandomError {
    fn default() -> Self {
        Self::new()
    }
}

/// There is no operating system: whoever builds the module says where randomness comes from, by a feature of
/// `getrandom` 0.2 (`js`, `custom`).
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod in_a_browser {
    #[derive(Debug, Clone)]
    pub(super) struct SystemRandom;

    impl SystemRandom {
        pub(super) const fn new() -> Self {
            Self
        }

        pub(super) fn fill(&self, to: &mut [u8]) -> Result<(), getrandom::Error> {
            getrandom::getrandom(to)
        }
    }
}

/// The operating system's random number generator, through the cryptographic library.
#[derive(Debug, Clone)]
pub struct OsRandom(SystemRandom);

impl OsRandom {
    /// The operating system's random number generator.
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for OsRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for OsRandom {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(to).map_err(|_| RandomError)
    }
}

/// Reproducible bytes for tests: SHA-256 over seed and counter. Never for production.
#[cfg(feature = "test-util")]
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    counter: std::sync::atomic::AtomicU64,
}

#[cfg(feature = "test-util")]
impl SeededRandom {
    /// Bytes that depend on `seed` alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: std::sync::atomic::AtomicU64::new(0) }
    }
}

#[cfg(feature = "test-util")]
impl Random for SeededRandom {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        for chunk in to.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut hash = super::digest::Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(counter.to_be_bytes());
            for (byte, from) in chunk.iter_mut().zip(hash.finalize()) {
                *byte = from;
            }
        }
        Ok(())
    }
}
