//! How long a phone waits: the median, the 99th percentile and the longest of `status` and of the verdict on a call that
//! rings, on PostgreSQL, asked by 8 tasks with 4 tasks of writers beside. Of customers with ten past records and with ten
//! thousand, in the process that keeps the reports and in one that keeps none.
//!
//! `cargo bench --bench contact --features postgres -- 1000 10000`: so many rounds of each task, and so many past records
//! of each kind; needs PostgreSQL. The goal is that the last two columns of a row are alike.
#![allow(unreachable_pub, dead_code)]

#[path = "../tests/store_postgres/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign::callback::BookingRequest;
use countersign::challenge::{ChallengeRequest, Channels};
use countersign::contact::{
    Announcement, CallVerdict, Introduction, PhoneNumber, Report, Status, Telephony,
};
use countersign::device::{StatusQuestion, VerdictQuestion};
use countersign::id::FeedId;
use countersign::random::OsRandom;
use countersign::store::postgres::{PostgresOptions, PostgresStore};
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Channel, CredentialId, CustomerId, Device, Interaction, InteractionId, Issuer,
    Keyring, RequestId, Timestamp, Verifier, Window,
};
use deadpool_postgres::Pool;

const ASKERS: usize = 8;
const WRITERS: usize = 4;
const CONNECTIONS: usize = 16;
const FEW: u32 = 10;

fn now() -> Timestamp {
    SystemClock.now().unwrap()
}

fn number() -> PhoneNumber {
    "+442071234567".parse().unwrap()
}

fn feed_of(task: usize) -> FeedId {
    FeedId::new(format!("feed-{task}")).unwrap()
}

fn customer(kind: &str, task: usize) -> CustomerId {
    CustomerId::new(format!("{kind}-{task}")).unwrap()
}

fn call_to(customer: &CustomerId, id: String) -> Interaction {
    let agent = Agent::new(AgentId::new("bob").unwrap());
    Interaction::outbound(InteractionId::new(id).unwrap(), customer.clone(), agent, Channel::Voice)
}

/// A feed that reports one thing after the other.
struct Feed {
    id: FeedId,
    next: u64,
    acknowledged: Timestamp,
}

impl Feed {
    fn of(task: usize) -> Self {
        Self { id: feed_of(task), next: 1, acknowledged: Timestamp::EPOCH }
    }

    fn report(&mut self) -> Report {
        let number = self.next;
        self.next += 1;
        Report::new(self.id.clone(), number, self.acknowledged)
    }

    async fn announce(&mut self, bank: &Verifier, call: &Interaction) {
        let (report, showing) = (self.report(), Announcement::showing(number()));
        let kept = bank.contact().announce(&report, call, &showing).await;
        self.acknowledged = kept.unwrap().at;
    }

    async fn ended(&mut self, bank: &Verifier, call: &Interaction) {
        let report = self.report();
        self.acknowledged = bank.contact().ended(&report, call).await.unwrap().at;
    }

    async fn began(&mut self, bank: &Verifier, call: &Interaction) {
        let report = self.report();
        let kept = bank.contact().began(&report, call, &Introduction::none()).await;
        self.acknowledged = kept.unwrap().at;
    }
}

/// One row of what is printed: a call, and what it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Status,
    StatusOfACall,
    Legitimate,
    OtherVerdict,
}

/// Which call, of a customer with many past records, in a process that keeps reports, and how long it took.
type Took = (Asked, bool, bool, Duration);

struct Stage {
    keeps: Verifier,
    other: Verifier,
    keys: SigningKey,
    issuer: Issuer,
}

impl Stage {
    fn of(store: &PostgresStore) -> Self {
        let issuer = Issuer::new("bank.example").unwrap();
        let (random, seed) = (OsRandom::new(), [7; 32]);
        let keyring = Keyring::generate(&random).unwrap();
        let bytes = keyring.to_bytes();
        let process = || {
            let telephony = Telephony::new().shows(number(), (0..ASKERS + WRITERS).map(feed_of));
            Verifier::builder(issuer.clone(), Keyring::from_bytes(&bytes).unwrap())
                .store(store.clone())
                .signing_key(SigningKey::from_seed(&seed).unwrap())
                .telephony(telephony)
                .build()
                .unwrap()
        };
        let keys = SigningKey::from_seed(&seed).unwrap();
        Self { keeps: process(), other: process(), keys, issuer: issuer.clone() }
    }

