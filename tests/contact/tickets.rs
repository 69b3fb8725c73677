//! Tickets: used once, in time, on their own way, and not guessed.

use std::sync::{Arc, Mutex};

use countersign::contact::{Arrival, Arrived, AskedToCall, DialTicket, NoTicket, TicketTransport};
use countersign::error::Reason;
use countersign::history::{Action, Outcome};
use countersign::id::TrunkId;
use countersign::policy::TICKET_VALID_FOR;
use countersign::random::SeededRandom;
use countersign::store::{Expected, News, Place, Put, Record, Store as _, StoreError};
use countersign::time::ManualClock;
use countersign::{CustomerId, Error, InteractionId, MemoryStore, Policy, Timestamp, Verifier};
use static_assertions::assert_not_impl_any;

use crate::lines::bank;
use crate::lines::*;
use crate::support::between::{Between, Via};
use crate::support::depth::either;
use crate::support::*;

// Shown nowhere.
assert_not_impl_any!(DialTicket: std::fmt::Debug, std::fmt::Display, Clone, serde::Serialize);
assert_not_impl_any!(countersign::contact::HeaderTicket: std::fmt::Debug, std::fmt::Display, Clone, serde::Serialize);
assert_not_impl_any!(Arrival: std::fmt::Debug, std::fmt::Display, Clone, serde::Serialize);

fn call(id: impl AsRef<str>) -> InteractionId {
    InteractionId::new(id).unwrap()
}

async fn dialled(bank: &Bank, id: &str, digits: &str) -> Arrived {
    bank.verifier.contact().arrive(&Arrival::dialled(call(id), digits)).await.unwrap()
}

fn asked(transport: TicketTransport) -> (CustomerId, TicketTransport) {
    (alice(), transport)
}

fn whose(arrived: &Arrived) -> Option<(CustomerId, TicketTransport)> {
    match arrived {
        Arrived::Asked(AskedToCall { customer, transport, .. }) => {
            Some((customer.clone(), *transport))
        }
        _ => None,
    }
}

fn told(bank: &Bank) -> Vec<(Action, Outcome)> {
    bank.seen.take().into_iter().map(|seen| (seen.action, seen.outcome)).collect()
}

#[tokio::test]
async fn a_dialled_ticket_counts_once_and_says_whose_app_asked() {
    let bank = bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    assert_eq!(ticket.until(), START.after(TICKET_VALID_FOR));
    let digits = ticket.expose().to_owned();
    assert!(digits.len() == 16 && digits.bytes().all(|c| c.is_ascii_digit()));
    assert_eq!(*ticket.dial_string(&ours()), format!("+442071234567,,{digits}#"));
    assert_eq!(told(&bank), [(Action::IssueTicket, Outcome::Done)]);

    bank.clock.set(at(30));
    let arrived = dialled(&bank, "in-1", &digits).await;
    let Arrived::Asked(held) = &arrived else { panic!("{arrived:?}") };
    assert_eq!((&held.customer, held.asked_at), (&alice(), START));
    assert_eq!(told(&bank), [(Action::UseTicket, Outcome::Done)]);
    // The call's answer was lost.
    assert_eq!(dialled(&bank, "in-1", &format!("{digits}#")).await, arrived);
    bank.seen.take();
    let again = dialled(&bank, "in-2", &digits).await;
    assert_eq!(again, Arrived::Unknown(NoTicket::Used));
    assert_eq!(told(&bank), [(Action::UseTicket, Outcome::Refused(Reason::Replayed))]);
}

#[tokio::test]
async fn a_ticket_that_comes_late_is_unknown_and_told() {
    for (after, wanted) in
        [(TICKET_VALID_FOR - SECOND, None), (TICKET_VALID_FOR, Some(NoTicket::Over))]
    {
        let bank = bank();
        let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
        bank.seen.take();
        bank.clock.set(START.after(after));
        let arrived = dialled(&bank, "in-1", ticket.expose()).await;
        match wanted {
            None => assert_eq!(whose(&arrived), Some(asked(TicketTransport::Dialled))),
            Some(why) => {
                assert_eq!(arrived, Arrived::Unknown(why));
                assert_eq!(told(&bank), [(Action::UseTicket, Outcome::Refused(Reason::Ended))]);
            }
        }
    }
}

