//! What was accepted as a text once is read back from its record, though it would be refused by now.

use serde_json::Value;

use crate::challenge::state::ChallengeState;
use crate::codec::cbor as body;
use crate::crypto::keyring::Keyring;
use crate::engine::rule::{Body, State};
#[cfg(feature = "cards")]
use crate::payment::state::PaymentState;
use crate::record::kind::Kind;
use crate::record::sealed::Sealer;
use crate::step_up::state::StepUpState;
use crate::store::{Head, Place, Record};
use crate::values::time::Timestamp;
#[cfg(feature = "cards")]
use crate::vault::stored_card::StoredCardState;

/// The bodies of one kind in a golden file.
fn bodies(kind: Kind, file: &str, keyring: &str, rows: &str) -> Vec<Vec<u8>> {
    let golden: Value = serde_json::from_str(file).unwrap();
    let bytes = |text: &Value| hex::decode(text.as_str().unwrap()).unwrap();
    let keyring = Keyring::from_bytes(&bytes(&golden[keyring])).unwrap();
    let body = |row: &Value| {
        let id = |text| <[u8; 16]>::try_from(bytes(text)).unwrap();
        let time = |text: &Value| text.as_str().unwrap().parse::<Timestamp>().unwrap();
        let lane = u8::try_from(row["lane"].as_u64().unwrap()).unwrap();
        let at = Place { lane, owner: id(&row["owner"]), id: id(&row["id"]) };
        let head = Head {
            version: row["version"].as_u64().unwrap(),
            created: time(&row["created"]),
            live_until: time(&row["live_until"]),
            retain_until: time(&row["retain_until"]),
        };
        let record = Record { head, sealed: bytes(&row["sealed"]).into() };
        Some(Sealer::new(&keyring, kind, &at).open(&record).ok()?.to_vec())
    };
    golden[rows].as_array().unwrap().iter().filter_map(body).collect()
}

/// The text as CBOR.
fn encoded(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let head = if length < 24 { vec![0x60 | length] } else { vec![0x78, length] };
    [head.as_slice(), text.as_bytes()].concat()
}

/// Reads each body that holds `text` with the same bytes as `other`.
fn is_read_back<C: State>(bodies: &[Vec<u8>], text: &str, other: &str) {
    let (written, instead) = (encoded(text), encoded(other));
    assert_eq!(written.len(), instead.len(), "{text}");
    let mut found = 0;
    for body in bodies {
        let at = body.windows(written.len()).position(|part| part == written);
        let Some(at) = at else { continue };
        let mut altered = body.clone();
        altered[at..at + instead.len()].copy_from_slice(&instead);
        let read = Body::<C>::decode(&altered);
        assert_eq!(read.as_ref().map(body::to_vec), Ok(altered), "{other}");
        found += 1;
    }
    assert!(found > 0, "{text}");
}

/// With spaces in a row, and with a character that nobody sees.
fn a_text_is_read_back<C: State>(bodies: &[Vec<u8>], text: &str) {
    let short = text.get(..text.len() - 2).unwrap();
    for end in ["  ", "\u{34f}"] {
        is_read_back::<C>(bodies, text, &format!("{short}{end}"));
    }
}

#[test]
fn a_challenge_s_texts_are_read_back() {
    let file = include_str!("../tests/golden/challenges/format-2.json");
    let bodies = bodies(Kind::Challenge, file, "keyring", "rows");
    for text in ["About a payment of 31 January", "And the new card", "Bob from Example Bank"] {
        a_text_is_read_back::<ChallengeState>(&bodies, text);
    }
}

#[test]
fn a_step_up_s_texts_are_read_back() {
    let file = include_str!("../tests/golden/step_ups/format-2.json");
    let bodies = bodies(Kind::StepUp, file, "keyring", "rows");
    for text in ["Bob", "Jones Roofing", "Invoice 7"] {
        a_text_is_read_back::<StepUpState>(&bodies, text);
    }
}

#[cfg(feature = "cards")]
#[test]
fn a_payment_s_texts_are_read_back() {
    let file = include_str!("../tests/golden/payments/format-2.json");
    let bodies = bodies(Kind::Payment, file, "bank_keyring", "bank_rows");
    for text in ["Bob", "Example Bank", "Account fees 2026"] {
        a_text_is_read_back::<PaymentState>(&bodies, text);
    }
}

#[cfg(feature = "cards")]
#[test]
fn a_kept_card_s_name_is_read_back() {
    let file = include_str!("../tests/golden/payments/format-2.json");
    let bodies = bodies(Kind::StoredCard, file, "vault_keyring", "vault_rows");
    is_read_back::<StoredCardState>(&bodies, "Alice Jones", "Alice  ones");
}
