//! What a policy may say.

use std::time::Duration;

use countersign::error::ConfigError;
use countersign::policy;
use countersign::policy::Act;
use countersign::{Channel, Policy, Verifier};

use crate::support::*;

fn check(change: impl FnOnce(&mut Policy)) -> Result<(), ConfigError> {
    let mut policy = Policy::default();
    change(&mut policy);
    let checked = policy.check();
    let built = Verifier::builder(issuer(), keyring()).policy(policy).build();
    assert_eq!(built.err(), checked.err(), "building a verifier checks its policy");
    checked
}

#[test]
fn the_defaults_are_the_named_constants() {
    let default = Policy::default();
    default.check().unwrap();
    assert_eq!(default.callbacks.max_window, policy::CALLBACK_MAX_WINDOW);
    assert_eq!(default.callbacks.max_ahead, policy::CALLBACK_MAX_AHEAD);
    assert_eq!(default.callbacks.reveals, policy::CALLBACK_REVEALS);
    assert_eq!(default.callbacks.amendments, policy::CALLBACK_AMENDMENTS);
    assert_eq!(default.callbacks.conclude_within, policy::CALLBACK_CONCLUDE_WITHIN);
    assert_eq!(default.callbacks.per_customer, policy::CALLBACKS_PER_CUSTOMER);
    assert_eq!(default.callbacks.per_day, policy::CALLBACKS_PER_DAY);
    assert_eq!(default.callbacks.secret_chars, policy::CALLBACK_SECRET_CHARS);
    assert_eq!(default.challenges.max_valid_for, policy::CHALLENGE_LIMIT);
    assert_eq!(default.challenges.confirm_within, policy::CHALLENGE_CONFIRM_WITHIN);
    assert_eq!(default.challenges.max_slot, policy::CHALLENGE_MAX_SLOT);
    assert_eq!(default.challenges.max_ahead, policy::CHALLENGE_MAX_AHEAD);
    assert_eq!(default.challenges.presentations, policy::CHALLENGE_PRESENTATIONS);
    assert_eq!(default.challenges.conclude_within, policy::CHALLENGE_CONCLUDE_WITHIN);
    assert_eq!(default.challenges.per_customer, policy::CHALLENGES_PER_CUSTOMER);
    assert_eq!(default.payments.valid_for, policy::PAYMENT_VALID_FOR);
    assert_eq!(default.payments.authorise_within, policy::AUTHORISE_WITHIN);
    assert_eq!(default.payments.authenticate_within, policy::AUTHENTICATE_WITHIN);
    assert_eq!(default.payments.opening_key_given_for, policy::OPENING_KEY_GIVEN_FOR);
    assert_eq!(default.payments.single_use_for, policy::SINGLE_USE_FOR);
    assert_eq!(default.payments.card_kept_for, policy::CARD_KEPT_FOR);
    assert_eq!(default.payments.per_customer, policy::PAYMENTS_PER_CUSTOMER);
    assert_eq!(default.payments.per_agent, policy::PAYMENTS_PER_AGENT);
    assert_eq!(default.retention, policy::RETENTION);
    assert_eq!(default.leeway, policy::LEEWAY);
    assert_eq!(default.ground_rules_valid_for, policy::GROUND_RULES_VALID_FOR);
}