#[tokio::test]
async fn a_ticket_in_a_header_is_taken_from_the_app_s_trunk_alone() {
    let bank = bank();
    let ticket = bank.verifier.contact().header_ticket(&alice()).await.unwrap();
    bank.seen.take();
    let contact = bank.verifier.contact();
    let carrier = TrunkId::new("carrier").unwrap();
    let header = ticket.user_to_user();
    assert_eq!(*header, format!("{};encoding=hex", ticket.expose()));
    let stolen = Arrival::with_user_to_user(call("in-1"), carrier, &header);
    assert_eq!(contact.arrive(&stolen).await.unwrap(), Arrived::Unknown(NoTicket::WrongTrunk));
    assert_eq!(told(&bank), [(Action::UseTicket, Outcome::Refused(Reason::WrongChannel))]);
    // Nor is it used up by that, nor taken as digits.
    let as_digits = Arrival::dialled(call("in-1"), ticket.expose());
    assert_eq!(contact.arrive(&as_digits).await.unwrap(), Arrived::Unknown(NoTicket::None));
    let several = format!(
        "00c81234;encoding=hex;purpose=x, {}; Encoding=\"HEX\"",
        ticket.expose().to_uppercase()
    );
    let own = Arrival::with_user_to_user(call("in-2"), app_trunk(), &several);
    assert_eq!(whose(&contact.arrive(&own).await.unwrap()), Some(asked(TicketTransport::Header)));

    let ticket = contact.header_ticket(&alice()).await.unwrap();
    let private = Arrival::with_header(call("in-3"), app_trunk(), ticket.expose());
    assert_eq!(
        whose(&contact.arrive(&private).await.unwrap()),
        Some(asked(TicketTransport::Header))
    );
    for bad in [
        "",
        ";encoding=hex",
        "00c81234",
        &ticket.expose()[1..],
        &format!("{};encoding=b64", ticket.expose()),
    ] {
        let bad = Arrival::with_user_to_user(call("in-4"), app_trunk(), bad);
        assert_eq!(contact.arrive(&bad).await.unwrap(), Arrived::Unknown(NoTicket::None));
    }
}

#[tokio::test]
async fn an_inbound_call_without_a_ticket_is_unknown_and_not_refused() {
    let bank = bank();
    for digits in ["", "1234", "12345678901234567", "123456789012345x"] {
        let id = format!("in-{}", digits.len());
        assert_eq!(dialled(&bank, &id, digits).await, Arrived::Unknown(NoTicket::None));
    }
}

/// An ordinary caller presses a key for a menu, or none.
#[tokio::test]
async fn what_cannot_be_a_ticket_uses_up_nobody_s_tries() {
    let bank = bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let before = bank.store.records();
    for n in 0..600 {
        for digits in ["", "1", "1234567890123456789"] {
            let id = format!("menu-{n}");
            assert_eq!(dialled(&bank, &id, digits).await, Arrived::Unknown(NoTicket::None));
        }
    }
    assert_eq!(bank.store.records(), before, "nothing is kept of them");
    assert!(whose(&dialled(&bank, "menu-1", ticket.expose()).await).is_some());
}

/// Whoever carried a victim's call knows its id and its digits.
#[tokio::test]
async fn the_call_that_used_a_ticket_has_it_until_the_ticket_s_end() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let ticket = contact.dial_ticket(&alice()).await.unwrap();
    let header = contact.header_ticket(&alice()).await.unwrap();
    let by_header = || Arrival::with_header(call("in-2"), app_trunk(), header.expose());
    assert!(whose(&dialled(&bank, "in-1", ticket.expose()).await).is_some());
    assert!(whose(&contact.arrive(&by_header()).await.unwrap()).is_some());
    bank.clock.set(START.after(TICKET_VALID_FOR - SECOND));
    assert!(whose(&dialled(&bank, "in-1", ticket.expose()).await).is_some());
    assert!(whose(&contact.arrive(&by_header()).await.unwrap()).is_some());
    bank.clock.set(START.after(TICKET_VALID_FOR));
    bank.seen.take();
    let over = Arrived::Unknown(NoTicket::Over);
    assert_eq!(dialled(&bank, "in-1", ticket.expose()).await, over);
    assert_eq!(contact.arrive(&by_header()).await.unwrap(), over);
    let refused = (Action::UseTicket, Outcome::Refused(Reason::Ended));
    assert_eq!(told(&bank), [refused, refused]);
}

