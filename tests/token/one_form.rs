//! One form of every token's data, at any depth: no array in an object's place, no member twice, no object in
//! a name's place.

use std::fmt::Debug;
use std::time::Duration;

use countersign::Window;
use countersign::challenge::{AppointmentData, ChallengeData, GroundRulesData};
use countersign::contact::StatusData;
use countersign::history::CeremonyHistory;
use countersign::history::HistoryHeadData;
use countersign::notice::{NoticeData, NoticeListData};
use countersign::reachability::ReachableData;
use countersign::step_up::Grant;
use countersign::step_up::{GrantData, StepUpData};
use countersign::token::{Claims, Purpose, Rejection, TokenData};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::support::{NOW, key, sign_json, trusting, verify_at};

const TRANSACTION: &str =
    r#"{"kind":"payment","amount":1,"currency":"GBP","payee":"p","reference":"r"}"#;
const ID: &str = "00000000000000000000000000";
const HEAD: &str = "0000000000000000000000000000000000000000000000000000";

/// The claims of a token of type `D` with this data.
fn claims<D: TokenData>(data: &str) -> String {
    let purpose = D::PURPOSE.name();
    format!(
        r#"{{"iss":"bank.example","aud":"customer-1","jti":"MDEyMzQ1Njc4OWFiY2RlZg","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:00:05Z","purpose":"{purpose}","data":{data}}}"#
    )
}

fn verified<D: TokenData>(json: &str) -> Result<Claims<D>, Rejection> {
    let key = key(1);
    let token = sign_json(&key, D::PURPOSE, json);
    verify_at::<D>(&token, &trusting(&key, &[D::PURPOSE]), NOW)
}

/// Each other form of each value of `good` is refused by `read`; at least `objects` objects have one.
fn only_form<T: Debug>(good: &str, objects: usize, read: impl Fn(&str) -> Option<T>) {
    let tree = Json::read(good);
    assert_eq!(tree.write(), good, "the tree keeps all there is");
    assert!(read(good).is_some(), "{good}");
    let others = tree.as_arrays();
    assert!(others.len() >= objects, "{good}");
    for other in others.into_iter().chain(tree.with_doubled_members()) {
        assert!(read(&other.write()).is_none(), "{}", other.write());
    }
}

/// A token of type `D` is read from nothing but objects, and so is its data by itself.
fn strict<D: TokenData + Debug>(data: &str, objects: usize) {
    // The claims themselves are one more.
    only_form(&claims::<D>(data), objects + 1, |json| verified::<D>(json).ok());
    only_form(data, objects, |json| serde_json::from_str::<D>(json).ok());
    // Nor are its times read in any other way of writing the same instant.
    for (at, _) in data.match_indices(":00Z\"") {
        let (before, after) = (&data[..at], &data[at + 5..]);
        for other in [":00.0Z\"", ":00z\"", ":00-00:00\""] {
            let other = format!("{before}{other}{after}");
            assert!(verified::<D>(&claims::<D>(&other)).is_err(), "{other}");
        }
    }
}

