//! The worked example of a payment on the manual's page "tokens on the wire", for clients in other languages: a vault's signed
//! key, a request that names it, and requests that no client may take.

use countersign::device::PaymentError;
use countersign::token::{PublicKey, Purpose, TrustedKeys};
use countersign::{Device, Timestamp};
use serde::{Deserialize, Serialize};

use crate::support::wire::{
    SIGNING_SEED, Signs, VAULT_SEED, claims, counting, crockford, squeezed,
};
use crate::support::*;

/// The public key of the vector of RFC 9180 for this suite.
const SEALING_KEY: &str = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vectors {
    about: String,
    bank_seed: String,
    bank_public_key: String,
    bank_kid: String,
    vault_seed: String,
    vault_public_key: String,
    vault_kid: String,
    sealing_key: String,
    sealing_key_text: String,
    opening_key_claims: String,
    opening_key_token: String,
    request_claims: String,
    request_token: String,
    /// When it can be taken: the first second and the last, give or take the leeway of 30 seconds.
    taken_from: String,
    taken_until: String,
    refused: Vec<Refused>,
}

/// A request that an app with these keys takes at no time, or not at this one.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Refused {
    about: String,
    now: String,
    request_token: String,
    /// As [`PaymentError`] names it: `Token` is the request itself.
    error: String,
}

const NOW: &str = "2026-01-31T14:06:00Z";
const KEY_TIMES: [&str; 2] = ["2026-01-31T14:00:00Z", "2026-01-31T14:30:30Z"];
const REQUEST_TIMES: [&str; 2] = ["2026-01-31T14:05:00Z", "2026-01-31T14:25:00Z"];