#[test]
fn each_number_of_payments_has_its_limits() {
    let second = Duration::from_secs(1);
    type Change = fn(&mut policy::PaymentPolicy, Duration);
    let shortest = |p: &mut policy::PaymentPolicy, time| {
        (p.valid_for, p.authenticate_within) = (time, MINUTE);
    };
    let times: [(&str, Change, Duration, Duration); 6] = [
        ("payments.valid_for", shortest, 2 * MINUTE, HOUR),
        (
            "payments.authenticate_within",
            |p, time| p.authenticate_within = time,
            MINUTE,
            15 * MINUTE,
        ),
        (
            "payments.authorise_within",
            |p, time| p.authorise_within = time,
            12 * second,
            30 * MINUTE,
        ),
        ("payments.opening_key_given_for", |p, time| p.opening_key_given_for = time, MINUTE, HOUR),
        ("payments.single_use_for", |p, time| p.single_use_for = time, MINUTE, 3660 * DAY),
        ("payments.card_kept_for", |p, time| p.card_kept_for = time, MINUTE, 3660 * DAY),
    ];
    for (field, change, least, most) in times {
        for time in [least, most] {
            check(|p| change(&mut p.payments, time)).unwrap();
        }
        for time in [least - second, most + second] {
            let wrong = check(|p| change(&mut p.payments, time));
            let wanted =
                ConfigError::OutOfRange { field, least: least.as_secs(), most: most.as_secs() };
            assert_eq!(wrong, Err(wanted));
        }
    }
    for (most, per_agent) in [(20, false), (200, true)] {
        for count in [0, most + 1] {
            let wrong = check(|p| {
                let counts = &mut p.payments;
                *(if per_agent { &mut counts.per_agent } else { &mut counts.per_customer }) = count;
            });
            assert!(matches!(wrong, Err(ConfigError::OutOfRange { least: 1, .. })), "{wrong:?}");
        }
    }
    // A minute is left for the card when the time for authentication is set aside.
    let short = |valid_for, authenticate_within| {
        check(|p| {
            (p.payments.valid_for, p.payments.authenticate_within) =
                (valid_for, authenticate_within);
        })
    };
    short(6 * MINUTE, 5 * MINUTE).unwrap();
    let field = "payments.authenticate_within";
    let wanted = ConfigError::OutOfRange { field, least: 60, most: 299 };
    assert_eq!(short(6 * MINUTE - second, 5 * MINUTE), Err(wanted));
}

