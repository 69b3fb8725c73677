//! Whatever a client sends as authorisation details or parameters: no panic, and what is read says what was sent.
#![no_main]

use countersign::ciba::{AuthReqId, BackchannelRequest, CibaError, DeliveryMode, StepUpDetails};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const DETAILS: &str = r#"[{"type":"countersign_step_up","interaction":"c","direction":"outbound",
"channel":"voice","agent":"b","agent_name":"Bob","transaction":{"kind":"transfer","amount":5,
"currency":"GBP","payee":"Jones","reference":"7"}}]"#;

fn check(json: &str) {
    let read = match StepUpDetails::from_json(json) {
        Ok(read) => read,
        Err(error) => return assert_eq!(error, CibaError::InvalidAuthorizationDetails),
    };
    let (given, said): (Value, Value) =
        (serde_json::from_str(json).unwrap(), serde_json::from_str(&read.to_json()).unwrap());
    assert_eq!(given, said, "nothing is mended");
    assert_eq!(StepUpDetails::from_json(&read.to_json()), Ok(read));
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    check(text);
    if let [low, much, rest @ ..] = data {
        let good = DETAILS.as_bytes();
        let from = usize::from(*low) % good.len();
        let to = (from + usize::from(*much)).min(good.len());
        let changed = [&good[..from], rest, &good[to..]].concat();
        if let Ok(text) = core::str::from_utf8(&changed) {
            check(text);
        }
    }
    // Parameters, a line for each.
    let given = text.lines().filter_map(|line| line.split_once('='));
    let given = given.chain([("authorization_details", DETAILS), ("scope", "openid")]);
    for mode in [DeliveryMode::Poll, DeliveryMode::Ping] {
        if let Ok(read) = BackchannelRequest::read(given.clone(), mode) {
            let id: AuthReqId = "a".repeat(43).parse().unwrap();
            let (interaction, _) = read.step_up(&id).unwrap();
            assert_eq!(interaction.customer, *read.customer());
            assert_eq!(read.ping(&id).is_some(), mode == DeliveryMode::Ping);
        }
    }
});
