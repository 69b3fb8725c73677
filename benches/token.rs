//! Signing and verifying one challenge token beside ring over the same bytes, and beside other token
//! crates over the same claims. The aim: verifying at most 1.05 times raw ring, signing at most 1.10.
//!
//! Exits with 1 if verifying the envelope allocates.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use biscuit_auth::builder::BiscuitBuilder;
use countersign::challenge::{ChallengeData, Channels};
use countersign::token::v4_public;
use countersign::token::v4_public::Buffer;
use countersign::token::{
    Audience, Claims, Leeway, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken,
};
use countersign::{Channel, Issuer, Timestamp};
use pasetors::keys::{AsymmetricPublicKey, AsymmetricSecretKey};
use pasetors::version4::{PublicToken, V4};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use rusty_paseto::core as rusty;
use side_by_side::{allocations, case, compare};

const SEED: [u8; 32] = [7; 32];
/// 2100-01-01: jsonwebtoken compares with the system's clock.
const NOW: Timestamp = Timestamp::from_unix(4_102_444_800);

fn main() -> ExitCode {
    let key = SigningKey::from_seed(&SEED).unwrap();
    let issuer = Issuer::new("bank.example").unwrap();
    let customer = Audience::new("customer-4711").unwrap();
    let purpose = "About a payment of 31 January that we stopped";
    let claims = Claims::new(
        issuer.clone(),
        customer.clone(),
        TokenId::from_bytes([3; 16]),
        NOW,
        Duration::from_secs(300),
        ChallengeData::new(purpose.parse().unwrap(), Channels::new(&[Channel::Voice]).unwrap()),
    )
    .unwrap();
    let token = key.issue(&claims).unwrap();
    let mut keys = TrustedKeys::new(issuer);
    keys.trust(*key.public_key(), Purpose::Challenge).unwrap();
    let implicit = Purpose::Challenge.implicit_assertion().as_bytes();

    let mut buffer = Buffer::new();
    let opened = v4_public::verify(&token, key.public_key(), implicit, &mut buffer).unwrap();
    let (message, footer) = (opened.message.to_vec(), opened.footer.to_vec());
    let signed = pae(&[b"v4.public.", &message, &footer, implicit]);
    println!("{} characters of token, {} bytes signed", token.len(), signed.len());

    // The same keys for everyone.
    let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
    let signature = pair.sign(&signed);
    let public = *key.public_key().as_bytes();
    let paserk = key.export_paserk();
    let pasetors_secret = AsymmetricSecretKey::<V4>::try_from(paserk.as_str()).unwrap();
    let pasetors_public = AsymmetricPublicKey::<V4>::from(&public).unwrap();
    let halves = [SEED, public].concat();
    let rusty_secret_bytes = rusty::Key::<64>::from(<[u8; 64]>::try_from(halves).unwrap());
    let rusty_secret =
        rusty::PasetoAsymmetricPrivateKey::<rusty::V4, rusty::Public>::from(&rusty_secret_bytes);
    let rusty_public_bytes = rusty::Key::<32>::from(public);
    let rusty_public =
        rusty::PasetoAsymmetricPublicKey::<rusty::V4, rusty::Public>::from(&rusty_public_bytes);
    let message_text = std::str::from_utf8(&message).unwrap();
    let footer_text = std::str::from_utf8(&footer).unwrap();
    let implicit_text = std::str::from_utf8(implicit).unwrap();
    let jwt_claims = jwt_claims(&message);
    let jwt_header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    let jwt_secret = jsonwebtoken::EncodingKey::from_ed_der(&pkcs8());
    let jwt_public = jsonwebtoken::DecodingKey::from_ed_der(&public);
    let mut jwt_rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    jwt_rules.set_audience(&["customer-4711"]);
    jwt_rules.set_issuer(&["bank.example"]);
    jwt_rules.validate_nbf = false;
    let jwt = jsonwebtoken::encode(&jwt_header, &jwt_claims, &jwt_secret).unwrap();
    let biscuit_root = biscuit_auth::KeyPair::from(
        &biscuit_auth::PrivateKey::from_bytes(&SEED, biscuit_auth::builder::Algorithm::Ed25519)
            .unwrap(),
    );
    let biscuit_text = biscuit(&biscuit_root, purpose);

    compare(
        "verify one challenge token",
        vec![
            case("ring alone, over the same bytes", || {
                let key = UnparsedPublicKey::new(&ED25519, &public);
                key.verify(black_box(&signed), black_box(signature.as_ref())).unwrap();
            }),
            case("countersign, the envelope", || {
                let token = black_box(token.as_str());
                let opened = v4_public::verify(token, key.public_key(), implicit, &mut buffer);
                black_box(opened.unwrap().message.len());
            }),
            case("countersign, kid, envelope and claims", || {
                let token = UntrustedToken::parse(black_box(&token)).unwrap();
                let verified =
                    token.verify::<ChallengeData>(&keys, &customer, NOW, Leeway::DEFAULT);
                let _ = black_box(verified.unwrap());
            }),
            case("pasetors, the envelope", || {
                let token = pasetors::token::UntrustedToken::try_from(black_box(&token)).unwrap();
                let verified =
                    PublicToken::verify(&pasetors_public, &token, Some(&footer), Some(implicit));
                black_box(verified.unwrap());
            }),
            case("rusty_paseto, the envelope", || {
                let verified = rusty::Paseto::<rusty::V4, rusty::Public>::try_verify(
                    black_box(&token),
                    &rusty_public,
                    Some(rusty::Footer::from(footer_text)),
                    Some(rusty::ImplicitAssertion::from(implicit_text)),
                );
                black_box(verified.unwrap());
            }),
            case("jsonwebtoken EdDSA, signature and claims", || {
                let decoded = jsonwebtoken::decode::<serde_json::Value>(
                    black_box(&jwt),
                    &jwt_public,
                    &jwt_rules,
                );
                black_box(decoded.unwrap());
            }),
            case("biscuit-auth, signature and block", || {
                let token = biscuit_auth::Biscuit::from_base64(
                    black_box(&biscuit_text),
                    biscuit_root.public(),
                );
                black_box(token.unwrap());
            }),
        ],
    );

    compare(
        "sign one challenge token",
        vec![
            case("ring alone, over the same bytes", || {
                black_box(pair.sign(black_box(&signed)));
            }),
            case("countersign, the envelope", || {
                let token = v4_public::sign(&key, black_box(&message), &footer, implicit);
                black_box(token.unwrap());
            }),
            case("countersign, claims and envelope", || {
                black_box(key.issue(black_box(&claims)).unwrap());
            }),
            case("pasetors, the envelope", || {
                let token = PublicToken::sign(
                    &pasetors_secret,
                    black_box(&message),
                    Some(&footer),
                    Some(implicit),
                );
                black_box(token.unwrap());
            }),
            case("rusty_paseto, the envelope", || {
                let token = rusty::Paseto::<rusty::V4, rusty::Public>::builder()
                    .set_payload(rusty::Payload::from(black_box(message_text)))
                    .set_footer(rusty::Footer::from(footer_text))
                    .set_implicit_assertion(rusty::ImplicitAssertion::from(implicit_text))
                    .try_sign(&rusty_secret);
                black_box(token.unwrap());
            }),
            case("jsonwebtoken EdDSA, claims and signature", || {
                let token = jsonwebtoken::encode(&jwt_header, black_box(&jwt_claims), &jwt_secret);
                black_box(token.unwrap());
            }),
            case("biscuit-auth, block and signatures", || {
                black_box(biscuit(&biscuit_root, purpose));
            }),
        ],
    );

    let before = allocations();
    black_box(v4_public::verify(&token, key.public_key(), implicit, &mut buffer).is_ok());
    let allocated = allocations() - before;
    println!("\nverifying the envelope: {allocated} allocations");
    if allocated == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The token's claims as a JWT has them: times in seconds.
fn jwt_claims(message: &[u8]) -> serde_json::Value {
    let mut claims: serde_json::Value = serde_json::from_slice(message).unwrap();
    for (name, at) in [("iat", NOW.unix()), ("nbf", NOW.unix()), ("exp", NOW.unix() + 300)] {
        claims[name] = at.into();
    }
    claims
}

/// The nearest to the same claims: a fact for each.
fn biscuit(root: &biscuit_auth::KeyPair, purpose: &str) -> String {
    BiscuitBuilder::new()
        .fact(r#"iss("bank.example")"#)
        .unwrap()
        .fact(r#"aud("customer-4711")"#)
        .unwrap()
        .fact(format!(r#"purpose("{purpose}")"#).as_str())
        .unwrap()
        .fact(r#"channel("voice")"#)
        .unwrap()
        .build(root)
        .unwrap()
        .to_base64()
        .unwrap()
}

fn pkcs8() -> Vec<u8> {
    let frame = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    [&frame[..], &SEED].concat()
}

fn pae(pieces: &[&[u8]]) -> Vec<u8> {
    let le = |n: usize| (n as u64).to_le_bytes();
    let mut out = le(pieces.len()).to_vec();
    for piece in pieces {
        out.extend(le(piece.len()));
        out.extend_from_slice(piece);
    }
    out
}
