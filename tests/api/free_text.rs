//! Free text that holds a card number goes into no ceremony.

use countersign::challenge::{Acceptance, Answer};
use countersign::challenge::{Detail, Details};
use countersign::credential::EnrolmentRequest;
use countersign::error::Invalid;
use countersign::page::Page;
use countersign::step_up::StepUpRequest;
use countersign::transaction::TransactionKind;
use countersign::{Error, Transaction};

use crate::support::challenges::{challenge, signing_bank, slot};
use crate::support::credentials::app;
use crate::support::*;

const CARDS: [&str; 12] = [
    "4242424242424242",
    "4539:5787:6362:1486",
    "4539+5787+6362+1486",
    "4539 (5787) 6362 – 1486",
    "4539\"5787\"6362\"1486",
    "④⑤③⑨ ⑤⑦⑧⑦ ⑥③⑥② ①④⑧⑥",
    "❹❺❸❾❺❼❽❼❻❸❻❷❶❹❽❻",
    "vier fünf drei neun fünf sieben acht sieben sechs drei sechs zwei eins vier acht sechs",
    "cztery pięć trzy dziewięć 5787 sześć trzy sześć dwa 1486",
    "about 5555-5555-5555-4444",
    "Karte ３７８２８２２４６３１０００５",
    "four two four two four two four two four two four two four two four two",
];

fn is_refused<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(error @ Error::Invalid(Invalid::CardInText)) => {
            assert!(!format!("{error:?} {error}").contains("42"), "nothing is repeated");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_challenge_says_no_card_number() {
    let bank = signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let written = bank.store.records();
    for card in CARDS {
        let text = || card.parse().unwrap();
        let channels =
            countersign::challenge::Channels::new(&[countersign::Channel::Chat]).unwrap();
        let purpose =
            countersign::challenge::ChallengeRequest::new(request("ch"), text(), channels);
        is_refused(challenges.issue(&alice(), &purpose).await);
        let detail = Detail::new("Card".parse().unwrap(), text()).unwrap();
        let details = challenge("ch").with_details(Details::new([detail]).unwrap());
        is_refused(challenges.issue(&alice(), &details).await);
    }
    assert_eq!(bank.store.records(), written);
    // Account numbers, amounts and last four digits are no card numbers.
    let detail = |label: &str, value: &str| {
        Detail::new(label.parse().unwrap(), value.parse().unwrap()).unwrap()
    };
    let details = Details::new([
        detail("Account", "20-00-00 55779911"),
        detail("Card", "ends in 4242"),
        detail("IBAN", "DE89 3704 0044 0532 0130 00"),
        detail("Wann", "12.05.2026, 14:30 - 15:00 (Raum 3+4)"),
    ]);
    let fine = challenge("fine").with_details(details.unwrap());
    let id = challenges.issue(&alice(), &fine).await.unwrap().challenge.id;

    for card in CARDS {
        let topic = Acceptance::new(request("a")).proposing_topic(card.parse().unwrap());
        is_refused(challenges.answer(&alice(), &id, &Answer::Accept(topic)).await);
    }
    let accepted = Answer::Accept(Acceptance::new(request("a")));
    challenges.answer(&alice(), &id, &accepted).await.unwrap();
    for card in CARDS {
        let mut named = slot();
        named.agent_name = card.parse().unwrap();
        is_refused(challenges.confirm(&alice(), &id, &request("c"), &named).await);
    }
    challenges.confirm(&alice(), &id, &request("c"), &slot()).await.unwrap();
}

#[tokio::test]
async fn an_account_name_says_no_card_number() {
    let bank = signing_bank();
    let credentials = bank.verifier.credentials();
    let named = |name: &str| EnrolmentRequest::totp(request("t")).account(name.parse().unwrap());
    for card in CARDS {
        is_refused(credentials.enrol(&alice(), &named(card)).await);
    }
    assert_eq!(bank.store.records(), []);
    credentials.enrol(&alice(), &named("alice")).await.unwrap();
}

#[tokio::test]
async fn a_step_up_says_no_card_number() {
    let bank = signing_bank();
    app(&bank).await;
    let step_ups = bank.verifier.step_ups();
    let ask = async |payee: &str, reference: &str, name: &str| {
        let (kind, gbp) = (TransactionKind::Transfer, "GBP".parse().unwrap());
        let (payee, reference) = (payee.parse().unwrap(), reference.parse().unwrap());
        let transaction = Transaction::new(kind, 500_000, gbp, payee, reference);
        let asking = StepUpRequest::new(request("s"), transaction, name.parse().unwrap());
        step_ups.request(&bob_rings("call-1"), &asking).await
    };
    let payee = "Jones Roofing 20-00-00 55779911";
    let written = bank.store.records();
    for card in CARDS {
        is_refused(ask(card, "Invoice 7", "Bob").await);
        is_refused(ask(payee, card, "Bob").await);
        is_refused(ask(payee, "Invoice 7", card).await);
    }
    assert_eq!(bank.store.records(), written, "nothing is counted either");
    ask(payee, "Invoice 7", "Bob").await.unwrap();
    let listed = bank.verifier.history(&alice(), Page::first()).await.unwrap();
    assert_eq!(listed.items.iter().filter(|one| a_step_up(&one.subject)).count(), 1);
}
