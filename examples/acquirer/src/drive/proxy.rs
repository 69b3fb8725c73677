//! The wire between the vault and the acquirer, on which things go wrong: at one request, in one way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::processes::Victims;

/// What goes wrong at a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The vault dies before its request goes on.
    VaultBefore,
    /// The vault dies while its request is on its way; the server does what it was asked.
    VaultSent,
    /// The vault dies, and its request comes to the server when another vault asks already.
    VaultLate,
    /// The vault dies when the answer has come, and it has not read it.
    VaultAnswered,
    /// The server dies before the request comes to it.
    ServerBefore,
    /// The server dies when it has done what it was asked, and kept that; the answer is lost.
    ServerDone,
    /// Both die then.
    BothDone,
    /// Nobody dies; the answer is lost.
    Lost,
}

impl Fault {
    /// Those after which nothing was done.
    pub(crate) const BEFORE: [Self; 2] = [Self::VaultBefore, Self::ServerBefore];
    /// Those after which it was done, or will be, and nobody knows.
    pub(crate) const DONE: [Self; 6] = [
        Self::VaultSent,
        Self::VaultLate,
        Self::VaultAnswered,
        Self::ServerDone,
        Self::BothDone,
        Self::Lost,
    ];
}

#[derive(Default)]
struct Plan {
    seen: usize,
    planned: bool,
    at: Option<(usize, Fault)>,
    asked: Vec<String>,
    /// Requests that the server is to do once, whenever they come.
    once: Vec<Vec<u8>>,
}

/// Requests that are on their way.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// The proxy. Clones share one plan.
#[derive(Clone)]
pub(crate) struct Proxy {
    plan: Arc<Mutex<Plan>>,
    port: u16,
}

/// How long a request is late that comes late.
const LATE: Duration = Duration::from_millis(400);

impl Proxy {
    /// Listens on a port of its own, and forwards to `server`, this machine's.
    pub(crate) fn new(server: u16, victims: Victims) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Self { plan: Arc::default(), port: listener.local_addr()?.port() };
        let plan = Arc::clone(&proxy.plan);
        std::thread::spawn(move || {
            for from in listener.incoming().flatten() {
                let (plan, victims) = (Arc::clone(&plan), victims.clone());
                UNDER_WAY.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    forward(from, server, &plan, &victims);
                    UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Ok(proxy)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Counts requests from 0 again, and lets `fault` happen at the one of this number.
    pub(crate) fn plan(&self, at: Option<(usize, Fault)>) {
        *locked(&self.plan) = Plan { planned: at.is_some(), at, ..Plan::default() };
    }

    /// Whether what was planned has happened.
    pub(crate) fn has_happened(&self) -> bool {
        let plan = locked(&self.plan);
        plan.planned && plan.at.is_none()
    }

    /// Waits until nothing is on its way any more. Whoever turns the clock on does so first: what is late here comes
    /// within the time that the adapter was told of.
    pub(crate) fn settle(&self) {
        while UNDER_WAY.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends every confirmation and capture of the plan to `server` once more, as late as can be.
    pub(crate) fn replay(&self, server: u16) {
        for request in &locked(&self.plan).once {
            let Ok(mut to) = TcpStream::connect(("127.0.0.1", server)) else { continue };
            if to.write_all(request).is_ok() {
                let _ = message(&mut to);
            }
        }
    }

    /// The requests since the plan was made.
    pub(crate) fn asked(&self) -> Vec<String> {
        locked(&self.plan).asked.clone()
    }
}

fn locked(plan: &Mutex<Plan>) -> std::sync::MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(mut from: TcpStream, server: u16, plan: &Mutex<Plan>, victims: &Victims) {
    let Some(request) = message(&mut from) else { return };
    let fault = {
        let mut plan = locked(plan);
        let number = plan.seen;
        plan.seen += 1;
        let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        if line.contains("/confirm ") || line.contains("/capture ") {
            plan.once.push(request.clone());
        }
        plan.asked.push(line);
        plan.at.take_if(|(at, _)| *at == number).map(|(_, fault)| fault)
    };
    match fault {
        Some(Fault::VaultBefore) => return victims.kill_vault(),
        Some(Fault::ServerBefore) => return victims.kill_server(),
        Some(Fault::VaultLate) => {
            victims.kill_vault();
            std::thread::sleep(LATE);
        }
        _ => {}
    }
    let Ok(mut to) = TcpStream::connect(("127.0.0.1", server)) else { return };
    if to.write_all(&request).is_err() {
        return;
    }
    if fault == Some(Fault::VaultSent) {
        victims.kill_vault();
    }
    let Some(answer) = message(&mut to) else { return };
    match fault {
        Some(Fault::VaultAnswered) => victims.kill_vault(),
        Some(Fault::ServerDone) => victims.kill_server(),
        Some(Fault::BothDone) => {
            victims.kill_server();
            victims.kill_vault();
        }
        Some(_) => {}
        None => {
            // A vault that is gone reads nothing.
            let _ = from.write_all(&answer);
        }
    }
    let _ = from.shutdown(Shutdown::Both);
}

/// One request or answer with a length, as hyper and aiohttp write them. `None` if it ends before its end.
pub(crate) fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut got, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&got[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length = length.map_or(Some(0), |length| length.trim().parse::<usize>().ok())?;
            if got.len() >= end + 4 + length {
                return Some(got);
            }
        }
        match from.read(&mut part) {
            Ok(0) | Err(_) => return None,
            Ok(read) => got.extend(&part[..read]),
        }
    }
}
