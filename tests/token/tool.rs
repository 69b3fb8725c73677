//! The example tool `token`, as a shell script would use it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use countersign::token::{PublicKey, Purpose, SigningKey, v4_public};

use crate::support::examples::example;

fn tool(arguments: &[&str]) -> Output {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    Command::new(TOOL.get_or_init(|| example("token"))).args(arguments).output().unwrap()
}

/// The answer, alone on stdout.
fn answer(arguments: &[&str]) -> String {
    let output = tool(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    let mut answer = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answer.pop(), Some('\n'));
    answer
}

/// The one line on stderr of a refusal.
fn refusal(arguments: &[&str]) -> String {
    let output = tool(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let line = stderr.strip_suffix('\n').unwrap();
    assert!(line.starts_with("token: ") && !line.contains('\n'), "{arguments:?}: {stderr}");
    line.to_owned()
}

fn new_key() -> (String, String) {
    let answer = answer(&["new-key"]);
    let (secret, public) = answer.split_once('\n').unwrap();
    (secret.to_owned(), public.to_owned())
}

fn issue(secret: &str, more: &[&str]) -> String {
    let mut arguments = vec!["issue", "--secret-key", secret, "--customer", "customer-1"];
    arguments.extend(["--purpose", "About your “card”"]);
    arguments.extend(more);
    answer(&arguments)
}

#[test]
fn a_new_key_is_two_lines_that_belong_together_and_never_the_same() {
    let (secret, public) = new_key();
    let key = SigningKey::from_paserk(&secret).unwrap();
    assert_eq!(public.parse::<PublicKey>().as_ref(), Ok(key.public_key()));
    assert_ne!(new_key(), (secret, public));
}

#[test]
fn a_token_says_what_was_put_in() {
    let (secret, public) = new_key();
    let token = issue(&secret, &["--channel", "voice", "--valid-for", "60"]);
    let json: serde_json::Value =
        serde_json::from_str(&answer(&["verify", "--key", &public, &token])).unwrap();

    let fields: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["claims", "footer", "implicit_assertion"]);
    assert_eq!(json["implicit_assertion"], Purpose::Challenge.implicit_assertion());
    let key: PublicKey = public.parse().unwrap();
    assert_eq!(json["footer"], format!(r#"{{"kid":"{}"}}"#, key.kid()));

    let claims = &json["claims"];
    assert_eq!(claims["iss"], "countersign.example");
    assert_eq!(claims["aud"], "customer-1");
    assert_eq!(claims["purpose"], "challenge");
    assert_eq!(
        claims["data"],
        serde_json::json!({"purpose": "About your “card”", "channels": ["voice"]})
    );
    let at = |claim: &str| claims[claim].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at("exp").as_second() - at("nbf").as_second(), 60);
    assert_eq!(at("iat"), at("nbf"));

    // What it prints is enough for another implementation to verify the token.
    let mut buffer = v4_public::Buffer::new();
    let implicit = json["implicit_assertion"].as_str().unwrap().as_bytes();
    let opened = v4_public::verify(&token, &key, implicit, &mut buffer).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(opened.message).unwrap(), *claims);
    assert_eq!(opened.footer, json["footer"].as_str().unwrap().as_bytes());
}

#[test]
fn the_channel_on_which_it_was_found_is_checked() {
    let (secret, public) = new_key();
    let token = issue(&secret, &["--channel", "sms"]);
    let plain = answer(&["verify", "--key", &public, &token]);
    assert_eq!(answer(&["verify", "--key", &public, "--found-on", "sms", &token]), plain);
    let on = |found| refusal(&["verify", "--key", &public, "--found-on", found, &token]);
    let elsewhere = on("voice");
    assert!(elsewhere.contains("channel"));
    assert_eq!(on("voice:+441632960000"), elsewhere);
    // It names no handle, so it vouches for none.
    assert_eq!(on("sms:+441632960000"), elsewhere);
    for bad in ["", "fax", "SMS", ":x", "sms:", "sms: "] {
        assert_ne!(on(bad), elsewhere, "{bad}");
    }
}

