//! Another process of the test binary, which takes part in a race: it is told what to do line by line, and answers.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Racer {
    process: Child,
    says: BufReader<ChildStdout>,
    hears: ChildStdin,
}

impl Racer {
    /// Starts `test` once more, which knows by its `orders`, variables of the environment, that it takes part.
    pub fn start(test: &str, orders: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture"]).envs(orders);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the test binary");
        let says = BufReader::new(process.stdout.take().unwrap());
        let hears = process.stdin.take().unwrap();
        Self { process, says, hears }
    }

    pub fn tell(&mut self, line: &str) {
        writeln!(self.hears, "{line}").unwrap();
        self.hears.flush().unwrap();
    }

    /// What follows `word` in the next line that begins with it.
    pub fn hear(&mut self, word: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.says.read_line(&mut line).unwrap(), 0, "a process ended");
            if let Some(rest) = line.trim_end().strip_prefix(word) {
                return rest.trim().to_owned();
            }
        }
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
