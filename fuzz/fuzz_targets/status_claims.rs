//! Whatever a trusted key signs as a call status: no panic; what is shown of it was signed so, for this customer, this
//! question and these seconds.
#![no_main]

use std::sync::LazyLock;

use countersign::contact::Status;
use countersign::device::StatusQuestion;
use countersign::random::SeededRandom;
use countersign::token::{Purpose, SigningKey, TrustedKeys, v4_public};
use countersign::{CustomerId, Device, Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());

/// 2026-01-31T14:00:00Z.
const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

fn question() -> StatusQuestion {
    StatusQuestion::new(&SeededRandom::new(1), NOW).unwrap()
}

fn good(status: &str) -> String {
    let nonce = serde_json::to_string(&question().nonce()).unwrap();
    format!(
        r#"{{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:00:20Z","purpose":"status","data":{{"nonce":{nonce},"status":{status}}}}}"#
    )
}

/// Says whether anything of it was shown.
fn check(json: &[u8]) -> bool {
    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    keys.trust(*KEY.public_key(), Purpose::Status).unwrap();
    let device = Device::new(keys, CustomerId::new("customer-1").unwrap());
    let footer = format!(r#"{{"kid":"{}"}}"#, KEY.public_key().kid());
    let implicit = Purpose::Status.implicit_assertion().as_bytes();
    let Ok(token) = v4_public::sign(&KEY, json, footer.as_bytes(), implicit) else { return false };

    let (question, mut any) = (question(), false);
    for seconds in [0, 10, 29, 30, 3600] {
        let now = NOW.after(std::time::Duration::from_secs(seconds));
        let Ok(shown) = device.open_status(&token, &question, now) else { continue };
        any = true;
        assert!(seconds < 30, "no answer counts for longer");
        let value: Value = serde_json::from_slice(json).unwrap();
        assert_eq!(value["aud"], "customer-1");
        assert_eq!(value["data"]["nonce"], serde_json::to_value(question.nonce()).unwrap());
        let said = &value["data"]["status"];
        match shown.status() {
            Status::NotUs => assert_eq!(said, "not_us"),
            Status::Scheduled => assert_eq!(said, "scheduled"),
            Status::Calling => assert_eq!(said, "calling"),
            Status::Undetermined => assert_eq!(said, "undetermined"),
            Status::TalkingToYou { channel, direction, .. } => {
                let talking = &said["talking_to_you"];
                assert_eq!(talking["channel"], channel.name());
                assert_eq!(talking["direction"], serde_json::to_value(direction).unwrap());
            }
            other => panic!("{other:?}"),
        }
    }
    let other = StatusQuestion::new(&SeededRandom::new(2), NOW).unwrap();
    assert!(device.open_status(&token, &other, NOW).is_err(), "it answers one question");
    any
}

fuzz_target!(|data: &[u8]| {
    let _ = check(data);
    // Good claims with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        for status in [
            r#""calling""#,
            r#"{"talking_to_you":{"channel":"voice","direction":"inbound","since":"2026-01-31T13:59:00Z"}}"#,
        ] {
            let good = good(status);
            assert!(check(good.as_bytes()));
            let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
            let to = (from + usize::from(*much)).min(good.len());
            let _ = check(&[&good.as_bytes()[..from], rest, &good.as_bytes()[to..]].concat());
        }
    }
});
