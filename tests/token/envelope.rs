//! Size, header, base64url, footer, and every single bit.

use countersign::token::v4_public;
use countersign::token::v4_public::{Buffer, MAX_IMPLICIT_ASSERTION_LEN, TooLong};
use countersign::token::{MAX_TOKEN_LEN, Purpose, Rejection, UntrustedToken};
use proptest::prelude::*;

use crate::support::{challenge, key, trusting, verify_challenge};

fn base64url(bytes: &[u8]) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(bytes)
}

#[test]
fn every_single_bit_flip_is_refused() {
    let key = key(1);
    let keys = trusting(&key, &[Purpose::Challenge]);
    let token = challenge(&key);
    assert!(verify_challenge(&token, &keys).is_ok());

    let (mut refused, mut not_text) = (0, 0);
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            match std::str::from_utf8(&bytes) {
                Ok(flipped) => {
                    let reason = verify_challenge(flipped, &keys).unwrap_err();
                    assert!(
                        matches!(
                            reason,
                            Rejection::Malformed | Rejection::Signature | Rejection::UnknownKey
                        ),
                        "bit {bit} of byte {at}: {reason:?}"
                    );
                    refused += 1;
                }
                // The high bit of ASCII alone is no UTF-8: a `str` cannot hold it.
                Err(_) => not_text += 1,
            }
        }
    }
    assert_eq!(not_text, token.len());
    assert_eq!(refused, 7 * token.len());
}

#[test]
fn every_single_bit_flip_of_the_decoded_token_is_refused() {
    let key = key(1);
    let (message, footer, implicit) = (b"message".as_slice(), b"footer".as_slice(), b"implicit");
    let token = v4_public::sign(&key, message, footer, implicit).unwrap();
    let mut buffer = Buffer::new();
    let mut parts = token.split('.').skip(2).map(decode).collect::<Vec<_>>();
    for part in 0..2 {
        for bit in 0..parts[part].len() * 8 {
            parts[part][bit / 8] ^= 1 << (bit % 8);
            let flipped = format!("v4.public.{}.{}", base64url(&parts[0]), base64url(&parts[1]));
            let refused = v4_public::verify(&flipped, key.public_key(), implicit, &mut buffer);
            assert_eq!(refused.unwrap_err().reason(), Rejection::Signature);
            parts[part][bit / 8] ^= 1 << (bit % 8);
        }
    }
    let whole = format!("v4.public.{}.{}", base64url(&parts[0]), base64url(&parts[1]));
    assert_eq!(whole, token);
}

fn decode(text: &str) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

#[test]
fn truncated_and_extended_tokens_are_refused() {
    let key = key(1);
    let keys = trusting(&key, &[Purpose::Challenge]);
    let token = challenge(&key);
    for end in 0..token.len() {
        assert!(verify_challenge(&token[..end], &keys).is_err(), "{end}");
    }
    for more in ["A", "AAAA", ".", ".e30", "=", "==", " ", "\n", "\0"] {
        assert!(verify_challenge(&format!("{token}{more}"), &keys).is_err(), "{more:?}");
        assert!(verify_challenge(&format!("{more}{token}"), &keys).is_err(), "{more:?}");
    }
}

#[test]
fn other_headers_are_refused() {
    let key = key(1);
    let token = challenge(&key);
    let body = token.strip_prefix("v4.public.").unwrap();
    for header in [
        "",
        "v4.local.",
        "v3.public.",
        "v2.public.",
        "v4.Public.",
        "V4.public.",
        "v4.public",
        "v4.",
    ] {
        let refused = UntrustedToken::parse(&format!("{header}{body}")).map(drop);
        assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed, "{header}");
    }
}