/// A genuine token that was copied into a message from an account that looks like the enterprise's.
#[test]
fn the_handle_from_which_it_came_is_checked() {
    let (secret, public) = new_key();
    let handles = ["--handle", "BANK", "--handle", "@bank.example", "--handle", "a:b"];
    let token = issue(&secret, &[&["--channel", "social"], &handles[..]].concat());
    let plain = answer(&["verify", "--key", &public, &token]);
    let json: serde_json::Value = serde_json::from_str(&plain).unwrap();
    let named = ["BANK", "@bank.example", "a:b"]
        .map(|handle| serde_json::json!({"channel": "social", "handle": handle}));
    assert_eq!(json["claims"]["data"]["handles"], serde_json::json!(named));
    for found in ["social:BANK", "social:bank", "social:@bank.example", "social:a:b"] {
        assert_eq!(answer(&["verify", "--key", &public, "--found-on", found, &token]), plain);
    }
    let on = |found| refusal(&["verify", "--key", &public, "--found-on", found, &token]);
    let elsewhere = on("social:@bank-example");
    assert!(elsewhere.contains("handle"), "{elsewhere}");
    for other in [
        "social",
        "social:BANK1",
        "social:ВANK",
        "social:@bank.example.org",
        "social:a",
        "chat:BANK",
        "chat",
    ] {
        assert_eq!(on(other), elsewhere, "{other}");
    }
    // Each handle is named once.
    let twice = ["--handle", "BANK", "--handle", "bank"];
    let start = ["issue", "--secret-key", &secret, "--customer", "c", "--purpose", "x"];
    let line = refusal(&[&start[..], &["--channel", "sms"], &twice].concat());
    assert!(line.starts_with("token: --handle: ") && !line.contains("BANK"), "{line}");
}

#[test]
fn other_tokens_are_refused_alike() {
    let (secret, public) = new_key();
    let (_, other) = new_key();
    let token = issue(&secret, &["--channel", "voice"]);
    let forged = refusal(&["verify", "--key", &other, &token]);
    assert_eq!(forged, "token: the token is not valid here");
    for broken in [
        token[..token.len() - 1].to_owned(),
        token.replacen('.', ",", 1),
        format!("{token}A"),
        "v4.public.AAAA".to_owned(),
        String::new(),
        "A".repeat(100_000),
    ] {
        assert_eq!(refusal(&["verify", "--key", &public, &broken]), forged);
    }
}

#[test]
fn bad_input_is_one_line_that_never_repeats_it() {
    let (secret, public) = new_key();
    let token = issue(&secret, &["--channel", "voice"]);
    let secret_body = &secret[10..40];
    let long = "x".repeat(257);
    let purpose = ["--purpose", "x"];
    let issue = |more: &[&str]| {
        let mut arguments = vec!["issue", "--secret-key", secret.as_str()];
        arguments.extend(more);
        refusal(&arguments)
    };
    let mut lines = vec![
        refusal(&[]),
        refusal(&["nonsense"]),
        refusal(&[&secret]),
        refusal(&["new-key", &secret]),
        refusal(&["new-key", "--secret-key", &secret]),
        refusal(&["verify", &token]),
        refusal(&["verify", "--key", &public]),
        refusal(&["verify", "--key", &public, &token, &secret]),
        refusal(&["verify", "--key", &secret, &token]),
        refusal(&["verify", "--key", "", &token]),
        refusal(&["verify", "--key", &public, "--key", &public, &token]),
        refusal(&[
            "issue",
            "--secret-key",
            &public,
            "--customer",
            "c",
            "--purpose",
            "x",
            "--channel",
            "sms",
        ]),
        refusal(&[
            "issue",
            "--secret-key",
            &secret[..60],
            "--customer",
            "c",
            "--purpose",
            "x",
            "--channel",
            "sms",
        ]),
        refusal(&[
            "issue",
            "--secret-key",
            &format!("{secret}A"),
            "--customer",
            "c",
            "--purpose",
            "x",
            "--channel",
            "sms",
        ]),
        issue(&[]),
        issue(&["--customer", "c", "--purpose", "x"]),
        issue(&["--customer", "c", "--purpose", &long, "--channel", "voice"]),
        issue(&["--customer", "c", "--purpose", "", "--channel", "voice"]),
        issue(&["--customer", "", "--purpose", "x", "--channel", "voice"]),
        issue(&["--customer", "a b", "--purpose", "x", "--channel", "voice"]),
        issue(&["--customer", "c", "--purpose", "x", "--channel", &secret]),
    ];
    for seconds in ["0", "3601", "-1", "1.5", "", "abc", "99999999999999999999", &secret] {
        let arguments = ["--customer", "c", "--channel", "voice", "--valid-for", seconds];
        lines.push(issue(&[&purpose[..], &arguments].concat()));
    }
    for line in lines {
        assert!(!line.contains(secret_body) && !line.contains("k4.secret.A"), "{line}");
        assert!(line.len() < 200, "{line}");
    }
}

