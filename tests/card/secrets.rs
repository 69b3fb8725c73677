//! Card data is neither copied, printed nor serialised, and no error repeats it.

use std::fmt::{Debug, Display};

use countersign::AgentSafe;
use countersign::card::{
    Attempt, BillingAddress, CannotOpen, Card, CardToken, CardVerificationCode, Cardholder,
    Country, Cryptogram, Expiry, OpeningKey, Pan, SealedCard, SealingKey, Verification,
};
use countersign::card_number::{Brand, LastFour};
use countersign::random::SeededRandom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use zeroize::ZeroizeOnDrop;

use crate::support::{REQUEST, card, key};

assert_not_impl_any!(Pan: Clone, Copy, Display, Serialize, AgentSafe, AsRef<str>, AsRef<[u8]>, PartialOrd, std::hash::Hash);
assert_not_impl_any!(CardVerificationCode: Clone, Copy, Display, Serialize, AgentSafe, AsRef<str>, PartialOrd, std::hash::Hash);
assert_not_impl_any!(Cardholder: Clone, Copy, Display, Serialize, AgentSafe, AsRef<str>);
assert_not_impl_any!(Expiry: Display, Serialize, AgentSafe);
assert_not_impl_any!(Card: Clone, Copy, Display, Serialize, DeserializeOwned, AgentSafe);
assert_not_impl_any!(BillingAddress: Clone, Copy, Display, Serialize, DeserializeOwned, AgentSafe);
assert_not_impl_any!(Cryptogram: Clone, Copy, Display, Serialize, DeserializeOwned, AgentSafe);
assert_not_impl_any!(Verification: Clone, Copy, Display, Serialize, DeserializeOwned, AgentSafe);
assert_not_impl_any!(Country: Display, Serialize, AgentSafe);
assert_not_impl_any!(SealedCard: Display, AgentSafe);
assert_not_impl_any!(OpeningKey: Clone, Copy, Display, Serialize, DeserializeOwned, AgentSafe, PartialEq);
assert_not_impl_any!(CardToken: Clone, Copy, Display, AgentSafe, AsRef<str>);
assert_not_impl_any!(Option<Pan>: AgentSafe);
assert_not_impl_any!(Vec<Card>: AgentSafe);
assert_not_impl_any!(&'static CardVerificationCode: AgentSafe);
assert_not_impl_any!(Option<SealedCard>: AgentSafe);
assert_not_impl_any!(CannotOpen: AgentSafe);
// What a receipt shows.
assert_impl_all!(Brand: AgentSafe, Serialize, DeserializeOwned, Copy);
assert_impl_all!(LastFour: AgentSafe, Serialize, DeserializeOwned, Copy);
// The back end stores tokens; everything goes where a host's handlers go.
assert_impl_all!(CardToken: Serialize, DeserializeOwned, Send, Sync);
assert_impl_all!(Card: Send, Sync);
assert_impl_all!(OpeningKey: Send, Sync);
assert_impl_all!(SealedCard: Serialize, DeserializeOwned, Send, Sync);
assert_impl_all!(SealingKey: Serialize, DeserializeOwned, Copy, Display);

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn debug_shows_nothing() {
    let card = card();
    let key = key(1);
    let sealed =
        card.seal_unverified(key.public(), REQUEST, Attempt::FIRST, &SeededRandom::new(2)).unwrap();
    let token = CardToken::generate(&SeededRandom::new(3)).unwrap();
    let all = [
        shown(&card),
        shown(card.pan()),
        shown(&card.expiry()),
        shown(card.verification()),
        shown(card.cardholder()),
        shown(&key),
        shown(&sealed),
        shown(&token),
    ];
    for text in &all {
        assert!(text.contains("[REDACTED]"), "{text}");
        assert!(
            !text.contains("424") && !text.contains("123") && !text.contains("Maria"),
            "{text}"
        );
        assert!(!text.contains("2034"), "{text}");
    }
    assert!(!all[5].contains(&hex::encode(key.to_bytes())[..8]));
    assert!(!all[6].contains(&sealed.to_text()[60..70]));
    assert!(!all[7].contains(&token.expose()[..4]));
}

#[test]
fn no_error_repeats_what_was_typed() {
    // Nearly right, so that a message which quotes would quote something of worth.
    for text in ["4242424242424243", "4242 4242 4242 4242x", "1234567", "99/99", "Maria\tSECRET"] {
        let errors = [
            text.parse::<Pan>().map(drop).map_err(|error| shown(&error) + &error.to_string()),
            text.parse::<Expiry>().map(drop).map_err(|error| shown(&error) + &error.to_string()),
            text.parse::<CardVerificationCode>()
                .map(drop)
                .map_err(|error| shown(&error) + &error.to_string()),
            text.parse::<Cardholder>()
                .map(drop)
                .map_err(|error| shown(&error) + &error.to_string()),
            text.parse::<CardToken>().map(drop).map_err(|error| shown(&error) + &error.to_string()),
            text.parse::<SealedCard>()
                .map(drop)
                .map_err(|error| shown(&error) + &error.to_string()),
        ];
        for error in errors.into_iter().filter_map(Result::err) {
            assert!(!error.contains("4242") && !error.contains("1234567"), "{error}");
            assert!(!error.contains("99/99") && !error.contains("SECRET"), "{error}");
        }
    }
}

fn refuses_silently<T: DeserializeOwned>() {
    for json in [
        "\"424242x\"",
        "424242",
        "-424242",
        "42.4242",
        "424242424242424242424242",
        "true",
        "null",
        "[\"424242\"]",
        "[424242]",
        "{\"424242\":\"424242\"}",
        "{\"pan\":424242}",
    ] {
        let Err(error) = serde_json::from_str::<T>(json) else { panic!("{json} was read") };
        assert!(!error.to_string().contains("4242") && !shown(&error).contains("4242"), "{error}");
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let Err(error) = serde_json::from_value::<T>(value) else { panic!("{json} was read") };
        assert!(!error.to_string().contains("4242"), "{error}");
    }
}

#[test]
fn no_error_of_serde_repeats_what_was_sent() {
    refuses_silently::<Pan>();
    refuses_silently::<CardVerificationCode>();
    refuses_silently::<Expiry>();
    refuses_silently::<CardToken>();
    refuses_silently::<SealedCard>();
    refuses_silently::<SealingKey>();
    refuses_silently::<Brand>();
    refuses_silently::<LastFour>();
    let error = serde_json::from_str::<Cardholder>("424242424242424242").unwrap_err().to_string();
    assert!(!error.contains("4242"), "{error}");
    let error = serde_json::from_str::<Cardholder>("\"424242424242424242\"").unwrap_err();
    assert!(!error.to_string().contains("4242"), "{error}");
}

#[test]
fn the_exports_are_wiped() {
    fn wiped<T: ZeroizeOnDrop>(_: &T) {}
    wiped(&key(1).to_bytes());
}
