//! The ground rules as a signed statement.

use std::collections::BTreeSet;

use countersign::challenge::{GroundRulesData, MAX_GROUND_RULES_LIFETIME};
use countersign::challenge::{NeverAsked, UnknownRule};
use countersign::device::GroundRules;
use countersign::error::ConfigError;
use countersign::policy::Act;
use countersign::token::{
    Audience, Claims, Leeway, PublicKey, Purpose, Rejection, SigningKey, TokenId, TrustedKeys,
    UntrustedToken, v4_public,
};
use countersign::{Channel, CustomerId, Device, Error, Issuer, Policy, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use crate::support::*;

fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

/// A bank that signs.
fn bank_of(policy: Policy) -> Bank {
    let mut bank = bank();
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 1).policy(policy);
    bank.verifier = builder.signing_key(signing()).build().unwrap();
    bank
}

fn phone_of(customer: CustomerId, issuer: Issuer, key: &PublicKey, purpose: Purpose) -> Device {
    let mut keys = TrustedKeys::new(issuer);
    keys.trust(*key, purpose).unwrap();
    Device::new(keys, customer).with_leeway(Leeway::NONE)
}

fn phone() -> Device {
    phone_of(alice(), issuer(), signing().public_key(), Purpose::GroundRules)
}

fn statement() -> (String, GroundRules) {
    let bank = bank_of(Policy::default());
    let token = block_on(bank.verifier.ground_rules_token()).unwrap();
    let rules = phone().open_ground_rules(&token, START).unwrap();
    (token, rules)
}

fn read(json: serde_json::Value) -> GroundRulesData {
    serde_json::from_value(json).unwrap()
}

fn rejected(device: &Device, token: &str, now: Timestamp) -> Rejection {
    device.open_ground_rules(token, now).unwrap_err().reason()
}

#[test]
fn every_customer_reads_the_same_signed_rules() {
    let (token, rules) = statement();
    assert_eq!(rules.never_asked(), NeverAsked::ALL);
    assert_eq!(rules.until(), START.after(countersign::policy::GROUND_RULES_VALID_FOR));
    let another = phone_of(mallory(), issuer(), signing().public_key(), Purpose::GroundRules);
    assert_eq!(another.open_ground_rules(&token, START).unwrap(), rules);
    // What the policy allows is what is said to be done, and no more.
    let matrix = Policy::default().channels;
    for act in [Act::Reveal, Act::Challenge, Act::StepUp, Act::Payment] {
        for channel in Channel::ALL {
            assert_eq!(rules.allows(act, channel), matrix.allows(act, channel), "{act} {channel}");
        }
    }
    let mut policy = Policy::default();
    policy.channels.payment = vec![Channel::Chat];
    policy.ground_rules_valid_for = HOUR;
    let token = block_on(bank_of(policy).verifier.ground_rules_token()).unwrap();
    let rules = phone().open_ground_rules(&token, START).unwrap();
    assert_eq!(rules.until(), START.after(HOUR));
    let paid_on = Channel::ALL.map(|channel| rules.allows(Act::Payment, channel));
    assert_eq!(paid_on, [false, false, true, false, false, false]);
}

#[test]
fn on_the_wire_rules_and_channels_stand_by_name() {
    let (token, _) = statement();
    let mut buffer = v4_public::Buffer::new();
    let assertion = b"countersign:v1:ground_rules";
    let key = signing();
    let signed = v4_public::verify(&token, key.public_key(), assertion, &mut buffer).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(signed.message).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("bank.example"), &json!("everyone")));
    assert_eq!(
        claims["data"],
        json!({
            "never_asked": [
                "pin", "password", "one_time_code", "callback_secret", "card_number",
                "card_verification_code", "safe_account", "remote_access", "hand_over", "secrecy",
            ],
            "channels": {
                "reveal": ["voice", "video", "chat", "sms"],
                "challenge": ["voice", "video", "chat", "sms", "email", "social"],
                "step_up": ["voice", "video", "chat", "sms"],
                "payment": ["voice", "video", "chat", "sms"],
            },
        })
    );
}

#[test]
fn a_request_shows_which_rules_it_breaks() {
    let (_, rules) = statement();
    assert_eq!(rules.broken_by(&[]), []);
    let asked = [NeverAsked::Secrecy, NeverAsked::Pin, NeverAsked::Secrecy];
    assert_eq!(rules.broken_by(&asked), [NeverAsked::Pin, NeverAsked::Secrecy]);
    assert_eq!(rules.broken_by(&NeverAsked::ALL), NeverAsked::ALL);
    // Each has a sentence of its own to show.
    let sentences: BTreeSet<_> = NeverAsked::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(sentences.len(), NeverAsked::ALL.len());
}

#[test]
fn it_expires_and_is_not_valid_before() {
    let (token, rules) = statement();
    let phone = phone();
    let last = Timestamp::from_unix(rules.until().unix() - 1);
    assert_eq!(phone.open_ground_rules(&token, last).unwrap(), rules);
    assert_eq!(rejected(&phone, &token, rules.until()), Rejection::Expired);
    let before = Timestamp::from_unix(START.unix() - 1);
    assert_eq!(rejected(&phone, &token, before), Rejection::NotYetValid);
}

