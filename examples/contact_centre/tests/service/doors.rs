//! Every endpoint, tried with the session of every role: only its own gets in.

use std::time::Duration;

use axum::http::Method;
use contact_centre::guard::CSRF;
use contact_centre::script::client::Client;
use contact_centre::service::{endpoints, start};
use contact_centre::session::Role;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Folder, options};

/// Status and first bytes of an answer. Live updates have no end, so that no more is waited for.
pub async fn answer(
    at: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ));
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body.as_bytes()).await;
    let mut said = Vec::new();
    let mut some = [0; 4096];
    let patience = Duration::from_secs(10);
    while let Ok(Ok(n)) = tokio::time::timeout(patience, stream.read(&mut some)).await {
        said.extend_from_slice(some.get(..n).unwrap_or_default());
        let text = String::from_utf8_lossy(&said);
        if n == 0 || (path.ends_with("/events") && text.contains("data:")) {
            break;
        }
    }
    let text = String::from_utf8_lossy(&said).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text)
}

/// A path whose ids are well-formed and name nothing.
fn filled(role: Role, path: &str) -> String {
    let id = "0".repeat(26);
    let parts = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
    format!("{}{}", role.path(), parts.collect::<Vec<_>>().join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_own_session_gets_in() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let host = running.host.as_str();
    let origin = format!("http://{host}");
    let mut tried = 0;
    for role in Role::ALL {
        for (method, path, _) in endpoints(role) {
            let path = filled(role, path);
            // A visit for each, so that no limit is in the way.
            let client = Client::begin(host).await.unwrap();
            let (cookie, csrf) = client.door(role);
            let own =
                [("host", host), ("origin", origin.as_str()), ("cookie", cookie), (CSRF, csrf)];
            let (status, text) = answer(host, method, &path, &own, "{}").await;
            let inside = status == 200 || text.contains(r#""code":"#);
            assert!(inside, "{method} {path} with its own session: {text}");

            let without = [own[0], own[1], own[3]];
            assert_eq!(answer(host, method, &path, &without, "{}").await.0, 401, "{path}: nobody");
            for other in Role::ALL.into_iter().filter(|other| *other != role) {
                let (cookie, csrf) = client.door(other);
                // Its cookie under its own name, and under the name of the one that is asked for.
                let renamed = cookie.replacen(other.name(), role.name(), 1);
                for cookie in [cookie, renamed.as_str()] {
                    let theirs = [own[0], own[1], ("cookie", cookie), (CSRF, csrf)];
                    let (status, _) = answer(host, method, &path, &theirs, "{}").await;
                    assert_eq!(status, 401, "{method} {path} with the session of {other:?}");
                    tried += 1;
                }
            }
            let stranger = Client::begin(host).await.unwrap();
            let (_, secret) = stranger.door(role).0.split_once('.').unwrap();
            let (room, _) = cookie.split_once('.').unwrap();
            let mixed = format!("{room}.{secret}");
            let theirs = [own[0], own[1], ("cookie", mixed.as_str()), own[3]];
            let (status, _) = answer(host, method, &path, &theirs, "{}").await;
            assert_eq!(status, 401, "{method} {path} with another visit's secret");
            if method != "GET" {
                forged(host, &path, &own, client.door(other_than(role)).1).await;
            }
        }
    }
    // Every endpoint, four other roles, two names each.
    assert_eq!(tried, 8 * Role::ALL.into_iter().map(|role| endpoints(role).len()).sum::<usize>());
    println!("{tried} wrong sessions, none of them got in");
}

fn other_than(role: Role) -> Role {
    if role == Role::Phone { Role::Desktop } else { Role::Phone }
}

/// What another site's page could send with the customer's cookies.
async fn forged(host: &str, path: &str, own: &[(&str, &str); 4], csrf_of_other: &str) {
    let [name, origin, cookie, csrf] = *own;
    let cases: [(&str, Vec<(&str, &str)>); 4] = [
        ("no token", vec![name, origin, cookie]),
        ("the token of another role", vec![name, origin, cookie, (CSRF, csrf_of_other)]),
        ("another origin", vec![name, ("origin", "http://mallory.example"), cookie, csrf]),
        ("no origin", vec![name, cookie, csrf]),
    ];
    for (what, headers) in cases {
        let (status, text) = answer(host, "POST", path, &headers, "{}").await;
        assert!(status == 403 && !text.contains(r#""code":"#), "{path}, {what}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_no_session_is_closed_too() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let (host, vault) = (running.host.as_str(), running.vault.as_str());
    let origin = format!("http://{host}");
    let client = Client::begin(host).await.unwrap();

    // A name that somebody else has point at this machine.
    for (at, path) in [(host, "/"), (vault, "/card")] {
        assert_eq!(answer(at, "GET", path, &[("host", "mallory.example")], "").await.0, 421);
        assert_eq!(answer(at, "GET", path, &[("host", at)], "").await.0, 200);
    }
    // The address by number leads to the one by name, and opens nothing itself.
    let typed = host.replacen("localhost", "127.0.0.1", 1);
    let (status, text) = answer(host, "GET", "/", &[("host", &typed)], "").await;
    assert!(status == 307 && text.contains(&format!("location: {origin}/\r\n")), "{text}");
    assert_eq!(answer(host, "POST", "/visit", &[("host", &typed)], "{}").await.0, 421);
    // A visit begins from the own page alone.
    let begin = r#"{"anew":true}"#;
    assert_eq!(answer(host, "POST", "/visit", &[("host", host)], begin).await.0, 403);
    let own = [("host", host), ("origin", origin.as_str())];
    assert_eq!(answer(host, "POST", "/visit", &own, begin).await.0, 200);

    // Between the services, no session counts.
    for role in Role::ALL {
        let (cookie, csrf) = client.door(role);
        let headers = [("host", host), ("origin", &origin), ("cookie", cookie), (CSRF, csrf)];
        assert_eq!(answer(host, "POST", "/vault/news", &headers, "{}").await.0, 422);
        let news = r#"{"customer":"alice","payment":"00000000000000000000000000"}"#;
        assert_eq!(answer(host, "POST", "/vault/news", &headers, news).await.0, 401);
        for path in ["/service/key", "/service/receipt", "/service/sweep", "/service/acknowledge"] {
            let headers = [("host", vault), ("cookie", cookie), (CSRF, csrf)];
            assert_eq!(answer(vault, "POST", path, &headers, "{}").await.0, 401, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_calls_are_limited() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let long = json!({ "text": "x".repeat(20_000) });
    let answer = client.send(Role::Phone, Method::POST, "/phone/chat", Some(&long)).await.unwrap();
    assert_eq!(answer.status, 413);
    let line = json!({ "text": "x".repeat(501) });
    let answer = client.send(Role::Phone, Method::POST, "/phone/chat", Some(&line)).await.unwrap();
    assert_eq!(answer.status, 403);
    // What is wrong in a body is not repeated: it may hold a secret.
    let typed = json!({ "request": "r", "window": "anana", "secret": "green kettle" });
    let answer =
        client.send(Role::Phone, Method::POST, "/phone/callbacks", Some(&typed)).await.unwrap();
    assert_eq!(answer.status, 422);
    assert!(!answer.text.contains("anana") && !answer.text.contains("kettle"), "{}", answer.text);

    let mut statuses = Vec::new();
    for _ in 0..400 {
        let path = "/behind/state";
        let answer = client.send(Role::Behind, Method::GET, path, None).await.unwrap();
        statuses.push(answer.status);
        if answer.status == 429 {
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429));
    // One role's haste is not another's.
    let answer = client.send(Role::Phone, Method::GET, "/phone/state", None).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_headers() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let (host, vault) = (running.host.as_str(), running.vault.as_str());
    let (_, page) = answer(host, "GET", "/", &[("host", host)], "").await;
    let (_, card) = answer(vault, "GET", "/card", &[("host", vault)], "").await;
    let issuer = running.issuer.as_str();
    let (_, issuers) = answer(issuer, "GET", "/challenge.js", &[("host", issuer)], "").await;
    let (_, refused) = answer(host, "GET", "/desktop/state", &[("host", host)], "").await;
    for text in [&page, &card, &issuers, &refused] {
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-opener-policy: same-origin",
            "permissions-policy: camera=(), geolocation=(), microphone=()",
            "content-security-policy: default-src 'none'; script-src 'self'",
        ] {
            assert!(text.contains(header), "{header} is missing in {text}");
        }
        assert!(!text.contains("unsafe-inline") && !text.contains("'unsafe-eval'"), "{text}");
    }
    assert!(page.contains("x-frame-options: DENY") && page.contains("frame-ancestors 'none'"));
    assert!(page.contains(&format!("frame-src http://{vault};")));
    assert!(card.contains(&format!("frame-ancestors 'self' http://{host}\r\n")));
    // A card's frame runs no WebAssembly, and the page does: Argon2.
    assert!(page.contains("'wasm-unsafe-eval'") && !card.contains("wasm-unsafe-eval"));
}
