//! Importing and exporting keys: what is accepted, what is told about the rest.

use countersign::random::{Random, RandomError};
use countersign::token::{KeyError, PublicKey, SigningKey};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::support::{key, seeds};

const PKCS8_V1: &str = "302e020100300506032b657004220420";
const PKCS8_V2: &str = "3051020101300506032b657004220420";
const PKCS8_V2_OLD: &str = "3053020101300506032b657004220420";

fn pkcs8(frame: &str, seed: &[u8], tag: &str, public: &[u8]) -> Vec<u8> {
    let (frame, tag) = (hex::decode(frame).unwrap(), hex::decode(tag).unwrap());
    [&frame[..], seed, &tag, public].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    let body = Base64::encode_string(der);
    let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn the_thumbprint_is_that_of_rfc_8037() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key: PublicKey = format!("k4.public.{x}").parse().unwrap();
    assert_eq!(key.kid().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(
        key.to_jwk(),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{}","use":"sig"}}"#, key.kid())
    );
    // Appendix A.1's secret.
    let d = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let seed: [u8; 32] = hex::decode(d).unwrap().try_into().unwrap();
    assert_eq!(SigningKey::from_seed(&seed).unwrap().public_key(), &key);
}

#[test]
fn what_ring_writes_is_read() {
    let random = ring::rand::SystemRandom::new();
    for _ in 0..8 {
        let document = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let theirs = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let ours = SigningKey::from_pkcs8_der(document.as_ref()).unwrap();
        assert_eq!(ours.public_key().as_bytes(), theirs.public_key().as_ref());
    }
}

proptest! {
    #[test]
    fn every_form_gives_the_same_key(seed in seeds()) {
        let key = SigningKey::from_seed(&seed).unwrap();
        let public = key.public_key();
        for der in [
            pkcs8(PKCS8_V1, &seed, "", b""),
            pkcs8(PKCS8_V2, &seed, "812100", public.as_bytes()),
            pkcs8(PKCS8_V2_OLD, &seed, "a123032100", public.as_bytes()),
        ] {
            let read = SigningKey::from_pkcs8_der(&der).unwrap();
            prop_assert_eq!(read.public_key(), public);
            let ring = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
            prop_assert_eq!(ring.public_key().as_ref(), public.as_bytes());
            let from_pem = SigningKey::from_pkcs8_pem(&pem("PRIVATE KEY", &der)).unwrap();
            prop_assert_eq!(from_pem.export_paserk(), key.export_paserk());
        }
        let again = SigningKey::from_paserk(&key.export_paserk()).unwrap();
        prop_assert_eq!(again.public_key(), public);
        let drawn = SigningKey::generate(&Drawn(Ok(seed))).unwrap();
        prop_assert_eq!(drawn.public_key(), public);

        prop_assert_eq!(&public.to_string().parse::<PublicKey>().unwrap(), public);
        prop_assert_eq!(&PublicKey::from_jwk(&public.to_jwk()).unwrap(), public);
        prop_assert_eq!(&PublicKey::from_bytes(*public.as_bytes()).unwrap(), public);
        let spki = [&hex::decode("302a300506032b6570032100").unwrap()[..], public.as_bytes()].concat();
        prop_assert_eq!(&PublicKey::from_spki_der(&spki).unwrap(), public);
        prop_assert_eq!(&PublicKey::from_spki_pem(&pem("PUBLIC KEY", &spki)).unwrap(), public);
    }

    #[test]
    fn arbitrary_input_is_an_error_and_no_panic(text in ".{0,200}", der in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(text.parse::<PublicKey>(), Err(KeyError::NotPublicPaserk));
        prop_assert_eq!(PublicKey::from_jwk(&text), Err(KeyError::NotJwk));
        prop_assert_eq!(PublicKey::from_spki_pem(&text), Err(KeyError::NotPem));
        prop_assert_eq!(PublicKey::from_spki_der(&der), Err(KeyError::NotSpki));
        prop_assert_eq!(SigningKey::from_paserk(&text).unwrap_err(), KeyError::NotSecretPaserk);
        prop_assert_eq!(SigningKey::from_pkcs8_pem(&text).unwrap_err(), KeyError::NotPem);
        prop_assert_eq!(SigningKey::from_pkcs8_der(&der).unwrap_err(), KeyError::NotPkcs8);
    }
}

/// A source that gives these bytes, or fails.
struct Drawn(Result<[u8; 32], RandomError>);

impl Random for Drawn {
    fn fill(&self, to: &mut [u8]) -> Result<(), RandomError> {
        to.copy_from_slice(&self.0?);
        Ok(())
    }
}

#[test]
fn a_failing_source_of_randomness_makes_no_key() {
    let failed = RandomError::new();
    let result = SigningKey::generate(&Drawn(Err(failed)));
    assert_eq!(result.unwrap_err(), KeyError::Random(failed));
}

#[test]
fn a_seed_that_nobody_drew_is_refused() {
    assert_eq!(SigningKey::from_seed(&[0; 32]).unwrap_err(), KeyError::ZeroSeed);
    assert_eq!(SigningKey::generate(&Drawn(Ok([0; 32]))).unwrap_err(), KeyError::ZeroSeed);
    let der = pkcs8(PKCS8_V1, &[0; 32], "", b"");
    assert_eq!(SigningKey::from_pkcs8_der(&der).unwrap_err(), KeyError::ZeroSeed);
}

#[test]
fn paserk_must_be_exact() {
    let key = key(1);
    let public = key.public_key().to_string();
    let secret = key.export_paserk();
    let body = public.strip_prefix("k4.public.").unwrap();
    for bad in [
        String::new(),
        body.to_owned(),
        format!("k3.public.{body}"),
        format!("k4.public {body}"),
        format!("k4.local.{body}"),
        format!("k4.pid.{body}"),
        format!("{public}="),
        format!("{public}A"),
        format!(" {public}"),
        format!("{public}\n"),
        public[..public.len() - 1].to_owned(),
        "k4.public.".to_owned(),
        format!("k4.public.{}", "A".repeat(10_000_000)),
    ] {
        assert_eq!(bad.parse::<PublicKey>(), Err(KeyError::NotPublicPaserk));
        assert_eq!(SigningKey::from_paserk(&bad).unwrap_err(), KeyError::NotSecretPaserk);
    }
    assert_eq!(secret.parse::<PublicKey>(), Err(KeyError::SecretGivenAsPublic));
    for bad in [format!("{}=", *secret), secret[..secret.len() - 1].to_owned()] {
        assert_eq!(SigningKey::from_paserk(&bad).unwrap_err(), KeyError::NotSecretPaserk);
    }
}

#[test]
fn halves_must_agree() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let (ours, theirs) = (key(1), key(2));
    let halves = [&[1; 32][..], theirs.public_key().as_bytes()].concat();
    let paserk = format!("k4.secret.{}", Base64UrlUnpadded::encode_string(&halves));
    assert_eq!(SigningKey::from_paserk(&paserk).unwrap_err(), KeyError::HalvesDisagree);
    let public = theirs.public_key().as_bytes();
    for der in [
        pkcs8(PKCS8_V2, &[1; 32], "812100", public),
        pkcs8(PKCS8_V2_OLD, &[1; 32], "a123032100", public),
    ] {
        assert_eq!(SigningKey::from_pkcs8_der(&der).unwrap_err(), KeyError::HalvesDisagree);
    }
    assert_ne!(ours.public_key(), theirs.public_key());
}

