//! `kill -9` in the middle of each story: the service is started again on what is left, and the story goes on.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use contact_centre::Fault;
use contact_centre::script::Between;
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
    fn start(folder: Folder, port: &str, vault_port: &str) -> Result<Self, Fault> {
        let mut child = Command::new(PROGRAM)
            .args(["--port", port, "--vault-port", vault_port, "--visits", "1000", "--data"])
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
        let port = |host: &str| host.rsplit(':').next().unwrap_or_default().to_owned();
        let folder = std::mem::replace(&mut self.folder, Folder::new());
        *self = Self::start(folder, &port(&self.host), &port(&self.vault))?;
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
    // Out of the range from which the system takes ports for connections, so that nobody has them meanwhile.
    let port = 20_000 + std::process::id() % 5_000 * 2;
    let (own, vault) = (port.to_string(), (port + 1).to_string());
    let mut service = Service::start(Folder::new(), &own, &vault).unwrap();
    for name in STORIES {
        println!("{name}");
        let mut phone = Phone::set_up(&service.host, &service.vault).await.unwrap();
        let mut killing = Killing { service: &mut service, at, steps: 0 };
        play(name, &mut phone, &mut killing)
            .await
            .unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_died_is_started_again() {
    let folder = Folder::new();
    let running = contact_centre::service::start(&crate::options(&folder)).await.unwrap();
    let first = running.vault_pid().unwrap();
    let mut phone = Phone::set_up(&running.host, &running.vault).await.unwrap();
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    while running.vault_pid() == Some(first) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    play("payment", &mut phone, &mut contact_centre::script::Straight).await.unwrap();
}
