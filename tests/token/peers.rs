//! pasetors as the other side: what one signs the other verifies, and the tokens are the same.

use countersign::challenge::ChallengeData;
use countersign::token::v4_public;
use countersign::token::v4_public::Buffer;
use countersign::token::{Leeway, Purpose, SigningKey, UntrustedToken};
use pasetors::keys::{AsymmetricPublicKey, AsymmetricSecretKey};
use pasetors::paserk::FormatAsPaserk;
use pasetors::token::UntrustedToken as TheirToken;
use pasetors::version4::{PublicToken, V4};
use pasetors::{Public, footer::Footer};
use proptest::prelude::*;

use crate::support::{NOW, challenge, claims_of, customer, data, key, seeds, trusting};

fn their_keys(key: &SigningKey) -> (AsymmetricSecretKey<V4>, AsymmetricPublicKey<V4>) {
    let secret = key.export_paserk();
    let public = key.public_key().to_string();
    (
        AsymmetricSecretKey::try_from(secret.as_str()).unwrap(),
        AsymmetricPublicKey::try_from(public.as_str()).unwrap(),
    )
}

#[test]
fn our_challenge_verifies_there_and_theirs_here() {
    let key = key(1);
    let (secret, public) = their_keys(&key);
    let token = challenge(&key);
    let implicit = Purpose::Challenge.implicit_assertion().as_bytes();

    let theirs = TheirToken::<Public, V4>::try_from(token.as_str()).unwrap();
    let verified = PublicToken::verify(&public, &theirs, None, Some(implicit)).unwrap();
    let mut footer = Footer::new();
    footer.parse_bytes(theirs.untrusted_footer()).unwrap();
    assert_eq!(footer.get_claim("kid").unwrap().as_str(), Some(key.public_key().kid().as_str()));
    for other in [None, Some(Purpose::Grant.implicit_assertion().as_bytes())] {
        assert!(PublicToken::verify(&public, &theirs, None, other).is_err());
    }

    let message = verified.payload().as_bytes();
    let made = PublicToken::sign(&secret, message, Some(theirs.untrusted_footer()), Some(implicit));
    assert_eq!(made.unwrap(), token);

    let keys = trusting(&key, &[Purpose::Challenge]);
    let read = UntrustedToken::parse(&token)
        .unwrap()
        .verify::<ChallengeData>(&keys, &customer(), NOW, Leeway::NONE)
        .unwrap();
    assert_eq!(read.claims(), &claims_of(data()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_make_the_same_tokens_and_verify_each_others(
        seed in seeds(),
        message in "\\PC{1,300}",
        footer in prop::collection::vec(any::<u8>(), 0..100),
        implicit in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let implicit = implicit.as_slice();
        let key = SigningKey::from_seed(&seed).unwrap();
        let (secret, public) = their_keys(&key);
        let ours = v4_public::sign(&key, message.as_bytes(), &footer, implicit).unwrap();
        let theirs =
            PublicToken::sign(&secret, message.as_bytes(), Some(&footer), Some(implicit)).unwrap();
        prop_assert_eq!(&ours, &theirs);

        let token = TheirToken::<Public, V4>::try_from(ours.as_str()).unwrap();
        let verified = PublicToken::verify(&public, &token, None, Some(implicit)).unwrap();
        prop_assert_eq!(token.untrusted_footer(), &footer);
        prop_assert_eq!(verified.payload(), &message);

        let mut buffer = Buffer::new();
        let opened = v4_public::verify(&theirs, key.public_key(), implicit, &mut buffer).unwrap();
        prop_assert_eq!((opened.message, opened.footer), (message.as_bytes(), &footer[..]));
    }

    #[test]
    fn both_agree_on_broken_tokens(
        message in "[ -~]{1,60}",
        footer in "[ -~]{0,20}",
        at in any::<prop::sample::Index>(),
        with in "[A-Za-z0-9._=+/ -]",
    ) {
        let key = key(1);
        let (_, public) = their_keys(&key);
        let token = v4_public::sign(&key, message.as_bytes(), footer.as_bytes(), b"").unwrap();
        let at = at.index(token.len());
        let broken = format!("{}{with}{}", &token[..at], &token[at + 1..]);
        let ours = v4_public::verify(&broken, key.public_key(), b"", &mut Buffer::new()).is_ok();
        let theirs = TheirToken::<Public, V4>::try_from(broken.as_str())
            .and_then(|token| PublicToken::verify(&public, &token, None, None).map(drop))
            .is_ok();
        prop_assert_eq!(ours, theirs);
        prop_assert_eq!(ours, broken == token);
    }

    #[test]
    fn keys_print_alike(seed in seeds()) {
        let key = SigningKey::from_seed(&seed).unwrap();
        let (secret, public) = their_keys(&key);
        let mut text = String::new();
        secret.fmt(&mut text).unwrap();
        prop_assert_eq!(text, key.export_paserk().to_string());
        let mut text = String::new();
        public.fmt(&mut text).unwrap();
        prop_assert_eq!(text, key.public_key().to_string());
    }
}