#[test]
fn pkcs8_must_be_exact() {
    let public = *key(1).public_key().as_bytes();
    let good = pkcs8(PKCS8_V2, &[1; 32], "812100", &public);
    assert!(SigningKey::from_pkcs8_der(&good).is_ok());
    for end in 0..good.len() {
        assert_eq!(SigningKey::from_pkcs8_der(&good[..end]).unwrap_err(), KeyError::NotPkcs8);
    }
    let longer = [&good[..], &[0]].concat();
    assert_eq!(SigningKey::from_pkcs8_der(&longer).unwrap_err(), KeyError::NotPkcs8);
    // Every bit of the frame counts.
    for at in (0..16).chain(48..51) {
        for bit in 0..8 {
            let mut other = good.clone();
            other[at] ^= 1 << bit;
            assert_eq!(SigningKey::from_pkcs8_der(&other).unwrap_err(), KeyError::NotPkcs8);
        }
    }
    // X25519 (1.3.101.110) is another kind of key.
    let x25519 = pkcs8(&PKCS8_V1.replace("2b6570", "2b656e"), &[1; 32], "", b"");
    assert_eq!(SigningKey::from_pkcs8_der(&x25519).unwrap_err(), KeyError::NotPkcs8);
}

#[test]
fn pem_has_one_block_of_the_right_label() {
    let der = pkcs8(PKCS8_V1, &[1; 32], "", b"");
    let good = pem("PRIVATE KEY", &der);
    let read = |text: &str| SigningKey::from_pkcs8_pem(text).map(drop);
    assert_eq!(read(&good), Ok(()));
    assert_eq!(read(&good.replace('\n', "\r\n")), Ok(()));
    assert_eq!(read(&format!("\n{good}\n")), Ok(()));
    for bad in [
        pem("ENCRYPTED PRIVATE KEY", &der),
        pem("PUBLIC KEY", &der),
        pem("EC PRIVATE KEY", &der),
        format!("{good}{good}"),
        format!("Proc-Type: 4\n{good}"),
        good.replace("END PRIVATE", "END PUBLIC"),
        good.replace("-----END PRIVATE KEY-----", ""),
        good.replace("MC4C", "MC4 C"),
        good.replace("MC4C", "MC4*"),
        format!("{good}{}", " ".repeat(2000)) + "x",
        "-----BEGIN PRIVATE KEY----------END PRIVATE KEY----".to_owned(),
    ] {
        assert_eq!(read(&bad), Err(KeyError::NotPem), "{bad}");
    }
    assert_eq!(read(&pem("PRIVATE KEY", b"")), Err(KeyError::NotPkcs8));
    assert_eq!(
        PublicKey::from_spki_pem(&good.replace("PRIVATE", "PUBLIC")),
        Err(KeyError::NotSpki)
    );
}

