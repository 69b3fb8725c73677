//! Defences of tickets that no other test takes away by itself.

use countersign::contact::{Arrival, Arrived, Forwarding, LineFacts, NoTicket, PhoneNumber};
use countersign::interaction::LegKind;
use countersign::random::{Random, RandomError};
use countersign::{CustomerId, Error, InteractionId, Policy};

use crate::lines::bank;
use crate::lines::*;
use crate::support::*;

const NONE: Arrived = Arrived::Unknown(NoTicket::None);
const TOO_MANY: Arrived = Arrived::Unknown(NoTicket::TooManyTries);

async fn guesses(bank: &Bank, call: &str, from: Option<PhoneNumber>) -> Arrived {
    let guess = Arrival::dialled(InteractionId::new(call).unwrap(), "0000000000000000");
    let guess = match from {
        Some(number) => guess.from_number(number),
        None => guess,
    };
    bank.verifier.contact().arrive(&guess).await.unwrap()
}

fn is_asked(arrived: &Arrived) -> bool {
    matches!(arrived, Arrived::Asked(_))
}

/// Whoever hides the number shares one limit with all who do: exactly so many.
#[tokio::test]
async fn guesses_without_a_number_share_the_limit_of_one() {
    for most in [10_u8, 3] {
        let mut policy = Policy::default();
        policy.tickets.tries_per_number = most;
        let bank = bank_of(policy);
        for n in 0..most {
            assert_eq!(guesses(&bank, &format!("in-{n}"), None).await, NONE);
        }
        assert_eq!(guesses(&bank, "one-more", None).await, TOO_MANY);
        assert_eq!(guesses(&bank, "with-one", Some(strangers())).await, NONE);
    }
}

/// A platform whose ids are the callers' numbers.
#[tokio::test]
async fn tries_on_a_call_and_tries_of_a_number_are_counted_apart() {
    let mut policy = Policy::default();
    policy.tickets.tries_per_number = 3;
    let bank = bank_of(policy);
    let number = strangers();
    for _ in 0..2 {
        assert_eq!(guesses(&bank, number.as_str(), Some(number.clone())).await, NONE);
    }
    assert_eq!(guesses(&bank, "another", Some(number.clone())).await, NONE);
    assert_eq!(guesses(&bank, "another-still", Some(number)).await, TOO_MANY);
}

/// A machine whose clock was far ahead used up the limit: that stops nobody now.
#[tokio::test]
async fn tries_that_were_counted_in_the_future_count_no_more() {
    let mut policy = Policy::default();
    policy.tickets.tries_in_all = 20;
    let bank = bank_of(policy);
    bank.clock.set(START.after(DAY));
    for n in 0..20_u64 {
        let number = format!("+3312{n:08}").parse().unwrap();
        assert_eq!(guesses(&bank, &format!("in-{n}"), Some(number)).await, NONE);
    }
    assert_eq!(guesses(&bank, "in-20", None).await, TOO_MANY);
    bank.clock.set(START);
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let id = InteractionId::new("genuine").unwrap();
    let arrived = bank.verifier.contact().arrive(&Arrival::dialled(id, ticket.expose())).await;
    assert!(is_asked(&arrived.unwrap()));
}

/// Two processes drew the same digits: they stay the first customer's.
#[tokio::test]
async fn digits_that_are_drawn_twice_stay_the_first_customer_s() {
    let bank = bank();
    let first = process(&bank, Policy::default(), 77).contact().dial_ticket(&alice()).await;
    let again = process(&bank, Policy::default(), 77).contact().dial_ticket(&mallory()).await;
    let no = again.err().expect("they are alice's");
    assert!(matches!(no, Error::Refused(_)), "{no:?}");
    let id = InteractionId::new("in-1").unwrap();
    let arrival = Arrival::dialled(id, first.unwrap().expose());
    let Arrived::Asked(asked) = bank.verifier.contact().arrive(&arrival).await.unwrap() else {
        panic!("it counts");
    };
    assert_eq!(asked.customer, alice());
}

