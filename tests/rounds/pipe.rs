//! The client in JavaScript, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Client {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Client {
    pub(crate) fn start() -> Self {
        let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/js/tools/pipe.mjs");
        let mut process = Command::new("node")
            .arg("--no-warnings")
            .arg(tool)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node, and `npm ci` in clients/js");
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, to, from: BufReader::new(from) }
    }

    pub(crate) fn ask(&mut self, op: &str, device: &Value, input: &Value, now: u64) -> Value {
        let line = json!({ "op": op, "device": device, "input": input, "now": now });
        writeln!(self.to, "{line}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("fault").is_none(), "{op}: {answer}");
        answer
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
