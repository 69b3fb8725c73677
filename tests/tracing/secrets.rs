//! Nothing that is told is anybody's: neither secrets nor texts nor ids, but names, outcomes and numbers.

use std::collections::BTreeSet;

use crate::collector::{Kind, Value, listen, told, written};
use crate::play::{self, PAYEE, SECRET, stage};
use crate::support::PAN;

/// Every word that a field may hold, but for the names of the calls.
const OUTCOMES: [&str; 17] = [
    "ok",
    "refused",
    "invalid",
    "busy",
    "store_full",
    "store_unavailable",
    "record",
    "random",
    "clock",
    "signer",
    "config",
    "internal",
    "acquirer",
    "dropped",
    "stored",
    "conflict",
    "full",
];

#[tokio::test]
async fn fields_hold_words_of_a_list_and_numbers() {
    listen();
    let stage = stage();
    Box::pin(play::enterprise(&stage)).await;
    Box::pin(play::payments(&stage)).await;
    Box::pin(play::outbox(&stage)).await;
    let told = told();
    let spans: BTreeSet<_> =
        told.iter().filter(|one| one.kind == Kind::Span).map(|one| one.span.unwrap()).collect();
    for one in &told {
        assert_eq!(one.target, "countersign");
        for (name, value) in &one.fields {
            match (*name, value) {
                ("call", Value::Text(call)) => assert!(spans.contains(call.as_str()), "{call}"),
                ("store", Value::Text(call)) => {
                    assert!(call.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
                }
                ("outcome", Value::Text(outcome)) => {
                    assert!(OUTCOMES.contains(&outcome.as_str()), "{outcome}");
                }
                ("latency_us" | "attempts" | "conflicts" | "rows", Value::Number(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(one.kind != Kind::Span || one.fields.is_empty(), "spans have a name alone");
    }
}

#[tokio::test]
async fn nothing_of_what_was_planted_is_written() {
    listen();
    let stage = stage();
    let mut planted = Box::pin(play::enterprise(&stage)).await;
    planted.extend(Box::pin(play::payments(&stage)).await);
    Box::pin(play::outbox(&stage)).await;
    let written = written();
    assert!(written.lines().count() > 300, "a formatter wrote something");
    assert!(written.contains("callbacks.reveal") && written.contains("vault.pay"));
    let words = SECRET.split(' ').chain(PAYEE.split(' ')).map(str::to_owned);
    planted.extend(words);
    planted.extend(
        ["wonderland", "planted", "Bob", "v4.public", "5778899", "2468\""].map(String::from),
    );
    planted.extend([PAN, "Alice Jones", "A1B2C3", "bank.example"].map(String::from));
    for secret in planted.iter().filter(|secret| secret.len() > 2) {
        assert!(!written.contains(secret.as_str()), "{secret} was written");
    }
}