    fn phone(&self, of: CustomerId) -> Device {
        let mut keys = TrustedKeys::new(self.issuer.clone());
        for purpose in [Purpose::Status, Purpose::CallVerdict] {
            keys.trust(*self.keys.public_key(), purpose).unwrap();
        }
        Device::new(keys, of)
    }

    /// A callback that was cancelled and a challenge that was revoked, of each asker's customer of this kind.
    async fn past(&self, kind: &str) {
        for task in 0..ASKERS {
            let of = customer(kind, task);
            let window = Window::new(now(), now().after(Duration::from_secs(600))).unwrap();
            let (id, word) = (RequestId::new("past").unwrap(), "anana".parse().unwrap());
            let booking = BookingRequest::new(id.clone(), window, Channel::Voice, word);
            let booked = self.keeps.callbacks().book(&of, &booking).await.unwrap();
            self.keeps.callbacks().cancel(&of, &booked.id).await.unwrap();
            let channels = Channels::new(&[Channel::Voice]).unwrap();
            let challenge = ChallengeRequest::new(id, "A payment".parse().unwrap(), channels);
            let issued = self.keeps.challenges().issue(&of, &challenge).await.unwrap();
            self.keeps.challenges().revoke(&of, &issued.challenge.id).await.unwrap();
        }
    }

    async fn asks(&self, task: usize, rounds: usize) -> Vec<Took> {
        let (random, mut took) = (OsRandom::new(), Vec::new());
        let mut feed = Feed::of(task);
        let device: CredentialId = "00000000000000000000000000".parse().unwrap();
        for round in 0..rounds {
            let (many, keeps) = (round % 2 == 1, round % 4 < 2);
            let of = customer(if many { "many" } else { "few" }, task);
            let (bank, phone) =
                (if keeps { &self.keeps } else { &self.other }, self.phone(of.clone()));
            let status = async |of_call: bool| {
                let question = StatusQuestion::new(&random, now()).unwrap();
                let begun = Instant::now();
                let token = bank.contact().status(&of, question.nonce()).await.unwrap();
                let time = begun.elapsed();
                let told = phone.open_status(&token, &question, now()).unwrap().status();
                let right = if of_call {
                    told == Status::Calling
                } else {
                    matches!(told, Status::NotUs | Status::Undetermined)
                };
                assert!(right, "{told:?}");
                (if of_call { Asked::StatusOfACall } else { Asked::Status }, many, keeps, time)
            };
            took.push(status(false).await);
            let call = call_to(&of, format!("call-{task}-{round}"));
            feed.announce(&self.keeps, &call).await;
            took.push(status(true).await);
            for _ in 0..2 {
                let question = VerdictQuestion::new(number(), &random, now()).unwrap();
                let ringing = question.ringing(device, Duration::ZERO);
                let begun = Instant::now();
                let token = bank.contact().verdict(&of, &ringing).await.unwrap();
                let time = begun.elapsed();
                let asked = match phone.open_verdict(&token, &question, now()).unwrap() {
                    CallVerdict::Legitimate => Asked::Legitimate,
                    CallVerdict::Undetermined => Asked::OtherVerdict,
                    told => panic!("{told:?}"),
                };
                took.push((asked, many, keeps, time));
            }
            feed.ended(&self.keeps, &call).await;
        }
        took
    }

    /// Calls of other customers, one after the other, until it is over.
    async fn writes(&self, task: usize, over: &AtomicBool, written: &AtomicU64) {
        let mut feed = Feed::of(ASKERS + task);
        let mut n = 0_usize;
        while !over.load(Ordering::Relaxed) {
            let call = call_to(&customer("other", n % 1000), format!("other-{task}-{n}"));
            feed.announce(&self.keeps, &call).await;
            feed.began(&self.keeps, &call).await;
            feed.ended(&self.keeps, &call).await;
            written.fetch_add(3, Ordering::Relaxed);
            n += 1;
        }
    }
}

