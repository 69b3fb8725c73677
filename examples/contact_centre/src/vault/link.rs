//! The bank's side of the vault: its process, and the calls that cross the boundary.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use countersign::payment::{Receipt, SignedSealingKey};
use countersign::token::PublicKey;
use countersign::{CustomerId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::Fault;
use crate::http::ask;
use crate::service::Options;
use crate::session::{mac, same};
use crate::vault::{Given, Ready};

/// The header by which the two services know each other.
pub const SERVICE: &str = "x-service-secret";
/// For how long a ticket admits a customer to the vault.
pub const TICKET: Duration = Duration::from_secs(20 * 60);

/// The vault's process. If it ends, another one is started in its place.
pub struct Process {
    pub host: String,
    /// Where the bank that issued the card asks.
    pub issuer: String,
    pub key: PublicKey,
    pid: AtomicU32,
}

impl Process {
    pub async fn start(
        options: &Options,
        bank_key: &PublicKey,
        bank_host: &str,
        secret: &str,
    ) -> Result<Arc<Self>, Fault> {
        let mut given = Given {
            folder: options.folder.join("vault"),
            port: options.vault_port,
            issuer_port: options.issuer_port,
            bank_key: bank_key.to_string(),
            bank_host: bank_host.to_owned(),
            secret: secret.to_owned(),
        };
        let program = options.program.clone();
        let (mut child, mut input, ready) = patiently(&program, &given).await?;
        given.port = port(&ready.host)?;
        given.issuer_port = port(&ready.issuer)?;
        let pid = AtomicU32::new(child.id().unwrap_or_default());
        let (host, issuer) = (ready.host, ready.issuer);
        let process = Arc::new(Self { host, issuer, key: ready.key.parse()?, pid });
        let own = process.clone();
        tokio::spawn(async move {
            loop {
                let _ = child.wait().await;
                drop(input);
                (child, input) = loop {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    match spawned(&program, &given).await {
                        Ok((child, input, _)) => break (child, input),
                        Err(fault) => eprintln!("contact-centre: the vault: {fault}"),
                    }
                };
                own.pid.store(child.id().unwrap_or_default(), Ordering::SeqCst);
            }
        });
        Ok(process)
    }

    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::SeqCst)).filter(|pid| *pid != 0)
    }
}

fn port(host: &str) -> Result<u16, Fault> {
    let (_, port) = host.rsplit_once(':').ok_or("the vault has no port")?;
    Ok(port.parse()?)
}

/// Starts it once whatever had the port and the store before has let go of them.
async fn patiently(
    program: &std::path::Path,
    given: &Given,
) -> Result<(Child, ChildStdin, Ready), Fault> {
    let mut attempt = 0;
    loop {
        match spawned(program, given).await {
            Err(_) if attempt < 20 => attempt += 1,
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn spawned(
    program: &std::path::Path,
    given: &Given,
) -> Result<(Child, ChildStdin, Ready), Fault> {
    let mut child = Command::new(program)
        .arg("vault")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().ok_or("the vault has no input")?;
    input.write_all(format!("{}\n", serde_json::to_string(given)?).as_bytes()).await?;
    let output = child.stdout.take().ok_or("the vault has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    let ready = serde_json::from_str(&line).map_err(|_| "the vault did not start")?;
    Ok((child, input, ready))
}

/// Calls of the bank to its vault.
pub struct Link {
    host: String,
    secret: String,
}

impl Link {
    #[must_use]
    pub fn new(host: String, secret: String) -> Self {
        Self { host, secret }
    }

    /// `127.0.0.1:PORT`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    async fn call<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, Fault> {
        let headers = [(SERVICE, self.secret.as_str())];
        let answer = ask(&self.host, Method::POST, path, &headers, Some(&body)).await?;
        if answer.status != 200 {
            return Err(format!("the vault answers {} to {path}", answer.status).into());
        }
        Ok(serde_json::from_value(answer.body)?)
    }

    /// The opening key for the next request.
    pub async fn key(&self) -> Result<SignedSealingKey, Fault> {
        self.call("/service/key", json!({})).await
    }

    /// The receipt of a request, if there is one.
    pub async fn receipt(&self, token: &str) -> Result<Option<Receipt>, Fault> {
        self.call("/service/receipt", json!({ "token": token })).await
    }

    /// The receipts that were not acknowledged.
    pub async fn sweep(&self) -> Result<Vec<(CustomerId, Receipt)>, Fault> {
        self.call("/service/sweep", json!({})).await
    }

    pub async fn acknowledge(&self, customer: &CustomerId, receipt: &Receipt) -> Result<(), Fault> {
        let body = json!({ "customer": customer, "receipt": receipt });
        self.call("/service/acknowledge", body).await.map(|_: Value| ())
    }

    /// The bank's word to the vault that this phone is that customer's, for some minutes. Whoever has a payment request's
    /// token alone cannot use it up.
    #[must_use]
    pub fn ticket(&self, customer: &CustomerId, now: Timestamp) -> String {
        let until = now.after(TICKET).unix().to_string();
        let of = format!("{until}.{customer}");
        let seal = mac(self.secret.as_bytes(), "ticket", &of);
        format!("{}.{of}", Base64UrlUnpadded::encode_string(&seal))
    }

    #[must_use]
    pub fn is_from_vault(&self, headers: &HeaderMap) -> bool {
        is_service(headers, &self.secret)
    }
}

/// Whether a request is the other service's.
#[must_use]
pub fn is_service(headers: &HeaderMap, secret: &str) -> bool {
    headers.get(SERVICE).and_then(|value| value.to_str().ok()).is_some_and(|it| same(it, secret))
}

/// Whose ticket this is, if it is genuine and not too old.
#[must_use]
pub fn holder(ticket: &str, secret: &str, now: Timestamp) -> Option<CustomerId> {
    let (seal, of) = ticket.split_once('.')?;
    let expected = Base64UrlUnpadded::encode_string(&mac(secret.as_bytes(), "ticket", of));
    let (until, customer) = of.split_once('.')?;
    let alive = Timestamp::from_unix(until.parse().ok()?) > now;
    (same(seal, &expected) && alive).then(|| CustomerId::new(customer).ok())?
}

#[cfg(test)]
mod tests {
    use countersign::{CustomerId, Timestamp};

    use super::{Link, TICKET, holder};

    #[test]
    fn a_ticket_admits_its_customer_until_it_is_over() {
        let (alice, now) = (CustomerId::new("alice").unwrap(), Timestamp::from_unix(1_800_000_000));
        let link = Link::new("127.0.0.1:1".to_owned(), "secret".to_owned());
        let ticket = link.ticket(&alice, now);
        let last = now.after(TICKET);
        assert_eq!(holder(&ticket, "secret", now), Some(alice.clone()));
        assert_eq!(
            holder(&ticket, "secret", last.before(std::time::Duration::from_secs(1))),
            Some(alice)
        );
        assert_eq!(holder(&ticket, "secret", last), None);
        assert_eq!(holder(&ticket, "another", now), None);
        assert_eq!(holder(&ticket.replace("alice", "mallory"), "secret", now), None);
        for cut in 0..ticket.len() {
            assert_eq!(holder(&ticket[..cut], "secret", now), None);
        }
    }
}