/// Attack 17, token confusion: another key, issuer, purpose or audience, or an edited statement.
#[test]
fn nothing_else_passes_for_a_statement() {
    let (token, _) = statement();
    let of = |issuer: &str, key: &SigningKey, purpose| {
        phone_of(alice(), Issuer::new(issuer).unwrap(), key.public_key(), purpose)
    };
    let (ours, other) = (signing(), SigningKey::from_seed(&[6; 32]).unwrap());
    for (device, reason) in [
        (of("bank.example", &other, Purpose::GroundRules), Rejection::UnknownKey),
        (of("bank.example", &ours, Purpose::Challenge), Rejection::UnknownKey),
        (of("bank.example.org", &ours, Purpose::GroundRules), Rejection::Issuer),
    ] {
        assert_eq!(rejected(&device, &token, START), reason);
    }
    // A statement made for one customer is not the one for everyone.
    let data = read(json!({"never_asked": [], "channels": {}}));
    let sign = |audience: &str, data: &GroundRulesData| {
        let audience = Audience::new(audience).unwrap();
        let id = TokenId::from_bytes([1; 16]);
        let claims = Claims::new(issuer(), audience, id, START, HOUR, data.clone()).unwrap();
        ours.issue(&claims).unwrap()
    };
    assert_eq!(rejected(&phone(), &sign("alice", &data), START), Rejection::Audience);
    let none = phone().open_ground_rules(&sign("everyone", &data), START).unwrap();
    assert_eq!(none.never_asked(), []);
    assert_eq!(none.broken_by(&NeverAsked::ALL), []);
    assert!(!none.allows(Act::Challenge, Channel::Voice), "an act that is not named is not done");
    // Another purpose's token, and every edit.
    let history = bank_of(Policy::default());
    let booked = block_on(history.booked()).id;
    let subject = countersign::history::Subject::Callback(booked);
    let receipt = block_on(history.verifier.history_receipt(&alice(), subject)).unwrap();
    assert_eq!(rejected(&phone(), &receipt, START), Rejection::Signature);
    for at in (0..token.len()).step_by(7) {
        let mut edited = token.clone().into_bytes();
        edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
        let edited = String::from_utf8(edited).unwrap();
        assert!(phone().open_ground_rules(&edited, START).is_err(), "{at}");
    }
}

/// A later version's statement: what is not known is left out, the rest stays.
#[test]
fn rules_and_channels_of_a_later_version_are_left_out() {
    let data = read(json!({
        "never_asked": ["pin", "soul", "secrecy"],
        "channels": {"reveal": ["voice", "telepathy"], "sing": ["voice"]},
        "since": 2030,
    }));
    assert_eq!(data.never_asked, [NeverAsked::Pin, NeverAsked::Secrecy]);
    assert_eq!(data.channels.reveal, [Channel::Voice]);
    assert_eq!(data.channels.payment, []);
    for wrong in [
        json!({"never_asked": "pin", "channels": {}}),
        json!({"never_asked": [7], "channels": {}}),
        json!({"never_asked": [], "channels": {"reveal": "voice"}}),
        json!({"channels": {}}),
        json!({"never_asked": []}),
    ] {
        assert!(serde_json::from_value::<GroundRulesData>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn it_takes_a_signing_key_and_a_clock() {
    let unsigned = block_on(bank().verifier.ground_rules_token());
    assert!(matches!(unsigned, Err(Error::Config(ConfigError::NoSigningKey))), "{unsigned:?}");
    let bank = bank_of(Policy::default());
    bank.clock.set(Timestamp::MAX);
    let late = block_on(bank.verifier.ground_rules_token());
    assert!(matches!(late, Err(Error::Internal)), "{late:?}");
}

#[test]
fn two_statements_are_two_tokens() {
    let bank = bank_of(Policy::default());
    let [one, other] = [(), ()].map(|()| block_on(bank.verifier.ground_rules_token()).unwrap());
    assert_ne!(one, other);
    assert_eq!(
        UntrustedToken::parse(&one).unwrap().kid(),
        UntrustedToken::parse(&other).unwrap().kid()
    );
    assert_eq!(MAX_GROUND_RULES_LIFETIME, 31 * DAY);
}

#[test]
fn rules_have_names_and_nothing_else_has() {
    for rule in NeverAsked::ALL {
        assert_eq!(rule.name().parse::<NeverAsked>(), Ok(rule));
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
    }
    for wrong in ["", "Pin", "pin ", "pins"] {
        let error: UnknownRule = wrong.parse::<NeverAsked>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected the name of a ground rule, such as pin or one_time_code"
        );
    }
}

proptest! {
    /// A rule is broken exactly if it is asked for, whatever else is.
    #[test]
    fn what_is_broken_is_what_is_asked(picks in prop::collection::vec(0..10_usize, 0..20)) {
        thread_local!(static RULES: GroundRules = statement().1);
        let asked: Vec<_> = picks.iter().map(|at| NeverAsked::ALL[*at]).collect();
        let broken = RULES.with(|rules| rules.broken_by(&asked));
        let (asked, once): (BTreeSet<_>, BTreeSet<_>) = (asked.into_iter().collect(), broken.iter().collect());
        prop_assert_eq!(once.len(), broken.len());
        prop_assert!(asked.iter().eq(once));
    }
}