#[test]
fn base64url_is_strict() {
    let key = key(1);
    let mut buffer = Buffer::new();
    let mut seen = [false; 3];
    for length in 0..6 {
        let message = vec![b'm'; length];
        let token = v4_public::sign(&key, &message, b"", b"").unwrap();
        let unused_bits = match (length + 64) % 3 {
            0 => 0,
            1 => 4,
            _ => 2,
        };
        seen[(length + 64) % 3] = true;
        // Every other last character that a lax decoder would read as the same bytes.
        let (start, last) = token.split_at(token.len() - 1);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let value = alphabet.find(last).unwrap();
        for other in 1..1 << unused_bits {
            let same = format!("{start}{}", &alphabet[value + other..=value + other]);
            let refused = v4_public::verify(&same, key.public_key(), b"", &mut buffer);
            assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed);
        }
        for lax in [format!("{token}="), format!("{token}=="), format!("{start}\n{last}")] {
            let refused = v4_public::verify(&lax, key.public_key(), b"", &mut buffer);
            assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed);
        }
        for (from, to) in [('-', '+'), ('_', '/')] {
            if token.contains(from) {
                let lax = token.replace(from, &to.to_string());
                let refused = v4_public::verify(&lax, key.public_key(), b"", &mut buffer);
                assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed);
            }
        }
    }
    assert_eq!(seen, [true; 3]);
}

#[test]
fn an_empty_footer_is_written_without_its_dot() {
    let key = key(1);
    let mut buffer = Buffer::new();
    let token = v4_public::sign(&key, b"m", b"", b"").unwrap();
    assert_eq!(token.matches('.').count(), 2);
    assert!(v4_public::verify(&token, key.public_key(), b"", &mut buffer).is_ok());
    let refused = v4_public::verify(&format!("{token}."), key.public_key(), b"", &mut buffer);
    assert_eq!(refused.unwrap_err().reason(), Rejection::Malformed);
}

