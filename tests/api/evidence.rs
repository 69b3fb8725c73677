//! Evidence for a dispute: what it shows, that it is verified with public keys alone, and that nothing of it can be
//! changed, by the enterprise neither.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use core::time::Duration;
use countersign::Timestamp;
use countersign::credential::{BoundBy, CredentialPublicKey, EnrolmentRequest, Method};
use countersign::error::Reason;
use countersign::history::{Outcome, Subject};
use countersign::id::StepUpId;
use countersign::step_up::{Approver, Evidence, EvidenceCheck, EvidenceData, EvidenceError};
use countersign::token::{Audience, Claims, Purpose, SigningKey, TokenId, TrustedKeys};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::credentials::{app, pin, refused};
use crate::support::depth::either;
use crate::support::device_keys::{PrivateKey, bound, bound_with_pin};
use crate::support::golden;
use crate::support::passkeys::{self, Authenticator};
use crate::support::step_ups::{asked, bank, bank_of, grant, open, signing, transfer};
use crate::support::{Bank, START, alice, bob_rings, issuer, request};

pub(crate) fn key() -> PrivateKey {
    PrivateKey::ed25519(9)
}

/// What a court, an ombudsman or the customer has of the bank: its JWK set.
pub(crate) fn published() -> TrustedKeys {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
        keys.trust(*signing().public_key(), purpose).unwrap();
    }
    TrustedKeys::from_jwk_set(issuer(), &keys.to_jwk_set()).unwrap()
}

pub(crate) fn later() -> Timestamp {
    // Ten years: the token of what was asked is long over.
    START.after(Duration::from_secs(10 * 366 * 24 * 3600))
}

pub(crate) fn spelt_rightly(json: &str) -> Evidence {
    Evidence::from_json(json).unwrap()
}

fn verified(json: &str) -> Result<Approver, EvidenceError> {
    let keys = published();
    let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
    let evidence = spelt_rightly(json);
    evidence.verify(&check, later()).map(|verified| verified.approver())
}

