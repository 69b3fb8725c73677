//! Drives a vault against a Stripe-like server, and kills both wherever it hurts.
//!
//! ```sh
//! cargo run --bin drive -- PYTHON server.py quick|full [PEM]
//! ```
//!
//! With PEM, a certificate for `localhost` and its key, each scenario runs once over TLS, too.
//!
//! Three processes: the vault on a store in a file (this program once more), the server on its state, and this one,
//! which is the enterprise, the customer's device, and the wire between vault and server. Each scenario runs once
//! undisturbed, and then once for each of its HTTP calls and each fault. After each it looks into the server's own
//! books: what was charged at most once, what was given back as often as it was asked for, and that vault, enterprise
//! and server agree on it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program that checks, and says what it found"
)]

mod books;
mod processes;
mod proxy;
mod scenario;
mod vault;

use std::process::{Command, ExitCode};
use std::time::Instant;

use processes::{Server, Vault, Victims};
use proxy::{Fault, Proxy};
use scenario::{Recovery, SCENARIOS, World};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == "--vault" => vault::run(rest).await,
        _ => drive(&arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn drive(arguments: &[String]) -> Outcome<()> {
    let [python, server, depth, pem @ ..] = arguments else {
        return Err("drive PYTHON SERVER quick|full [PEM]".into());
    };
    let (full, pem) = (depth == "full", pem.first());
    let folder = std::env::temp_dir().join(format!("countersign-acquirer-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let at = |name: &str| folder.join(name).display().to_string();
    let world = |name: &str, pem: Option<&String>| -> Outcome<World> {
        let victims = Victims::default();
        let command = vec![python.clone(), server.clone(), at(&format!("{name}.state"))];
        let server = Server::new(command, pem.cloned(), victims.clone())?;
        let proxy = Proxy::new(server.port(), victims.clone())?;
        let (address, roots) = match pem {
            None => (format!("http://127.0.0.1:{}", proxy.port()), "-"),
            Some(pem) => (format!("https://localhost:{}", server.tls_port()), pem.as_str()),
        };
        let mut vault = Command::new(std::env::current_exe()?);
        vault.args(["--vault", &at(name), &address, roots]);
        vault.arg(scenario::bank_key()?.public_key().to_string());
        World::new(server, Vault::new(vault, victims), proxy)
    };
    if pem.is_some() {
        let mut world = world("tls", pem)?;
        for scenario in SCENARIOS {
            world.run(scenario, None, Recovery::Repeat).await?;
        }
        println!("{} scenarios over TLS", SCENARIOS.len());
    }
    let mut world = world("plain", None)?;
    let (began, mut runs, mut faults) = (Instant::now(), 0, 0);
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        let calls = world.run(scenario, None, Recovery::Repeat).await?;
        runs += 1;
        let mut killed = 0;
        for at in 0..calls {
            // Quickly: for each call one fault before it is done and one after, each in turn.
            let turn = index + at;
            let some = [Fault::BEFORE[turn % 2], Fault::DONE[turn % 6]];
            let all = [&Fault::BEFORE[..], &Fault::DONE].concat();
            for (number, fault) in (if full { &all[..] } else { &some }).iter().enumerate() {
                let ways = &Recovery::ALL[if full { 0 } else { (turn / 2 + number) % 2 }..];
                for recovery in if full { ways } else { &ways[..1] } {
                    world.run(scenario, Some((at, *fault)), *recovery).await?;
                    (runs, killed) = (runs + 1, killed + 1);
                }
            }
        }
        faults += killed;
        println!("{}: {calls} calls, {killed} faults", scenario.name);
    }
    world.books().all()?;
    println!("{runs} runs, {faults} faults, {:.0} s", began.elapsed().as_secs_f64());
    println!("{}", world.summary());
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
