//! What the tests of real servers share: faults at random moments under load, and a journal that is added up.
//!
//! A run begins with the seed that it prints: `COUNTERSIGN_SEED` begins with it again.
#![allow(
    dead_code,
    clippy::print_stdout,
    reason = "each test binary uses a part, and says its seed"
)]

pub mod calls;
pub mod contest;
pub mod disk;
pub mod journal;
pub mod load;
pub mod proxy;
pub mod racer;
pub mod random;
pub mod retire;
pub mod sweeper;
pub mod whole;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{News, Store};

use self::journal::Journal;
use self::load::{Load, Shared};
use self::proxy::Proxy;
use self::random::Random;
use self::whole::Bank;

pub const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
pub const LATER: Timestamp = Timestamp::from_unix(1_900_000_000);

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The server is killed, and started anew.
    Kill,
    /// It stands still for longer than the deadline.
    Stop,
    /// All connections through the proxy break.
    Cut,
    /// Answers get lost: the proxy passes a request on, and cuts the connection at the answer.
    Lose,
    /// Everything takes longer.
    Delay,
    /// The proxy sends each request twice, on a second connection first, and passes on the second answer.
    Double,
    /// No memory is left.
    Memory,
    /// No room is left on the disk.
    Disk,
    /// The server takes no writes, as a replica does.
    ReadOnly,
    /// The clock of an instance is an hour back.
    Clock,
}

/// What stands behind the stores.
pub trait Victim: Send {
    /// Each fault, and how often it comes up beside the others.
    fn faults(&self) -> Vec<(Fault, u64)>;
    /// Does it, and undoes it. It may take its time.
    fn strike(&mut self, fault: Fault, random: &mut Random);
    /// Whether the server says of itself that it works.
    fn works(&mut self) -> bool;
}

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub runs: u64,
    pub faults: u64,
    pub deadline: Duration,
}

/// How long a call may take beyond its deadline, on a machine that has other things to do.
pub const SLACK: Duration = Duration::from_secs(4);

/// Runs: load on the stores, faults on the victim, and at the end of each everything is added up.
pub async fn runs<S: Store + Clone>(
    name: &str,
    plan: Plan,
    stores: &[S],
    bank: Option<&Bank>,
    proxy: Option<&Proxy>,
    victim: &mut impl Victim,
) {
    let mut whole = 0;
    let mut seed = random::seed();
    let mut counted = std::collections::BTreeMap::<Fault, u64>::new();
    let mut sums = journal::Sums::default();
    let begun = Instant::now();
    for run in 0..plan.runs {
        println!("{name}, run {} of {}: COUNTERSIGN_SEED={seed}", run + 1, plan.runs);
        let mut random = Random::of(seed);
        let shared = Arc::new(Shared::new(Journal::new(random.next()), plan.deadline));
        let mut load = Load::start(stores, &shared, &mut random);
        for (instance, bank) in (0..stores.len()).zip(std::iter::repeat(bank)) {
            if let Some(bank) = bank {
                let random = Random::of(random.next());
                let work = bank.clone().works(instance, Arc::clone(&shared), random);
                load.also(&shared, work);
            }
        }
        for _ in 0..plan.faults {
            tokio::time::sleep(Duration::from_millis(30 + random.below(250))).await;
            let kinds = victim.faults();
            let mut at = random.below(kinds.iter().map(|(_, weight)| weight).sum());
            let kind = kinds.iter().find(|(_, weight)| {
                let here = at < *weight;
                at = at.saturating_sub(*weight);
                here
            });
            let (fault, _) = kind.unwrap();
            *counted.entry(*fault).or_default() += 1;
            shared.journal().struck(*fault);
            strike(*fault, plan, proxy, &shared, victim, &mut random).await;
            shared.fail_early();
        }
        shared.over.store(true, Ordering::Relaxed);
        load.ended().await;
        if let Some(proxy) = proxy {
            proxy.cut();
        }
        wait_until_all_work(stores, victim).await;
        sums.add(load::add_up(&stores[0], &shared).await);
        if let Some(bank) = bank {
            whole += bank.add_up().await;
        }
        seed = random.next();
    }
    let faults: u64 = counted.values().sum();
    println!("{name}: {faults} faults {counted:?} in {:.0?}; {sums}", begun.elapsed());
    if let Some(bank) = bank {
        println!(
            "{name}: {whole} whole callbacks, {} calls failed and were repeated",
            bank.failures()
        );
        assert!(whole > 0 && bank.failures() > 0);
    }
    sums.look_alive(plan.runs);
}

async fn strike(
    fault: Fault,
    plan: Plan,
    proxy: Option<&Proxy>,
    shared: &Shared,
    victim: &mut impl Victim,
    random: &mut Random,
) {
    let short = Duration::from_millis(20 + random.below(150));
    match (fault, proxy) {
        (Fault::Clock, _) => {
            shared.back.store(true, Ordering::Relaxed);
            tokio::time::sleep(short).await;
            shared.back.store(false, Ordering::Relaxed);
        }
        (Fault::Cut, Some(proxy)) => proxy.cut(),
        (Fault::Lose, Some(proxy)) => {
            proxy.lose(true);
            tokio::time::sleep(short).await;
            proxy.lose(false);
        }
        (Fault::Double, Some(proxy)) => {
            proxy.double(true);
            tokio::time::sleep(short).await;
            proxy.double(false);
        }
        (Fault::Delay, Some(proxy)) => {
            // Some calls then come to their deadline, others do not.
            let most = plan.deadline.as_millis().try_into().unwrap_or(1000);
            proxy.delay(Duration::from_millis(random.below(most)));
            tokio::time::sleep(short).await;
            proxy.delay(Duration::ZERO);
        }
        _ => tokio::task::block_in_place(|| victim.strike(fault, random)),
    }
}

/// Waits until every store reads and writes again. Nothing that works by itself again may take for ever.
async fn wait_until_all_work<S: Store>(stores: &[S], victim: &mut impl Victim) {
    let begun = Instant::now();
    for store in stores {
        loop {
            let read = store.backlog().await;
            let written = store
                .put_if(
                    &load::probe(),
                    load::expected_probe(store).await,
                    &load::probe_record(),
                    News::NONE,
                    NOW,
                )
                .await;
            if read.is_ok() && written.is_ok() {
                break;
            }
            let waited = begun.elapsed();
            assert!(waited < Duration::from_secs(90), "after all faults: {read:?} {written:?}");
            if waited > Duration::from_secs(5) {
                tokio::task::block_in_place(|| victim.works());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // What was sent and not answered has been done by now, or never will be.
    tokio::time::sleep(Duration::from_millis(300)).await;
}