/// The same caller rings again under the id of a call that is over: its beginning opens nothing, and the host hears of it.
#[tokio::test]
async fn a_call_under_the_id_of_one_that_ended_is_told() {
    let bank = bank();
    let mut feed = Feed::new(pbx());
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    assert!(whose(&dialled(&bank, "in-1", ticket.expose()).await).is_some());
    feed.began(&bank.verifier, &voice("in-1")).await;
    feed.ended(&bank.verifier, &voice("in-1")).await;
    bank.clock.set(at(300));
    bank.seen.take();
    assert_eq!(dialled(&bank, "in-1", ticket.expose()).await, Arrived::Unknown(NoTicket::Over));
    feed.began(&bank.verifier, &voice("in-1")).await;
    let ended = Outcome::Refused(Reason::Ended);
    assert_eq!(told(&bank), [(Action::UseTicket, ended), (Action::Open, ended)]);
}

#[tokio::test]
async fn two_tries_a_call() {
    let bank = bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            dialled(&bank, "in-1", "0000000000000000").await,
            Arrived::Unknown(NoTicket::None)
        );
    }
    let third = dialled(&bank, "in-1", ticket.expose()).await;
    assert_eq!(third, Arrived::Unknown(NoTicket::TooManyTries));
    assert!(whose(&dialled(&bank, "in-2", ticket.expose()).await).is_some(), "it is not used up");
}

#[tokio::test]
async fn wrong_ones_are_counted_by_number() {
    let bank = bank();
    let contact = bank.verifier.contact();
    let from =
        |id: String, digits: &str| Arrival::dialled(call(id), digits).from_number(strangers());
    for n in 0..10 {
        let guess = from(format!("in-{n}"), &format!("{n:016}"));
        assert_eq!(contact.arrive(&guess).await.unwrap(), Arrived::Unknown(NoTicket::None));
    }
    let ticket = contact.dial_ticket(&alice()).await.unwrap();
    let more = from("in-10".to_owned(), ticket.expose());
    assert_eq!(contact.arrive(&more).await.unwrap(), Arrived::Unknown(NoTicket::TooManyTries));
    let other = Arrival::dialled(call("in-11"), ticket.expose()).from_number(ours());
    assert!(whose(&contact.arrive(&other).await.unwrap()).is_some());
    // What was right is not counted: genuine callers of one number do not stop each other.
    bank.clock.set(at(600));
    for n in 20..40 {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        let ticket = contact.dial_ticket(&customer).await.unwrap();
        let right = from(format!("in-{n}"), ticket.expose());
        assert!(whose(&contact.arrive(&right).await.unwrap()).is_some(), "{n}");
    }
}

/// The call's answer was lost, again and again, and meanwhile somebody used up the limit.
#[tokio::test]
async fn the_same_call_gets_its_answer_however_often_it_asks() {
    let mut policy = Policy::default();
    policy.tickets.tries_in_all = 20;
    let bank = bank_of(policy);
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let first = dialled(&bank, "in-1", ticket.expose()).await;
    assert!(whose(&first).is_some());
    for n in 0..30 {
        dialled(&bank, &format!("guess-{n}"), "0000000000000000").await;
        assert_eq!(dialled(&bank, "in-1", ticket.expose()).await, first, "{n}");
    }
    // Another guess on that call is a try.
    let no = dialled(&bank, "in-1", "0000000000000000").await;
    assert_eq!(no, Arrived::Unknown(NoTicket::TooManyTries));
}

