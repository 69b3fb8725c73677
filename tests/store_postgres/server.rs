//! Servers of the tests' own: PostgreSQL and PgBouncer on free ports, in folders that go with them.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// It must not stand in any error.
pub const PASSWORD: &str = "rosebud-5512";

/// A cluster of PostgreSQL. It ends, and its folder goes, when it is dropped.
pub struct Cluster {
    folder: Folder,
    port: u16,
    settings: Vec<String>,
    postmaster: Mutex<Child>,
}

impl Cluster {
    /// The one that all tests share which do not disturb it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start(&["max_connections=300"]));
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// One with these settings beside those that every one has.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_within(&std::env::temp_dir(), settings)
    }

    /// The same in a folder.
    pub fn start_within(parent: &Path, settings: &[&str]) -> Self {
        let folder = Folder::within(parent);
        let secret = folder.file("password", PASSWORD);
        let made = as_postgres(&program("initdb"))
            .args(["--no-sync", "--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8"])
            .arg(format!("--pwfile={}", secret.display()))
            .arg("--pgdata")
            .arg(folder.data())
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let settings: Vec<_> = settings.iter().map(|&setting| setting.to_owned()).collect();
        // Somebody else may take a port that was free a moment ago.
        for _ in 0..5 {
            let port = free_port();
            let postmaster = launch(&folder, port, &settings);
            let mut cluster = Self {
                folder: Folder(PathBuf::new()),
                port,
                settings: settings.clone(),
                postmaster: Mutex::new(postmaster),
            };
            if cluster.is_ready() {
                cluster.folder = folder;
                return cluster;
            }
        }
        panic!("PostgreSQL does not start: {}", folder.log());
    }

    /// A hot standby that follows this one.
    pub fn standby(&self) -> Self {
        let folder = Folder::new();
        let copied = as_postgres(&program("pg_basebackup"))
            .args(["--host=127.0.0.1", "--username=postgres", "--write-recovery-conf"])
            .args(["--checkpoint=fast", "--wal-method=stream", &format!("--port={}", self.port)])
            .arg("--pgdata")
            .arg(folder.data())
            .env("PGPASSWORD", PASSWORD)
            .output()
            .expect("pg_basebackup runs");
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        let (port, settings) = (free_port(), self.settings.clone());
        let postmaster = Mutex::new(launch(&folder, port, &settings));
        let cluster = Self { folder, port, settings, postmaster };
        assert!(cluster.is_ready(), "the standby does not start: {}", cluster.folder.log());
        cluster
    }

    /// Kills all of it, for good.
    pub fn kill(&self) {
        signal("KILL", &self.processes());
        self.postmaster.lock().unwrap().wait().unwrap();
    }

    fn is_ready(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if self.postmaster.lock().unwrap().try_wait().expect("the server's state").is_some() {
                return false;
            }
            let asked = Command::new(program("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", &format!("--port={}", self.port)])
                .status()
                .expect("pg_isready runs");
            if asked.success() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    pub fn url(&self) -> String {
        self.url_of("postgres", PASSWORD)
    }

    pub fn url_of(&self, user: &str, password: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/postgres", self.port)
    }

    /// One that names two servers, as for a failover.
    #[allow(dead_code, reason = "the benchmark has one server")]
    pub fn url_beside(&self, other: &Self) -> String {
        let ports = [self.port, other.port];
        let [one, two] = ports.map(|port| format!("127.0.0.1:{port}"));
        format!("postgres://postgres:{PASSWORD}@{one},{two}/postgres")
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged.
    #[allow(dead_code, reason = "the tests of this store ask")]
    pub fn log(&self) -> String {
        self.folder.log()
    }

    /// Replaces who may connect how.
    pub fn set_access(&self, lines: &str) {
        fs::write(self.folder.data().join("pg_hba.conf"), lines).unwrap();
        let postmaster = self.postmaster.lock().unwrap().id();
        signal("HUP", &[postmaster]);
    }

    /// All its processes.
    fn processes(&self) -> Vec<u32> {
        let postmaster = self.postmaster.lock().unwrap().id();
        let mut all = vec![postmaster];
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // pid (name) state parent …
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
            if parent == Some(&postmaster.to_string()) {
                all.push(pid);
            }
        }
        all
    }

    /// How many hundredths of a second its processes have computed. For the benchmark.
    #[allow(dead_code, reason = "the benchmark asks")]
    pub fn computed(&self) -> u64 {
        let of = |pid: u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let rest = stat.rsplit(") ").next().unwrap_or_default().split(' ');
            rest.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>()
        };
        self.processes().into_iter().map(of).sum()
    }

    pub fn stop_all(&self) {
        signal("STOP", &self.processes());
    }

    pub fn continue_all(&self) {
        signal("CONT", &self.processes());
    }

    /// Starts it anew if it ended by itself; whether it takes connections.
    pub fn restart_if_it_ended(&self) -> bool {
        if self.is_ready() {
            return true;
        }
        *self.postmaster.lock().unwrap() = launch(&self.folder, self.port, &self.settings);
        assert!(self.is_ready(), "PostgreSQL does not start again: {}", self.folder.log());
        true
    }

    /// As if power failed, and came back.
    pub fn kill_and_restart(&self) {
        let all = self.processes();
        signal("KILL", &all);
        self.postmaster.lock().unwrap().wait().unwrap();
        while all.iter().any(|pid| Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok()) {
            std::thread::sleep(Duration::from_millis(10));
        }
        *self.postmaster.lock().unwrap() = launch(&self.folder, self.port, &self.settings);
        assert!(self.is_ready(), "PostgreSQL does not start again: {}", self.folder.log());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let all = self.processes();
        let mut postmaster = self.postmaster.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(postmaster.try_wait(), Ok(Some(_))) {
            signal("KILL", &all);
            drop(postmaster.wait());
        }
    }
}