/// Alice's phone has approved a transfer with the digits that Bob said, and the bank has made it.
async fn disputed(bank: &Bank) -> (StepUpId, Vec<u8>) {
    bound(bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let call = bob_rings("call-1");
    let asked = asked(bank, &call).await;
    let (id, answer) = (asked.step_up.id, key().answer(bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &id, &open(bank, &asked).answer_signed(answer)).await.unwrap();
    let grant = grant(bank, &asked).await;
    step_ups.redeem(&call, &grant, &transfer(), &request("k")).await.unwrap();
    let said = asked.digits.as_ref().unwrap().digits().replace(' ', "");
    (id, said.into_bytes())
}

async fn exported() -> String {
    let bank = bank();
    let (id, _) = disputed(&bank).await;
    bank.verifier.step_ups().evidence(&alice(), &id).await.unwrap().to_json().unwrap()
}

#[tokio::test]
async fn a_disputed_payment_is_verified_with_public_keys_alone() {
    let bank = bank();
    let (id, said) = disputed(&bank).await;
    let json = bank.verifier.step_ups().evidence(&alice(), &id).await.unwrap().to_json().unwrap();
    drop(bank);
    let evidence = Evidence::from_json(&json).unwrap();
    let keys = published();
    let fingerprint = key().public().fingerprint();
    let check = EvidenceCheck::new(&keys).signed_by(fingerprint);
    let shown = evidence.verify(&check, later()).unwrap();
    assert_eq!(shown.approver(), Approver::HolderOfExpectedKey);
    assert_eq!((shown.issuer(), shown.customer()), (&issuer(), &alice()));
    assert_eq!(shown.asked().what.transaction(), Some(&transfer()));
    assert_eq!(shown.asked().step_up, id);
    assert_eq!(shown.asked().agent_name.as_str(), "Bob from Example Bank");
    assert_eq!(shown.agent(), &bob_rings("call-1").agent.id);
    assert_eq!(shown.key_fingerprint(), Some(fingerprint));
    assert_eq!((shown.asked_at(), shown.approved_at()), (START, START));
    assert_eq!((shown.redeemed_at(), shown.sealed_at()), (Some(START), START));
    // "You rang me", and the digits that Bob said.
    assert_eq!((shown.answered(), shown.typed()), (&[1, 2][..], &[&[1], &*said].concat()[..]));
    assert_eq!(shown.bound_by(), Some(BoundBy::Session));
    assert!(shown.shows_possession());
    assert_eq!(shown.attested(), None);
    let subjects: Vec<_> = shown.histories().map(|history| history.subject).collect();
    assert_eq!(subjects, [Subject::StepUp(id), Subject::Credential(shown.asked().credential)]);
}

/// Who holds the enterprise's keys and writes its rows can put another key in: what is not known is said in the type.
#[tokio::test]
async fn without_an_expected_fingerprint_the_key_is_the_enterprise_s_word() {
    let (keys, evidence) = (published(), Evidence::from_json(&exported().await).unwrap());
    let by = evidence.verify(&EvidenceCheck::new(&keys), later()).unwrap().approver();
    assert_eq!(by, Approver::HolderOfKeyByEnterprisesWord);
    let other = EvidenceCheck::new(&keys).signed_by(PrivateKey::ed25519(8).public().fingerprint());
    assert_eq!(evidence.verify(&other, later()), Err(EvidenceError::OtherKey));
}

#[tokio::test]
async fn a_passkey_s_approval_is_verified_too() {
    let bank = bank_of(passkeys::policy());
    let authenticator = Authenticator::of(key());
    passkeys::bound(&bank, &EnrolmentRequest::passkey(request("passkey")), &authenticator).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let (id, answer) = (asked.step_up.id, authenticator.answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer)).await.unwrap();
    let evidence = step_ups.evidence(&alice(), &id).await.unwrap();
    let evidence = Evidence::from_json(&evidence.to_json().unwrap()).unwrap();
    let (keys, policy) = (published(), passkeys::policy().passkeys);
    let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
    assert_eq!(evidence.verify(&check, later()), Err(EvidenceError::Signature), "no relying party");
    let shown = evidence.verify(&check.clone().passkeys(&policy), later()).unwrap();
    assert_eq!(shown.approver(), Approver::HolderOfExpectedKey);
    assert_eq!((shown.asked().method, shown.redeemed_at()), (Method::Passkey, None));
    assert!(!shown.shows_possession(), "a registration is not signed by the key");
    let mut elsewhere = policy;
    elsewhere.origins = vec!["https://login.bank.example".to_owned()];
    let refused = evidence.verify(&check.passkeys(&elsewhere), later());
    assert_eq!(refused, Err(EvidenceError::Signature));
}

/// Its maker shares the secret.
#[tokio::test]
async fn of_ocra_the_type_says_that_the_enterprise_could_have_made_it() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let (id, step_ups) = (asked.step_up.id, bank.verifier.step_ups());
    step_ups.submit(&alice(), &id, &code).await.unwrap();
    let evidence = step_ups.evidence(&alice(), &id).await.unwrap();
    assert!(!evidence.to_json().unwrap().contains(code.code().unwrap().expose()), "no code in it");
    let keys = published();
    let shown = evidence.verify(&EvidenceCheck::new(&keys), later()).unwrap();
    assert_eq!(shown.approver(), Approver::CustomerOrEnterprise);
    assert_eq!(shown.key_fingerprint(), None);
    // Who expects a key is not put off with a secret that the enterprise shares.
    let check = EvidenceCheck::new(&keys).signed_by(key().public().fingerprint());
    assert_eq!(evidence.verify(&check, later()), Err(EvidenceError::OtherKey));
}

/// The PIN for coercion looks like the other one to everybody but the operator, in a court's files too.
#[tokio::test]
async fn evidence_tells_nobody_of_coercion() {
    let mut sizes = Vec::new();
    for typed in ["2468", "1357"] {
        let bank = bank();
        let phone = EnrolmentRequest::device_key(request("phone"));
        let device = bound_with_pin(&bank, phone, &key()).await;
        let asked = asked(&bank, &bob_rings("call-1")).await;
        let code = open(&bank, &asked).approve(&device, &pin(typed)).unwrap();
        let (id, answer) = (asked.step_up.id, key().answer(&bank, &asked));
        let step_ups = bank.verifier.step_ups();
        step_ups.submit(&alice(), &id, &code.signed(answer)).await.unwrap();
        sizes.push(step_ups.evidence(&alice(), &id).await.unwrap().to_json().unwrap());
    }
    assert_eq!(sizes[0], sizes[1]);
}

#[tokio::test]
async fn there_is_evidence_of_approvals_alone() {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let asked = asked(&bank, &bob_rings("call-1")).await;
    let (id, step_ups) = (asked.step_up.id, bank.verifier.step_ups());
    refused(step_ups.evidence(&alice(), &id).await);
    refused(step_ups.evidence(&alice(), &"00000000000000000000000000".parse().unwrap()).await);
    let why = countersign::step_up::DeclineReason::NotMe;
    step_ups.decline(&alice(), &id, why).await.unwrap();
    refused(step_ups.evidence(&alice(), &id).await);
}