/// Copies what stands there so often, but for owners that were copied before: rows that ended, and rows that lapsed.
async fn copied(clients: &Pool, past: u32) {
    let client = clients.get().await.unwrap();
    let copy = format!(
        "CREATE TABLE IF NOT EXISTS copied AS SELECT owner FROM countersign.records WHERE false;
         INSERT INTO countersign.records
         SELECT r.lane, r.owner, substr(sha256(r.id || n::text::bytea), 1, 16), r.version, r.created - n,
             CASE WHEN n % 2 = 0 THEN 0 ELSE {} - n END, r.retain_until, r.sealed
         FROM countersign.records r CROSS JOIN generate_series(1, {past}) AS n
         WHERE r.live_until = 0 AND r.owner NOT IN (SELECT owner FROM copied);
         INSERT INTO copied SELECT DISTINCT owner FROM countersign.records",
        now().before(Duration::from_secs(3600)).unix(),
    );
    client.batch_execute(&copy).await.unwrap();
    client.batch_execute("VACUUM ANALYZE countersign.records").await.unwrap();
}

fn told(took: &[Took], asked: Asked, keeps: bool) {
    let of = |many| {
        let fits = |one: &&Took| (one.0, one.1, one.2) == (asked, many, keeps);
        let mut times: Vec<_> = took.iter().filter(fits).map(|one| one.3).collect();
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        (times.len(), [at(50), at(99), times.last().copied().unwrap_or_default()])
    };
    let (few, many) = (of(false), of(true));
    let process = if keeps { "keeps reports" } else { "keeps none" };
    for ((which, few), many) in ["p50", "p99", "longest"].into_iter().zip(few.1).zip(many.1) {
        let name = format!("{asked:?}");
        println!("  {name:<14} {process:<14} {which:<8} {few:>10.1?} {many:>10.1?}");
    }
    println!("  {:<14} {process:<14} {:<8} {:>10} {:>10}", "", "asked", few.0, many.0);
}

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
    let rounds = usize::try_from(numbers.next().unwrap_or(1000)).unwrap();
    let past = numbers.next().unwrap_or(10_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cluster = server::Cluster::start(&["fsync=on", "max_wal_size=4GB"]);
        let within = Duration::from_secs(60);
        let clients = PostgresStore::pool(&cluster.url(), CONNECTIONS, within).unwrap();
        let options = PostgresOptions::new().with_deadline(within).with_named_statements(true);
        PostgresStore::migrate(&clients, &options).await.unwrap();
        let store = PostgresStore::new(clients.clone(), options).await.unwrap();
        let stage = Arc::new(Stage::of(&store));
        for (kind, copies) in [("few", FEW), ("many", past)] {
            stage.past(kind).await;
            copied(&clients, copies).await;
        }
        let (over, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let begun = Instant::now();
        let writers: Vec<_> = (0..WRITERS)
            .map(|task| {
                let (stage, over) = (Arc::clone(&stage), Arc::clone(&over));
                let written = Arc::clone(&written);
                tokio::spawn(async move { stage.writes(task, &over, &written).await })
            })
            .collect();
        let askers: Vec<_> = (0..ASKERS)
            .map(|task| {
                let stage = Arc::clone(&stage);
                tokio::spawn(async move { stage.asks(task, rounds).await })
            })
            .collect();
        let mut took = Vec::new();
        for asker in askers {
            took.extend(asker.await.unwrap());
        }
        let seconds = begun.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.unwrap();
        }
        let each = |count: f64| count / seconds;
        println!(
            "PostgreSQL, {ASKERS} tasks: {:.0} answers/s, beside {WRITERS} tasks of writers: {:.0} reports/s",
            each(took.len() as f64),
            each(written.load(Ordering::Relaxed) as f64),
        );
        println!("  past records of each kind {:>27} {past:>10}", FEW);
        let all = [Asked::Status, Asked::StatusOfACall, Asked::Legitimate, Asked::OtherVerdict];
        for (asked, keeps) in all.into_iter().flat_map(|asked| [(asked, true), (asked, false)]) {
            told(&took, asked, keeps);
        }
    });
}