#[test]
fn the_footer_is_a_kid_and_nothing_else() {
    let key = key(1);
    let kid = key.public_key().kid().as_str();
    let keys = trusting(&key, &[Purpose::Challenge]);
    let claims = {
        let token = challenge(&key);
        let mut buffer = Buffer::new();
        let implicit = Purpose::Challenge.implicit_assertion().as_bytes();
        v4_public::verify(&token, key.public_key(), implicit, &mut buffer).unwrap().message.to_vec()
    };
    let with_footer = |footer: &str| {
        let implicit = Purpose::Challenge.implicit_assertion().as_bytes();
        let token = v4_public::sign(&key, &claims, footer.as_bytes(), implicit).unwrap();
        verify_challenge(&token, &keys).map(drop)
    };
    // What other JSON writers make of the same object.
    for accepted in [
        format!(r#"{{"kid":"{kid}"}}"#),
        format!(r#"{{"kid": "{kid}"}}"#),
        format!("{{\n  \"kid\": \"{kid}\"\n}}"),
    ] {
        assert_eq!(with_footer(&accepted), Ok(()), "{accepted}");
    }
    for refused in [
        String::new(),
        "{}".to_owned(),
        kid.to_owned(),
        format!("\"{kid}\""),
        format!(r#"["{kid}"]"#),
        format!(r#"{{"kid":["{kid}"]}}"#),
        r#"{"kid":null}"#.to_owned(),
        r#"{"kid":""}"#.to_owned(),
        format!(r#"{{"kid":"{kid}A"}}"#),
        format!(r#"{{"kid":"{}"}}"#, &kid[..42]),
        format!(r#"{{"KID":"{kid}"}}"#),
        format!(r#"{{"kid":"{kid}","kid":"{kid}"}}"#),
        format!(r#"{{"kid":"{kid}","wpk":"x"}}"#),
        format!(r#"{{"kid":"\u00{:x}{}"}}"#, kid.as_bytes()[0], &kid[1..]),
        format!(r#"{{"kid":"{kid}"}} x"#),
        format!(r#"{{"kid":"{kid}"}}{{}}"#),
        format!(r#"{{"kid":"{kid}"}}{}"#, " ".repeat(256)),
        format!("\u{feff}{{\"kid\":\"{kid}\"}}"),
    ] {
        assert_eq!(with_footer(&refused), Err(Rejection::Malformed), "{refused}");
    }
}

#[test]
fn size_is_capped_before_anything_else() {
    let key = key(1);
    let mut buffer = Buffer::new();
    for length in [MAX_TOKEN_LEN + 1, 10_000_000] {
        let long = "v4.public.".to_owned() + &"A".repeat(length - 10);
        let refused = v4_public::verify(&long, key.public_key(), b"", &mut buffer);
        assert_eq!(refused.unwrap_err().reason(), Rejection::TooLong);
        assert_eq!(
            UntrustedToken::parse(&long).map(drop).unwrap_err().reason(),
            Rejection::TooLong
        );
    }
    let longest = "v4.public.".to_owned() + &"A".repeat(MAX_TOKEN_LEN - 10);
    let refused = v4_public::verify(&longest, key.public_key(), b"", &mut buffer);
    assert_ne!(refused.unwrap_err().reason(), Rejection::TooLong);
}

#[test]
fn the_longest_tokens_sign_and_verify() {
    let key = key(1);
    let mut buffer = Buffer::new();
    let implicit = [b'i'; MAX_IMPLICIT_ASSERTION_LEN];
    for footer_len in [0, 1, 2, 3, 53, 3000] {
        let footer = vec![b'f'; footer_len];
        let mut longest = 0;
        for length in 2900..6144 {
            let message = vec![b'm'; length];
            // The cap is where the token's length says, to the character.
            let payload = ((length + 64) * 4).div_ceil(3);
            let tail = if footer_len == 0 { 0 } else { 1 + (footer_len * 4).div_ceil(3) };
            let total = 10 + payload + tail;
            if total < MAX_TOKEN_LEN - 2 {
                continue;
            }
            match v4_public::sign(&key, &message, &footer, &implicit) {
                Ok(token) => {
                    assert_eq!(token.len(), total);
                    assert!(token.len() <= MAX_TOKEN_LEN);
                    let opened =
                        v4_public::verify(&token, key.public_key(), &implicit, &mut buffer)
                            .unwrap();
                    assert_eq!((opened.message, opened.footer), (&message[..], &footer[..]));
                    longest = length;
                }
                Err(TooLong { .. }) => {
                    assert!(total > MAX_TOKEN_LEN);
                    break;
                }
            }
        }
        assert!(longest > 0, "footer {footer_len}");
    }
    let too_long = [b'i'; MAX_IMPLICIT_ASSERTION_LEN + 1];
    assert!(matches!(v4_public::sign(&key, b"m", b"", &too_long), Err(TooLong { .. })));
    let token = v4_public::sign(&key, b"m", b"", &implicit).unwrap();
    let refused = v4_public::verify(&token, key.public_key(), &too_long, &mut buffer);
    assert_eq!(refused.unwrap_err().reason(), Rejection::TooLong);
}

#[test]
fn refusals_tell_the_presenter_nothing() {
    let key = key(1);
    let keys = trusting(&key, &[Purpose::Challenge]);
    let none = trusting(&key, &[]);
    let token = challenge(&key);
    let mut shown = std::collections::BTreeSet::new();
    for (token, keys) in [("", &keys), ("v4.public.AAAA", &keys), (token.as_str(), &none)] {
        let error = UntrustedToken::parse(token)
            .and_then(|token| {
                token
                    .verify::<countersign::challenge::ChallengeData>(
                        keys,
                        &crate::support::customer(),
                        crate::support::NOW,
                        countersign::token::Leeway::NONE,
                    )
                    .map(drop)
            })
            .unwrap_err();
        shown.insert(format!("{error} {error:?}"));
    }
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), ["the token is not valid here TokenError"]);
}

proptest! {
    #[test]
    fn random_text_never_verifies(token in ".{0,300}", body in "[A-Za-z0-9_-]{86,400}") {
        let key = key(1);
        let mut buffer = Buffer::new();
        prop_assert!(v4_public::verify(&token, key.public_key(), b"", &mut buffer).is_err());
        let token = format!("v4.public.{body}");
        prop_assert!(v4_public::verify(&token, key.public_key(), b"", &mut buffer).is_err());
    }

    #[test]
    fn message_footer_and_implicit_assertion_cannot_trade_bytes(
        text in proptest::collection::vec(any::<u8>(), 2..200),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        other in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let split = |(a, b): (prop::sample::Index, prop::sample::Index)| {
            let (a, b) = (a.index(text.len()), b.index(text.len()));
            let (a, b) = (a.min(b), a.max(b));
            (text[..a].to_vec(), text[a..b].to_vec(), text[b..].to_vec())
        };
        let (one, two) = (split(cut), split(other));
        let key = key(1);
        let first = v4_public::sign(&key, &one.0, &one.1, &one.2).unwrap();
        let second = v4_public::sign(&key, &two.0, &two.1, &two.2).unwrap();
        let signature = |token: &str| {
            let payload = decode(token.split('.').nth(2).unwrap());
            payload[payload.len() - 64..].to_vec()
        };
        prop_assert_eq!(one == two, signature(&first) == signature(&second));
    }
}