fn key_claims(from_to: [&str; 2], times: [&str; 2], key: &str) -> String {
    let data = format!(r#"{{"sealing_key":"{key}"}}"#);
    let [vault, enterprise] = from_to;
    claims([vault, enterprise, "opening_key"], &counting(0x20), times, &data)
}

/// A request whose data ends like this.
fn request_claims(rest: &str) -> String {
    let payment = crockford(&counting::<16>(0x40));
    let data = format!(
        r#"{{"payment":"{payment}","interaction":"call-1","direction":"inbound","agent_name":"Bob from Example Bank","merchant":"bank-fees","transaction":{{"kind":"payment","amount":4200,"currency":"GBP","payee":"Example Bank","reference":"Account fees 2026"}}{rest}}}"#
    );
    let from_to = ["bank.example", "alice", "payment_request"];
    claims(from_to, &counting(0x30), REQUEST_TIMES, &data)
}

fn naming(key: &str) -> String {
    let authenticate = r#""authenticate_until":"2026-01-31T14:30:00Z""#;
    request_claims(&format!(r#","opening_key":"{key}",{authenticate}"#))
}

fn vectors() -> Vectors {
    let (bank, vault) = (Signs::of(SIGNING_SEED), Signs::of(VAULT_SEED));
    let key = crockford(&hex::decode(SEALING_KEY).unwrap());
    let own = crockford(of_somebody().as_slice());
    let from_to = ["vault.bank.example", "bank.example"];
    let signed = |by: &Signs, claims: &str| by.token(claims, "opening_key").1;
    let request = |claims: &str| bank.token(claims, "payment_request").1;
    let opening_key_claims = key_claims(from_to, KEY_TIMES, &key);
    let opening_key_token = signed(&vault, &opening_key_claims);
    let request_claims_ = naming(&opening_key_token);
    let request_token = request(&request_claims_);

    let mut refused = Vec::new();
    let mut refuse = |about: &str, now: &str, request_token: String, error: &str| {
        let [about, now, error] = [about, now, error].map(str::to_owned);
        refused.push(Refused { about, now, request_token, error });
    };
    refuse("over", "2026-01-31T14:25:30Z", request_token.clone(), "Token");
    refuse("before its time", "2026-01-31T14:04:29Z", request_token.clone(), "Token");
    let of_bank = signed(&bank, &key_claims(from_to, KEY_TIMES, &own));
    refuse("the bank's own key, signed by the bank", NOW, request(&naming(&of_bank)), "NotGenuine");
    let stranger = Signs::of(&hex::encode([9; 32]));
    let of_stranger = signed(&stranger, &key_claims(from_to, KEY_TIMES, &own));
    refuse("signed by a stranger", NOW, request(&naming(&of_stranger)), "NotGenuine");
    let (_, receipt) = vault.token(&opening_key_claims, "receipt");
    refuse("signed by the vault as a receipt", NOW, request(&naming(&receipt)), "NotGenuine");
    let other_name = signed(&vault, &key_claims(["bank.example"; 2], KEY_TIMES, &key));
    refuse("not in the vault's name", NOW, request(&naming(&other_name)), "NotGenuine");
    let other = ["vault.bank.example", "other.example"];
    let other = signed(&vault, &key_claims(other, KEY_TIMES, &key));
    refuse("for another enterprise", NOW, request(&naming(&other)), "AnotherEnterprise");
    let old = ["2026-01-31T13:30:00Z", "2026-01-31T14:00:30Z"];
    let old = signed(&vault, &key_claims(from_to, old, &key));
    refuse("a key that is over", NOW, request(&naming(&old)), "Over");
    let ahead = ["2026-01-31T14:06:31Z", "2026-01-31T14:37:01Z"];
    let ahead = signed(&vault, &key_claims(from_to, ahead, &key));
    refuse("a key from the future", NOW, request(&naming(&ahead)), "NotYetValid");
    let short = ["2026-01-31T14:00:00Z", "2026-01-31T14:29:59Z"];
    let short = signed(&vault, &key_claims(from_to, short, &key));
    refuse("authentication ends after the key", NOW, request(&naming(&short)), "EndsBeforeRequest");
    let shorter = ["2026-01-31T14:00:00Z", "2026-01-31T14:24:59Z"];
    let shorter = signed(&vault, &key_claims(from_to, shorter, &key));
    let shorter = request_claims(&format!(r#","opening_key":"{shorter}""#));
    refuse("the request ends after the key", NOW, request(&shorter), "EndsBeforeRequest");
    let bare = request_claims(&format!(r#","sealing_key":"{key}""#));
    refuse("a key that nobody signed", NOW, request(&bare), "Token");
    refuse("no key", NOW, request(&request_claims("")), "Token");
    refuse("a key in the place of a signed one", NOW, request(&naming(&key)), "Token");

    Vectors {
        about: "A payment, countersign v1 on the wire; see the manual page wire. `refused` are taken by no app that \
                has these keys, at `now`"
            .to_owned(),
        bank_seed: SIGNING_SEED.to_owned(),
        bank_public_key: hex::encode(&bank.public),
        bank_kid: bank.kid.clone(),
        vault_seed: VAULT_SEED.to_owned(),
        vault_public_key: hex::encode(&vault.public),
        vault_kid: vault.kid.clone(),
        sealing_key: SEALING_KEY.to_owned(),
        sealing_key_text: key,
        opening_key_claims,
        opening_key_token,
        request_claims: request_claims_,
        request_token,
        taken_from: "2026-01-31T14:04:30Z".to_owned(),
        taken_until: "2026-01-31T14:25:29Z".to_owned(),
        refused,
    }
}

/// Somebody else's sealing key.
fn of_somebody() -> [u8; 32] {
    *vault_keys::sealing_key(66).as_bytes()
}

fn file() -> Vectors {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/payment.json");
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&vectors()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_vectors_of_a_payment_are_what_the_definitions_give() {
    assert_eq!(file(), vectors());
    // Published: the second key of RFC 8032, section 7.1.
    let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    assert_eq!(file().vault_public_key, public);
}

#[test]
fn every_number_of_a_payment_stands_in_the_manual() {
    let manual = squeezed(include_str!("../../src/manual/_35_wire.md"));
    let file = file();
    for value in [
        file.bank_kid,
        file.vault_seed,
        file.vault_public_key,
        file.vault_kid,
        file.sealing_key,
        file.sealing_key_text,
        file.opening_key_claims,
        file.opening_key_token,
        file.request_claims.replace(&vectors().opening_key_token, "…"),
        file.request_token,
    ] {
        assert!(manual.contains(&squeezed(&value)), "{value}");
    }
}

#[test]
fn an_app_takes_the_request_of_the_example_and_none_of_the_others() {
    let file = file();
    let key = |hex: &str| -> PublicKey {
        PublicKey::from_bytes(hex::decode(hex).unwrap().try_into().unwrap()).unwrap()
    };
    let mut of_bank = TrustedKeys::new(issuer());
    of_bank.trust(key(&file.bank_public_key), Purpose::PaymentRequest).unwrap();
    let mut of_vault = TrustedKeys::new(vault_issuer());
    of_vault.trust(key(&file.vault_public_key), Purpose::OpeningKey).unwrap();
    let device = Device::new(of_bank, alice()).with_vault_keys(of_vault);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for now in [NOW, &file.taken_from, &file.taken_until] {
        let shown = device.open_payment(&file.request_token, at(now)).unwrap();
        assert_eq!(shown.authenticate_until(), Some(at("2026-01-31T14:30:00Z")));
        let random = countersign::random::SeededRandom::new(1);
        let sealed = shown.seal(&card(), &random).unwrap();
        let key: countersign::card::SealingKey = file.sealing_key_text.parse().unwrap();
        assert_eq!(sealed.key(), key.id());
    }
    assert!(file.refused.len() >= 13);
    for Refused { about, now, request_token, error } in &file.refused {
        let refused = device.open_payment(request_token, at(now)).unwrap_err();
        let name = match refused {
            PaymentError::Token(_) => "Token".to_owned(),
            PaymentError::OpeningKey(problem) => format!("{problem:?}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(name, *error, "{about}");
    }
}
