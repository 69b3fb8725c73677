//! A connection to a cluster that is made anew when it no longer answers at all.
//!
//! The client mends broken connections by itself, but not always: after a server of the cluster went away
//! and came back it may wait for itself for ever (seen with redis 1.8). A new client then works.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
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

    /// Takes note of whether a call was answered. After two deadlines without any answer it connects anew,
    /// beside the calls that go on meanwhile.
    pub(super) fn heed(&self, answered: bool, deadline: Duration) {
        let mut state = self.state();
        if answered {
            state.silent_since = None;
            return;
        }
        let since = *state.silent_since.get_or_insert_with(Instant::now);
        if since.elapsed() < deadline.saturating_mul(2) {
            return;
        }
        state.silent_since = None;
        let renewed = self.clone();
        tokio::spawn(async move {
            let connecting = renewed.0.client.get_async_connection();
            if let Ok(Ok(connection)) = timeout(deadline, connecting).await {
                renewed.state().current = connection;
            }
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
