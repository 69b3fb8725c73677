//! Whatever a trusted key signs as a statement of ground rules: no panic; what is shown of it was signed so, for
//! everyone, and nothing is allowed on a channel that it does not name.
#![no_main]

use std::sync::LazyLock;

use countersign::challenge::NeverAsked;
use countersign::policy::Act;
use countersign::token::{Purpose, SigningKey, TrustedKeys, v4_public};
use countersign::{Channel, CustomerId, Device, Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());

/// 2026-01-31T14:00:00Z.
const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

const GOOD: &str = r#"{"iss":"bank.example","aud":"everyone","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-02-20T14:00:00Z","purpose":"ground_rules","data":{"never_asked":["pin","card_number","a_later_rule"],"channels":{"reveal":["voice"],"challenge":["sms","a_later_channel"],"step_up":["voice","video"],"payment":[]}}}"#;

const ACTS: [(Act, &str); 4] = [
    (Act::Reveal, "reveal"),
    (Act::Challenge, "challenge"),
    (Act::StepUp, "step_up"),
    (Act::Payment, "payment"),
];

/// Says whether anything of it was shown.
fn check(json: &[u8]) -> bool {
    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    keys.trust(*KEY.public_key(), Purpose::GroundRules).unwrap();
    let device = Device::new(keys, CustomerId::new("customer-1").unwrap());
    let footer = format!(r#"{{"kid":"{}"}}"#, KEY.public_key().kid());
    let implicit = Purpose::GroundRules.implicit_assertion().as_bytes();
    let Ok(token) = v4_public::sign(&KEY, json, footer.as_bytes(), implicit) else { return false };
    let Ok(rules) = device.open_ground_rules(&token, NOW) else { return false };

    let value: Value = serde_json::from_slice(json).unwrap();
    assert_eq!(value["aud"], "everyone");
    let named = |list: &Value, name: &str| {
        list.as_array().is_some_and(|list| list.iter().any(|one| one == name))
    };
    for rule in NeverAsked::ALL {
        let name = serde_json::to_value(rule).unwrap();
        let said = named(&value["data"]["never_asked"], name.as_str().unwrap());
        assert_eq!(rules.never_asked().contains(&rule), said);
        assert_eq!(!rules.broken_by(&[rule]).is_empty(), said);
    }
    for (act, name) in ACTS {
        for channel in Channel::ALL {
            let said = named(&value["data"]["channels"][name], channel.name());
            assert_eq!(rules.allows(act, channel), said, "{name} by {channel:?}");
        }
    }
    let over = rules.until();
    assert!(over.since(NOW).as_secs() <= 31 * 24 * 3600);
    let late = over.after(std::time::Duration::from_secs(30));
    assert!(device.open_ground_rules(&token, late).is_err());
    true
}

fuzz_target!(|data: &[u8]| {
    let _ = check(data);
    // A good statement with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        assert!(check(GOOD.as_bytes()));
        let from = usize::from(u16::from_le_bytes([*low, *high])) % GOOD.len();
        let to = (from + usize::from(*much)).min(GOOD.len());
        let _ = check(&[&GOOD.as_bytes()[..from], rest, &GOOD.as_bytes()[to..]].concat());
    }
});
