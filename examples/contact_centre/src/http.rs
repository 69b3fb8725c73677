//! A client for the few calls between the bank, its vault and the scripts: one request, one answer, one connection.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Fault;

/// The longest answer that is read.
const LONGEST: usize = 4 * 1024 * 1024;
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(60);

/// An answer; its body as JSON, or `Null`.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

/// Asks `http://host` for `path`.
pub async fn ask(
    host: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, Fault> {
    tokio::time::timeout(WITHIN, asked(host, method, path, headers, body)).await?
}

async fn asked(
    host: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, Fault> {
    let mut request = Request::builder().method(method).uri(path).header(HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let bytes = body.map(serde_json::to_vec).transpose()?.unwrap_or_default();
    let request = request
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(bytes)))?;
    let stream = TcpStream::connect(host).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = Limited::new(answer.into_body(), LONGEST).collect().await?.to_bytes();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status, headers, body, text })
}
