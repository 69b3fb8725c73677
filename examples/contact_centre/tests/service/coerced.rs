//! An approval with the second PIN: the same to everybody who may look over the customer's shoulder or the agent's.

use axum::http::Method;
use contact_centre::script::client::text;
use contact_centre::script::coerced::alike;
use contact_centre::script::phone::{PIN, Phone, SECOND};
use contact_centre::service::start;
use contact_centre::session::Role;
use countersign::device::WhoRangCheck;
use countersign::step_up::WhoRang;
use serde_json::{Value, json};

use crate::{Folder, options};

/// A transfer from asking to booking, under one of the PINs: everything that desktop and phone were answered, in order.
async fn transferred(phone: &mut Phone, call: &str, pin: &str) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    let order = json!({
        "request": phone.request(), "pence": 500_000,
        "payee": "Jones Roofing 20-00-00 55779911", "reference": "Invoice 7",
    });
    let path = format!("/desktop/calls/{call}/transfers");
    let asked = phone.client.send(Role::Desktop, Method::POST, &path, Some(&order)).await.unwrap();
    let (id, digits) = (text(&asked.body, "/step_up/id"), text(&asked.body, "/digits"));
    let (id, digits) = (id.unwrap(), digits.unwrap());
    answers.push((asked.status, alike(&asked.body)));
    let WhoRangCheck::Show(shown) = phone.step_up().await.unwrap().answer(WhoRang::Customer) else {
        panic!("the customer did ring");
    };
    let code = phone.approves(*shown, &digits, pin).await.unwrap();
    let body = json!({ "code": code, "digits": digits, "who_rang": "customer" });
    let path = format!("/phone/step-ups/{id}/submit");
    let given = phone.client.send(Role::Phone, Method::POST, &path, Some(&body)).await.unwrap();
    answers.push((given.status, alike(&given.body)));
    let book = format!("/desktop/transfers/{id}/book");
    for booked in [false, true] {
        if booked {
            let answer = phone.client.send(Role::Desktop, Method::POST, &book, Some(&order)).await;
            let answer = answer.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text);
            answers.push((answer.status, alike(&answer.body)));
        }
        let state = phone.client.get(Role::Desktop, "/state").await.unwrap();
        answers.push((200, alike(state.pointer("/transfers/0").unwrap())));
        let state = phone.client.get(Role::Phone, "/state").await.unwrap();
        answers.push((200, alike(state.pointer("/pending").unwrap())));
        answers.push((200, alike(state.pointer("/credentials").unwrap())));
    }
    answers
}

/// The histories of all step-ups as they are kept: what was done, and with which end.
async fn kept(phone: &Phone) -> Vec<Value> {
    let state = phone.client.get(Role::Behind, "/state").await.unwrap();
    let histories = state.get("histories").and_then(Value::as_array).unwrap();
    let of = |one: &&Value| one.pointer("/subject/step_up").is_some();
    histories.iter().filter(of).map(|one| alike(one.get("events").unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_pin_looks_like_the_first_and_holds_the_money() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut phone = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let call = phone.client.post(Role::Phone, "/calls", json!({})).await.unwrap();
    let call = text(&call, "/id").unwrap();

    let freely = transferred(&mut phone, &call, PIN).await;
    let histories = kept(&phone).await;
    assert_eq!(histories.len(), 1);
    let alarms = async |phone: &Phone| {
        let state = phone.client.get(Role::Behind, "/state").await.unwrap();
        state.get("alarms").and_then(Value::as_array).cloned().unwrap()
    };
    assert_eq!(alarms(&phone).await, Vec::<Value>::new());

    let coerced = transferred(&mut phone, &call, SECOND).await;
    assert_eq!(freely, coerced);
    assert_eq!([histories.clone(), histories].concat(), kept(&phone).await);
    // Whoever can help knows, once, and of this one.
    let told = alarms(&phone).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let says = told[0].get("text").and_then(Value::as_str).unwrap();
    assert!(says.contains("GBP 5000.00 to Jones Roofing") && says.contains("coercion"), "{says}");
    let room = running.app.rooms.all().pop().unwrap();
    let held: Vec<bool> = room.read(|room| room.ledger.iter().map(|one| one.held).collect());
    assert_eq!(held, [false, true]);
}
