//! `kill -9` in the middle of each story, between its requests and within them: the service is started again on what is
//! left, and the story goes on.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contact_centre::Fault;
use contact_centre::script::Between;
use contact_centre::script::client::Disturbs;
use contact_centre::script::phone::Phone;
use contact_centre::script::stories::{STORIES, play};

use crate::{Folder, PROGRAM};

/// The service, in a process of its own.
struct Service {
    folder: Folder,
    child: Child,
    host: String,
    vault: String,
}

impl Service {
    /// On `port` and the two after it: out of the range from which the system takes ports for connections, so that nobody
    /// has them meanwhile.
    fn start(folder: Folder, port: u32) -> Result<Self, Fault> {
        let [own, vault, issuer] = [0, 1, 2].map(|n| (port + n).to_string());
        let mut child = Command::new(PROGRAM)
            .args(["--port", &own, "--vault-port", &vault, "--issuer-port", &issuer])
            .args(["--visits", "1000", "--data"])
            .arg(&folder.0)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut told = BufReader::new(output).lines();
        let mut line = |name: &str| -> Result<String, Fault> {
            let line = told.next().ok_or("the service ended")??;
            let address = line.strip_prefix(name).ok_or_else(|| format!("not {name}: {line}"))?;
            Ok(address.trim().trim_start_matches("http://").to_owned())
        };
        let (host, vault) = (line("Open")?, line("Vault")?);
        Ok(Self { folder, child, host, vault })
    }

    /// Ends it as no program can prevent, and starts it again on the same ports.
    fn again(&mut self) -> Result<(), Fault> {
        self.child.kill()?;
        self.child.wait()?;
        let port = self.host.rsplit(':').next().unwrap_or_default().parse()?;
        let folder = std::mem::replace(&mut self.folder, Folder::new());
        *self = Self::start(folder, port)?;
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Kills the service before every step of a story, or before the one in its middle.
struct Killing<'a> {
    service: &'a mut Service,
    at: Option<usize>,
    steps: usize,
}

impl Between for Killing<'_> {
    async fn step(&mut self, what: &'static str) -> Result<(), Fault> {
        self.steps += 1;
        if self.at.is_none_or(|at| at == self.steps) && self.steps > 1 {
            println!("  killed before: {what}");
            self.service.again()?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_goes_on_after_the_service_was_killed_in_its_middle() {
    // Before every step in a deep run; before the third otherwise.
    let at = (std::env::var("COUNTERSIGN_DEPTH").as_deref() != Ok("full")).then_some(3);
    let mut service = Service::start(Folder::new(), ports(0)).unwrap();
    for name in STORIES {
        println!("{name}");
        let mut phone = Phone::set_up(&service.host, &service.vault).await.unwrap();
        let mut killing = Killing { service: &mut service, at, steps: 0 };
        play(name, &mut phone, &mut killing)
            .await
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
}

/// Three ports for each test of each process.
fn ports(test: u32) -> u32 {
    20_000 + std::process::id() % 1_600 * 6 + test * 3
}

/// Kills the service within a request, so many milliseconds after that went out.
struct Striking {
    service: Mutex<Service>,
    /// When the next request is struck, if it is.
    armed: Mutex<Option<Duration>>,
    /// Those that are under way, how many there were, and how many requests they broke off.
    under_way: Mutex<Vec<std::thread::JoinHandle<()>>>,
    strikes: AtomicUsize,
    broken: AtomicUsize,
}

struct Own(Arc<Striking>);

impl Disturbs for Own {
    fn goes_out(&self) {
        let Some(after) = self.0.armed.lock().unwrap().take() else { return };
        self.0.strikes.fetch_add(1, Ordering::SeqCst);
        let striking = self.0.clone();
        let strike = std::thread::spawn(move || {
            std::thread::sleep(after);
            striking.service.lock().unwrap().again().unwrap();
        });
        self.0.under_way.lock().unwrap().push(strike);
    }

    fn broke_off(&self) {
        self.0.broken.fetch_add(1, Ordering::SeqCst);
    }
}

/// Arms a strike at each step of a story, or at the one in its middle: later and later within a request.
struct Within<'a> {
    striking: &'a Arc<Striking>,
    at: Option<usize>,
    steps: usize,
}

impl Between for Within<'_> {
    async fn step(&mut self, what: &'static str) -> Result<(), Fault> {
        self.steps += 1;
        if self.at.is_none_or(|at| at == self.steps) {
            // Requests take a few milliseconds: before, in and after what they write.
            let struck = self.striking.strikes.load(Ordering::SeqCst);
            let after = Duration::from_micros(500 * u64::try_from(struck % 24)?);
            println!("  killed {after:?} into: {what}");
            *self.striking.armed.lock().unwrap() = Some(after);
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_goes_on_after_the_service_was_killed_within_a_request() {
    let at = (std::env::var("COUNTERSIGN_DEPTH").as_deref() != Ok("full")).then_some(2);
    let service = Service::start(Folder::new(), ports(1)).unwrap();
    let (host, vault) = (service.host.clone(), service.vault.clone());
    let striking = Arc::new(Striking {
        service: Mutex::new(service),
        armed: Mutex::default(),
        under_way: Mutex::default(),
        strikes: AtomicUsize::new(0),
        broken: AtomicUsize::new(0),
    });
    let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    for name in STORIES {
        println!("{name}");
        let mut phone = Phone::set_up(&host, &vault).await.unwrap();
        phone.client.disturbs = Some(Arc::new(Own(striking.clone())));
        let mut within = Within { striking: &striking, at, steps: 0 };
        play(name, &mut phone, &mut within).await.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        // Nothing is left of a strike when the next story begins.
        *striking.armed.lock().unwrap() = None;
        let under_way = std::mem::take(&mut *striking.under_way.lock().unwrap());
        under_way.into_iter().for_each(|strike| strike.join().unwrap());
    }
    let (strikes, broken) = (count(&striking.strikes), count(&striking.broken));
    println!("{strikes} strikes, {broken} requests broken off");
    assert!(strikes >= STORIES.len() && broken * 4 >= strikes, "{broken} of {strikes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_died_is_started_again() {
    let folder = Folder::new();
    let running = contact_centre::service::start(&crate::options(&folder)).await.unwrap();
    let first = running.vault_pid().unwrap();
    let mut phone = Phone::set_up(&running.host, &running.vault).await.unwrap();
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    while running.vault_pid() == Some(first) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    play("payment", &mut phone, &mut contact_centre::script::Straight).await.unwrap();
}
