//! Faults at random moments under load, and a journal that is added up.

use std::thread::sleep;
use std::time::Duration;

use countersign::store::postgres::{PostgresOptions, PostgresStore};

use crate::chaos::disk::Disk;
use crate::chaos::proxy::Proxy;
use crate::chaos::random::Random;
use crate::chaos::whole::Bank;
use crate::chaos::{Fault, Plan, Victim, runs};
use crate::depth::either;
use crate::server::{Bouncer, Cluster, PASSWORD};
use crate::support::pool;

/// Nothing that was acknowledged may be lost.
const DURABLE: [&str; 3] = ["fsync=on", "synchronous_commit=on", "max_connections=300"];

struct One {
    cluster: Cluster,
    disk: Option<Disk>,
    stop: Duration,
}

impl One {
    /// A statement that is repeated until the server takes it.
    fn tell(&self, statement: &str) {
        let url = self.cluster.url();
        tokio::runtime::Handle::current().block_on(async {
            for _ in 0..300 {
                let told = async {
                    let (client, connection) =
                        tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
                    let connection = tokio::spawn(connection);
                    let told = client.batch_execute(statement).await;
                    let told = match told {
                        Ok(()) => client.batch_execute("SELECT pg_reload_conf()").await,
                        failed => failed,
                    };
                    connection.abort();
                    told
                };
                if matches!(tokio::time::timeout(Duration::from_secs(5), told).await, Ok(Ok(()))) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("the server does not take {statement}");
        });
    }
}

impl Victim for One {
    fn faults(&self) -> Vec<(Fault, u64)> {
        if self.disk.is_some() {
            return vec![(Fault::Disk, 3), (Fault::Kill, 1)];
        }
        vec![
            (Fault::Kill, 4),
            (Fault::Stop, 1),
            (Fault::Cut, 10),
            (Fault::Lose, 8),
            (Fault::Delay, 6),
            (Fault::ReadOnly, 6),
            (Fault::Clock, 5),
        ]
    }

    fn strike(&mut self, fault: Fault, random: &mut Random) {
        let short = Duration::from_millis(30 + random.below(200));
        match fault {
            Fault::Kill => self.cluster.kill_and_restart(),
            Fault::Stop => {
                self.cluster.stop_all();
                sleep(self.stop);
                self.cluster.continue_all();
            }
            Fault::ReadOnly => {
                self.tell("ALTER SYSTEM SET default_transaction_read_only = on");
                sleep(short);
                self.tell("ALTER SYSTEM RESET default_transaction_read_only");
            }
            Fault::Disk => {
                let disk = self.disk.as_ref().expect("a disk of its own");
                disk.fill();
                sleep(Duration::from_millis(500) + 2 * short);
                disk.clear();
                self.works();
            }
            other => panic!("{other:?} is not the server's"),
        }
    }

    /// A server that cannot write its log ends, or starts anew by itself.
    fn works(&mut self) -> bool {
        self.cluster.restart_if_it_ended()
    }
}

async fn disturbed(name: &str, plan: Plan, behind: bool, mut one: One) {
    let bouncer = behind.then(|| Bouncer::before(&one.cluster));
    let (direct, port) = match &bouncer {
        Some(bouncer) => (bouncer.url(), bouncer.port()),
        None => (one.cluster.url(), one.cluster.port()),
    };
    let proxy = Proxy::before(port);
    let through = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", proxy.port());
    let of = |schema| PostgresOptions::new().with_schema(schema).unwrap();
    let long = |schema| of(schema).with_deadline(Duration::from_secs(60));
    for schema in ["parts", "whole"] {
        let owner = pool(&one.cluster.url(), 1);
        assert_eq!(PostgresStore::migrate(&owner, &long(schema)).await.unwrap(), 1);
    }
    let (mut stores, mut banks) = (Vec::new(), Vec::new());
    for (instance, url) in [&direct, &through, &through].into_iter().enumerate() {
        let named = instance == 2 && !behind;
        for (schema, made) in [("parts", &mut stores), ("whole", &mut banks)] {
            let options = of(schema).with_deadline(plan.deadline).with_named_statements(named);
            let clients = PostgresStore::pool(url, 6, plan.deadline).unwrap();
            // The first connections take their time.
            drop(PostgresStore::new(clients.clone(), long(schema)).await.unwrap());
            made.push(PostgresStore::new(clients, options).await.unwrap());
        }
    }
    let bank = Bank::new(&banks);
    runs(name, plan, &stores, Some(&bank), Some(&proxy), &mut one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_accepted_twice_or_hangs_under_faults() {
    let plan = either(
        Plan { runs: 1, faults: 14, deadline: Duration::from_secs(1) },
        Plan { runs: 18, faults: 26, deadline: Duration::from_secs(2) },
    );
    let stop = either(Duration::from_millis(1500), Duration::from_secs(5));
    let one = One { cluster: Cluster::start(&DURABLE), disk: None, stop };
    disturbed("PostgreSQL", plan, false, one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_behind_pgbouncer() {
    let plan = either(
        Plan { runs: 1, faults: 8, deadline: Duration::from_secs(1) },
        Plan { runs: 5, faults: 16, deadline: Duration::from_secs(2) },
    );
    let stop = either(Duration::from_millis(1500), Duration::from_secs(5));
    let one = One { cluster: Cluster::start(&DURABLE), disk: None, stop };
    disturbed("PostgreSQL behind PgBouncer", plan, true, one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_when_the_disk_is_full() {
    let Some(disk) = Disk::of_mebibytes(160) else { return };
    let plan = either(
        Plan { runs: 1, faults: 3, deadline: Duration::from_secs(1) },
        Plan { runs: 4, faults: 10, deadline: Duration::from_secs(2) },
    );
    let small = ["min_wal_size=32MB", "max_wal_size=48MB"];
    let settings: Vec<_> = DURABLE.into_iter().chain(small).collect();
    let cluster = Cluster::start_within(disk.path(), &settings);
    let one = One { cluster, disk: Some(disk), stop: Duration::ZERO };
    disturbed("PostgreSQL, disk", plan, false, one).await;
}
