//! Tokens beside pasetors: both make the same one, and accept the same ones of what it turns into.
#![no_main]

use arbitrary::Arbitrary;
use countersign::token::SigningKey;
use countersign::token::v4_public;
use countersign::token::v4_public::{Buffer, MAX_IMPLICIT_ASSERTION_LEN, MAX_TOKEN_LEN};
use libfuzzer_sys::fuzz_target;
use pasetors::Public;
use pasetors::keys::{AsymmetricPublicKey, AsymmetricSecretKey};
use pasetors::token::UntrustedToken;
use pasetors::version4::{PublicToken, V4};

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    seed: [u8; 32],
    message: &'a [u8],
    footer: &'a [u8],
    implicit: &'a [u8],
    other_implicit: &'a [u8],
    mutation: Mutation<'a>,
}

/// What becomes of the token on its way.
#[derive(Arbitrary, Debug)]
enum Mutation<'a> {
    None,
    /// A dot at its end.
    Dot,
    /// Bytes put in other bytes' place.
    Bytes(&'a [u8]),
    /// A stretch replaced by something else, so that the length changes.
    Stretch {
        from: u16,
        much: u8,
        with: &'a str,
    },
    /// One part in another's place.
    Parts {
        first: u8,
        second: u8,
    },
    /// Another text altogether.
    Text(&'a str),
    /// The header alone is right.
    Body(&'a str),
}

impl Mutation<'_> {
    fn of(&self, token: &str) -> Option<String> {
        match *self {
            Mutation::None => Some(token.to_owned()),
            Mutation::Dot => Some(format!("{token}.")),
            Mutation::Bytes(changes) => {
                let mut bytes = token.as_bytes().to_vec();
                for change in changes.chunks_exact(3) {
                    let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
                    bytes[at] = change[2];
                }
                String::from_utf8(bytes).ok()
            }
            Mutation::Stretch { from, much, with } => {
                let from = usize::from(from) % (token.len() + 1);
                let to = (from + usize::from(much)).min(token.len());
                Some([&token[..from], with, &token[to..]].concat())
            }
            Mutation::Parts { first, second } => {
                let mut parts: Vec<_> = token.split('.').collect();
                let count = parts.len();
                parts.swap(usize::from(first) % count, usize::from(second) % count);
                Some(parts.join("."))
            }
            Mutation::Text(text) => Some(text.to_owned()),
            Mutation::Body(text) => Some(format!("{}{text}", PublicToken::HEADER)),
        }
    }
}

fuzz_target!(|case: Case<'_>| {
    // A seed of zeroes is no key here.
    let Ok(key) = SigningKey::from_seed(&case.seed) else { return };
    let secret = AsymmetricSecretKey::<V4>::try_from(key.export_paserk().as_str()).unwrap();
    let public = AsymmetricPublicKey::<V4>::from(key.public_key().as_bytes()).unwrap();

    let theirs = PublicToken::sign(&secret, case.message, Some(case.footer), Some(case.implicit));
    let ours = v4_public::sign(&key, case.message, case.footer, case.implicit);
    let token = match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, theirs);
            ours
        }
        // pasetors signs no empty message.
        (Ok(ours), Err(_)) => {
            assert!(case.message.is_empty());
            ours
        }
        (Err(_), Ok(theirs)) => {
            let too_long = theirs.len() > MAX_TOKEN_LEN;
            assert!(too_long || case.implicit.len() > MAX_IMPLICIT_ASSERTION_LEN);
            theirs
        }
        (Err(_), Err(_)) => {
            assert!(case.message.is_empty());
            return;
        }
    };

    let Some(mutated) = case.mutation.of(&token) else { return };
    for implicit in [case.implicit, case.other_implicit] {
        let mut buffer = Buffer::new();
        let ours = v4_public::verify(&mutated, key.public_key(), implicit, &mut buffer);
        let theirs = UntrustedToken::<Public, V4>::try_from(mutated.as_str());
        let theirs = theirs.and_then(|token| {
            PublicToken::verify(&public, &token, None, Some(implicit)).map(|_| token)
        });
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert_eq!(ours.message, theirs.untrusted_payload());
                assert_eq!(ours.footer, theirs.untrusted_footer());
                assert_eq!((ours.message, ours.footer), (case.message, case.footer));
                assert_eq!((mutated.as_str(), implicit), (token.as_str(), case.implicit));
            }
            // pasetors gives out text alone, and none that is empty.
            (Ok(ours), Err(_)) => {
                assert!(ours.message.is_empty() || core::str::from_utf8(ours.message).is_err());
                assert_eq!((mutated.as_str(), implicit), (token.as_str(), case.implicit));
            }
            // Our caps; and a dot with no footer after it, which would be a second token for the same.
            (Err(_), Ok(_)) => {
                let dot = mutated.strip_suffix('.') == Some(token.as_str());
                let too_long = mutated.len() > MAX_TOKEN_LEN;
                assert!(dot || too_long || implicit.len() > MAX_IMPLICIT_ASSERTION_LEN);
                assert!(dot || mutated == token);
            }
            (Err(_), Err(_)) => {}
        }
        // What was not changed verifies, on both sides or as the rules above have it.
        if mutated == token && implicit == case.implicit {
            let capped = token.len() > MAX_TOKEN_LEN || implicit.len() > MAX_IMPLICIT_ASSERTION_LEN;
            assert_eq!(ours.is_ok(), !capped);
        }
    }
});
