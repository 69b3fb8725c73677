//! Faults at random moments under load, and a journal that is added up.

use std::thread::sleep;
use std::time::Duration;

use countersign::store::redis::{RedisOptions, RedisStore};

use crate::chaos::disk::Disk;
use crate::chaos::proxy::Proxy;
use crate::chaos::random::Random;
use crate::chaos::whole::Bank;
use crate::chaos::{Fault, Plan, Victim, runs};
use crate::depth::either;
use crate::server::{Server, free_port};

struct One {
    server: Server,
    disk: Option<Disk>,
    stop: Duration,
}

impl One {
    /// A command that is repeated until the server takes it.
    fn tell(&self, words: &[&str]) {
        for _ in 0..500 {
            let client = redis::Client::open(self.server.url()).unwrap();
            let told = client.get_connection_with_timeout(Duration::from_secs(2)).and_then(
                |mut connection| {
                    redis::cmd(words[0]).arg(&words[1..]).query::<redis::Value>(&mut connection)
                },
            );
            if told.is_ok() {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("the server does not take {words:?}");
    }
}

impl Victim for One {
    fn faults(&self) -> Vec<(Fault, u64)> {
        if self.disk.is_some() {
            return vec![(Fault::Disk, 3), (Fault::Kill, 1)];
        }
        vec![
            (Fault::Kill, 5),
            (Fault::Stop, 1),
            (Fault::Cut, 8),
            (Fault::Lose, 6),
            (Fault::Delay, 4),
            (Fault::Double, 6),
            (Fault::Memory, 4),
            (Fault::ReadOnly, 4),
            (Fault::Clock, 4),
        ]
    }

    fn strike(&mut self, fault: Fault, random: &mut Random) {
        let short = Duration::from_millis(30 + random.below(150));
        match fault {
            Fault::Kill => {
                self.server.kill();
                sleep(Duration::from_millis(random.below(200)));
                self.server.restart();
            }
            Fault::Stop => {
                self.server.pause();
                sleep(self.stop);
                self.server.resume();
            }
            Fault::Memory => {
                self.tell(&["CONFIG", "SET", "maxmemory", "100kb"]);
                sleep(short);
                self.tell(&["CONFIG", "SET", "maxmemory", "0"]);
            }
            Fault::ReadOnly => {
                self.tell(&["REPLICAOF", "127.0.0.1", "1"]);
                sleep(short);
                self.tell(&["REPLICAOF", "NO", "ONE"]);
            }
            Fault::Disk => {
                let disk = self.disk.as_ref().expect("a disk of its own");
                disk.fill();
                sleep(Duration::from_millis(200) + short);
                disk.clear();
                assert!(self.works());
            }
            other => panic!("{other:?} is not the server's"),
        }
    }

    /// With `appendfsync always` a server that cannot write ends.
    fn works(&mut self) -> bool {
        if !self.server.is_running() {
            self.server.restart();
        }
        self.server.is_running()
    }
}

async fn disturbed(name: &str, plan: Plan, mut one: One) {
    let port = one.server.port;
    let proxy = Proxy::before(port);
    let through = format!("redis://127.0.0.1:{}/", proxy.port());
    let (mut stores, mut banks) = (Vec::new(), Vec::new());
    for url in [&one.server.url(), &through, &through] {
        let options = RedisOptions::new().deadline(plan.deadline);
        stores.push(RedisStore::connect(url, options.clone()).await.unwrap());
        banks.push(RedisStore::connect(url, options.prefix("whole")).await.unwrap());
    }
    let bank = Bank::new(&banks);
    runs(name, plan, &stores, Some(&bank), Some(&proxy), &mut one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_accepted_twice_or_hangs_under_faults() {
    let plan = either(
        Plan { runs: 1, faults: 18, deadline: Duration::from_millis(700) },
        Plan { runs: 20, faults: 26, deadline: Duration::from_secs(2) },
    );
    let stop = either(Duration::from_millis(1200), Duration::from_secs(5));
    disturbed("Redis", plan, One { server: Server::start(), disk: None, stop }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_when_the_disk_is_full() {
    let Some(disk) = Disk::of_mebibytes(48) else { return };
    let plan = either(
        Plan { runs: 1, faults: 4, deadline: Duration::from_millis(700) },
        Plan { runs: 4, faults: 12, deadline: Duration::from_secs(2) },
    );
    let settings = [("auto-aof-rewrite-min-size", "4mb")];
    let server = Server::within(free_port(), disk.path().join("redis"), &settings);
    let one = One { server, disk: Some(disk), stop: Duration::ZERO };
    disturbed("Redis, disk", plan, one).await;
}
