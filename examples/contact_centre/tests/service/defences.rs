//! Defences one by one: cookies, the vault's payment, other visits' ids, live updates, what is written down.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use axum::http::Method;
use axum::http::header::SET_COOKIE;
use contact_centre::guard::CSRF;
use contact_centre::http::ask;
use contact_centre::rooms::STREAMS;
use contact_centre::script::client::{Client, text};
use contact_centre::script::phone::{Phone, sealed};
use contact_centre::service::start;
use contact_centre::session::Role;
use countersign::Window;
use countersign::time::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Folder, options};

fn window() -> Value {
    let from = SystemClock.now().unwrap();
    json!(Window::new(from, from.after(Duration::from_secs(7200))).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_their_own_paths_and_for_no_script() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    for role in Role::ALL {
        let (path, body) = match role {
            Role::Visit => ("/visit", json!({ "anew": true })),
            role => ("/visit/sessions", json!({ "role": role })),
        };
        let answer = client.send(Role::Visit, Method::POST, path, Some(&body)).await.unwrap();
        let cookie = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
        let mut attributes = cookie.split("; ");
        let (name, secret) = attributes.next().unwrap().split_once('=').unwrap();
        assert_eq!((name, secret.len() > 43), (role.name(), true), "{cookie}");
        let path = format!("Path={}", role.path());
        let wanted = [path.as_str(), "HttpOnly", "SameSite=Strict", "Max-Age=86400"];
        assert_eq!(attributes.collect::<Vec<_>>(), wanted);
    }
}

async fn billed(phone: &mut Phone) -> String {
    let call = phone.client.post(Role::Phone, "/calls", json!({})).await.unwrap();
    let call = text(&call, "/id").unwrap();
    let order = json!({
        "request": phone.request(), "pence": 4_200, "payee": "Bank Example", "reference": "Fees",
    });
    let path = format!("/calls/{call}/payments");
    text(&phone.client.post(Role::Desktop, &path, order).await.unwrap(), "/payment/id").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_comes_from_the_vaults_own_frame_with_the_customers_ticket() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut alice = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let mut other = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let own_bill = billed(&mut alice).await;
    let (token, ticket, shown) = alice.payment(&own_bill).await.unwrap();
    let others = billed(&mut other).await;
    let (_, others_ticket, _) = other.payment(&others).await.unwrap();
    let card = sealed(&shown, "4000056655665556").unwrap();
    let vault = running.vault.as_str();
    let own = format!("http://{vault}");
    let page = format!("http://{}", running.host);
    let sent = async |origin: Option<&str>, ticket: &str| {
        let body = json!({ "ticket": ticket, "token": token, "sealed": card });
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        ask(vault, Method::POST, "/pay", &headers, Some(&body)).await.unwrap().status
    };
    for origin in [None, Some(page.as_str()), Some("http://mallory.example"), Some("null")] {
        assert_eq!(sent(origin, &ticket).await, 403, "{origin:?}");
    }
    let (mac, rest) = ticket.split_once('.').unwrap();
    let forged = format!("{}.{rest}", "A".repeat(mac.len()));
    let (until, customer) = rest.split_once('.').unwrap();
    let longer = format!("{mac}.{}.{customer}", until.replacen('1', "2", 1));
    for (what, bad) in [
        ("forged", forged.as_str()),
        ("longer", longer.as_str()),
        ("another customer's", others_ticket.as_str()),
        ("none", ""),
    ] {
        assert_eq!(sent(Some(&own), bad).await, 403, "a ticket that is {what}");
    }
    // Nothing of that was paid, and what is right is.
    assert_eq!(sent(Some(&own), &ticket).await, 200);
    // Twenty at once, and no more: whoever tries cards is stopped. The other customer is not.
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(sent(Some(&own), &ticket).await);
    }
    assert_eq!(statuses.last(), Some(&503), "{statuses:?}");
    let (status, _) = other.pays(&others_ticket, &token, &card).await.unwrap();
    assert_eq!(status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_visit_name_nothing() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut alice = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let stranger = Client::begin(&running.host).await.unwrap();
    let payment = billed(&mut alice).await;
    let client = &alice.client;
    let call = client.post(Role::Phone, "/calls", json!({})).await.unwrap();
    let call = text(&call, "/id").unwrap();
    let booking = json!({ "request": "r", "window": window(), "secret": "green kettle" });
    let callback = client.post(Role::Phone, "/callbacks", booking).await.unwrap();
    let callback = text(&callback, "/id").unwrap();
    let about = json!({ "request": "r", "about": "Your mortgage" });
    let challenge = client.post(Role::Desktop, "/challenges", about).await.unwrap();
    let challenge = text(&challenge, "/challenge/id").unwrap();
    let order = json!({
        "request": "t", "pence": 500_000, "payee": "Jones Roofing", "reference": "Invoice 7",
    });
    let path = format!("/calls/{call}/transfers");
    let asked = client.post(Role::Desktop, &path, order.clone()).await.unwrap();
    let step_up = text(&asked, "/step_up/id").unwrap();
    let mallory = client.post(Role::Impostor, "/calls", json!({ "who": "mallory" })).await.unwrap();
    let mallory = text(&mallory, "/id").unwrap();
    let credential = alice.held.id();

    let none = json!({});
    let words = json!({ "text": "hello" });
    let recognised = json!({ "recognised": true, "appointment": "YGFiY2RlZmdoaWprbG1ubw" });
    let confirm = json!({ "request": "c", "window": window() });
    let answers = json!({ "answer": "decline" });
    let tries = [
        (Role::Phone, format!("/calls/{call}/say"), &words),
        (Role::Phone, format!("/calls/{mallory}/answer"), &none),
        (Role::Phone, format!("/callbacks/{callback}/amend"), &confirm),
        (Role::Phone, format!("/callbacks/{callback}/cancel"), &none),
        (Role::Phone, format!("/callbacks/{callback}/conclude"), &recognised),
        (Role::Phone, format!("/challenges/{challenge}/answer"), &answers),
        (Role::Phone, format!("/challenges/{challenge}/conclude"), &recognised),
        (Role::Phone, format!("/payments/{payment}/ticket"), &none),
        (Role::Phone, format!("/step-ups/{step_up}/decline"), &json!({ "reason": "not_me" })),
        (Role::Phone, format!("/step-ups/{step_up}/submit"), &json!({ "code": "12345678" })),
        (Role::Phone, format!("/credentials/{credential}/confirm"), &json!({ "code": "12345678" })),
        (
            Role::Phone,
            "/history/receipt".to_owned(),
            &json!({ "subject": { "callback": callback } }),
        ),
        (Role::Desktop, format!("/calls/{call}/say"), &words),
        (Role::Desktop, format!("/calls/{call}/callbacks/{callback}/reveal"), &none),
        (Role::Desktop, format!("/calls/{call}/callbacks/{callback}/abandon"), &none),
        (Role::Desktop, format!("/calls/{call}/challenges/{challenge}/present"), &none),
        (Role::Desktop, format!("/calls/{call}/transfers"), &order),
        (Role::Desktop, format!("/calls/{call}/payments"), &order),
        (Role::Desktop, format!("/transfers/{step_up}/book"), &order),
        (Role::Desktop, format!("/challenges/{challenge}/confirm"), &confirm),
        (Role::Desktop, format!("/challenges/{challenge}/revoke"), &none),
        (Role::Desktop, format!("/toasts/{callback}/accept"), &none),
        (Role::Impostor, format!("/calls/{mallory}/say"), &words),
        (Role::Impostor, format!("/calls/{mallory}/end"), &none),
        (Role::Phone, format!("/calls/{call}/end"), &none),
        (Role::Desktop, format!("/calls/{call}/end"), &none),
    ];
    for (role, path, body) in &tries {
        let path = format!("{}{path}", role.path());
        let answer = stranger.send(*role, Method::POST, &path, Some(body)).await.unwrap();
        assert_eq!(answer.status, 403, "{path}: {}", answer.text);
    }
    // All of it is there, and untouched: its own visit may do what the stranger could not.
    let state = client.get(Role::Phone, "/state").await.unwrap();
    assert_eq!(state.pointer("/callbacks/0/status"), Some(&json!("booked")), "{state}");
    for (role, path, body) in [
        (Role::Phone, format!("/calls/{call}/say"), words),
        (Role::Phone, format!("/payments/{payment}/ticket"), json!({})),
        (Role::Phone, format!("/callbacks/{callback}/cancel"), json!({})),
        (Role::Desktop, format!("/challenges/{challenge}/revoke"), json!({})),
        (Role::Phone, format!("/step-ups/{step_up}/decline"), json!({ "reason": "not_me" })),
        (Role::Impostor, format!("/calls/{mallory}/end"), json!({})),
        (Role::Phone, format!("/calls/{call}/end"), json!({})),
    ] {
        client.post(role, &path, body).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_not_repeated() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    for (role, path) in [
        (Role::Desktop, "/desktop/toasts/4111111111111111/accept"),
        (Role::Desktop, "/desktop/calls/%3Cscript%3E4111111111111111%20/end"),
        (Role::Phone, "/phone/callbacks/4111111111111111/cancel"),
        (Role::Impostor, "/impostor/calls/%3Cscript%3E4111111111111111%20/end"),
    ] {
        let answer = client.send(role, Method::POST, path, Some(&json!({}))).await.unwrap();
        let repeats = answer.text.contains("4111") || answer.text.contains("script");
        assert!(answer.status == 403 && !repeats, "{path}: {} {}", answer.status, answer.text);
    }
}

/// A connection that listens to live updates, once it has heard something.
async fn listening(client: &Client, role: Role) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&client.host).await.unwrap();
    let (cookie, csrf) = client.door(role);
    let head = format!(
        "GET {}/events HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n{CSRF}: {csrf}\r\n\r\n",
        role.path(),
        client.host
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let heard = heard(&mut stream).await;
    (stream, heard)
}

/// What comes until there is an event, or the end.
async fn heard(stream: &mut TcpStream) -> String {
    let (mut all, mut some) = (String::new(), [0; 1024]);
    loop {
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut some)).await;
        let count = read.expect("neither an event nor the end").unwrap();
        all.push_str(&String::from_utf8_lossy(some.get(..count).unwrap()));
        if count == 0
            || all.contains("data:")
            || all.contains(" 429 ")
            || all.ends_with("0\r\n\r\n")
        {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_updates_end_with_their_session_and_are_few() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let (mut old, first) = listening(&client, Role::Phone).await;
    assert!(first.contains(" 200 ") && first.contains("data:"), "{first}");
    let body = json!({ "role": "phone" });
    let anew = client.send(Role::Visit, Method::POST, "/visit/sessions", Some(&body)).await;
    assert_eq!(anew.unwrap().status, 200);
    let after = heard(&mut old).await;
    assert!(!after.contains("data:"), "the old session was told something: {after}");

    let mut all = Vec::new();
    for _ in 0..STREAMS {
        let (stream, first) = listening(&client, Role::Behind).await;
        assert!(first.contains("data:"), "{first}");
        all.push(stream);
    }
    assert!(listening(&client, Role::Behind).await.1.contains(" 429 "));
    // Another role listens, and this one again when it listens to fewer.
    assert!(listening(&client, Role::Desktop).await.1.contains("data:"));
    all.pop();
    for turn in 0.. {
        assert!(turn < 100, "a stream that is closed is still counted");
        client.post(Role::Desktop, "/chat", json!({ "text": "hello" })).await.unwrap();
        if listening(&client, Role::Behind).await.1.contains("data:") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_call_between_the_same_two_ends_the_one_before() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let rings =
        async |role, body| text(&client.post(role, "/calls", body).await.unwrap(), "/id").unwrap();
    let first = rings(Role::Phone, json!({})).await;
    let eve = rings(Role::Impostor, json!({ "who": "eve" })).await;
    let mallory = rings(Role::Impostor, json!({ "who": "mallory" })).await;
    // Whoever rings: the two are the same.
    client.post(Role::Desktop, "/calls", json!({})).await.unwrap();
    for role in [Role::Phone, Role::Desktop] {
        let path = format!("/calls/{first}/say");
        client.refused(role, &path, json!({ "text": "hello" })).await.unwrap();
        // Whoever hangs up again, because the answer was lost, is answered alike.
        client.post(role, &format!("/calls/{first}/end"), json!({})).await.unwrap();
    }
    for others in [eve, mallory] {
        client.post(Role::Impostor, &format!("/calls/{others}/end"), json!({})).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_room_keeps_does_not_grow_for_ever() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    for _ in 0..70 {
        client.post(Role::Impostor, "/forge", json!({})).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let state = client.get(Role::Phone, "/state").await.unwrap();
    assert_eq!(state.pointer("/messages").and_then(Value::as_array).unwrap().len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revealed_secret_is_not_written_down() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let booking = json!({ "request": "r", "window": window(), "secret": "green kettle" });
    let id = client.post(Role::Phone, "/callbacks", booking).await.unwrap();
    let id = text(&id, "/id").unwrap();
    let due = |state: &Value| state.pointer("/due/0/id").map(drop);
    client.until(Role::Desktop, "a toast", due).await.unwrap();
    let accepted = client.post(Role::Desktop, &format!("/toasts/{id}/accept"), json!({})).await;
    let call = text(&accepted.unwrap(), "/call").unwrap();
    client.post(Role::Phone, &format!("/calls/{call}/answer"), json!({})).await.unwrap();
    let say = format!("/calls/{call}/say");
    client.post(Role::Desktop, &say, json!({ "text": "Bank Example here." })).await.unwrap();
    let written = || {
        let rooms = std::fs::read_dir(folder.0.join("bank/rooms")).unwrap();
        let files: Vec<_> = rooms.map(|entry| entry.unwrap().path()).collect();
        for file in &files {
            let mode = std::fs::metadata(file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.display());
        }
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>()
    };
    // Other calls are written down: this looks where they are.
    assert!(written().contains("Bank Example here."));
    let path = format!("/calls/{call}/callbacks/{id}/reveal");
    client.post(Role::Desktop, &path, json!({})).await.unwrap();
    client.post(Role::Desktop, &say, json!({ "text": "It is green kettle." })).await.unwrap();
    client.post(Role::Phone, &say, json!({ "text": "Green kettle, right." })).await.unwrap();
    let hears = |state: &Value| state.to_string().contains("It is green kettle.").then_some(());
    client.until(Role::Phone, "what was said", hears).await.unwrap();
    assert!(!written().to_lowercase().contains("kettle"), "{}", written());
    let path = format!("/callbacks/{id}/conclude");
    client.post(Role::Phone, &path, json!({ "recognised": true })).await.unwrap();
    client.post(Role::Phone, &format!("/calls/{call}/end"), json!({})).await.unwrap();
    for role in [Role::Phone, Role::Desktop] {
        let state = client.get(role, "/state").await.unwrap().to_string();
        assert!(!state.to_lowercase().contains("kettle"), "{state}");
    }
    assert!(!written().to_lowercase().contains("kettle"), "{}", written());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_given_page_for_page() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    // Without haste: a phone may call twenty times a second.
    let sent = async |path: String, body: Value| {
        loop {
            let answer = client.send(Role::Phone, Method::POST, &path, Some(&body)).await.unwrap();
            match answer.status {
                429 => tokio::time::sleep(Duration::from_millis(100)).await,
                status => {
                    assert_eq!(status, 200, "{path}: {}", answer.text);
                    return answer.body;
                }
            }
        }
    };
    for number in 0..101 {
        let (request, secret) = (format!("r-{number}"), format!("purple walrus {number}"));
        let body = json!({ "request": request, "window": window(), "secret": secret });
        let booked = sent("/phone/callbacks".to_owned(), body).await;
        let id = text(&booked, "/id").unwrap();
        sent(format!("/phone/callbacks/{id}/cancel"), json!({})).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let first = client.get(Role::Phone, "/history").await.unwrap();
    let next = text(&first, "/next").unwrap();
    let second = client.get(Role::Phone, &format!("/history/{next}")).await.unwrap();
    let count = |page: &Value| page.pointer("/items").and_then(Value::as_array).unwrap().len();
    assert!(second.pointer("/next").is_some_and(Value::is_null), "{second}");
    assert_eq!((count(&first), count(&second)), (100, 1));
}
