//! Servers on free ports of this machine, in folders of their own, that end with the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Durable as the manual asks for.
const DURABLE: [(&str, &str); 4] = [
    ("appendonly", "yes"),
    ("appendfsync", "always"),
    ("maxmemory-policy", "noeviction"),
    ("save", ""),
];

/// One server.
pub struct Server {
    child: Child,
    pub port: u16,
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

impl Server {
    /// A durable one.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A durable one with other settings on top.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("cs-redis-{}-{port}", std::process::id()));
        Self::within(port, folder, settings)
    }

    /// The same in a folder.
    pub fn within(port: u16, folder: PathBuf, settings: &[(&str, &str)]) -> Self {
        fs::create_dir_all(&folder).unwrap();
        let settings: Vec<_> = DURABLE
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let child = spawn(port, &folder, &settings);
        Self { child, port, folder, settings }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// A connection for what no store does.
    pub fn raw(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    /// What a command answers, as text.
    pub fn ask(&self, words: &[&str]) -> String {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        let answer: redis::Value = command.query(&mut self.raw()).unwrap();
        redis::from_redis_value(answer.clone()).unwrap_or_else(|_| format!("{answer:?}"))
    }

    /// The server neither works nor answers.
    pub fn pause(&self) {
        signal("-STOP", self.child.id());
    }

    pub fn resume(&self) {
        signal("-CONT", self.child.id());
    }

    /// As the power fails.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// From its next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Again, on the same port and folder.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, &self.folder, &self.settings);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// `redis-server`, or another that does the same, such as `valkey-server`.
fn program() -> String {
    std::env::var("COUNTERSIGN_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

fn spawn(port: u16, folder: &PathBuf, settings: &[(String, String)]) -> Child {
    let mut command = Command::new(program());
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"]);
    command.arg("--dir").arg(folder);
    for (name, value) in settings {
        command.arg(format!("--{name}"));
        command.args(value.split(' '));
    }
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut child = command
        .stdout(Stdio::from(log))
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is missing: install it (Debian: apt-get install redis-server)");
    let begun = Instant::now();
    loop {
        let client = redis::Client::open(("127.0.0.1", port)).unwrap();
        match client.get_connection_with_timeout(Duration::from_secs(2)) {
            Ok(mut connection) => {
                let pong: Result<String, _> = redis::cmd("PING").query(&mut connection);
                // Still reading its file is not yet up; wanting a password is.
                if pong.is_ok() || pong.is_err_and(|error| error.code() != Some("LOADING")) {
                    return child;
                }
            }
            Err(error) if error.code() == Some("NOAUTH") => return child,
            Err(_) => {}
        }
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(child.try_wait().unwrap().is_none(), "redis-server stopped: {}", log());
        assert!(begun.elapsed() < Duration::from_secs(60), "redis-server is not up: {}", log());
        sleep(Duration::from_millis(20));
    }
}

fn signal(which: &str, process: u32) {
    let status = Command::new("kill").args([which, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

/// A port that is free, and so is the one 10 000 higher, by which a cluster's servers talk.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 1000) as u16 * 20;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2000;
        let free = |port: u16| {
            TcpListener::bind(("127.0.0.1", port)).is_ok()
                && TcpStream::connect(("127.0.0.1", port)).is_err()
        };
        if free(port) && free(port + 10_000) {
            return port;
        }
    }
}

/// A cluster of three primaries.
pub struct Cluster(pub Vec<Server>);

impl Cluster {
    pub fn start() -> Self {
        let settings = [
            ("cluster-enabled", "yes"),
            ("cluster-config-file", "nodes.conf"),
            ("cluster-node-timeout", "5000"),
        ];
        let servers: Vec<_> = (0..3).map(|_| Server::with(&settings)).collect();
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]);
        create.args(servers.iter().map(|server| format!("127.0.0.1:{}", server.port)));
        let output = create
            .args(["--cluster-replicas", "0", "--cluster-yes"])
            .output()
            .expect("redis-cli is missing: install it (Debian: apt-get install redis-tools)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let begun = Instant::now();
        for server in &servers {
            while !server.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok") {
                assert!(begun.elapsed() < Duration::from_secs(60), "the cluster is not up");
                sleep(Duration::from_millis(50));
            }
        }
        Self(servers)
    }

    pub fn url(&self) -> String {
        self.0[0].url()
    }
}

/// A sentinel, which watches nothing.
pub fn sentinel() -> Server {
    let port = free_port();
    let folder = std::env::temp_dir().join(format!("cs-redis-{}-{port}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sentinel.conf");
    fs::write(&file, format!("port {port}\nbind 127.0.0.1\n")).unwrap();
    let child = Command::new(program())
        .arg(&file)
        .arg("--sentinel")
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is missing: install it (Debian: apt-get install redis-server)");
    let server = Server { child, port, folder, settings: Vec::new() };
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the sentinel is not up");
        sleep(Duration::from_millis(20));
    }
    server
}
