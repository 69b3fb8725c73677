//! The leg: what was read of the line, what the policy allows on it, and what the app makes of it.

use std::time::Duration;

use countersign::challenge::{Acceptance, Answer};
use countersign::contact::{Arrival, Arrived, Forwarding, LineFacts, SimChange};
use countersign::device::DeviceCredentialError;
use countersign::error::{ConfigError, Invalid};
use countersign::history::Action;
use countersign::interaction::{Leg, LegKind};
use countersign::policy::{Act, LEG_FACTS_FOR, LegAdvice, LegRule};
use countersign::step_up::{StepUpData, StepUpOutcome};
use countersign::time::Clock;
use countersign::token::{Claims, Purpose, TokenId};
use countersign::{Direction, Error, Interaction, Policy, Timestamp, Transaction};

use crate::support::challenges::{challenge, fraud_rings, slot};
use crate::support::credentials::{app, pin};
use crate::support::step_ups::{
    asking, bank_of, code_of, open, phone, shown, signing, transfer, typed,
};
use crate::support::*;

const DAY_SECONDS: u64 = 24 * 3600;

fn facts(at: Timestamp) -> LineFacts {
    LineFacts::new("carrier".parse().unwrap(), at)
        .forwarding(Forwarding::None)
        .sim_change(SimChange::NotWithin(Duration::from_secs(30 * DAY_SECONDS)))
}

fn checked(call: Interaction, at: Timestamp) -> Interaction {
    call.on_leg(Policy::default().legs.leg_of(&facts(at)))
}

fn in_app(call: Interaction, at: Timestamp) -> Interaction {
    call.on_leg(Leg::in_app("media server".parse().unwrap(), at))
}

fn inbound(id: &str) -> Interaction {
    crate::lines::voice(id)
}

/// Above £1000 the customer is called on a checked number, or calls from the app.
fn strict() -> Policy {
    let mut policy = Policy::default();
    let pounds = || "GBP".parse().unwrap();
    policy.legs.rules = vec![
        LegRule::new(Act::StepUp, Direction::Outbound, [LegKind::CheckedNumber, LegKind::InApp])
            .over(pounds(), 100_000),
        LegRule::new(Act::StepUp, Direction::Inbound, [LegKind::HeaderTicket, LegKind::InApp])
            .over(pounds(), 100_000),
    ];
    policy
}

fn of_pounds(pounds: u64) -> Transaction {
    let mut transaction = transfer();
    transaction.amount = 100 * pounds;
    transaction
}

async fn asks(bank: &Bank, call: &Interaction, transaction: Transaction) -> Result<(), Error> {
    let id = format!("{}-{}", call.id, transaction.amount);
    bank.verifier.step_ups().request(call, &asking(&id, transaction)).await.map(drop)
}

fn advice(result: Result<(), Error>) -> Option<LegAdvice> {
    match result {
        Ok(()) => None,
        Err(Error::Invalid(Invalid::Leg(advice))) => Some(advice),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_act_above_its_amount_is_refused_on_too_weak_a_leg_and_says_what_helps() {
    let bank = bank_of(strict());
    app(&bank).await;
    let advised =
        async |call: Interaction, pounds| advice(asks(&bank, &call, of_pounds(pounds)).await);
    assert_eq!(advised(inbound("in-1"), 1000).await, None);
    assert_eq!(advised(inbound("in-2"), 1001).await, Some(LegAdvice::CallFromTheApp));
    assert_eq!(advised(bob_rings("out-1"), 1001).await, Some(LegAdvice::CallCheckedNumber));
    assert_eq!(advised(in_app(inbound("in-3"), START), 1001).await, None);
    assert_eq!(advised(checked(bob_rings("out-2"), START), 1001).await, None);
    // A checked number says nothing of who rings us.
    assert_eq!(
        advised(checked(inbound("in-4"), START), 1001).await,
        Some(LegAdvice::CallFromTheApp)
    );
    let told = Invalid::Leg(LegAdvice::CallFromTheApp).to_string();
    assert_eq!(told, "this is not allowed on this line: ask the customer to call us from the app");
    // What moves no money has no amount.
    let mut change = of_pounds(1);
    change.kind = countersign::transaction::TransactionKind::Change;
    assert_eq!(
        advice(asks(&bank, &inbound("in-5"), change).await),
        Some(LegAdvice::CallFromTheApp)
    );
}

#[tokio::test]
async fn a_refusal_for_the_leg_counts_against_nobody() {
    let bank = bank_of(strict());
    app(&bank).await;
    for n in 0..40 {
        let no = advice(asks(&bank, &inbound(&format!("in-{n}")), of_pounds(2000)).await);
        assert_eq!(no, Some(LegAdvice::CallFromTheApp));
    }
    assert_eq!(advice(asks(&bank, &in_app(inbound("app"), START), of_pounds(2000)).await), None);
}

#[tokio::test]
async fn facts_of_a_number_hold_for_two_minutes() {
    for (after, wanted) in [
        (LEG_FACTS_FOR - Duration::from_secs(1), None),
        (LEG_FACTS_FOR, Some(LegAdvice::CallCheckedNumber)),
    ] {
        let bank = bank_of(strict());
        app(&bank).await;
        let call = checked(bob_rings("out-1"), START);
        bank.clock.set(START.after(after));
        assert_eq!(advice(asks(&bank, &call, of_pounds(2000)).await), wanted);
    }
}

#[tokio::test]
async fn the_line_is_read_again_before_a_grant_is_redeemed() {
    let bank = bank_of(strict());
    let (_, device) = app(&bank).await;
    let (call, step_ups) = (checked(bob_rings("call-1"), START), bank.verifier.step_ups());
    let asked = step_ups.request(&call, &asking("s-1", of_pounds(2000))).await.unwrap();
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let outcome = step_ups.outcome(&call, &asked.step_up.id).await.unwrap();
    let StepUpOutcome::Approved(grant) = outcome else { panic!("{outcome:?}") };
    bank.clock.set(START.after(LEG_FACTS_FOR));
    let key = request("r-1");
    let late = step_ups.redeem(&call, &grant, &of_pounds(2000), &key).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::Leg(_)))), "{late:?}");
    let now = bank.clock.now().unwrap();
    let again = checked(bob_rings("call-1"), now);
    step_ups.redeem(&again, &grant, &of_pounds(2000), &key).await.unwrap();
}