/// Whoever guesses on once the limit is reached leaves nothing behind, nor does an app that asks on for tickets.
#[tokio::test]
async fn what_is_over_its_limit_leaves_no_row_behind() {
    let mut policy = Policy::default();
    policy.tickets.tries_in_all = 20;
    let bank = bank_of(policy);
    let contact = bank.verifier.contact();
    for n in 0..20 {
        let from = format!("+3312{n:08}").parse().unwrap();
        let guess = Arrival::dialled(call(format!("in-{n}")), "0000000000000000").from_number(from);
        contact.arrive(&guess).await.unwrap();
    }
    for _ in 0..3 {
        contact.dial_ticket(&alice()).await.unwrap();
    }
    let before = bank.store.records();
    for n in 20..60 {
        let from = format!("+3312{n:08}").parse().unwrap();
        let guess = Arrival::dialled(call(format!("in-{n}")), "0000000000000000").from_number(from);
        let no = contact.arrive(&guess).await.unwrap();
        assert_eq!(no, Arrived::Unknown(NoTicket::TooManyTries));
        assert!(contact.dial_ticket(&alice()).await.is_err());
    }
    assert_eq!(bank.store.records(), before);
}

/// Genuine callers all at once, and guesses between them: no record is so contended that a call fails, no genuine caller
/// stops another, and no more is looked up than the limit allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_calls_at_once_do_not_wait_for_one_record() {
    let mut policy = Policy::default();
    (policy.tickets.tries_in_all, policy.tickets.tries_per_number) = (400, 1);
    let bank = Arc::new(bank_of(policy));
    let callers = either(100, 300);
    let mut tickets = Vec::new();
    for n in 0..callers {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        tickets.push(bank.verifier.contact().dial_ticket(&customer).await.unwrap());
    }
    let mut calls = tokio::task::JoinSet::new();
    for (n, ticket) in tickets.into_iter().enumerate() {
        for (kind, digits) in
            [("right", ticket.expose().to_owned()), ("wrong", format!("{:016}", n * 7_919))]
        {
            let bank = Arc::clone(&bank);
            calls.spawn(async move {
                let number = if kind == "right" { "+3310" } else { "+3320" };
                let from = format!("{number}{n:07}").parse().unwrap();
                let arrival = Arrival::dialled(call(format!("{kind}-{n}")), &digits);
                let arrived = bank.verifier.contact().arrive(&arrival.from_number(from)).await;
                (kind, arrived.expect("no record is that contended"))
            });
        }
    }
    let mut asked = 0;
    while let Some(done) = calls.join_next().await {
        match done.unwrap() {
            ("right", arrived) => {
                assert!(whose(&arrived).is_some(), "{arrived:?}");
                asked += 1;
            }
            (_, arrived) => assert_eq!(arrived, Arrived::Unknown(NoTicket::None)),
        }
    }
    assert_eq!(asked, callers);
    // What the genuine ones were counted for was given back, so the rest of the limit is there, and no more.
    let mut looked_up = 0;
    for n in 0..400 {
        let from = format!("+3330{n:07}").parse().unwrap();
        let guess = Arrival::dialled(call(format!("rest-{n}")), "0000000000000000");
        match bank.verifier.contact().arrive(&guess.from_number(from)).await.unwrap() {
            Arrived::Unknown(NoTicket::None) => looked_up += 1,
            Arrived::Unknown(NoTicket::TooManyTries) => {}
            found => panic!("{found:?}"),
        }
    }
    assert_eq!(looked_up, 400 - callers);
}

/// A store in which every write to one place loses its race.
#[derive(Debug, Clone, Default)]
struct Contended {
    under: MemoryStore,
    written: Arc<Mutex<Vec<Place>>>,
    lost: Arc<Mutex<Option<Place>>>,
}

impl Between for Contended {
    type Under = MemoryStore;

    fn under(&self) -> &MemoryStore {
        &self.under
    }

    async fn put_if(
        &self,
        at: &Place,
        expected: Expected,
        new: &Record,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.written.lock().unwrap().push(*at);
        if *self.lost.lock().unwrap() == Some(*at) {
            return Ok(Put::Conflict);
        }
        self.under.put_if(at, expected, new, news, now).await
    }
}

/// The limit in all is counted in several records: where one is so contended that no write to it succeeds, calls are counted
/// in the next.
#[tokio::test]
async fn a_contended_record_of_the_limit_stops_no_caller() {
    let store = Contended::default();
    let verifier = Verifier::builder(issuer(), keyring())
        .store(Via(store.clone()))
        .clock(ManualClock::new(START))
        .random(SeededRandom::new(1))
        .telephony(telephony())
        .signing_key(signing())
        .build()
        .unwrap();
    let contact = verifier.contact();
    let ticket = contact.dial_ticket(&alice()).await.unwrap();
    let arrival = |digits: &str| {
        let from = strangers();
        Arrival::dialled(call("in-1"), digits).from_number(from)
    };
    contact.arrive(&arrival("0000000000000000")).await.unwrap();
    // Call, number, and the record of the limit in all with which this call begins.
    let last = *store.written.lock().unwrap().last().unwrap();
    *store.lost.lock().unwrap() = Some(last);
    assert!(whose(&contact.arrive(&arrival(ticket.expose())).await.unwrap()).is_some());
}

