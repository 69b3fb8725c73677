//! Who calls: tickets, verdicts and notices, at the doors and in what is written down.

use axum::http::Method;
use contact_centre::script::client::{Client, text};
use contact_centre::script::phone::Phone;
use contact_centre::service::start;
use contact_centre::session::Role;
use contact_centre::telephony::{ON_THE_CARD, SHOWN};
use countersign::contact::CallVerdict;
use countersign::device::VerdictQuestion;
use countersign::time::{Clock as _, SystemClock};
use countersign::{OsRandom, Timestamp};
use serde_json::{Value, json};

use crate::{Folder, options};

fn now() -> Timestamp {
    SystemClock.now().unwrap()
}

/// What the desktop shows of the last call: whether the app asked for it.
async fn ticket_of_last(client: &Client) -> String {
    text(&client.get(Role::Desktop, "/state").await.unwrap(), "/calls/0/ticket").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digits_of_a_ticket_are_given_once_and_kept_and_shown_nowhere() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let given = client.post(Role::Phone, "/tickets", json!({})).await.unwrap();
    let dial = text(&given, "/dial").unwrap();
    let digits = dial.strip_prefix(SHOWN).unwrap().strip_prefix(",,").unwrap();
    let digits = digits.strip_suffix('#').unwrap();
    assert!(digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_digit()));
    client.post(Role::Phone, "/dial", json!({ "dial": dial })).await.unwrap();
    assert_eq!(ticket_of_last(&client).await, "asked");
    for role in [Role::Phone, Role::Desktop, Role::Behind, Role::Impostor] {
        let state = client.get(role, "/state").await.unwrap().to_string();
        assert!(!state.contains(digits), "{role:?} is shown a ticket");
    }
    let rooms = std::fs::read_dir(folder.0.join("bank/rooms")).unwrap();
    let written: String =
        rooms.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(written.contains("brings a ticket") && !written.contains(digits));
    // Whoever heard them on the line has nothing.
    client.post(Role::Phone, "/dial", json!({ "dial": dial })).await.unwrap();
    assert_eq!(ticket_of_last(&client).await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_another_customer_says_nothing_of_this_one() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let (alice, carol) =
        (Client::begin(&running.host).await.unwrap(), Client::begin(&running.host).await.unwrap());
    let given = alice.post(Role::Phone, "/tickets", json!({})).await.unwrap();
    let dial = text(&given, "/dial").unwrap();
    carol.post(Role::Phone, "/dial", json!({ "dial": dial })).await.unwrap();
    assert_eq!(ticket_of_last(&carol).await, "none");
    // Another number is another's, whatever is dialled behind it; and a call without a ticket goes on.
    let elsewhere = json!({ "dial": dial.replace(SHOWN, ON_THE_CARD) });
    carol.refused(Role::Phone, "/dial", elsewhere).await.unwrap();
    carol.post(Role::Phone, "/dial", json!({ "dial": SHOWN })).await.unwrap();
    assert_eq!(ticket_of_last(&carol).await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_on_the_own_customers_call_alone() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let alice = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let carol = Phone::set_up(&running.host, &running.vault).await.unwrap();
    alice.client.post(Role::Desktop, "/calls", json!({})).await.unwrap();
    let asks = async |phone: &Phone, seconds| {
        let question = VerdictQuestion::new(SHOWN.parse().unwrap(), &OsRandom::new(), now());
        let question = question.unwrap();
        let ringing = question.ringing(phone.held.id(), std::time::Duration::from_secs(seconds));
        let body = serde_json::to_value(&ringing).unwrap();
        let answer = phone.client.post(Role::Phone, "/verdict", body).await.unwrap();
        let token = text(&answer, "/token").unwrap();
        // Whose answer it is, and to which question, is signed.
        let other = VerdictQuestion::new(SHOWN.parse().unwrap(), &OsRandom::new(), now()).unwrap();
        assert!(phone.device.open_verdict(&token, &other, now()).is_err());
        for stranger in [&alice, &carol] {
            let opened = stranger.device.open_verdict(&token, &question, now());
            assert_eq!(opened.is_ok(), std::ptr::eq(stranger, phone));
        }
        phone.device.open_verdict(&token, &question, now()).unwrap()
    };
    // Carol's phone rings at the same time, with the same number.
    assert_eq!(asks(&carol, 0).await, CallVerdict::Undetermined);
    assert_eq!(asks(&carol, 5).await, CallVerdict::NotLegitimate);
    assert_eq!(asks(&alice, 0).await, CallVerdict::Legitimate);
    assert_eq!(asks(&alice, 0).await, CallVerdict::Undetermined);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_on_its_own_visits_board() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let client = Client::begin(&running.host).await.unwrap();
    let stranger = Client::begin(&running.host).await.unwrap();
    let until = now().after(std::time::Duration::from_secs(3600));
    let body = json!({ "request": "n", "until": until, "headline": "Beware", "text": "Hang up." });
    let posted = client.post(Role::Behind, "/notices", body.clone()).await.unwrap();
    // An answer that was lost is asked for again: one notice, one message.
    assert_eq!(client.post(Role::Behind, "/notices", body).await.unwrap(), posted);
    let id = text(&posted, "/notice/id").unwrap();
    let messages = client.get(Role::Phone, "/state").await.unwrap();
    assert_eq!(messages.pointer("/messages").and_then(Value::as_array).unwrap().len(), 1);
    let count = async |client: &Client| {
        let boards = client.get(Role::Phone, "/notices").await.unwrap();
        boards.pointer("/own/notices").and_then(Value::as_array).unwrap().len()
    };
    assert_eq!((count(&client).await, count(&stranger).await), (1, 0));
    let path = format!("/behind/notices/{id}/withdraw");
    let answer = stranger.send(Role::Behind, Method::POST, &path, Some(&json!({}))).await.unwrap();
    assert_eq!((answer.status, count(&client).await), (403, 1), "{}", answer.text);
    client.post(Role::Behind, &format!("/notices/{id}/withdraw"), json!({})).await.unwrap();
    assert_eq!(count(&client).await, 0);
}
