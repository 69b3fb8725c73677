//! A browser, as far as a script needs one: sessions, cookies, the token against forgery.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::Method;
use axum::http::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::Fault;
use crate::guard::CSRF;
use crate::http::{Answer, ask};
use crate::service::PATIENCE;
use crate::session::Role;

/// Sessions of all roles of one visit.
#[derive(Clone)]
pub struct Client {
    pub host: String,
    /// The cookie and the token of each role.
    doors: BTreeMap<Role, (String, String)>,
    /// How long each answer took, if somebody wants to know.
    pub took: Option<Arc<Mutex<Vec<Duration>>>>,
    /// Whoever disturbs requests, if somebody does. Then one that gets no answer is sent again, as the page does.
    pub disturbs: Option<Arc<dyn Disturbs>>,
}

/// Ends the service, or its connections.
pub trait Disturbs: Send + Sync {
    /// A request goes out.
    fn goes_out(&self);
    /// One was sent, and has no answer.
    fn broke_off(&self);
}

impl Client {
    /// A new visit with a session for each role.
    pub async fn begin(host: &str) -> Result<Self, Fault> {
        let mut client =
            Self { host: host.to_owned(), doors: BTreeMap::new(), took: None, disturbs: None };
        client.signed_in(Role::Visit, "/visit", json!({ "anew": true })).await?;
        for role in Role::ALL.into_iter().skip(1) {
            client.signed_in(role, "/visit/sessions", json!({ "role": role })).await?;
        }
        Ok(client)
    }

    async fn signed_in(&mut self, role: Role, path: &str, body: Value) -> Result<(), Fault> {
        let answer = self.send(Role::Visit, Method::POST, path, Some(&body)).await?;
        let cookie = answer.headers.get(SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let csrf = answer.body.get("csrf").and_then(Value::as_str);
        let (Some(cookie), Some(csrf)) = (cookie, csrf) else {
            return Err(format!("no session: {} {}", answer.status, answer.text).into());
        };
        self.doors.insert(role, (cookie.to_owned(), csrf.to_owned()));
        Ok(())
    }

    /// Sends a request with the session of `role`, to whatever path.
    pub async fn send(
        &self,
        role: Role,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let origin = format!("http://{}", self.host);
        let mut headers = vec![("origin", origin.as_str())];
        if let Some((cookie, csrf)) = self.doors.get(&role) {
            headers.extend([("cookie", cookie.as_str()), (CSRF, csrf.as_str())]);
        }
        let begun = Instant::now();
        let answer = self.patiently(&self.host, method, path, &headers, body).await?;
        if let Some(mut took) = self.took.as_ref().and_then(|all| all.lock().ok()) {
            took.push(begun.elapsed());
        }
        Ok(answer)
    }

    /// Asks, and again while nobody answers, if that is to be expected.
    pub async fn patiently(
        &self,
        host: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let Some(disturbs) = &self.disturbs else {
            return ask(host, method, path, headers, body).await;
        };
        let begun = Instant::now();
        loop {
            disturbs.goes_out();
            let given = ask(host, method.clone(), path, headers, body).await;
            // 503: the vault is away, or still asks.
            let answered = given.as_ref().is_ok_and(|answer| answer.status != 503);
            if answered || begun.elapsed() > PATIENCE {
                return given;
            }
            if given.is_err_and(|fault| fault.is::<hyper::Error>()) {
                disturbs.broke_off();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The cookie of a role, `name=value`, and its token.
    #[must_use]
    pub fn door(&self, role: Role) -> (&str, &str) {
        self.doors.get(&role).map_or(("", ""), |(cookie, csrf)| (cookie, csrf))
    }

    /// What an endpoint of `role` answers.
    pub async fn get(&self, role: Role, path: &str) -> Result<Value, Fault> {
        let path = format!("{}{path}", role.path());
        let answer = self.send(role, Method::GET, &path, None).await?;
        done(&path, answer)
    }

    /// The same, of one that changes something.
    pub async fn post(&self, role: Role, path: &str, body: Value) -> Result<Value, Fault> {
        let path = format!("{}{path}", role.path());
        let answer = self.send(role, Method::POST, &path, Some(&body)).await?;
        done(&path, answer)
    }

    /// What must be refused.
    pub async fn refused(&self, role: Role, path: &str, body: Value) -> Result<(), Fault> {
        let path = format!("{}{path}", role.path());
        let answer = self.send(role, Method::POST, &path, Some(&body)).await?;
        match answer.status {
            403 => Ok(()),
            status => Err(format!("{path} had to be refused: {status} {}", answer.text).into()),
        }
    }

    /// Waits until the state of a pane has what is looked for.
    pub async fn until<T>(
        &self,
        role: Role,
        what: &str,
        found: impl Fn(&Value) -> Option<T> + Send,
    ) -> Result<T, Fault> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let state = self.get(role, "/state").await?;
            if let Some(found) = found(&state) {
                return Ok(found);
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{} waits for {what}: {state}", role.name()).into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

fn done(path: &str, answer: Answer) -> Result<Value, Fault> {
    match answer.status {
        200 => Ok(answer.body),
        status => Err(format!("{path}: {status} {}", answer.text).into()),
    }
}

/// The text at `path`, such as `/calls/0/id`.
pub fn text(of: &Value, path: &str) -> Result<String, Fault> {
    let found = of.pointer(path).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no text {path} in {of}"))?.to_owned())
}
