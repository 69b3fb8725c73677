//! The two processes: the server, which is started again on its state, and the vault, which is started again on its
//! store. Both die by SIGKILL, so that nothing is written because they end.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Outcome;

/// What can be killed.
#[derive(Clone, Default)]
pub(crate) struct Victims {
    server: Arc<Mutex<Option<Child>>>,
    vault: Arc<Mutex<Option<Child>>>,
}

fn kill(of: &Mutex<Option<Child>>) {
    if let Some(mut child) = of.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // On Unix this is SIGKILL.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn is_alive(of: &Mutex<Option<Child>>) -> bool {
    let mut of = of.lock().unwrap_or_else(PoisonError::into_inner);
    of.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
}

impl Victims {
    pub(crate) fn kill_server(&self) {
        kill(&self.server);
    }

    pub(crate) fn kill_vault(&self) {
        kill(&self.vault);
    }
}

/// The server's process.
pub(crate) struct Server {
    command: Vec<String>,
    victims: Victims,
    pem: Option<String>,
    port: u16,
    tls_port: u16,
}

impl Server {
    /// Starts `python server.py state`; with TLS too, if there is a certificate for it.
    pub(crate) fn new(
        command: Vec<String>,
        pem: Option<String>,
        victims: Victims,
    ) -> Outcome<Self> {
        let mut server = Self { command, victims, pem, port: 0, tls_port: 0 };
        server.start()?;
        Ok(server)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) const fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Starts it, on the port that it had.
    fn start(&mut self) -> Outcome<()> {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .arg(self.port.to_string())
            .args(&self.pem)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no output of the server's")?;
        BufReader::new(out).read_line(&mut line)?;
        let ports: Vec<_> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        self.port = *ports.first().ok_or("the server did not start")?;
        self.tls_port = ports.get(1).copied().unwrap_or_default();
        *self.victims.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }

    /// Starts it again if it is dead; says whether it was.
    pub(crate) fn revive(&mut self) -> Outcome<bool> {
        let dead = !is_alive(&self.victims.server);
        if dead {
            self.start()?;
        }
        Ok(dead)
    }
}

/// The vault's process, which is asked line by line.
pub(crate) struct Vault {
    command: Command,
    victims: Victims,
    lines: Option<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Vault {
    pub(crate) const fn new(command: Command, victims: Victims) -> Self {
        Self { command, victims, lines: None }
    }

    /// Starts it again if it is dead; says whether it was.
    pub(crate) fn revive(&mut self) -> Outcome<bool> {
        let dead = !is_alive(&self.victims.vault);
        if dead {
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = self.command.spawn()?;
            let to = child.stdin.take().ok_or("no input of the vault's")?;
            let from = child.stdout.take().ok_or("no output of the vault's")?;
            self.lines = Some((to, BufReader::new(from)));
            *self.victims.vault.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        }
        Ok(dead)
    }

    /// What it says to a line. `None`: it died over it.
    pub(crate) fn ask(&mut self, line: &str) -> Option<String> {
        let (to, from) = self.lines.as_mut()?;
        let mut answer = String::new();
        to.write_all(line.as_bytes()).ok()?;
        to.write_all(b"\n").ok()?;
        to.flush().ok()?;
        from.read_line(&mut answer).ok()?;
        answer.strip_suffix('\n').map(str::to_owned)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.victims.kill_server();
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.victims.kill_vault();
    }
}