/// A sweep runs between the end of a ticket and its call.
#[tokio::test]
async fn a_late_ticket_is_told_after_a_sweep_too() {
    let bank = bank();
    bank.clock.set(at(3390));
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    bank.clock.set(at(3605));
    bank.verifier.purge(100).await.unwrap();
    let id = InteractionId::new("in-1").unwrap();
    let arrived = bank.verifier.contact().arrive(&Arrival::dialled(id, ticket.expose())).await;
    assert_eq!(arrived.unwrap(), Arrived::Unknown(NoTicket::Over));
}

/// Bytes that would make some digits likelier are drawn again.
#[derive(Debug)]
struct HighFirst;

impl Random for HighFirst {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        let high = (250..=u8::MAX).chain(std::iter::repeat(3));
        for (byte, drawn) in to.iter_mut().zip(high) {
            *byte = drawn;
        }
        Ok(())
    }
}

#[tokio::test]
async fn no_digit_is_likelier_than_another() {
    let bank = bank();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 9).random(HighFirst);
    let drawn = builder.build().unwrap().contact().dial_ticket(&alice()).await.unwrap();
    assert_eq!(drawn.expose(), "3".repeat(16));
}

/// What cannot be one reads no record, and nothing is read beyond the longest header.
#[tokio::test]
async fn a_header_that_cannot_be_a_ticket_is_not_looked_up() {
    let bank = bank();
    let ticket = bank.verifier.contact().header_ticket(&alice()).await.unwrap();
    let id = || InteractionId::new("in-1").unwrap();
    let far = format!("{},{}", "0".repeat(300), *ticket.user_to_user());
    let contact = bank.verifier.contact();
    let before = bank.store.calls();
    for arrival in [
        Arrival::with_header(id(), app_trunk(), &"z".repeat(32)),
        Arrival::with_header(id(), app_trunk(), &"a".repeat(31)),
        Arrival::with_header(id(), app_trunk(), &"a".repeat(33)),
        Arrival::with_user_to_user(id(), app_trunk(), &far),
    ] {
        assert_eq!(contact.arrive(&arrival).await.unwrap(), NONE);
    }
    assert_eq!(bank.store.calls(), before);
}

#[tokio::test]
async fn an_erased_customer_gets_no_ticket() {
    let bank = bank();
    let customer = CustomerId::new("gone").unwrap();
    bank.verifier.contact().dial_ticket(&customer).await.unwrap();
    bank.verifier.customers().erase(&customer).await.unwrap();
    let before = bank.store.records();
    let no = bank.verifier.contact().dial_ticket(&customer).await.err();
    assert!(matches!(no, Some(Error::Refused(_))), "{no:?}");
    assert_eq!(bank.store.records(), before);
}

/// Answers of a carrier: what is more than one, and what says that calls always go elsewhere.
#[test]
fn carriers_answers_are_read_to_their_end() {
    let facts = || LineFacts::new("carrier".parse().unwrap(), START);
    assert!(facts().forwarding_signal(r#"["inactive"] ["unconditional"]"#).is_err());
    let long = format!(r#"["inactive"{}]"#, " ".repeat(5000));
    assert!(facts().forwarding_signal(&long).is_err());
    let mut mailbox = Policy::default().legs;
    mailbox.conditional_forwarding = true;
    let old = r#"{"latestSimChange":null,"monitoredPeriod":60}"#;
    for (answer, wanted) in [
        (r#"{"active":true}"#, LegKind::Number),
        (r#"{"active":false}"#, LegKind::CheckedNumber),
        (r#"["unconditional"]"#, LegKind::Number),
        (r#"["conditional_busy","unconditional"]"#, LegKind::Number),
        (r#"["conditional_busy"]"#, LegKind::CheckedNumber),
    ] {
        let facts = facts().forwarding_signal(answer).unwrap().sim_swap(old).unwrap();
        assert_eq!(mailbox.leg_of(&facts).kind(), wanted, "{answer}");
    }
    assert_eq!(mailbox.leg_of(&facts().forwarding(Forwarding::None)).kind(), LegKind::Number);
}