#[tokio::test]
async fn the_app_approves_on_the_line_that_it_is_on_and_on_no_other() {
    let bank = bank_of(strict());
    let (_, device) = app(&bank).await;
    let call = in_app(inbound("app-1"), START);
    let step_ups = bank.verifier.step_ups();
    let asked = step_ups.request(&call, &asking("s-1", of_pounds(2000))).await.unwrap();
    let shown = open(&bank, &asked);
    assert_eq!(shown.leg(), Some(LegKind::InApp));
    let approve = |shown: countersign::device::VerifiedStepUp| shown.approve(&device, &pin("2468"));
    let no = approve(open(&bank, &asked)).err();
    assert!(
        matches!(no, Some(DeviceCredentialError::OtherLine)),
        "the app runs no conversation: {no:?}"
    );
    let no = approve(open(&bank, &asked).on_line(LegKind::DialledTicket)).err();
    assert!(matches!(no, Some(DeviceCredentialError::OtherLine)), "{no:?}");
    let code = approve(shown.on_line(LegKind::InApp)).unwrap();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    // Of a number the app cannot tell, unless it is in a conversation of its own: then somebody else is on that line.
    let number = checked(bob_rings("out"), START);
    let asked = step_ups.request(&number, &asking("s-2", of_pounds(2000))).await.unwrap();
    assert!(open(&bank, &asked).fits_line());
    assert!(open(&bank, &asked).on_line(LegKind::DialledTicket).fits_line());
    let elsewhere = open(&bank, &asked).on_line(LegKind::InApp);
    assert!(!elsewhere.fits_line());
    let no = elsewhere.approve(&device, &pin("2468")).err();
    assert!(matches!(no, Some(DeviceCredentialError::OtherLine)), "{no:?}");
}

/// The approval covers the leg: what was signed for one is none for another.
#[tokio::test]
async fn an_approval_is_of_its_leg() {
    let bank = bank_of(Policy::default());
    let (_, device) = app(&bank).await;
    let call = checked(bob_rings("call-1"), START);
    let asked = bank.verifier.step_ups().request(&call, &asking("s-1", transfer())).await.unwrap();
    let opened = open(&bank, &asked);
    let mut data = countersign::token::UntrustedToken::parse(&asked.token)
        .unwrap()
        .verify_for_someone::<StepUpData>(
            &crate::lines::trusting(Purpose::StepUp),
            START,
            countersign::token::Leeway::NONE,
        )
        .unwrap()
        .claims()
        .clone();
    // The same in all but the leg, as a thief of the signing key would put it.
    let code = opened.approve(&device, &pin("2468")).unwrap();
    let (id, from) = (data.id(), data.not_before());
    let mut other = data.data().clone();
    other.leg = Some(LegKind::Number);
    data = Claims::new(issuer(), (&alice()).into(), id, from, Duration::from_secs(300), other)
        .unwrap();
    let forged = phone().open_step_up(&signing().issue(&data).unwrap(), START).unwrap();
    let forged = typed(shown(forged), &asked).approve(&device, &pin("2468")).unwrap();
    assert_ne!(code_of(&forged), code_of(&code));
    let no = bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &forged).await;
    assert!(matches!(no, Err(Error::Refused(_))), "{no:?}");
    bank.verifier.step_ups().submit(&alice(), &asked.step_up.id, &code).await.unwrap();
}

