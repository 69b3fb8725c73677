//! A fixed enterprise, its customer, and tokens of every purpose.

pub(crate) mod examples;
pub(crate) mod unicode;
#[cfg(feature = "cards")]
pub(crate) mod vault_keys;

use std::time::Duration;

use countersign::challenge::{ChallengeData, Channels};
use countersign::token::{
    Audience, Claims, Leeway, Purpose, Rejection, SigningKey, TokenData, TokenId, TrustedKeys,
    UntrustedToken, v4_public,
};
use countersign::{Channel, Issuer, Timestamp};
use serde::{Deserialize, Serialize};

/// 2026-01-31T14:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);
pub(crate) const FIVE_MINUTES: Duration = Duration::from_secs(300);

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

/// Seeds of signing keys; one of zeroes is none.
pub(crate) fn seeds() -> impl proptest::strategy::Strategy<Value = [u8; 32]> {
    use proptest::strategy::Strategy;
    proptest::arbitrary::any::<[u8; 32]>().prop_filter("all zero", |seed| *seed != [0; 32])
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new("bank.example").unwrap()
}

pub(crate) fn customer() -> Audience {
    Audience::new("customer-1").unwrap()
}

/// Trust in `key` for `purposes`, of [`issuer`].
pub(crate) fn trusting(key: &SigningKey, purposes: &[Purpose]) -> TrustedKeys {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in purposes {
        keys.trust(*key.public_key(), *purpose).unwrap();
    }
    keys
}

pub(crate) fn data() -> ChallengeData {
    ChallengeData::new(
        "About a card payment".parse().unwrap(),
        Channels::new(&[Channel::Voice]).unwrap(),
    )
}

pub(crate) fn claims_of<D: TokenData>(data: D) -> Claims<D> {
    let id = TokenId::from_bytes(*b"0123456789abcdef");
    Claims::new(issuer(), customer(), id, NOW, FIVE_MINUTES, data).unwrap()
}

pub(crate) fn challenge(key: &SigningKey) -> String {
    key.issue(&claims_of(data())).unwrap()
}

/// Signs `json` as the claims of a token of `purpose`, whatever it says.
pub(crate) fn sign_json(key: &SigningKey, purpose: Purpose, json: &str) -> String {
    let footer = format!(r#"{{"kid":"{}"}}"#, key.public_key().kid());
    let implicit = purpose.implicit_assertion().as_bytes();
    v4_public::sign(key, json.as_bytes(), footer.as_bytes(), implicit).unwrap()
}

/// Verifies as the customer at `now` without leeway.
pub(crate) fn verify_at<D: TokenData>(
    token: &str,
    keys: &TrustedKeys,
    now: Timestamp,
) -> Result<Claims<D>, Rejection> {
    UntrustedToken::parse(token)
        .and_then(|token| token.verify::<D>(keys, &customer(), now, Leeway::NONE))
        .map(countersign::token::Verified::into_claims)
        .map_err(countersign::token::TokenError::reason)
}

pub(crate) fn verify_challenge(
    token: &str,
    keys: &TrustedKeys,
) -> Result<Claims<ChallengeData>, Rejection> {
    verify_at(token, keys, NOW)
}

/// Data for any purpose, to try each against each.
macro_rules! probes {
    ($($name:ident),+) => {
        $(
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            pub(crate) struct $name {
                pub note: String,
            }

            impl TokenData for $name {
                const PURPOSE: Purpose = Purpose::$name;
                const MAX_LIFETIME: Duration = Duration::from_secs(86_400);
            }
        )+

        /// Issues a token of `purpose`.
        pub(crate) fn issue_for(purpose: Purpose, key: &SigningKey, issuer: &Issuer, to: &Audience) -> String {
            let id = TokenId::from_bytes([3; 16]);
            match purpose {
                $(Purpose::$name => {
                    let data = $name { note: "probe".into() };
                    let claims =
                        Claims::new(issuer.clone(), to.clone(), id, NOW, FIVE_MINUTES, data);
                    key.issue(&claims.unwrap()).unwrap()
                })+
                other => panic!("no probe for {other}"),
            }
        }

        /// Verifies `token` as one of `purpose`.
        pub(crate) fn verify_for(
            purpose: Purpose,
            token: &str,
            keys: &TrustedKeys,
            to: &Audience,
        ) -> Result<(), Rejection> {
            let token = UntrustedToken::parse(token).map_err(|error| error.reason())?;
            match purpose {
                $(Purpose::$name => token.verify::<$name>(keys, to, NOW, Leeway::NONE).map(drop),)+
                other => panic!("no probe for {other}"),
            }
            .map_err(|error| error.reason())
        }
    };
}

probes!(
    Challenge,
    Appointment,
    StepUp,
    Grant,
    PaymentRequest,
    Receipt,
    OpeningKey,
    Status,
    CallVerdict,
    LastContact,
    CallNumbers,
    GroundRules,
    HistoryHead,
    Erasure,
    Evidence,
    Notice,
    NoticeList,
    Reachable
);
