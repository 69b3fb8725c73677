//! A telephone's control port: commands go out, events come in.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use countersign::contact::PhoneNumber;
use countersign::id::InteractionId;

use crate::Failure;
use crate::events::{Arriving, CallEvent, Whose, call_event};
use crate::netstring::{Netstrings, netstring};

/// What is told of calls.
#[derive(Debug)]
pub enum Told {
    Telephone(Whose, CallEvent),
    Edge(Arriving),
}

/// A telephone that is under control.
#[derive(Debug)]
pub struct Line(TcpStream);

impl Line {
    /// Connects to the control port, once the telephone has opened it.
    ///
    /// # Errors
    ///
    /// If it does not within five seconds.
    pub fn connect(whose: Whose, port: u16, to: Sender<Told>) -> Result<Self, Failure> {
        let deadline = Instant::now() + Duration::from_secs(5);
        let stream = loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > deadline => return Err(error.into()),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        };
        let mut from = stream.try_clone()?;
        thread::spawn(move || {
            let (mut read, mut buffer) = (Netstrings::default(), [0; 4096]);
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let Ok(whole) = read.take(&buffer[..count]) else { return };
                for event in whole.iter().filter_map(|one| call_event(one)) {
                    if to.send(Told::Telephone(whose, event)).is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Self(stream))
    }

    fn command(&mut self, command: &str, parameter: &str) -> Result<(), Failure> {
        let json = serde_json::json!({"command": command, "params": parameter});
        Ok(self.0.write_all(&netstring(&json.to_string()))?)
    }

    /// Dials a number.
    ///
    /// # Errors
    ///
    /// If the telephone is gone, as for all commands.
    pub fn dial(&mut self, number: &PhoneNumber) -> Result<(), Failure> {
        self.command("dial", &format!("sip:{}@127.0.0.1", number.as_str()))
    }

    /// Answers this call.
    ///
    /// # Errors
    ///
    /// As [`dial`](Self::dial).
    pub fn answer(&mut self, call: &InteractionId) -> Result<(), Failure> {
        self.command("callfind", call.as_str())?;
        self.command("accept", "")
    }

    /// Ends or rejects this call.
    ///
    /// # Errors
    ///
    /// As [`dial`](Self::dial).
    pub fn hang_up(&mut self, call: &InteractionId) -> Result<(), Failure> {
        self.command("callfind", call.as_str())?;
        self.command("hangup", "")
    }

    /// Presses keys, which go to the other end as DTMF (RFC 4733).
    ///
    /// # Errors
    ///
    /// As [`dial`](Self::dial).
    pub fn press(&mut self, keys: &str) -> Result<(), Failure> {
        let mut one = [0; 4];
        keys.chars().try_for_each(|key| self.command("sndcode", key.encode_utf8(&mut one)))
    }
}
