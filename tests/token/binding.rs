//! Attack 17, token confusion: a token for one purpose, key, issuer or audience is refused for any
//! other.

use countersign::Issuer;
use countersign::token::{
    Audience, Leeway, Purpose, Rejection, TokenData, TrustedKeys, UntrustedToken,
};

use crate::support::{self, NOW, customer, issue_for, issuer, key, trusting, verify_for};

#[test]
fn the_matrix_of_purpose_key_issuer_and_audience_has_one_way_through() {
    let key_seeds = [1, 2, 3];
    let issuers = ["bank.example", "bank.example.org", "vault.bank.example"]
        .map(|name| Issuer::new(name).unwrap());
    let audiences =
        ["customer-1", "customer-10", "Customer-1"].map(|id| Audience::new(id).unwrap());
    let mut accepted = 0_usize;
    let mut tried = 0_usize;

    for purpose in Purpose::ALL {
        let token = issue_for(*purpose, &key(1), &issuers[0], &audiences[0]);
        for asked in Purpose::ALL {
            for seed in key_seeds {
                for issuer in &issuers {
                    let mut keys = TrustedKeys::new(issuer.clone());
                    keys.trust(*key(seed).public_key(), *asked).unwrap();
                    for audience in &audiences {
                        let right = purpose == asked
                            && seed == 1
                            && *issuer == issuers[0]
                            && *audience == audiences[0];
                        let verified = verify_for(*asked, &token, &keys, audience);
                        assert_eq!(verified.is_ok(), right, "{purpose} {asked} {seed} {issuer:?}");
                        // Each element is caught by its own check, not by chance.
                        if let Err(reason) = verified {
                            let expected = if seed != 1 {
                                Rejection::UnknownKey
                            } else if purpose != asked {
                                Rejection::Signature
                            } else if *issuer != issuers[0] {
                                Rejection::Issuer
                            } else {
                                Rejection::Audience
                            };
                            assert_eq!(reason, expected);
                        }
                        accepted += usize::from(right);
                        tried += 1;
                    }
                }
            }
        }
    }
    let purposes = Purpose::ALL.len();
    assert_eq!((tried, accepted), (purposes * purposes * 27, purposes));
}

#[test]
fn a_key_trusted_for_one_purpose_verifies_no_other() {
    let key = key(1);
    for trusted_for in Purpose::ALL {
        let keys = trusting(&key, &[*trusted_for]);
        for purpose in Purpose::ALL {
            let token = issue_for(*purpose, &key, &issuer(), &customer());
            let expected = if purpose == trusted_for { Ok(()) } else { Err(Rejection::UnknownKey) };
            assert_eq!(verify_for(*purpose, &token, &keys, &customer()), expected);
        }
    }
}

#[test]
fn the_kid_decides_which_key_and_another_key_with_that_kid_is_no_use() {
    let (ours, theirs) = (key(1), key(2));
    let keys = trusting(&ours, Purpose::ALL);
    let genuine = issue_for(Purpose::Grant, &ours, &issuer(), &customer());
    let forged = issue_for(Purpose::Grant, &theirs, &issuer(), &customer());
    assert_eq!(verify_for(Purpose::Grant, &forged, &keys, &customer()), Err(Rejection::UnknownKey));
    // Their signature under our key id.
    let our_footer = genuine.rsplit('.').next().unwrap();
    let their_payload = forged.rsplit_once('.').unwrap().0;
    let mixed = format!("{their_payload}.{our_footer}");
    assert_eq!(verify_for(Purpose::Grant, &mixed, &keys, &customer()), Err(Rejection::Signature));
    // And with both keys trusted, a footer that names the wrong one of them.
    let mut both = trusting(&ours, &[Purpose::Grant]);
    both.trust(*theirs.public_key(), Purpose::Grant).unwrap();
    assert_eq!(verify_for(Purpose::Grant, &forged, &both, &customer()), Ok(()));
    assert_eq!(verify_for(Purpose::Grant, &mixed, &both, &customer()), Err(Rejection::Signature));
}

#[test]
fn the_purpose_is_signed_as_a_claim_too() {
    let key = key(1);
    let keys = trusting(&key, Purpose::ALL);
    for claimed in Purpose::ALL {
        let json = format!(
            r#"{{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"{claimed}","data":{{"note":"x"}}}}"#
        );
        let token = support::sign_json(&key, Purpose::Receipt, &json);
        let expected = if *claimed == Purpose::Receipt { Ok(()) } else { Err(Rejection::Purpose) };
        assert_eq!(verify_for(Purpose::Receipt, &token, &keys, &customer()), expected);
    }
}

#[test]
fn without_an_expected_audience_the_proof_is_another_type() {
    let key = key(1);
    let token = support::challenge(&key);
    let keys = trusting(&key, &[Purpose::Challenge]);
    let read = UntrustedToken::parse(&token)
        .unwrap()
        .verify_for_someone::<countersign::challenge::ChallengeData>(&keys, NOW, Leeway::NONE)
        .unwrap();
    assert_eq!(read.claims(), &support::claims_of(support::data()));
    assert_eq!(read.kid(), key.public_key().kid());
    // All the other checks are made.
    let other = trusting(&support::key(2), &[Purpose::Challenge]);
    let refused = UntrustedToken::parse(&token)
        .unwrap()
        .verify_for_someone::<countersign::challenge::ChallengeData>(&other, NOW, Leeway::NONE);
    assert_eq!(refused.unwrap_err().reason(), Rejection::UnknownKey);
}

#[test]
fn names_and_implicit_assertions_are_fixed() {
    let fixed = [
        "challenge",
        "appointment",
        "step_up",
        "grant",
        "payment_request",
        "receipt",
        "opening_key",
        "status",
        "call_verdict",
        "last_contact",
        "call_numbers",
        "ground_rules",
        "history_head",
        "erasure",
        "evidence",
        "notice",
        "notice_list",
        "reachable",
    ];
    let names: Vec<_> = Purpose::ALL.iter().map(|purpose| purpose.name()).collect();
    assert_eq!(names, fixed);
    for purpose in Purpose::ALL {
        assert_eq!(purpose.implicit_assertion(), format!("countersign:v1:{}", purpose.name()));
        assert_eq!(purpose.name().parse(), Ok(*purpose));
    }
    assert!("Challenge".parse::<Purpose>().is_err());
    assert_eq!(support::Challenge::PURPOSE, Purpose::Challenge);
}
