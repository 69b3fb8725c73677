//! Whatever the enterprise's key signs as the claims of a step-up or a grant: no panic, and what is
//! accepted is one reading of an object that says so.
#![no_main]

use std::sync::LazyLock;

use countersign::step_up::{GrantData, StepUpData};
use countersign::token::{
    Audience, Leeway, Purpose, SigningKey, TokenData, TrustedKeys, UntrustedToken, v4_public,
};
use countersign::{CustomerId, Device, Issuer, Timestamp};
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[1; 32]).unwrap());

const STEP_UP: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"step_up","data":{"step_up":"00000000000000000000000000","credential":"00000000000000000000000000","method":"ocra","interaction":"call-1","direction":"outbound","agent_name":"Bob","transaction":{"kind":"transfer","amount":500000,"currency":"GBP","payee":"Jones","reference":"7"}}}"#;
const GRANT: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"AwMDAwMDAwMDAwMDAwMDAw","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"grant","data":{"step_up":"00000000000000000000000000","interaction":"call-1","agent":"bob","transaction":{"kind":"transfer","amount":500000,"currency":"GBP","payee":"Jones","reference":"7"}}}"#;
const NOW: Timestamp = Timestamp::from_unix(1_769_868_000);

fn keys(purpose: Purpose) -> TrustedKeys {
    let mut keys = TrustedKeys::new(Issuer::new("bank.example").unwrap());
    keys.trust(*KEY.public_key(), purpose).unwrap();
    keys
}

fn check<D: TokenData>(json: &[u8]) {
    let footer = format!(r#"{{"kid":"{}"}}"#, KEY.public_key().kid());
    let implicit = D::PURPOSE.implicit_assertion().as_bytes();
    let Ok(token) = v4_public::sign(&KEY, json, footer.as_bytes(), implicit) else { return };
    let customer = Audience::new("customer-1").unwrap();
    let parsed = UntrustedToken::parse(&token).unwrap();
    let read = parsed.verify::<D>(&keys(D::PURPOSE), &customer, NOW, Leeway::MAX);
    // A token for one purpose is none for another, whatever it says.
    let parsed = UntrustedToken::parse(&token).unwrap();
    let other = keys(Purpose::Challenge);
    assert!(parsed.verify::<D>(&other, &customer, NOW, Leeway::MAX).is_err());
    if D::PURPOSE == Purpose::StepUp {
        let device = Device::new(keys(D::PURPOSE), CustomerId::new("customer-1").unwrap());
        let opened = device.with_leeway(Leeway::MAX).open_step_up(&token, NOW);
        assert_eq!(opened.is_ok(), read.is_ok());
    }
    let Ok(read) = read else { return };
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!(object.len(), 8);
    assert_eq!(object["iss"], "bank.example");
    assert_eq!(object["aud"], "customer-1");
    assert_eq!(object["purpose"], D::PURPOSE.name());
    // Nothing shown but what was said.
    let shown = serde_json::to_value(read.claims().data()).unwrap();
    for (name, shown) in shown.as_object().unwrap() {
        assert_eq!(&object["data"][name], shown, "{name}");
    }
    assert!(read.claims().expires_at().since(read.claims().not_before()).as_secs() <= 600);
}

fuzz_target!(|data: &[u8]| {
    check::<StepUpData>(data);
    check::<GrantData>(data);
    // The good claims with a stretch replaced: two bytes for where, one for how much.
    if let [low, high, much, rest @ ..] = data {
        let spliced = |good: &str| {
            let from = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
            let to = (from + usize::from(*much)).min(good.len());
            [&good.as_bytes()[..from], rest, &good.as_bytes()[to..]].concat()
        };
        check::<StepUpData>(&spliced(STEP_UP));
        check::<GrantData>(&spliced(GRANT));
    }
});