#[test]
fn an_app_that_does_not_know_the_leg_opens_nothing() {
    let id = TokenId::from_bytes([1; 16]);
    let json = |leg: &str| {
        format!(
            r#"{{"iss":"bank.example","aud":"alice","jti":"{id}","iat":"2027-01-15T08:00:00Z","nbf":"2027-01-15T08:00:00Z","exp":"2027-01-15T08:05:00Z","purpose":"step_up","data":{{"step_up":"00000000000000000000000000","credential":"00000000000000000000000000","method":"ocra","interaction":"call-1","direction":"inbound","agent_name":"Bob","transaction":{{"kind":"transfer","amount":500000,"currency":"GBP","payee":"Jones","reference":"7"}},"leg":"{leg}"}}}}"#
        )
    };
    let opened = |leg| {
        let footer = format!(r#"{{"kid":"{}"}}"#, signing().public_key().kid());
        let implicit = Purpose::StepUp.implicit_assertion().as_bytes();
        let token = countersign::token::v4_public::sign(
            &signing(),
            json(leg).as_bytes(),
            footer.as_bytes(),
            implicit,
        );
        phone()
            .open_step_up(&token.unwrap(), START)
            .map(|opened| opened.without_answer().unwrap().leg())
    };
    assert_eq!(opened("in_app").unwrap(), Some(LegKind::InApp));
    assert!(opened("satellite").is_err());
}

#[tokio::test]
async fn an_appointment_s_leg_is_looked_at_before_the_code_is_told() {
    let bank = crate::support::challenges::signing_bank();
    app(&bank).await;
    let challenges = bank.verifier.challenges();
    let id = challenges.issue(&alice(), &challenge("c-1")).await.unwrap().challenge.id;
    let accepted = Answer::Accept(Acceptance::new(request("yes")));
    challenges.answer(&alice(), &id, &accepted).await.unwrap();
    let wanted = slot().on_leg(LegKind::CheckedNumber);
    let confirmed = challenges.confirm(&alice(), &id, &request("slot"), &wanted).await.unwrap();
    assert_eq!(confirmed.challenge.appointment.unwrap().leg, Some(LegKind::CheckedNumber));
    let at = START.after(15 * MINUTE);
    let shown = crate::support::challenges::phone().open_appointment(&confirmed.token, at).unwrap();
    assert_eq!(shown.leg(), Some(LegKind::CheckedNumber));
    // The same request again, for another line.
    let other = challenges.confirm(&alice(), &id, &request("slot"), &slot()).await;
    assert!(matches!(other, Err(Error::Invalid(Invalid::RequestReused))), "{other:?}");

    bank.clock.set(at);
    let before = bank.store.records();
    let no = challenges.present(&fraud_rings("call-1"), &id).await;
    let wrong = Invalid::Leg(LegAdvice::CallCheckedNumber);
    assert!(matches!(no, Err(Error::Invalid(invalid)) if invalid == wrong), "{no:?}");
    assert_eq!(bank.store.records(), before, "nothing was told, and nothing is used up");
    let call = |leg: Leg| fraud_rings("call-1").on_leg(leg);
    challenges.present(&call(Policy::default().legs.leg_of(&facts(at))), &id).await.unwrap();
}

#[tokio::test]
async fn a_callback_s_word_is_told_on_the_legs_that_the_policy_allows() {
    let mut policy = Policy::default();
    policy.legs.rules =
        vec![LegRule::new(Act::Reveal, Direction::Outbound, [LegKind::CheckedNumber])];
    let bank = bank_with(policy);
    let id = bank.booked().await.id;
    let callbacks = bank.verifier.callbacks();
    let no = callbacks.reveal(&bob_rings("call-1"), &id).await;
    assert!(
        matches!(no, Err(Error::Invalid(Invalid::Leg(LegAdvice::CallCheckedNumber)))),
        "{no:?}"
    );
    callbacks.reveal(&checked(bob_rings("call-1"), START), &id).await.unwrap();
}

#[test]
fn facts_are_read_as_carriers_give_them() {
    let legs = Policy::default().legs;
    let at: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
    let of = |forwarding: &str, sim: &str| {
        let facts = LineFacts::new("carrier".parse().unwrap(), at)
            .forwarding_signal(forwarding)?
            .sim_swap(sim)?;
        Ok::<_, countersign::contact::MalformedLineFacts>(legs.leg_of(&facts).kind())
    };
    let old = r#"{"latestSimChange":"2026-11-23T12:00:00.000Z"}"#;
    let (good, weak) = (Ok(LegKind::CheckedNumber), Ok(LegKind::Number));
    for (forwarding, sim, wanted) in [
        (r#"["inactive"]"#, old, &good),
        (r#"["unconditional","conditional_busy"]"#, old, &weak),
        (r#"["conditional_no_answer"]"#, old, &weak),
        (r#"["a_new_kind"]"#, old, &weak),
        (r#"["inactive","a_new_kind"]"#, old, &weak),
        // Only the unconditional one was asked about.
        (r#"{"active":false}"#, old, &weak),
        (r#"{"active":true}"#, old, &weak),
        (r#"["inactive"]"#, r#"{"latestSimChange":"2026-11-23T12:00:01Z"}"#, &weak),
        (r#"["inactive"]"#, r#"{"latestSimChange":null}"#, &weak),
        (r#"["inactive"]"#, r#"{"latestSimChange":null,"monitoredPeriod":6}"#, &weak),
        (r#"["inactive"]"#, r#"{"latestSimChange":null,"monitoredPeriod":7}"#, &good),
    ] {
        assert_eq!(&of(forwarding, sim), wanted, "{forwarding} {sim}");
    }
    for bad in ["[]", "", "null", "[1]", r#"{"status":404}"#] {
        assert!(of(bad, old).is_err(), "{bad}");
    }
    for bad in ["", "[]", r#"{"latestSimChange":"yesterday"}"#] {
        assert!(of(r#"["inactive"]"#, bad).is_err(), "{bad}");
    }
    let check = |json, hours| {
        let facts = LineFacts::new("carrier".parse().unwrap(), at).forwarding(Forwarding::None);
        facts.sim_swap_check(json, hours).map(|facts| legs.leg_of(&facts).kind())
    };
    assert_eq!(check(r#"{"swapped":false}"#, 168), good);
    assert_eq!(check(r#"{"swapped":false}"#, 167), weak);
    assert_eq!(check(r#"{"swapped":true}"#, 2400), weak);
    // What nobody asked about is not known.
    assert_eq!(legs.leg_of(&LineFacts::new("x".parse().unwrap(), at)).kind(), LegKind::Number);
    let sim_alone = LineFacts::new("x".parse().unwrap(), at)
        .sim_change(SimChange::NotWithin(Duration::from_secs(30 * DAY_SECONDS)));
    assert_eq!(legs.leg_of(&sim_alone).kind(), LegKind::Number);
    let mut mailbox = legs.clone();
    mailbox.conditional_forwarding = true;
    assert_eq!(
        mailbox.leg_of(&facts(at).forwarding(Forwarding::Conditional)).kind(),
        LegKind::CheckedNumber
    );
    assert_eq!(
        mailbox.leg_of(&facts(at).forwarding(Forwarding::Unconditional)).kind(),
        LegKind::Number
    );
}

#[tokio::test]
async fn a_ticket_says_which_leg_it_came_by() {
    let bank = crate::lines::bank();
    let ticket = bank.verifier.contact().dial_ticket(&alice()).await.unwrap();
    let id = countersign::InteractionId::new("in-1").unwrap();
    let arrival = Arrival::dialled(id, ticket.expose());
    let Arrived::Asked(asked) = bank.verifier.contact().arrive(&arrival).await.unwrap() else {
        panic!("it counts");
    };
    let leg = asked.leg("ivr".parse().unwrap(), START);
    assert_eq!(
        (leg.kind(), leg.source().as_str(), leg.read_at()),
        (LegKind::DialledTicket, "ivr", START)
    );
    assert!(bank.seen.take().iter().any(|seen| seen.action == Action::UseTicket));
}

#[test]
fn the_policy_of_legs_is_read_from_json_and_has_limits() {
    let json = r#"{"legs":{"rules":[{"act":"step_up","direction":"inbound","over":{"GBP":100000},"allowed":["in_app","header_ticket"]}],"facts_for":60}}"#;
    let policy: Policy = serde_json::from_str(json).unwrap();
    assert_eq!(policy.legs.facts_for, Duration::from_secs(60));
    assert!(policy.check().is_ok());
    let allows =
        |kind| policy.legs.allows(Act::StepUp, Direction::Inbound, Some(&of_pounds(2000)), kind);
    assert_eq!(allows(LegKind::HeaderTicket), Ok(()));
    assert_eq!(allows(LegKind::DialledTicket), Err(LegAdvice::CallFromTheApp));
    let mut posted = policy.clone();
    posted.legs.rules.push(LegRule::new(Act::Challenge, Direction::Outbound, [LegKind::InApp]));
    assert_eq!(posted.check(), Err(ConfigError::LegRule { act: Act::Challenge }));
    let mut long = policy.clone();
    long.legs.facts_for = LEG_FACTS_FOR + Duration::from_secs(1);
    assert!(long.check().is_err());
}
