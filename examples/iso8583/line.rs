//! The line to the processor: one message, one answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::message::Message;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where messages go.
pub(crate) enum Line {
    /// To a host, over TCP: two bytes of length, then the message.
    Host(String),
    /// To be looked at; each is answered with an approval.
    Shown,
}

impl Line {
    /// The answer. `None`: there is none, or it is no message.
    pub(crate) async fn exchange(&self, message: &Message) -> Option<Message> {
        match self {
            Self::Host(address) => {
                let (address, sent) = (address.clone(), message.encode().ok()?);
                let answer = tokio::task::spawn_blocking(move || over_tcp(&address, &sent));
                Message::decode(&answer.await.ok()??).ok()
            }
            Self::Shown => {
                println!("{message}");
                let answer = approved(message);
                println!("{answer}");
                Some(answer)
            }
        }
    }
}

fn over_tcp(address: &str, message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut line = TcpStream::connect(address).ok()?;
    line.set_read_timeout(Some(PATIENCE)).ok()?;
    line.write_all(&u16::try_from(message.len()).ok()?.to_be_bytes()).ok()?;
    line.write_all(message).ok()?;
    let mut length = [0; 2];
    line.read_exact(&mut length).ok()?;
    let mut answer = Zeroizing::new(vec![0; usize::from(u16::from_be_bytes(length))]);
    line.read_exact(&mut answer).ok()?;
    Some(answer)
}

/// What a host would answer that approves of everything.
fn approved(message: &Message) -> Message {
    let kind: [u8; 4] = message.kind().as_bytes().try_into().unwrap_or_default();
    let answer = [kind[0], kind[1], kind[2] + 1, b'0'];
    [2, 14, 22, 25, 48, 90, 95, 123]
        .into_iter()
        .fold(message.clone().of_kind(&answer), Message::without)
        .with(38, "A1B2C3")
        .with(39, "00")
}
