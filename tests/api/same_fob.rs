//! Seeds of which HMAC makes the same key are one fob: revoked, it does not come back under another spelling.

use countersign::Error;
use countersign::credential::{Credential, CredentialStatus, ImportRequest};
use countersign::error::Invalid;
use countersign::otp::{Algorithm, Code, Digits, Hotp, OtpSeed};
use countersign::page::Page;
use proptest::prelude::*;
use sha2::Digest as _;

use crate::support::step_ups::bank;
use crate::support::*;

const ALL: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

fn seed(bytes: &[u8]) -> OtpSeed {
    OtpSeed::from_bytes(bytes).unwrap()
}

fn fob(bytes: &[u8], algorithm: Algorithm) -> ImportRequest {
    ImportRequest::hotp(seed(bytes), 0).algorithm(algorithm)
}

async fn imported(bank: &Bank, bytes: &[u8], algorithm: Algorithm) -> Result<Credential, Error> {
    bank.verifier.credentials().import(&alice(), &fob(bytes, algorithm)).await
}

fn code(bytes: &[u8], algorithm: Algorithm) -> Code {
    Hotp::new(&seed(bytes), algorithm, Digits::EIGHT).generate(0)
}

const fn block(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Sha512 => 128,
        _ => 64,
    }
}

fn hashed(bytes: &[u8], algorithm: Algorithm) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
        Algorithm::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
        _ => sha2::Sha512::digest(bytes).to_vec(),
    }
}

/// Every spelling of the key of these bytes that an import takes.
fn spellings(bytes: &[u8], algorithm: Algorithm) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let key =
        if bytes.len() > block(algorithm) { hashed(bytes, algorithm) } else { bytes.to_vec() };
    let bare = key.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for length in bare.max(16)..=block(algorithm) {
        let mut one = key[..bare].to_vec();
        one.resize(length, 0);
        all.push(one);
    }
    if bytes.len() > block(algorithm) {
        all.push(bytes.to_vec());
    }
    all
}

#[tokio::test]
async fn a_revoked_fob_does_not_come_back_with_a_zero_more_or_hashed() {
    for algorithm in ALL {
        for first in [vec![7; 20], vec![7; 64], vec![7; 100], [vec![7; 16], vec![0; 4]].concat()] {
            let bank = bank();
            let held = imported(&bank, &first, algorithm).await.unwrap();
            let credentials = bank.verifier.credentials();
            credentials.revoke(&alice(), &held.id).await.unwrap();
            for other in spellings(&first, algorithm) {
                assert_eq!(code(&other, algorithm), code(&first, algorithm));
                let again = imported(&bank, &other, algorithm).await.unwrap();
                assert_eq!((again.id, again.status), (held.id, CredentialStatus::Revoked));
            }
            assert_eq!(credentials.list(&alice(), Page::first()).await.unwrap().items.len(), 1);
        }
    }
}

/// Its counter is the one that there is.
#[tokio::test]
async fn another_spelling_of_an_active_fob_changes_nothing() {
    let bank = bank();
    let held = imported(&bank, &[7; 20], Algorithm::Sha1).await.unwrap();
    let written = bank.store.records();
    for other in spellings(&[7; 20], Algorithm::Sha1) {
        assert_eq!(imported(&bank, &other, Algorithm::Sha1).await.unwrap(), held);
        // As another kind it is still the same fob.
        let other = imported(&bank, &other, Algorithm::Sha256).await;
        assert!(matches!(other, Err(Error::Invalid(Invalid::AlreadyImported))), "{other:?}");
    }
    assert_eq!(bank.store.records(), written);
    // A zero before is another key.
    let other = [vec![0], vec![7; 20]].concat();
    assert_ne!(imported(&bank, &other, Algorithm::Sha1).await.unwrap().id, held.id);
}

/// A seed longer than the block, as another kind.
#[tokio::test]
async fn a_long_seed_is_one_fob_whatever_the_algorithm() {
    for first in ALL {
        for second in ALL.into_iter().filter(|second| *second != first) {
            let bank = bank();
            imported(&bank, &[7; 100], first).await.unwrap();
            let other = imported(&bank, &[7; 100], second).await;
            assert!(matches!(other, Err(Error::Invalid(Invalid::AlreadyImported))), "{other:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// The same key, the same codes, the same credential; another key, another.
    #[test]
    fn fobs_are_one_if_and_only_if_their_codes_are(
        bytes in prop::collection::vec(prop_oneof![3 => Just(0_u8), 2 => any::<u8>()], 16..=128),
        cut in 0..=128_usize, more in 0..=112_usize, which in 0..3_usize,
    ) {
        let algorithm = ALL[which];
        let mut other = bytes.clone();
        other.truncate(cut.max(16));
        other.resize((other.len() + more).min(128), 0);
        block_on(async {
            let bank = bank();
            let one = imported(&bank, &bytes, algorithm).await.unwrap().id;
            let two = match imported(&bank, &other, algorithm).await {
                Ok(two) => Some(two.id),
                // A long one that another algorithm does not tell from it.
                Err(Error::Invalid(Invalid::AlreadyImported)) => None,
                Err(other) => panic!("{other:?}"),
            };
            let codes = |of: &[u8]| {
                let hotp = Hotp::new(&seed(of), algorithm, Digits::new(10).unwrap());
                [hotp.generate(1), hotp.generate(2)]
            };
            assert_eq!(Some(one) == two, codes(&bytes) == codes(&other));
        });
    }
}
