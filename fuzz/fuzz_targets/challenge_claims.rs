//! Whatever a trusted key signs as a challenge or an appointment: no panic; what is shown of it was
//! signed so, for this customer and this place; and no text that is not its code is taken for it.
#![no_main]

use std::sync::LazyLock;

use countersign::challenge::FoundOn;
use countersign::device::{ChallengeCheck, CodeAttempts, CodeCheck, DeviceCredential};
use countersign::otp::OtpSeed;
use countersign::random::SeededRandom;
use countersign::token::{Purpose, SigningKey, TrustedKeys, v4_public};
use countersign::{Channel, CustomerId, Device, Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());

static HELD: LazyLock<DeviceCredential> = LazyLock::new(|| {
    let seed = OtpSeed::from_bytes(&[2; 32]).unwrap();
    let id = "04000000000000000000000000".parse().unwrap();
    let pin = "2468".parse().unwrap();
    DeviceCredential::enrol(id, &seed, &pin, None, &SeededRandom::new(3)).unwrap()
});

const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

const CHALLENGE: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"challenge","data":{"purpose":"x","channels":["voice","sms"],"handles":[{"channel":"sms","handle":"BANK"}],"details":[{"label":"l","value":"v"}],"never_asked":["pin"],"pseudonymous":false}}"#;

const APPOINTMENT: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"appointment","data":{"challenge":"04000000000000000000000000","slot":{"from":"2026-01-31T14:00:00Z","until":"2026-01-31T14:05:00Z"},"channel":"voice","direction":"outbound","assignee":{"team":"fraud"},"agent_name":"Bob","purpose":"x","proof":{"code":"04000000000000000000000000"}}}"#;

fn signed(json: &[u8], purpose: Purpose) -> Option<String> {
    let footer = format!(r#"{{"kid":"{}"}}"#, KEY.public_key().kid());
    let implicit = purpose.implicit_assertion().as_bytes();
    v4_public::sign(&KEY, json, footer.as_bytes(), implicit).ok()
}

fn check(json: &[u8]) {
    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    for purpose in [Purpose::Challenge, Purpose::Appointment] {
        keys.trust(*KEY.public_key(), purpose).unwrap();
    }
    let device = Device::new(keys, CustomerId::new("customer-1").unwrap());

    if let Some(token) = signed(json, Purpose::Challenge) {
        for channel in Channel::ALL {
            let found_on = FoundOn::channel(channel);
            let Ok(opened) = device.open_challenge(&token, &found_on, NOW) else { continue };
            let value: Value = serde_json::from_slice(json).unwrap();
            let channels = value["data"]["channels"].as_array().unwrap();
            assert!(channels.iter().any(|one| one == channel.name()));
            match opened {
                ChallengeCheck::ForYou(open) => {
                    assert_eq!(value["aud"], "customer-1");
                    assert_eq!(value["data"]["purpose"], open.data().purpose().as_str());
                    assert!(open.data().details().len() <= 20);
                }
                ChallengeCheck::ForSomeone(_) => {
                    assert_eq!(value["data"]["pseudonymous"], true);
                }
            }
        }
    }

    let Some(token) = signed(json, Purpose::Appointment) else { return };
    let Ok(shown) = device.open_appointment(&token, NOW) else { return };
    let value: Value = serde_json::from_slice(json).unwrap();
    assert_eq!(value["aud"], "customer-1");
    assert_eq!(value["data"]["purpose"], shown.purpose().as_str());
    let direction = if shown.headline() == "We call you." { "outbound" } else { "inbound" };
    assert_eq!(value["data"]["direction"], direction);
    let now = shown.slot().from();
    let Ok(heard) = shown.check_spoken_code(&HELD, "0000 0000", &mut CodeAttempts::new(), now)
    else {
        return;
    };
    // One in a hundred million is genuine; nobody finds it by chance here.
    assert_ne!(heard, CodeCheck::Genuine);
}

fuzz_target!(|data: &[u8]| {
    check(data);
    // Good claims with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        for good in [CHALLENGE, APPOINTMENT] {
            let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
            let to = (from + usize::from(*much)).min(good.len());
            check(&[&good.as_bytes()[..from], rest, &good.as_bytes()[to..]].concat());
        }
    }
});