#[tokio::test]
async fn every_byte_of_evidence_that_is_changed_is_noticed() {
    let json = exported().await;
    let mut read = 0;
    for at in 0..json.len() {
        for with in either([1].as_slice(), &[1, 2, 32]) {
            let mut bytes = json.clone().into_bytes();
            bytes[at] ^= *with;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            match Evidence::from_json(&changed) {
                Err(_) => {}
                Ok(evidence) => {
                    read += 1;
                    let keys = published();
                    let refused = evidence.verify(&EvidenceCheck::new(&keys), later());
                    assert!(refused.is_err(), "byte {at} of {json}");
                }
            }
        }
    }
    assert!(read > 300, "{read} were read, and refused for what they say");
    for cut in 0..json.len() {
        assert!(Evidence::from_json(&json[..cut]).is_err(), "the first {cut} bytes");
    }
    let value: Value = serde_json::from_str(&json).unwrap();
    for other in [
        format!(" {json}"),
        format!("{json}\n"),
        serde_json::to_string_pretty(&value).unwrap(),
        json.replace(r#""evidence":1"#, r#""evidence":2"#),
        json.replacen(r#""evidence":1,"#, r#""evidence":1,"evidence":1,"#, 1),
        json.replacen(r#""evidence":1,"#, r#""evidence":1,"more":1,"#, 1),
        json.replacen(r#""body":{"#, r#""body":{"more":1,"#, 1),
    ] {
        assert!(Evidence::from_json(&other).is_err(), "{other}");
    }
}

/// What the bank itself, or whoever has its signing key, seals anew.
pub(crate) fn sealed(evidence: Value) -> String {
    sealed_for("alice", evidence)
}

pub(crate) fn sealed_for(customer: &str, mut evidence: Value) -> String {
    // The members stand in their places as they were exported; a map of serde_json's would sort them.
    let body = spelt(&evidence["body"]);
    let digest = Base64UrlUnpadded::encode_string(&Sha256::digest(&body));
    let data: EvidenceData = serde_json::from_value(json!({ "digest": digest })).unwrap();
    let (to, id) = (Audience::new(customer).unwrap(), TokenId::from_bytes([7; 16]));
    let hour = Duration::from_secs(3600);
    let seal = signing().issue(&Claims::new(issuer(), to, id, START, hour, data).unwrap()).unwrap();
    evidence["seal"] = json!(seal);
    format!(r#"{{"evidence":1,"seal":"{seal}","body":{body}}}"#)
}

/// The body in its one spelling.
pub(crate) fn spelt(body: &Value) -> String {
    let orders: [(&str, &[&str]); 7] = [
        (
            "",
            &[
                "asked",
                "statement",
                "agent",
                "handed_over_to",
                "ring_back",
                "method",
                "approved",
                "redeemed",
                "signed",
                "key",
                "bound",
                "histories",
            ],
        ),
        ("passkey", &["id", "client_data", "authenticator_data", "signature"]),
        ("ring_back", &["unchanged_since", "checked_at", "source"]),
        ("bound", &["by", "approved_by", "since", "nonce", "signature", "attested"]),
        ("histories", &["history", "receipt"]),
        ("history", &["subject", "earlier", "events", "refusals", "head"]),
        (
            "events",
            &[
                "number",
                "at",
                "actor",
                "action",
                "interaction",
                "outcome",
                "step_up",
                "who_rang",
                "operation",
                "encoded",
            ],
        ),
    ];
    fn written(value: &Value, name: &str, orders: &[(&str, &[&str])]) -> String {
        match value {
            Value::Object(members) => {
                let order = orders.iter().find(|(of, _)| *of == name).map(|(_, order)| *order);
                let mut names: Vec<_> = members.keys().map(String::as_str).collect();
                if let Some(order) = order {
                    names.sort_by_key(|name| order.iter().position(|one| one == name));
                }
                let each = names.iter().map(|name| {
                    format!("{}:{}", json!(name), written(&members[*name], name, orders))
                });
                format!("{{{}}}", each.collect::<Vec<_>>().join(","))
            }
            Value::Array(items) => {
                let each = items.iter().map(|item| written(item, name, orders));
                format!("[{}]", each.collect::<Vec<_>>().join(","))
            }
            other => other.to_string(),
        }
    }
    written(body, "", &orders)
}

fn of_bytes(bytes: &[u8]) -> Value {
    json!(Base64UrlUnpadded::encode_string(bytes))
}

fn flipped(text: &Value) -> Value {
    let mut bytes = Base64UrlUnpadded::decode_vec(text.as_str().unwrap()).unwrap();
    match bytes.last_mut() {
        Some(last) => *last ^= 1,
        None => bytes.push(1),
    }
    of_bytes(&bytes)
}

/// The seal shows who exported it, and the enterprise seals what it likes: each part stands by itself.
#[tokio::test]
async fn whatever_the_enterprise_itself_changes_of_an_approval_is_refused() {
    let json = exported().await;
    let good: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(verified(&sealed(good.clone())), Ok(Approver::HolderOfExpectedKey));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut evidence = good.clone();
        change(&mut evidence["body"]);
        assert_ne!(evidence, good);
        verified(&sealed(evidence))
    };
    let places = good["body"]["statement"].as_array().unwrap().len();
    assert_eq!(places, 15);
    for place in 0..places {
        // What was answered and typed is in no token, and is signed all the same.
        let why = match place {
            11 | 12 => EvidenceError::Signature,
            _ => EvidenceError::Statement,
        };
        let of = |body: &mut Value| body["statement"][place] = flipped(&body["statement"][place]);
        assert_eq!(changed(&of), Err(why), "member {place} of the statement");
    }
    let fewer = |body: &mut Value| drop(body["statement"].as_array_mut().unwrap().pop());
    assert_eq!(changed(&fewer), Err(EvidenceError::Statement));
    let more = |body: &mut Value| body["statement"].as_array_mut().unwrap().push(json!(""));
    assert_eq!(changed(&more), Err(EvidenceError::Statement));

    let (signature, refused) = ("/signed/device_key/signature", EvidenceError::Signature);
    let of = |body: &mut Value| {
        let at = body.pointer_mut(signature).unwrap();
        *at = flipped(at);
    };
    assert_eq!(changed(&of), Err(refused), "another signature");
    let none = |body: &mut Value| drop(body.as_object_mut().unwrap().remove("signed"));
    assert_eq!(changed(&none), Err(refused), "no signature");
    let other =
        |body: &mut Value| body["key"] = of_bytes(&PrivateKey::ed25519(8).public().to_cose());
    assert_eq!(changed(&other), Err(EvidenceError::OtherKey));
    let none = |body: &mut Value| drop(body.as_object_mut().unwrap().remove("key"));
    assert_eq!(changed(&none), Err(refused), "no key");
    let method = |body: &mut Value| body["method"] = json!("ocra");
    assert_eq!(changed(&method), Err(refused), "another method");
    // Without any, it is no OCRA approval either.
    let secret = |body: &mut Value| {
        body["method"] = json!("ocra");
        body.as_object_mut().unwrap().retain(|name, _| name != "signed" && name != "key");
    };
    assert_eq!(changed(&secret), Err(refused));

    for name in ["nonce", "signature"] {
        let of = |body: &mut Value| body["bound"][name] = flipped(&body["bound"][name]);
        assert_eq!(changed(&of), Err(EvidenceError::Binding), "another {name} of the binding");
        let of = |body: &mut Value| drop(body["bound"].as_object_mut().unwrap().remove(name));
        assert_eq!(changed(&of), Err(EvidenceError::Binding), "no {name} of the binding");
    }

    let of = |body: &mut Value| body["agent"] = json!("carol");
    assert_eq!(changed(&of), Err(EvidenceError::History), "asked by another agent");
    let of = |body: &mut Value| body["handed_over_to"] = json!("carol");
    assert_eq!(changed(&of), Err(EvidenceError::History), "a hand-over that was none");
    let of = |body: &mut Value| body["approved"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(changed(&of), Err(EvidenceError::History), "approved at another time");
    let of = |body: &mut Value| body["redeemed"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(changed(&of), Err(EvidenceError::History), "redeemed at another time");
    for at in 0..2 {
        let of = |body: &mut Value| {
            let events = &mut body["histories"][at]["history"]["events"];
            drop(events.as_array_mut().unwrap().pop());
        };
        assert_eq!(changed(&of), Err(EvidenceError::History), "an event less of history {at}");
        let of = |body: &mut Value| body["histories"][at]["history"]["refusals"] = json!(7);
        assert_eq!(changed(&of), Err(EvidenceError::History), "other refusals of history {at}");
    }
    let swapped = |body: &mut Value| body["histories"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(changed(&swapped), Err(EvidenceError::History));
    let none = |body: &mut Value| body["histories"] = json!([]);
    assert_eq!(changed(&none), Err(EvidenceError::History));
    let third = |body: &mut Value| {
        let again = body["histories"][0].clone();
        body["histories"].as_array_mut().unwrap().push(again);
    };
    assert_eq!(changed(&third), Err(EvidenceError::History));
    let receipt = |body: &mut Value| {
        body["histories"][0]["receipt"] = body["histories"][1]["receipt"].clone();
    };
    assert_eq!(changed(&receipt), Err(EvidenceError::History));
}

/// What was asked of another customer, or by another enterprise, is no evidence against this one.
#[tokio::test]
async fn another_s_token_is_not_what_was_asked() {
    let good: Value = serde_json::from_str(&exported().await).unwrap();
    for (to, key) in [("bob", signing()), ("alice", SigningKey::from_seed(&[6; 32]).unwrap())] {
        let token =
            countersign::token::UntrustedToken::parse(good["body"]["asked"].as_str().unwrap())
                .unwrap()
                .verify_for_someone::<countersign::step_up::StepUpData>(
                    &published(),
                    START,
                    countersign::token::Leeway::NONE,
                )
                .unwrap()
                .into_claims();
        let claims = Claims::new(
            issuer(),
            Audience::new(to).unwrap(),
            token.id(),
            token.issued_at(),
            Duration::from_secs(60),
            token.into_data(),
        );
        let mut evidence = good.clone();
        evidence["body"]["asked"] = json!(key.issue(&claims.unwrap()).unwrap());
        assert_eq!(verified(&sealed(evidence)), Err(EvidenceError::Asked), "{to}");
    }
}

/// A key that is trusted for something else seals no evidence.
#[tokio::test]
async fn a_key_seals_evidence_only_if_it_is_trusted_for_that() {
    let evidence = Evidence::from_json(&exported().await).unwrap();
    for missing in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
        let mut keys = TrustedKeys::new(issuer());
        for purpose in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
            if purpose != missing {
                keys.trust(*signing().public_key(), purpose).unwrap();
            }
        }
        let why = match missing {
            Purpose::Evidence => EvidenceError::Seal,
            Purpose::StepUp => EvidenceError::Asked,
            _ => EvidenceError::History,
        };
        assert_eq!(evidence.verify(&EvidenceCheck::new(&keys), later()), Err(why), "{missing}");
    }
}

/// What was exported is verified for ever.
#[tokio::test]
async fn the_current_form_is_the_one_in_the_file_and_every_released_one_is_verified() {
    let exported: Value = serde_json::from_str(&exported().await).unwrap();
    golden::is_current("evidence", &exported);
    for (name, evidence) in golden::released::<Value>("evidence", 3) {
        let body = spelt(&evidence["body"]);
        let seal = evidence["seal"].as_str().unwrap();
        let json = format!(r#"{{"evidence":1,"seal":"{seal}","body":{body}}}"#);
        assert_eq!(verified(&json), Ok(Approver::HolderOfExpectedKey), "{name}");
    }
}

/// A host that keeps fingerprints elsewhere has what was signed under no other key.
#[tokio::test]
async fn redeeming_takes_the_expected_fingerprint() {
    let bank = bank();
    bound(&bank, &EnrolmentRequest::device_key(request("phone")), &key()).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let (id, answer) = (asked.step_up.id, key().answer(&bank, &asked));
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &id, &open(&bank, &asked).answer_signed(answer)).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let (transfer, k) = (transfer(), request("k"));
    let of = |key: CredentialPublicKey| key.fingerprint();
    let other = of(PrivateKey::ed25519(8).public());
    bank.seen.take();
    refused(step_ups.redeem_signed_by(&call, &grant, &transfer, &k, &other).await);
    let seen = bank.seen.take();
    assert!(seen.iter().any(|one| one.outcome == Outcome::Refused(Reason::NotSigned)));
    let same = of(key().public());
    for _ in 0..2 {
        let proof = step_ups.redeem_signed_by(&call, &grant, &transfer, &k, &same).await.unwrap();
        assert_eq!(proof.key_fingerprint(), Some(same));
    }
    // What was redeemed stays refused to who expects another.
    refused(step_ups.redeem_signed_by(&call, &grant, &transfer, &k, &other).await);
}

#[tokio::test]
async fn what_is_not_signed_is_not_redeemed_where_a_key_is_expected() {
    let bank = bank();
    let (_, device) = app(&bank).await;
    let call = bob_rings("call-1");
    let asked = asked(&bank, &call).await;
    let code = open(&bank, &asked).approve(&device, &pin("2468")).unwrap();
    let step_ups = bank.verifier.step_ups();
    step_ups.submit(&alice(), &asked.step_up.id, &code).await.unwrap();
    let grant = grant(&bank, &asked).await;
    let expected = key().public().fingerprint();
    let (transfer, k) = (transfer(), request("k"));
    refused(step_ups.redeem_signed_by(&call, &grant, &transfer, &k, &expected).await);
    step_ups.redeem(&call, &grant, &transfer, &k).await.unwrap();
}
