//! A connection to a cluster that is made anew when it no longer answers at all.
//!
//! The client mends broken connections by itself, but not always: after a server of the cluster went away
//! and came back it may wait for itself for ever (seen with redis 1.8). A new client then works.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// The connection, and what makes another.
#[derive(Clone)]
pub(super) struct Renewed(Arc<Shared>);

struct Shared {
    client: ClusterClient,
    state: Mutex<State>,
}

struct State {
    current: ClusterConnection,
    /// Since when no call was answered.
    silent_since: Option<Instant>,
}

impl Renewed {
    pub(super) fn new(client: ClusterClient, first: ClusterConnection) -> Self {
        let state = Mutex::new(State { current: first, silent_since: None });
        Self(Arc::new(Shared { client, state }))
    }

    pub(super) fn current(&self) -> ClusterConnection {
        self.state().current.clone()
    }

    /// A call that begins now.
    pub(super) fn awaited(&self, deadline: Duration) -> Awaited<'_> {
        Awaited { renewed: self, deadline, answered: false }
    }

    /// Takes note of whether a call was answered. After two deadlines without any answer it connects anew,
    /// beside the calls that go on meanwhile.
    fn heed(&self, answered: bool, deadline: Duration) {
        if !self.is_hung(answered, deadline) {
            return;
        }
        // A call may be given up where no runtime is any more.
        let Ok(runtime) = Handle::try_current() else { return };
        let renewed = self.clone();
        runtime.spawn(async move {
            let connecting = renewed.0.client.get_async_connection();
            if let Ok(Ok(connection)) = timeout(deadline, connecting).await {
                renewed.state().current = connection;
            }
        });
    }

    fn is_hung(&self, answered: bool, deadline: Duration) -> bool {
        let mut state = self.state();
        if answered {
            state.silent_since = None;
            return false;
        }
        let since = *state.silent_since.get_or_insert_with(Instant::now);
        let hung = since.elapsed() >= deadline.saturating_mul(2);
        if hung {
            state.silent_since = None;
        }
        hung
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that waits for its answer. One that is given up counts as not answered: whoever asks may have less patience than
/// the store's deadline.
pub(super) struct Awaited<'a> {
    renewed: &'a Renewed,
    deadline: Duration,
    answered: bool,
}

impl Awaited<'_> {
    /// It came to its end.
    pub(super) const fn ended(&mut self, answered: bool) {
        self.answered = answered;
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.renewed.heed(self.answered, self.deadline);
    }
}
