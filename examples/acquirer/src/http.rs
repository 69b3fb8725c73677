//! One request, one answer, one connection: HTTP/1.1 with hyper, TLS with rustls.
//!
//! A connection for each request costs a handshake, and buys something here: after a time-out nothing of the request is
//! still waiting in a pool, to be sent when nobody expects it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use zeroize::Zeroizing;

/// The longest answer that is read: a page of a list.
const LONGEST: usize = 8 * 1024 * 1024;

/// A server's answer.
pub(crate) struct Answer {
    /// The status; what an answer means is in this and in `body`.
    pub(crate) status: u16,
    /// What it says, as JSON; `Null` if it is none.
    pub(crate) body: Value,
}

/// There was no answer. Whether the server did what it was asked is not known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost;

/// Where the server is, and how it is spoken to.
pub(crate) struct Server {
    authority: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    authorization: HeaderValue,
    within: Duration,
}

/// What keeps a connection to the server from being set up.
#[derive(Debug)]
pub enum BadServer {
    /// The address is none, or it is not `https` and not this machine.
    Address,
    /// The file of trusted certificates cannot be read, or holds none.
    Roots,
    /// The secret key has characters that no key has.
    Key,
}

impl std::fmt::Display for BadServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Address => "expected https://HOST[:PORT], or http://127.0.0.1:PORT",
            Self::Roots => "no trusted certificates in that file",
            Self::Key => "the secret key has characters that no key has",
        })
    }
}

impl std::error::Error for BadServer {}

impl Server {
    /// `address`: `https://HOST[:PORT]`, with the file of certificates that are trusted; plain `http` to this machine
    /// alone. A call ends after `within` at the latest.
    pub(crate) fn new(
        address: &str,
        roots: Option<&str>,
        key: &str,
        within: Duration,
    ) -> Result<Self, BadServer> {
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| BadServer::Key)?;
        authorization.set_sensitive(true);
        let (authority, tls) = match (address.strip_prefix("https://"), roots) {
            (Some(authority), Some(roots)) => {
                let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
                let name = ServerName::try_from(host.to_owned()).map_err(|_| BadServer::Address)?;
                let config = ClientConfig::builder()
                    .with_root_certificates(trusted(roots)?)
                    .with_no_client_auth();
                (authority, Some((TlsConnector::from(Arc::new(config)), name)))
            }
            (None, _) => {
                let plain = address.strip_prefix("http://").ok_or(BadServer::Address)?;
                let here = plain.starts_with("127.0.0.1:");
                (here.then_some(plain).ok_or(BadServer::Address)?, None)
            }
            (Some(_), None) => return Err(BadServer::Roots),
        };
        let authority = authority.trim_end_matches('/').to_owned();
        Ok(Self { authority, tls, authorization, within })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Lost> {
        self.ask(Method::GET, path, Form::default()).await
    }

    pub(crate) async fn post(&self, path: &str, form: Form) -> Result<Answer, Lost> {
        self.ask(Method::POST, path, form).await
    }

    async fn ask(&self, method: Method, path: &str, form: Form) -> Result<Answer, Lost> {
        tokio::time::timeout(self.within, self.asked(method, path, form)).await.map_err(|_| Lost)?
    }

    async fn asked(&self, method: Method, path: &str, form: Form) -> Result<Answer, Lost> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.authority)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_body())
            .map_err(|_| Lost)?;
        let default = if self.tls.is_some() { ":443" } else { "" };
        let port = if self.authority.contains(':') { "" } else { default };
        let address = format!("{}{port}", self.authority);
        let plain = TcpStream::connect(address).await.map_err(|_| Lost)?;
        match &self.tls {
            None => exchange(plain, request).await,
            Some((tls, name)) => {
                exchange(tls.connect(name.clone(), plain).await.map_err(|_| Lost)?, request).await
            }
        }
    }
}

fn trusted(file: &str) -> Result<RootCertStore, BadServer> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|_| BadServer::Roots)? {
        let certificate = certificate.map_err(|_| BadServer::Roots)?;
        roots.add(certificate).map_err(|_| BadServer::Roots)?;
    }
    if roots.is_empty() { Err(BadServer::Roots) } else { Ok(roots) }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, Lost>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(io).await.map_err(|_| Lost)?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(|_| Lost)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| Lost)?;
        let body = serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null);
        Ok(Answer { status, body })
    };
    // The connection works while the answer is waited for, and ends with it.
    tokio::pin!(connection);
    tokio::pin!(answered);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        ended = &mut connection => match ended {
            Ok(()) => answered.await,
            Err(_) => Err(Lost),
        },
    }
}

/// What is sent: names and values, as a web form writes them. Wiped once it is sent, as far as it is ours: what hyper,
/// rustls and the kernel copy of it is not.
#[derive(Default)]
pub(crate) struct Form(Vec<Zeroizing<String>>);

impl Form {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // Three characters for each byte at most, so it never grows.
        let mut entry = Zeroizing::new(String::with_capacity(3 * (name.len() + value.len()) + 1));
        escaped(name, &mut entry);
        entry.push('=');
        escaped(value, &mut entry);
        self.0.push(entry);
        self
    }

    fn into_body(self) -> Full<Bytes> {
        let length = self.0.iter().map(|entry| entry.len() + 1).sum();
        let mut body = Zeroizing::new(Vec::with_capacity(length));
        for (index, entry) in self.0.iter().enumerate() {
            if index > 0 {
                body.push(b'&');
            }
            body.extend(entry.bytes());
        }
        Full::new(Bytes::from_owner(Wiped(body)))
    }
}

/// Bytes that are wiped when the last of those who hold them is done.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn escaped(text: &str, to: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            to.push(char::from(byte));
        } else {
            // A string takes whatever is written.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}