#[test]
fn a_bad_value_is_said_with_its_option() {
    let (secret, public) = new_key();
    let good = [
        ("--secret-key", secret.as_str()),
        ("--customer", "c"),
        ("--purpose", "x"),
        ("--channel", "voice"),
        ("--handle", "BANK"),
        ("--valid-for", "60"),
    ];
    let issue_with = |option: &str, value: &str| {
        let mut arguments = vec!["issue"];
        for (name, usual) in good {
            arguments.extend([name, if name == option { value } else { usual }]);
        }
        refusal(&arguments)
    };
    for (option, values) in [
        ("--secret-key", ["", "-5ec4e7", "--customer", "k4.secret.5ec4e7", "\u{202e}5ec4e7"]),
        ("--customer", ["", "5ec 4e7", "5ec4e7\n", "\u{200b}", "\u{202e}5ec4e7"]),
        ("--purpose", ["", "\u{200b}", "5ec4e7\n", "\u{2800}", "\u{202e}5ec4e7"]),
        ("--channel", ["", "-5ec4e7", "--5ec4e7", "5ec4e7", "Voice"]),
        ("--handle", ["", "5ec 4e7", "5ec4e7\n", "\u{200b}", "\u{202e}5ec4e7"]),
        ("--valid-for", ["-5ec4e7", "-1", "0", "3601", "5ec4e7"]),
    ] {
        for value in values {
            let line = issue_with(option, value);
            assert!(line.starts_with(&format!("token: {option}: ")), "{value:?}: {line}");
            assert!(!line.contains("5ec"), "{line}");
        }
    }
    let token = issue(&secret, &["--channel", "voice"]);
    for (key, found_on, option) in [
        ("-5ec4e7", "voice", "--key"),
        (&secret, "voice", "--key"),
        (&public, "-5ec4e7", "--found-on"),
        (&public, "voice:", "--found-on"),
        (&public, "voice:5ec 4e7", "--found-on"),
        (&public, "5ec4e7:+44", "--found-on"),
    ] {
        let line = refusal(&["verify", "--key", key, "--found-on", found_on, &token]);
        assert!(line.starts_with(&format!("token: {option}: ")), "{line}");
        assert!(!line.contains("5ec") && !line.contains(&secret[10..]), "{line}");
    }
    // A hyphen at the start is as good as any other character.
    let token = answer(&[
        "issue",
        "--secret-key",
        &secret,
        "--customer",
        "-c",
        "--purpose",
        "--x",
        "--channel",
        "sms",
    ]);
    let says: serde_json::Value =
        serde_json::from_str(&answer(&["verify", "--key", &public, &token])).unwrap();
    assert_eq!(says["claims"]["aud"], "-c");
    assert_eq!(says["claims"]["data"]["purpose"], "--x");
}

#[test]
fn help_is_an_answer() {
    for arguments in [&["--help"][..], &["issue", "--help"], &["verify", "-h"]] {
        assert!(answer(arguments).contains("Usage: token"));
    }
}