#[test]
fn a_rule_loosened_past_its_limit_is_a_config_error() {
    let field = |result: Result<(), ConfigError>| match result {
        Err(ConfigError::OutOfRange { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let second = Duration::from_secs(1);
    assert_eq!(
        field(check(|p| p.callbacks.max_window = 366 * DAY + second)),
        "callbacks.max_window"
    );
    assert_eq!(field(check(|p| p.callbacks.max_window = second)), "callbacks.max_window");
    assert_eq!(field(check(|p| p.callbacks.max_ahead = 366 * DAY + second)), "callbacks.max_ahead");
    assert_eq!(field(check(|p| p.callbacks.reveals = 0)), "callbacks.reveals");
    assert_eq!(field(check(|p| p.callbacks.reveals = 6)), "callbacks.reveals");
    assert_eq!(field(check(|p| p.callbacks.amendments = 17)), "callbacks.amendments");
    assert_eq!(
        field(check(|p| p.callbacks.conclude_within = 7 * DAY + second)),
        "callbacks.conclude_within"
    );
    assert_eq!(field(check(|p| p.callbacks.per_day = 0)), "callbacks.per_day");
    assert_eq!(field(check(|p| p.callbacks.per_day = 10_001)), "callbacks.per_day");
    assert_eq!(field(check(|p| p.callbacks.secret_chars = 3)), "callbacks.secret_chars");
    assert_eq!(field(check(|p| p.callbacks.secret_chars = 33)), "callbacks.secret_chars");
    assert_eq!(field(check(|p| p.retention = HOUR)), "retention");
    assert_eq!(field(check(|p| p.leeway = 121 * second)), "leeway");
    for wrong in [HOUR - second, 31 * DAY + second] {
        let wrong = check(|p| p.ground_rules_valid_for = wrong);
        assert_eq!(field(wrong), "ground_rules_valid_for");
    }
    assert_eq!(
        field(check(|p| p.challenges.max_valid_for = HOUR + second)),
        "challenges.max_valid_for"
    );
    let confirm = |p: &mut Policy| p.challenges.confirm_within = 7 * DAY + second;
    assert_eq!(field(check(confirm)), "challenges.confirm_within");
    assert_eq!(field(check(|p| p.challenges.max_slot = DAY + second)), "challenges.max_slot");
    assert_eq!(field(check(|p| p.challenges.max_ahead = 32 * DAY)), "challenges.max_ahead");
    let conclude = |p: &mut Policy| p.challenges.conclude_within = 7 * DAY + second;
    assert_eq!(field(check(conclude)), "challenges.conclude_within");
    for presentations in [0, 6] {
        let change = |p: &mut Policy| p.challenges.presentations = presentations;
        assert_eq!(field(check(change)), "challenges.presentations");
    }
    for most in [0, 21] {
        let change = |p: &mut Policy| p.challenges.per_customer = most;
        assert_eq!(field(check(change)), "challenges.per_customer");
    }
    let error = check(|p| p.callbacks.reveals = 6).unwrap_err();
    assert_eq!(error.to_string(), "policy: `callbacks.reveals` must be from 1 to 5");
}

#[test]
fn email_and_social_media_carry_challenges_at_most() {
    let matrix = Policy::default().channels;
    for act in [Act::Reveal, Act::StepUp, Act::Payment] {
        for channel in [Channel::Voice, Channel::Video, Channel::Chat, Channel::Sms] {
            assert!(matrix.allows(act, channel), "{act} on {channel}");
        }
        for channel in [Channel::Email, Channel::Social] {
            assert!(!matrix.allows(act, channel), "{act} on {channel}");
            let result = check(|p| match act {
                Act::Reveal => p.channels.reveal.push(channel),
                Act::StepUp => p.channels.step_up.push(channel),
                _ => p.channels.payment.push(channel),
            });
            assert_eq!(result, Err(ConfigError::ForbiddenChannel { act, channel }));
            // Even a matrix that was never checked does not allow it.
            let mut unchecked = Policy::default().channels;
            unchecked.reveal.push(channel);
            assert!(!unchecked.allows(Act::Reveal, channel));
        }
    }
    assert!(Channel::ALL.into_iter().all(|channel| matrix.allows(Act::Challenge, channel)));
}

#[tokio::test]
async fn a_tightened_policy_binds() {
    let mut policy = Policy::default();
    policy.callbacks.max_window = HOUR;
    policy.callbacks.secret_chars = 6;
    policy.channels.reveal = vec![Channel::Voice];
    let bank = bank_with(policy);
    let callbacks = bank.verifier.callbacks();
    let result = callbacks.book(&alice(), &booking("req-1", "anana")).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "the secret must have at least 6 letters or digits"
    );
    // Six letters' worth are four signs that write a syllable or a word each.
    assert!(callbacks.book(&alice(), &booking("req-1", "三文鱼")).await.is_err());
    callbacks.book(&alice(), &booking("req-0", "三文鱼片")).await.unwrap();
    callbacks.book(&alice(), &booking("req-1", "banana")).await.unwrap();
    let chat = countersign::callback::BookingRequest::new(
        request("r"),
        window(),
        Channel::Chat,
        secret("banana"),
    );
    assert!(callbacks.book(&alice(), &chat).await.is_err());
}

#[test]
fn a_policy_is_read_from_configuration() {
    let policy: Policy = serde_json::from_str(
        r#"{"callbacks": {"max_window": 3600, "reveals": 2}, "channels": {"reveal": ["voice"]}}"#,
    )
    .unwrap();
    assert_eq!(policy.callbacks.max_window, HOUR);
    assert_eq!(policy.callbacks.reveals, 2);
    assert_eq!(policy.callbacks.max_ahead, policy::CALLBACK_MAX_AHEAD);
    assert_eq!(policy.channels.reveal, [Channel::Voice]);
    assert_eq!(policy.channels.challenge, Channel::ALL);
    assert!(serde_json::from_str::<Policy>(r#"{"callback": {}}"#).is_err(), "a misspelt field");
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
}

#[test]
fn the_ground_rules_are_fixed_and_readable() {
    let verifier = Verifier::in_memory(issuer(), keyring());
    let rules = verifier.ground_rules();
    assert_eq!(rules.len(), 10);
    assert!(rules.iter().all(|rule| rule.to_string().starts_with("We ")));
    assert_eq!(serde_json::to_string(&rules[0]).unwrap(), "\"pin\"");
}
