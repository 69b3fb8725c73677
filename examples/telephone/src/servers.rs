//! Starting and stopping the programs: each on ports and in a folder of its own, and none is left behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use countersign::contact::PhoneNumber;

use crate::Failure;
use crate::events::{Whose, arriving};
use crate::line::{Line, Told};

/// How many ports a play takes.
const PORTS: u16 = 100;

/// A folder that nobody else reads, deleted in the end.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A fresh one.
    ///
    /// # Errors
    ///
    /// If there is one already, or it cannot be made.
    pub fn new() -> Result<Self, Failure> {
        let path =
            std::env::temp_dir().join(format!("countersign-telephone-{}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.0.join(name);
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        std::io::Write::write_all(&mut file, bytes)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program in a process group of its own, which is stopped as a whole: Kamailio has children.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    fn start(command: &mut Command) -> Result<Self, Failure> {
        let named = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("{named} does not start: {error}"))?))
    }

    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
    }

    /// Waits until it has ended by itself, and says whether all went well.
    ///
    /// # Errors
    ///
    /// If it goes on for longer than `most`.
    pub fn ended_well(&mut self, most: Duration) -> Result<bool, Failure> {
        let deadline = Instant::now() + most;
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > deadline {
                return Err("a caller does not end".into());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal("-TERM");
        let deadline = Instant::now() + Duration::from_secs(2);
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
        // Whatever of the group is left.
        self.signal("-KILL");
        let _ = self.0.wait();
    }
}

/// The edge, and everybody's ports.
#[derive(Debug)]
pub struct Network {
    first: u16,
    callers: u16,
    // Dropped in this order: what runs, then its folder.
    _edge: Server,
    folder: Folder,
}

/// Over which of the edge's trunks a caller comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trunk {
    Public,
    App,
}

/// `PORTS` ports in a row that nobody uses, from this one on.
fn free_ports() -> Result<u16, Failure> {
    // Below those that the system gives out by itself.
    let own = u16::try_from(std::process::id() % 120).unwrap_or_default();
    let mut tried = (0..120).map(|step| 20_000 + (own + step) % 120 * PORTS);
    let is_free = |port: u16| {
        let at = (Ipv4Addr::LOCALHOST, port);
        UdpSocket::bind(at).is_ok() && TcpListener::bind(at).is_ok()
    };
    let found = tried.find(|first| (*first..*first + PORTS).all(is_free));
    found.ok_or_else(|| "no ports are free".into())
}

fn ports_of(whose: Whose, first: u16) -> u16 {
    first
        + match whose {
            Whose::Bank => 10,
            Whose::Alice => 30,
            Whose::Carol => 50,
        }
}