#[test]
fn jwk_is_read_strictly() {
    let key = *key(1).public_key();
    let x = key.to_string().split_off("k4.public.".len());
    for good in [
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#),
        format!("{{ \"x\": \"{x}\",\n \"crv\": \"Ed25519\", \"kty\": \"OKP\" }}"),
        format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"sig","kid":"2026","alg":"EdDSA","key_ops":["verify"]}}"#
        ),
        format!(r#"{{"\u006bty":"OKP","crv":"Ed255\u00319","x":"{x}"}}"#),
    ] {
        assert_eq!(PublicKey::from_jwk(&good), Ok(key), "{good}");
    }
    for (bad, error) in [
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{x}"}}"#),
            KeyError::SecretGivenAsPublic,
        ),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":null}}"#),
            KeyError::SecretGivenAsPublic,
        ),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":{{"y":[1]}}}}"#),
            KeyError::SecretGivenAsPublic,
        ),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","use":"enc"}}"#), KeyError::NotJwk),
        (format!(r#"{{"kty":"EC","crv":"Ed25519","x":"{x}"}}"#), KeyError::NotJwk),
        (format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"}}"#), KeyError::NotJwk),
        (format!(r#"{{"kty":"OKP","crv":"Ed448","x":"{x}"}}"#), KeyError::NotJwk),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}="}}"#), KeyError::NotJwk),
        (r#"{"kty":"OKP","crv":"Ed25519"}"#.to_owned(), KeyError::NotJwk),
        (r#"{"kty":"OKP","crv":"Ed25519","x":""}"#.to_owned(), KeyError::NotJwk),
        (r#"{"kty":"OKP","crv":"Ed25519","x":7}"#.to_owned(), KeyError::NotJwk),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","x":"{x}"}}"#), KeyError::NotJwk),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":1,"kid":2}}"#), KeyError::NotJwk),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}} {}"#, " ".repeat(4096)),
            KeyError::NotJwk,
        ),
        (format!(r#"[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]"#), KeyError::NotJwk),
    ] {
        assert_eq!(PublicKey::from_jwk(&bad), Err(error), "{bad}");
    }
}
