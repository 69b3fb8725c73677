//! A process that fails, or ends in the middle of a call, and another one that goes on: a ticket is one call's all the same,
//! and an announced call vouches for one question.

use std::pin::pin;

use countersign::contact::{Arrival, Arrived, CallVerdict, NoTicket};
use countersign::device::VerdictQuestion;
use countersign::random::SeededRandom;
use countersign::store::Fault;
use countersign::{Error, InteractionId, Policy, Verifier};

use crate::lines::bank;
use crate::lines::*;
use crate::support::dying::polled;
use crate::support::*;

/// More than any of these calls takes.
const CALLS: usize = 20;

async fn arrives(at: &Verifier, id: &str, ticket: &Ticket) -> Result<Arrived, Error> {
    at.contact().arrive(&ticket.with(id)).await
}

enum Ticket {
    Dialled(String),
    Header(String),
}

impl Ticket {
    async fn of(bank: &Bank, dialled: bool) -> Self {
        let contact = bank.verifier.contact();
        match dialled {
            true => Self::Dialled(contact.dial_ticket(&alice()).await.unwrap().expose().to_owned()),
            false => {
                Self::Header(contact.header_ticket(&alice()).await.unwrap().expose().to_owned())
            }
        }
    }

    fn with(&self, call: &str) -> Arrival {
        let call = InteractionId::new(call).unwrap();
        match self {
            Self::Dialled(digits) => Arrival::dialled(call, digits),
            Self::Header(text) => Arrival::with_header(call, app_trunk(), text),
        }
    }
}

fn is_asked(arrived: &Arrived) -> bool {
    matches!(arrived, Arrived::Asked(_))
}

/// What becomes of a ticket whose first call met `fault`, and whose process ended there if it waited.
async fn one_call_has_it(dialled: bool, fault: Fault, at_call: usize, dies: bool) {
    let bank = bank();
    let ticket = Ticket::of(&bank, dialled).await;
    bank.store.plan(at_call, fault);
    let first = {
        let first = pin!(arrives(&bank.verifier, "in-1", &ticket));
        polled(first, if dies { 2 } else { 1000 })
    };
    bank.store.heal();
    let next = process(&bank, Policy::default(), 50);
    let other = arrives(&next, "in-2", &ticket).await.unwrap();
    let again = arrives(&next, "in-1", &ticket).await.unwrap();
    let had = first.as_ref().is_some_and(|first| first.as_ref().is_ok_and(is_asked));
    let of = format!("{dialled} {fault:?} {at_call} {dies}: {first:?}, {other:?}, {again:?}");
    assert_ne!(had || is_asked(&again), is_asked(&other), "{of}");
    assert!(!had || is_asked(&again), "its answer can be asked for again: {of}");
    let refused = Arrived::Unknown(NoTicket::Used);
    assert!(is_asked(&other) || other == refused, "{of}");
    assert!(is_asked(&again) || again == refused, "{of}");
}

#[tokio::test]
async fn a_ticket_is_one_call_s_whatever_fails() {
    for (dialled, fault) in
        [true, false].into_iter().flat_map(|dialled| Fault::ALL.map(|fault| (dialled, fault)))
    {
        for at_call in 0..CALLS {
            one_call_has_it(dialled, fault, at_call, false).await;
        }
    }
}

#[tokio::test]
async fn a_ticket_is_one_call_s_wherever_the_process_ends() {
    for dialled in [true, false] {
        for at_call in 0..CALLS {
            one_call_has_it(dialled, Fault::Delay(3), at_call, true).await;
        }
    }
}

#[tokio::test]
async fn an_announced_call_vouches_for_one_question_whatever_fails() {
    let mut told = Vec::new();
    for fault in Fault::ALL {
        for (at_call, dies) in (0..4).flat_map(|call| [(call, false), (call, true)]) {
            let bank = bank();
            let mut feeds = [Feed::new(dialler()), Feed::new(pbx())];
            feeds[0].announce(&bank.verifier, &rings("call-1"), ours()).await;
            for feed in &mut feeds {
                feed.beat(&bank.verifier).await;
            }
            bank.store.plan(at_call, fault);
            let question = VerdictQuestion::new(ours(), &SeededRandom::new(1), START).unwrap();
            let ringing = question.ringing(app(), SECOND);
            let first = {
                let customer = alice();
                let contact = bank.verifier.contact();
                let asked = pin!(async { contact.verdict(&customer, &ringing).await });
                let dies = dies && matches!(fault, Fault::Delay(_));
                polled(asked, if dies { 2 } else { 1000 })
            };
            bank.store.heal();
            let next = process(&bank, Policy::default(), 50);
            let other = Ringing::of(ours(), 2, START).asked(&next, START).await;
            let again = Ringing::of(ours(), 1, START).asked(&next, START).await;
            let first = first.and_then(Result::ok);
            let phone = phone_of(alice());
            let first = first.map(|token| phone.open_verdict(&token, &question, START).unwrap());
            let yes = CallVerdict::Legitimate;
            let of = format!("{fault:?} {at_call} {dies}: {first:?}, {other:?}, {again:?}");
            assert_ne!(other == yes, again == yes, "{of}");
            assert!(first != Some(yes) || again == yes, "{of}");
            assert!(first != Some(CallVerdict::NotLegitimate), "{of}");
            told.push(first == Some(yes));
        }
    }
    assert!(told.contains(&true) && told.contains(&false));
}