/// Each name in `data` is not taken as an object either.
fn names<D: TokenData + Debug>(data: &str, names: &[&str]) {
    for name in names {
        let (from, to) = (format!(r#""{name}""#), format!(r#"{{"{name}":null}}"#));
        let other = data.replace(&from, &to);
        assert_ne!(other, data, "{name}");
        assert!(verified::<D>(&claims::<D>(data)).is_ok(), "{data}");
        assert_eq!(verified::<D>(&claims::<D>(&other)).err(), Some(Rejection::Claims), "{other}");
        assert!(serde_json::from_str::<D>(&other).is_err(), "{other}");
    }
}

#[test]
fn no_token_of_the_enterprise_is_read_from_arrays() {
    let challenge = r#"{"purpose":"x","channels":["voice","sms"],"handles":[{"channel":"sms","handle":"BANK"}],"details":[{"label":"Card","value":"ends in 1234"}],"never_asked":["pin"],"pseudonymous":true}"#;
    strict::<ChallengeData>(challenge, 3);
    let appointment = format!(
        r#"{{"challenge":"{ID}","slot":{{"from":"2026-01-31T14:00:00Z","until":"2026-01-31T15:00:00Z"}},"channel":"voice","direction":"outbound","assignee":{{"team":"fraud"}},"agent_name":"Bob","purpose":"x","proof":{{"code":"{ID}"}}}}"#
    );
    strict::<AppointmentData>(&appointment, 4);
    let step_up = format!(
        r#"{{"step_up":"{ID}","credential":"{ID}","method":"ocra","suite":"OCRA-1:HOTP-SHA256-8:QN08","interaction":"call-1","direction":"outbound","agent_name":"Bob","transaction":{TRANSACTION}}}"#
    );
    strict::<StepUpData>(&step_up, 2);
    names::<StepUpData>(&step_up, &["ocra", "payment"]);
    let grant = format!(
        r#"{{"step_up":"{ID}","interaction":"call-1","agent":"bob","transaction":{TRANSACTION}}}"#
    );
    strict::<GrantData>(&grant, 2);
    let status = r#"{"nonce":"_____________________w","status":{"talking_to_you":{"channel":"voice","direction":"inbound","since":"2026-01-31T14:00:00Z"}}}"#;
    strict::<StatusData>(status, 3);
    names::<StatusData>(r#"{"nonce":"_____________________w","status":"not_us"}"#, &["not_us"]);
    let notice = r#"{"kind":"scam","headline":"x","text":"y","number":7,"channels":["sms"],"handles":[{"channel":"sms","handle":"BANK"}],"for_everyone":true,"pseudonymous":true}"#;
    strict::<NoticeData>(notice, 2);
    strict::<NoticeListData>(
        &format!(r#"{{"number":7,"in_force":["{ID}"],"for_everyone":true}}"#),
        1,
    );
    let reachable = r#"{"nonce":"_____________________w","skills":[{"skill":"cards","channel":"voice","reach":{"wait":{"seconds":240,"free":true,"age_seconds":3}}}]}"#;
    strict::<ReachableData>(reachable, 4);
    let closed = r#"{"nonce":"_____________________w","skills":[{"skill":"cards","channel":"voice","reach":"closed"}]}"#;
    names::<ReachableData>(closed, &["closed"]);
    let rules = r#"{"never_asked":["pin"],"channels":{"reveal":["voice"],"challenge":["voice","sms"],"step_up":["voice"],"payment":[]}}"#;
    strict::<GroundRulesData>(rules, 2);
    let no_channels = rules.replace(r#""channels":{"#, r#""channels":[],"x":{"#);
    assert_eq!(
        verified::<GroundRulesData>(&claims::<GroundRulesData>(&no_channels)).err(),
        Some(Rejection::Claims)
    );
    let head =
        format!(r#"{{"subject":{{"callback":"{ID}"}},"events":3,"refusals":0,"head":"{HEAD}"}}"#);
    strict::<HistoryHeadData>(&head, 2);
}

#[cfg(feature = "cards")]
#[test]
fn no_token_of_a_payment_is_read_from_arrays() {
    use crate::support::vault_keys::signed_key;
    use countersign::payment::{OpeningKeyData, PaymentRequestData, Receipt, ReceiptData};

    let signed = signed_key(&crate::support::issuer(), NOW);
    let key = serde_json::to_string(signed.key()).unwrap();
    strict::<OpeningKeyData>(&format!(r#"{{"sealing_key":{key}}}"#), 1);
    let key = serde_json::to_string(&signed).unwrap();
    let request = format!(
        r#"{{"payment":"{ID}","interaction":"call-1","direction":"outbound","agent_name":"Bob","merchant":"fees","transaction":{TRANSACTION},"opening_key":{key},"authenticate_until":"2026-01-31T14:05:00Z","keep_card_until":"2026-02-01T14:00:00Z"}}"#
    );
    strict::<PaymentRequestData>(&request, 2);
    for (outcome, objects) in [
        (
            r#"{"authorised":{"authorisation_code":"A1B2C3","transaction_id":"txn-1","amount":4200}}"#,
            5,
        ),
        (r#"{"declined":"other"}"#, 4),
        (r#"{"soft_declined":"other"}"#, 4),
    ] {
        let receipt = format!(
            r#"{{"payment":"{ID}","request":"MDEyMzQ1Njc4OWFiY2RlZg","requested_at":"2026-01-31T14:00:00Z","merchant":"fees","transaction":{TRANSACTION},"brand":"visa","last_four":"4242","outcome":{outcome},"totals":{{"captured":0,"voided":0,"refunded":0,"charged_back":0,"in_doubt":0}},"count":1}}"#
        );
        strict::<ReceiptData>(&receipt, objects);
        // The same, as desktop and back end pass it on.
        let passed_on =
            format!(r#"{},"token":"v4.public.x"}}"#, receipt.strip_suffix('}').unwrap());
        only_form(&passed_on, objects, |json| serde_json::from_str::<Receipt>(json).ok());
    }
    for outcome in ["unresolved", "authenticating"] {
        let receipt = format!(
            r#"{{"payment":"{ID}","request":"MDEyMzQ1Njc4OWFiY2RlZg","requested_at":"2026-01-31T14:00:00Z","merchant":"fees","transaction":{TRANSACTION},"brand":"visa","last_four":"4242","outcome":"{outcome}","totals":{{"captured":0,"voided":0,"refunded":0,"charged_back":0,"in_doubt":0}},"count":1}}"#
        );
        names::<ReceiptData>(&receipt, &[outcome, "visa"]);
    }
}

/// What a host reads back, without a token around it.
#[test]
fn nothing_that_is_read_back_is_read_from_arrays() {
    fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
        serde_json::from_str(json).ok()
    }
    let grant = format!(r#"{{"step_up":"{ID}","token":"v4.public.x"}}"#);
    only_form(&grant, 1, read::<Grant>);
    only_form(
        r#"{"from":"2026-01-31T14:00:00Z","until":"2026-01-31T15:00:00Z"}"#,
        1,
        read::<Window>,
    );
    let event = |actor: &str, outcome: &str| {
        format!(
            r#"{{"number":0,"at":"2026-01-31T14:00:00Z","actor":{actor},"action":"book","interaction":"call-1","outcome":{outcome},"step_up":"{ID}","operation":"{ID}","encoded":""}}"#
        )
    };
    let history = format!(
        r#"{{"subject":{{"callback":"{ID}"}},"earlier":{{"events":3,"head":"{HEAD}"}},"events":[{},{}],"refusals":1,"head":"{HEAD}"}}"#,
        event(r#""customer""#, r#""done""#),
        event(r#"{"agent":"bob"}"#, r#"{"refused":"inbound"}"#),
    );
    only_form(&history, 7, read::<CeremonyHistory>);
    for name in ["customer", "book", "done", "inbound"] {
        let other = history.replace(&format!(r#""{name}""#), &format!(r#"{{"{name}":null}}"#));
        assert!(read::<CeremonyHistory>(&other).is_none(), "{other}");
    }
    // The same from a tree that was read before.
    let value: serde_json::Value = serde_json::from_str(&history).unwrap();
    assert!(serde_json::from_value::<CeremonyHistory>(value).is_ok());
    let errors = serde_json::from_str::<Grant>(r#"["hunter2","hunter2"]"#).unwrap_err();
    assert!(!errors.to_string().contains("hunter2"), "{errors}");
}

/// A host's own data, of types that know nothing of this crate.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Own {
    plain: Inner,
    some: Option<Inner>,
    many: Vec<(u8, Inner)>,
    one: Choice,
    other: Choice,
    third: Choice,
    none: Option<Choice>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    number: u8,
    text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Nothing,
    Inner(Inner),
    Two(u8, Inner),
    Members { number: u8, inner: Inner },
}

impl TokenData for Own {
    const PURPOSE: Purpose = Purpose::Status;
    const MAX_LIFETIME: Duration = Duration::from_secs(30);
}

#[test]
fn a_host_s_own_data_has_one_form_too() {
    let inner = r#"{"number":1,"text":"\"x"}"#;
    let data = format!(
        r#"{{"plain":{inner},"some":{inner},"many":[[1,{inner}],[2,{inner}]],"one":{{"Inner":{inner}}},"other":{{"Two":[1,{inner}]}},"third":{{"Members":{{"number":1,"inner":{inner}}}}},"none":null}}"#
    );
    let json = claims::<Own>(&data);
    only_form(&json, 13, |json| verified::<Own>(json).ok());
    let inner = || Inner { number: 1, text: "\"x".into() };
    let own = Own {
        plain: inner(),
        some: Some(inner()),
        many: vec![(1, inner()), (2, inner())],
        one: Choice::Inner(inner()),
        other: Choice::Two(1, inner()),
        third: Choice::Members { number: 1, inner: inner() },
        none: None,
    };
    assert_eq!(verified::<Own>(&json).unwrap().data(), &own);
    let named = json.replace(r#""none":null"#, r#""none":"Nothing""#);
    assert_eq!(verified::<Own>(&named).unwrap().data().none, Some(Choice::Nothing));
    for other in [
        r#""none":{"Nothing":null}"#,
        r#""none":{"Nothing":[]}"#,
        r#""none":{}"#,
        r#""none":{"Inner":{"number":1,"text":"x"},"Nothing":null}"#,
        r#""none":{"Inner":{"number":1,"text":"x"},"Inner":{"number":1,"text":"x"}}"#,
        r#""none":{"Unknown":1}"#,
        r#""none":"Inner""#,
        r#""none":0"#,
        r#""none":["Nothing"]"#,
    ] {
        let json = json.replace(r#""none":null"#, other);
        assert_eq!(verified::<Own>(&json).err(), Some(Rejection::Claims), "{other}");
    }
}
