//! Faults at random moments under load, and a journal that is added up. That the process is killed stands in
//! `crashes`; here the disk is full for a while, an instance's clock is back, and futures are dropped.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::chaos::random::Random;
use super::chaos::whole::Bank;
use super::chaos::{Fault, Plan, Victim, runs};
use super::child::{self, Running};
use super::depth::either;
use super::support::{self, Folder};

/// In blocks of 512 bytes: no limit that matters, and no signal at the one that will.
const LARGE: u64 = 1 << 30;

struct This<'a>(&'a Path);

/// How long a file of this process may become.
fn limit(bytes: &str) {
    let set = Command::new("prlimit")
        .args(["--pid", &std::process::id().to_string(), &format!("--fsize={bytes}:")])
        .status()
        .expect("prlimit runs: install Debian's util-linux");
    assert!(set.success());
}

impl Victim for This<'_> {
    fn faults(&self) -> Vec<(Fault, u64)> {
        vec![(Fault::Disk, 3), (Fault::Clock, 2)]
    }

    fn strike(&mut self, fault: Fault, random: &mut Random) {
        assert_eq!(fault, Fault::Disk);
        // It may still grow a little, or not at all, or be cut in the middle of a page.
        let length = std::fs::metadata(self.0).unwrap().len();
        let most = length.saturating_sub(4096) + random.below(12_288);
        limit(&most.to_string());
        sleep(Duration::from_millis(50 + random.below(300)));
        limit(&(LARGE * 512).to_string());
    }

    fn works(&mut self) -> bool {
        true
    }
}

/// The child.
pub(crate) fn disturbed(file: &Path) {
    let plan = either(
        Plan { runs: 1, faults: 12, deadline: Duration::from_secs(5) },
        Plan { runs: 10, faults: 30, deadline: Duration::from_secs(5) },
    );
    let options = || support::options().deadline(plan.deadline);
    let store = options().open(file).unwrap();
    let whole = options().open(file.with_extension("whole")).unwrap();
    support::tokio().block_on(async {
        let bank = Bank::new(&[whole]);
        let stores = [store.clone(), store];
        runs("redb", plan, &stores, Some(&bank), None, &mut This(file)).await;
    });
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_lost_accepted_twice_or_hangs_under_faults() {
    let folder = Folder::new();
    let mut command = child::command("disturbed", &folder.file(), Some(LARGE));
    command.stdout(Stdio::inherit());
    let mut child = Running(command.spawn().unwrap());
    assert!(child.0.wait().unwrap().success(), "see what it says");
    assert!(folder.file().exists(), "it played its part");
}