impl Network {
    /// Starts the edge. What it says of calls goes to `to`.
    ///
    /// # Errors
    ///
    /// If Kamailio is not installed, or does not take its configuration.
    pub fn start(to: Sender<Told>) -> Result<Self, Failure> {
        let (folder, first) = (Folder::new()?, free_ports()?);
        let port = |whose| ports_of(whose, first).to_string();
        let filled = include_str!("../sip/kamailio.cfg")
            .replace("PUBLIC_PORT", &first.to_string())
            .replace("APP_PORT", &(first + 1).to_string())
            .replace("BANK_PORT", &port(Whose::Bank))
            .replace("ALICE_PORT", &port(Whose::Alice))
            .replace("CAROL_PORT", &port(Whose::Carol));
        let config = folder.write("kamailio.cfg", filled.as_bytes())?;
        let at = |name: &str| folder.0.join(name);
        let mut command = Command::new(kamailio());
        command
            .arg("-f")
            .arg(&config)
            .args(["-DD", "-E", "-m", "16", "-M", "4", "-w"])
            .arg(&folder.0);
        command.arg("-P").arg(at("pid")).arg("-Y").arg(&folder.0);
        let mut edge = Server::start(command.stdout(Stdio::null()).stderr(Stdio::piped()))?;
        let said = edge.0.stderr.take().ok_or("no log")?;
        thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                // Tickets stand in these lines: they are kept nowhere.
                if let Some(told) = arriving(&line).map(Told::Edge) {
                    let _ = to.send(told);
                }
            }
        });
        thread::sleep(Duration::from_millis(300));
        if edge.0.try_wait()?.is_some() {
            return Err("kamailio does not take its configuration".into());
        }
        Ok(Self { first, callers: 0, _edge: edge, folder })
    }

    /// Starts a telephone of this number, which answers by itself if it is a machine.
    ///
    /// # Errors
    ///
    /// If baresip is not installed, or does not open its control port.
    pub fn telephone(
        &self,
        whose: Whose,
        number: &PhoneNumber,
        is_machine: bool,
        to: Sender<Told>,
    ) -> Result<(Server, Line), Failure> {
        let (port, name) = (ports_of(whose, self.first), format!("{whose:?}").to_lowercase());
        let folder = self.folder.0.join(&name);
        fs::create_dir(&folder)?;
        let write = |file: &str, bytes: &[u8]| self.folder.write(&format!("{name}/{file}"), bytes);
        // Port and port + 1 are SIP's, the second for TLS.
        let (control, media) = (port + 9, format!("{}-{}", port + 10, port + 19));
        let config = include_str!("../sip/baresip.conf")
            .replace("SIP_PORT", &port.to_string())
            .replace("CONTROL_PORT", &control.to_string())
            .replace("RTP_PORTS", &media)
            .replace("FOLDER", &folder.to_string_lossy());
        write("config", config.as_bytes())?;
        write("contacts", b"")?;
        write("silence.wav", &silence())?;
        let mode = if is_machine { "auto" } else { "manual" };
        let (number, edge) = (number.as_str(), self.first);
        let account = format!(
            "<sip:{number}@127.0.0.1>;regint=0;answermode={mode};outbound=\"sip:127.0.0.1:{edge}\";dtmfmode=rtpevent\n"
        );
        write("accounts", account.as_bytes())?;
        let mut command = Command::new("baresip");
        command.args(["-4", "-n", "127.0.0.1", "-f"]).arg(&folder);
        // It prints every key that is pressed.
        let server = Server::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        Ok((server, Line::connect(whose, control, to)?))
    }

    /// Has SIPp call `to` over a trunk, showing the number `from`: with a ticket in a header, or else until it is rejected.
    ///
    /// # Errors
    ///
    /// If SIPp is not installed.
    pub fn caller(
        &mut self,
        over: Trunk,
        from: &PhoneNumber,
        to: &PhoneNumber,
        ticket: Option<&str>,
    ) -> Result<Server, Failure> {
        let (scenario, ticket) = match ticket {
            Some(ticket) => (include_str!("../sip/gateway.xml"), ticket),
            None => (include_str!("../sip/spoof.xml"), ""),
        };
        self.callers += 1;
        let number = self.callers;
        let scenario = self.folder.write(&format!("{number}.xml"), scenario.as_bytes())?;
        // By a file: what stands in arguments every process may read.
        let fields = format!("SEQUENTIAL\n{};{ticket};\n", from.as_str());
        let fields = self.folder.write(&format!("{number}.csv"), fields.as_bytes())?;
        // SIPp takes media ports for sound and for pictures.
        let port = self.first + 70 + (number % 3) * 10;
        let trunk = match over {
            Trunk::Public => self.first,
            Trunk::App => self.first + 1,
        };
        let mut command = Command::new("sipp");
        command.arg("-sf").arg(scenario).arg("-inf").arg(fields).args([
            "-s",
            to.as_str(),
            "-m",
            "1",
        ]);
        command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-mp", &(port + 2).to_string()]);
        command.args(["-nostdin", "-timeout", "30s", &format!("127.0.0.1:{trunk}")]);
        command.current_dir(&self.folder.0).stdout(Stdio::null()).stderr(Stdio::null());
        Server::start(&mut command)
    }
}

/// Debian keeps it where not everybody looks.
fn kamailio() -> &'static str {
    let path = "/usr/sbin/kamailio";
    if Path::new(path).is_file() { path } else { "kamailio" }
}

/// Half a minute of silence, 8000 samples of 16 bits a second.
fn silence() -> Vec<u8> {
    const SAMPLES: u32 = 30 * 8000;
    let size = SAMPLES * 2;
    let mut wave = Vec::new();
    for part in [
        b"RIFF".as_slice(),
        &(36 + size).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &8000_u32.to_le_bytes(),
        &16_000_u32.to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &size.to_le_bytes(),
    ] {
        wave.extend_from_slice(part);
    }
    wave.resize(wave.len() + size as usize, 0);
    wave
}
