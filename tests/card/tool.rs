//! The example tool that seals and opens.

use std::process::{Command, Output};

use crate::support::examples::example;

fn run(arguments: &[&str]) -> Output {
    Command::new(example("seal")).args(arguments).output().unwrap()
}

fn answer(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && error.is_empty(), "{error}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn what_it_seals_it_opens() {
    let keys = answer(&["new-key"]);
    let (private, public) = keys.split_once('\n').unwrap();
    let key = format!("--key={public}");
    let sealed = answer(&[
        "seal",
        &key,
        "--request=v4.public.x",
        "--pan=3782 822463 10005",
        "--expiry=4/27",
        "--code=0042",
        "--name=Zoë Jones",
    ]);
    assert_eq!(sealed.len(), 1624);
    let private = format!("--private-key={private}");
    let opened = answer(&["open", &private, "--request=v4.public.x", &sealed]);
    assert_eq!(
        opened,
        r#"{"attempt":1,"brand":"american_express","code":"0042","expiry":"2027-04","name":"Zoë Jones","pan":"378282246310005"}"#
    );
    let error = complaint(&["open", &private, "--request=v4.public.y", &sealed]);
    assert_eq!(error, "seal: the sealed card does not open\n");
}

#[test]
fn it_seals_all_that_a_card_has() {
    let keys = answer(&["new-key"]);
    let (private, public) = keys.split_once('\n').unwrap();
    let (key, private) = (format!("--key={public}"), format!("--private-key={private}"));
    let sealed = answer(&[
        "seal",
        &key,
        "--request=x",
        "--attempt=3",
        "--pan=4242424242424242",
        "--expiry=4/27",
        "--cryptogram=AgAAAAAAAIR8CQrXcIhbQAAAAAA=",
        "--eci=7",
        "--wallet=apple_pay",
        "--name=Maria Jones",
        "--brand=visa",
        "--keep-for=recurring",
        "--country=GB",
        "--region=eng",
        "--line=Flat 2",
        "--line=1 High Street",
        "--city=Leeds",
        "--postcode=ls1 1aa",
    ]);
    let opened = answer(&["open", &private, "--request=x", &sealed]);
    let opened: serde_json::Value = serde_json::from_str(&opened).unwrap();
    assert_eq!(
        opened,
        serde_json::json!({
            "attempt": 3, "brand": "visa", "city": "Leeds", "country": "GB",
            "cryptogram": "AgAAAAAAAIR8CQrXcIhbQAAAAAA=", "eci": "07", "expiry": "2027-04",
            "keep_for": "recurring", "line": ["Flat 2", "1 High Street"], "name": "Maria Jones",
            "pan": "4242424242424242", "postcode": "LS1 1AA", "region": "ENG",
            "wallet": "apple_pay",
        })
    );
}

#[test]
fn what_is_wrong_is_named_and_not_repeated() {
    let keys = answer(&["new-key"]);
    let (_, public) = keys.split_once('\n').unwrap();
    let key = format!("--key={public}");
    let seal = |pan: &str, expiry: &str, code: &str| {
        let (pan, expiry) = (format!("--pan={pan}"), format!("--expiry={expiry}"));
        let code = format!("--code={code}");
        complaint(&["seal", &key, "--request=x", &pan, &expiry, &code, "--name=M"])
    };
    assert_eq!(
        seal("4242424242424243", "4/27", "123"),
        "seal: --pan: the card number is mistyped\n"
    );
    assert_eq!(
        seal("4242424242424242", "99/27", "123"),
        "seal: --expiry: expected month and year as the card shows them, such as 04/27\n"
    );
    assert_eq!(
        seal("4242424242424242", "4/27", "1234"),
        "seal: the verification code has three digits, four on American Express\n"
    );
    let weak = format!("--key={}", "00".repeat(32));
    let rest = ["--request=x", "--pan=4242424242424242", "--expiry=4/27", "--code=123", "--name=M"];
    let error = complaint(&[&["seal", weak.as_str()][..], &rest].concat());
    assert_eq!(error, "seal: --key: this is not a public key to seal for\n");
}