fn launch(folder: &Folder, port: u16, settings: &[String]) -> Child {
    let log = fs::File::options().create(true).append(true).open(folder.0.join("log")).unwrap();
    let mut command = as_postgres(&program("postgres"));
    command.arg("-D").arg(folder.data()).args(["-p", &port.to_string()]);
    // What a killed process wrote stays in the system's memory: it need not reach the disk for these tests.
    let always = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
    for setting in always.into_iter().chain(settings.iter().map(String::as_str)) {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().expect("PostgreSQL runs")
}

/// PgBouncer in transaction mode before a cluster.
pub struct Bouncer {
    port: u16,
    process: Child,
    _folder: Folder,
}

impl Bouncer {
    /// Fewer connections to the server than clients have to it, so that these share them.
    pub fn before(cluster: &Cluster) -> Self {
        let folder = Folder::new();
        for _ in 0..5 {
            let port = free_port();
            let settings = format!(
                "[databases]\n* = host=127.0.0.1 port={} user=postgres password={PASSWORD}\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
                 auth_type = any\npool_mode = transaction\ndefault_pool_size = 6\n\
                 max_client_conn = 500\nserver_login_retry = 1\nlogfile = {}\n",
                cluster.port,
                folder.0.join("log").display(),
            );
            let settings = folder.file("pgbouncer.ini", &settings);
            let process = as_postgres(&program("pgbouncer"))
                .arg("--quiet")
                .arg(settings)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("PgBouncer runs");
            let mut bouncer = Self { port, process, _folder: Folder(PathBuf::new()) };
            if bouncer.is_ready() {
                bouncer._folder = folder;
                return bouncer;
            }
        }
        panic!("PgBouncer does not start: {}", folder.log());
    }

    fn is_ready(&mut self) -> bool {
        for _ in 0..400 {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return false;
            }
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        false
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A folder that goes when it is dropped; none if the path is empty.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    fn within(parent: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-postgres-{}-{number}", std::process::id());
        let path = parent.join(name);
        fs::create_dir(&path).expect("a folder for a server");
        let folder = Self(path);
        give(&folder.0);
        folder
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        give(&path);
        path
    }

    fn log(&self) -> String {
        fs::read_to_string(self.0.join("log")).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}

/// The server refuses to run as root: then it runs as the user that its package made.
fn user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let answer = Command::new("id").args(arguments).output().expect("id runs");
        String::from_utf8_lossy(&answer.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let found = id(&["-u", "postgres"]).zip(id(&["-g", "postgres"]));
    Some(found.expect("install PostgreSQL (Debian: postgresql): there is no user postgres"))
}

/// Has a file belong to the server.
pub fn give(path: &Path) {
    if let Some((user, group)) = user() {
        chown(path, Some(user), Some(group)).expect("root may give a folder away");
    }
}

fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(std::env::temp_dir());
    if let Some((user, group)) = user() {
        command.uid(user).gid(group);
    }
    command
}

fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    folders.push("/usr/sbin".into());
    // Debian keeps the server's programs by version.
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let package = if name == "pgbouncer" { "pgbouncer" } else { "postgresql" };
    found.unwrap_or_else(|| panic!("{name} is not installed: install it (Debian: {package})"))
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn signal(name: &str, processes: &[u32]) {
    let numbers = processes.iter().map(u32::to_string);
    drop(Command::new("kill").arg(format!("-{name}")).args(numbers).stderr(Stdio::null()).status());
}