/// Guesses against all live tickets at once. Full: 10⁶ guesses while 20 000 are live.
#[tokio::test]
async fn guesses_find_nothing_and_stop_no_genuine_caller_and_no_header() {
    let (live, guesses) = either((500, 5_000), (20_000, 1_000_000));
    let mut policy = Policy::default();
    policy.tickets.tries_in_all = 300;
    let bank = bank_of(policy);
    let contact = bank.verifier.contact();
    let mut tickets = Vec::new();
    for n in 0..live {
        let customer = CustomerId::new(format!("customer-{n}")).unwrap();
        tickets.push(contact.dial_ticket(&customer).await.unwrap());
    }
    let header = contact.header_ticket(&alice()).await.unwrap();
    let mut looked_up = 0;
    for n in 0..guesses {
        // Each from another number, on another call.
        let number = format!("+3312{n:08}").parse().unwrap();
        let guess = Arrival::dialled(call(format!("guess-{n}")), &format!("{:016}", n * 7_919));
        match contact.arrive(&guess.from_number(number)).await.unwrap() {
            Arrived::Unknown(NoTicket::None) => looked_up += 1,
            Arrived::Unknown(NoTicket::TooManyTries) => {}
            found => panic!("{found:?}"),
        }
    }
    assert_eq!(looked_up, 300, "the limit for the whole service");
    // A genuine caller is unknown now, and not refused; the ticket is not used up.
    let genuine = dialled(&bank, "genuine", tickets[0].expose()).await;
    assert_eq!(genuine, Arrived::Unknown(NoTicket::TooManyTries));
    let by_header = Arrival::with_header(call("app"), app_trunk(), header.expose());
    assert!(whose(&contact.arrive(&by_header).await.unwrap()).is_some());
    bank.clock.set(at(600));
    let later = contact.dial_ticket(&alice()).await.unwrap();
    assert!(whose(&dialled(&bank, "later", later.expose()).await).is_some());
}

#[tokio::test]
async fn a_customer_has_three_at_a_time() {
    let bank = bank();
    let contact = bank.verifier.contact();
    for _ in 0..3 {
        contact.dial_ticket(&alice()).await.unwrap();
    }
    let no = match contact.dial_ticket(&alice()).await {
        Err(error) => error,
        Ok(_) => panic!("a fourth"),
    };
    assert!(matches!(no, Error::Refused(_)) && no.retry_at() == Some(at(180)), "{no:?}");
    bank.clock.set(at(180));
    contact.dial_ticket(&alice()).await.unwrap();
}

#[tokio::test]
async fn of_two_calls_at_once_one_has_it() {
    let bank = bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let one = Arrival::dialled(call("in-1"), ticket.expose());
    let other = Arrival::dialled(call("in-2"), ticket.expose());
    let contact = bank.verifier.contact();
    let (one, other) = tokio::join!(contact.arrive(&one), contact.arrive(&other));
    let asked =
        [one.unwrap(), other.unwrap()].iter().filter(|arrived| whose(arrived).is_some()).count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn rows_tell_nothing_of_a_ticket() {
    let bank = bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let rows = format!("{:?}", bank.store.records());
    assert!(!rows.contains(ticket.expose()));
    let drawn: Vec<_> = (0..40)
        .map(|seed| {
            let bank = bank_of(Policy::default());
            let other = process(&bank, Policy::default(), 100 + seed);
            soon(other.contact().dial_ticket(&alice())).unwrap().expose().to_owned()
        })
        .collect();
    for digit in '0'..='9' {
        let seen = drawn.iter().flat_map(|text| text.chars()).filter(|c| *c == digit).count();
        assert!((30..100).contains(&seen), "{digit}: {seen} of 640");
    }
}
