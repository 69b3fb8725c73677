//! Planted secrets are searched for in everything that can be printed, serialised or stored.

use std::fmt::{Debug, Display};

use countersign::agent_safe::ForDesktop;
use countersign::callback::{
    AmendmentRequest, BookingRequest, Callback, CallbackSecret, CallbackStatus, Readback, Verdict,
};
use countersign::error::Reason;
use countersign::history::{CeremonyHistory, HistoryEvent};
use countersign::observer::Observed;
use countersign::page::{Page, Paged};
use countersign::store::Fault;
use countersign::{
    AgentSafe, CallbackId, Channel, CustomerId, Error, Interaction, Keyring, Policy, Refused,
    RequestId, Timestamp, Verifier, Window,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::*;

// Secrets are neither copied, printed nor serialised, and agents do not get them.
assert_not_impl_any!(CallbackSecret: Clone, Copy, Display, serde::Serialize, AgentSafe);
assert_not_impl_any!(BookingRequest: Clone, Copy, Display, serde::Serialize, AgentSafe);
assert_not_impl_any!(AmendmentRequest: Clone, Copy, Display, serde::Serialize, AgentSafe);
assert_not_impl_any!(Keyring: Clone, Copy, Display, serde::Serialize, AgentSafe);
// Shown once, so it serialises; but it is not printed, copied, or read back in.
assert_impl_all!(Readback: serde::Serialize, AgentSafe);
assert_not_impl_any!(Readback: Clone, Copy, Display, serde::de::DeserializeOwned);
// What tells why something was refused is not for agents.
assert_not_impl_any!(CeremonyHistory: AgentSafe);
assert_not_impl_any!(HistoryEvent: AgentSafe);
assert_not_impl_any!(Observed: AgentSafe);
assert_not_impl_any!(Reason: AgentSafe);
assert_not_impl_any!(Error: AgentSafe, serde::Serialize);
assert_not_impl_any!(Verifier: AgentSafe, serde::Serialize);
assert_not_impl_any!(String: AgentSafe);
assert_not_impl_any!(Option<CallbackSecret>: AgentSafe);
assert_not_impl_any!(Vec<CallbackSecret>: AgentSafe);
// What agents get, alone and put together.
assert_impl_all!(Callback: AgentSafe, serde::Serialize);
assert_impl_all!(Paged<Callback>: AgentSafe, serde::Serialize);
assert_impl_all!(Option<Vec<CallbackStatus>>: AgentSafe, serde::Serialize);
assert_impl_all!(Refused: AgentSafe, serde::Serialize);
assert_impl_all!(Interaction: AgentSafe, serde::Serialize);
// The verifier goes where the host's handlers go.
assert_impl_all!(Verifier: Clone, Send, Sync);
assert_impl_all!(Error: Send, Sync, std::error::Error);

const PLANTED: &str = "xylophone quartz";

/// Everything that was printed or serialised.
#[derive(Default)]
struct Heap(Vec<String>);

impl Heap {
    fn debug(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?}"));
        self.0.push(format!("{value:#?}"));
    }

    fn error(&mut self, error: &(dyn std::error::Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.0.push(format!("{error}\n{error:?}\n{error:#?}"));
            next = error.source();
        }
    }

    fn json(&mut self, value: &impl serde::Serialize) {
        self.0.push(serde_json::to_string(value).unwrap());
    }

    /// No trace of `planted`, plain, as bytes, in hex or folded.
    fn assert_free_of(&self, planted: &str) {
        let bytes = format!("{:?}", planted.as_bytes());
        let traces = [
            planted.to_lowercase(),
            planted.split(' ').next().unwrap().to_lowercase(),
            hex::encode(planted),
            bytes[1..bytes.len() - 1].to_owned(),
        ];
        for text in &self.0 {
            for trace in &traces {
                assert!(!text.to_lowercase().contains(trace), "{trace} in {text}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_in_debug_display_serialize_errors_history_or_observer_events() {
    let mut heap = Heap::default();
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let new = booking("req-1", PLANTED).forbidding(["nothing"]);
    heap.debug(&new);
    heap.debug(&secret(PLANTED));
    let amendment = AmendmentRequest::new(request("a-1")).secret(secret(PLANTED));
    heap.debug(&amendment);
    heap.debug(&bank.verifier);
    heap.debug(&bank.verifier.callbacks());
    heap.debug(&Verifier::builder(issuer(), keyring()));

    let booked = callbacks.book(&alice(), &new).await.unwrap();
    let id = booked.id;
    heap.debug(&booked);
    heap.json(&booked);
    heap.debug(&callbacks.amend(&alice(), &id, &amendment).await.unwrap());
    let reused = booking("req-1", PLANTED).assigned_to(team("loans"));
    heap.error(&callbacks.book(&alice(), &reused).await.unwrap_err());
    heap.error(&callbacks.reveal(&bob_rings("x"), &unknown_callback()).await.unwrap_err());
    let mut short = Policy::default();
    short.callbacks.secret_chars = 32;
    let strict = bank_with(short);
    heap.error(&strict.verifier.callbacks().book(&alice(), &new).await.unwrap_err());
    let forbidden = booking("req-9", PLANTED).forbidding([PLANTED]);
    heap.debug(&forbidden);
    heap.error(&callbacks.book(&alice(), &forbidden).await.unwrap_err());
    for fault in Fault::ALL {
        bank.store.always(Some(fault));
        if let Err(error) = callbacks.cancel(&alice(), &unknown_callback()).await {
            heap.error(&error);
        }
        if let Err(error) = callbacks.list(&alice(), Page::first()).await {
            heap.error(&error);
        }
    }
    bank.store.heal();

    let readback = callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap();
    assert_eq!(readback.as_str(), PLANTED);
    heap.debug(&readback);
    heap.error(&callbacks.reveal(&bob_rings("call-2"), &id).await.unwrap_err());
    let screen = ForDesktop::new().with("readback", readback).with("callback", booked);
    heap.debug(&screen);
    // The one named exception: what the desktop is sent.
    assert!(serde_json::to_string(&screen).unwrap().contains(PLANTED));
    heap.json(&callbacks.list(&alice(), Page::first()).await.unwrap());
    heap.debug(&callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap());
    let history = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    heap.debug(&history);
    heap.json(&history);
    for event in bank.seen.take() {
        heap.debug(&event);
        heap.json(&event);
    }
    heap.0.push(bank.store.records().iter().map(|one| format!("{one:?}")).collect());
    assert!(heap.0.len() > 60);
    heap.assert_free_of(PLANTED);
}

/// Deserialises `T` from `json`, and keeps the error if there is one.
fn misread<T: serde::de::DeserializeOwned>(heap: &mut Heap, json: &str) {
    if let Err(error) = serde_json::from_str::<T>(json) {
        heap.error(&error);
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(json)
        && let Err(error) = serde_json::from_value::<T>(value)
    {
        heap.error(&error);
    }
}

#[test]
fn no_deserialisation_error_repeats_what_was_typed() {
    // Numbers that nobody else prints, and a word, in every shape that a format has.
    let shapes = [
        r#""xylophone quartz 1234567""#,
        r#""xylophone_quartz""#,
        r#""\u0000xylophone""#,
        "7770001777",
        "-7770001777",
        "7770001777.5",
        "7770001777000177700017770001777",
        "true",
        "null",
        r#"["xylophone", 7770001777]"#,
        r#"{"xylophone": 7770001777}"#,
        r#"{"from": "xylophone", "until": 7770001777}"#,
        r#"{"from": 7770001777, "until": "2027-01-15T08:00:00Z"}"#,
    ];
    let mut heap = Heap::default();
    for json in shapes {
        misread::<CallbackSecret>(&mut heap, json);
        misread::<CustomerId>(&mut heap, json);
        misread::<RequestId>(&mut heap, json);
        misread::<CallbackId>(&mut heap, json);
        misread::<Channel>(&mut heap, json);
        misread::<Timestamp>(&mut heap, json);
        misread::<Window>(&mut heap, json);
        misread::<countersign::page::Cursor>(&mut heap, json);
        misread::<countersign::history::ChainHead>(&mut heap, json);
        misread::<countersign::history::OperationId>(&mut heap, json);
        misread::<countersign::history::Subject>(&mut heap, json);
        misread::<countersign::history::Actor>(&mut heap, json);
        misread::<countersign::history::Action>(&mut heap, json);
        misread::<countersign::history::Outcome>(&mut heap, json);
        misread::<Reason>(&mut heap, json);
        misread::<countersign::policy::Act>(&mut heap, json);
        misread::<HistoryEvent>(&mut heap, json);
        misread::<CeremonyHistory>(&mut heap, json);
    }
    assert!(heap.0.len() > 150, "{}", heap.0.len());
    heap.assert_free_of("xylophone quartz");
    heap.assert_free_of("7770001777");
    heap.assert_free_of("true,");
}

#[tokio::test]
async fn every_refusal_reads_alike() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    let mut inbound = bob_rings("call-1");
    inbound.direction = countersign::Direction::Inbound;
    let mut chat = bob_rings("call-1");
    chat.channel = Channel::Chat;
    let mut forms = std::collections::BTreeSet::new();
    let mut note = |error: Error| {
        let Error::Refused(refused) = error else { panic!("{error:?}") };
        let json = serde_json::to_string(&refused).unwrap();
        forms.insert(format!("{refused}|{refused:?}|{json}"));
        forms.insert(format!("{refused}|{refused:?}|{json}"));
        assert_eq!(Error::from(refused).to_string(), refused.to_string());
    };
    note(callbacks.reveal(&inbound, &id).await.unwrap_err());
    note(callbacks.reveal(&chat, &id).await.unwrap_err());
    note(callbacks.reveal(&bob_rings("call-1"), &unknown_callback()).await.unwrap_err());
    note(callbacks.reveal(&call("call-1", &mallory(), agent("bob")), &id).await.unwrap_err());
    note(callbacks.cancel(&mallory(), &id).await.unwrap_err());
    note(callbacks.conclude(&alice(), &id, Verdict::Recognised).await.unwrap_err());
    bank.clock.set(window().until());
    note(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap_err());
    note(callbacks.cancel(&alice(), &id).await.unwrap_err());
    assert_eq!(forms.into_iter().collect::<Vec<_>>(), ["refused|Refused|\"refused\""]);
}

#[test]
fn no_key_in_debug() {
    let keyring = keyring();
    let bytes = keyring.to_bytes();
    let mut heap = Heap::default();
    heap.debug(&keyring);
    heap.debug(&Verifier::in_memory(issuer(), keyring));
    for key in bytes[22..22 + 32].windows(4).chain(bytes[55..55 + 32].windows(4)) {
        let printed = format!("{key:?}");
        for text in &heap.0 {
            assert!(!text.contains(&hex::encode(key)));
            assert!(!text.contains(&printed[1..printed.len() - 1]));
        }
    }
}
