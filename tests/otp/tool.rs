//! The `otp` example: the answer alone, or status 1 and one line that does not repeat the input.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::examples::example;

fn tool() -> &'static PathBuf {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| example("otp"))
}

fn run(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(tool()).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn answers(args: &[&str], expected: &str) {
    assert_eq!(run(args), (0, format!("{expected}\n"), String::new()), "{args:?}");
}

const KEY: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

#[test]
fn it_computes_every_vector() {
    let file: Value = serde_json::from_str(include_str!("../vectors/oath.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 98);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap().to_owned();
        let number = |field: &str| vector[field].as_u64().unwrap().to_string();
        let kind = text("kind");
        let mut args = vec![kind.clone(), "--key".to_owned(), text("key")];
        match kind.as_str() {
            "hotp" => args.extend(["--counter".to_owned(), number("counter")]),
            "totp" => {
                let algorithm = text("suite").split('-').nth(1).unwrap().to_lowercase();
                args.extend(["--time".to_owned(), number("unix_time")]);
                args.extend(["--digits".to_owned(), "8".to_owned()]);
                args.extend(["--algorithm".to_owned(), algorithm]);
            }
            _ => {
                args.extend(["--suite".to_owned(), text("suite")]);
                args.extend(["--question".to_owned(), text("question")]);
                for (field, option) in [("counter", "--counter"), ("time", "--time-steps")] {
                    if vector.get(field).is_some() {
                        args.extend([option.to_owned(), number(field)]);
                    }
                }
                if vector.get("password_hash").is_some() {
                    args.extend(["--password-hash".to_owned(), text("password_hash")]);
                }
            }
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        answers(&args, &text("expected"));
    }
}

#[test]
fn options_have_their_defaults() {
    answers(&["hotp", "--key", KEY, "--counter", "0"], "755224");
    answers(&["hotp", "--base32", BASE32, "--counter", "0"], "755224");
    answers(&["hotp", "--base32", &BASE32.to_lowercase(), "--counter", "0"], "755224");
    answers(&["hotp", "--key", KEY, "--counter", "0", "--digits", "10"], "1284755224");
    answers(&["totp", "--key", KEY, "--time", "59"], "287082");
    answers(&["totp", "--key", KEY, "--time", "59", "--step", "59", "--digits", "8"], "94287082");
    answers(
        &["hotp", "--key", KEY, "--counter", "18446744073709551615", "--algorithm", "sha1"],
        &hotp_at_the_end(),
    );
    // Without --time it is now: one of the codes around the call.
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().to_string();
    let before = run(&["totp", "--key", KEY, "--time", &now()]);
    let during = run(&["totp", "--key", KEY]);
    let after = run(&["totp", "--key", KEY, "--time", &now()]);
    assert!(during == before || during == after, "{during:?}");
}

fn hotp_at_the_end() -> String {
    use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
    let seed = OtpSeed::from_hex(KEY).unwrap();
    Hotp::new(&seed, Algorithm::Sha1, Digits::SIX).generate(u64::MAX).expose().to_owned()
}

#[test]
fn ocra_takes_every_input() {
    let key = "3132333435363738393031323334353637383930313233343536373839303132";
    let suite = "OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1";
    let common =
        ["ocra", "--suite", suite, "--key", key, "--question", "12345678", "--counter", "9"];
    let hash = "7110eda4d09e062aa5e4a390b0a572ac0d2c0220";
    answers(&[&common[..], &["--pin", "1234"]].concat(), "08522129");
    answers(&[&common[..], &["--password-hash", hash]].concat(), "08522129");
    // The whole HMAC, whose truncation is the six digits.
    let whole = ["ocra", "--suite", "OCRA-1:HOTP-SHA1-0:QN08", "--key", KEY, "--question", "1"];
    let (status, printed, _) = run(&whole);
    assert_eq!((status, printed.len()), (0, 41));
    assert!(printed.trim_end().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    let with_session = [
        "ocra",
        "--suite",
        "OCRA-1:HOTP-SHA1-6:QH08-S004",
        "--base32",
        BASE32,
        "--question",
        "abcd",
    ];
    let (status, printed, _) = run(&[&with_session[..], &["--session", "00ff00ff"]].concat());
    assert_eq!((status, printed.len()), (0, 7));
}

#[test]
fn bad_input_ends_with_status_1_and_one_silent_line() {
    let secret = "5ec4e7";
    let key = secret.repeat(6);
    let ocra = ["ocra", "--key", &key];
    let qn08 = ["--suite", "OCRA-1:HOTP-SHA1-6:QN08"];
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec![], "name a command"),
        (vec![&key], "unknown command"),
        (vec!["hotp"], "missing --counter <N>, <--key <HEX>|--base32 <BASE32>>"),
        (vec!["hotp", "--key", &key], "missing --counter <N>"),
        (vec!["hotp", "--counter", "1"], "missing <--key <HEX>|--base32 <BASE32>>"),
        (vec!["hotp", &key, "--counter", "1"], "unknown or misplaced"),
        (vec!["hotp", "--5ec4e7", "--counter", "1"], "unknown or misplaced"),
        (vec!["hotp", "--key", &key, "--base32", &key, "--counter", "1"], "given twice"),
        (vec!["hotp", "--key", &key, "--key", &key, "--counter", "1"], "given twice"),
        (vec!["hotp", "--key", &key, "--counter", &key], "bad value for --counter"),
        (vec!["hotp", "--key", &key, "--counter", "-1"], "bad value for --counter"),
        (vec!["hotp", "--key", &key, "--counter", "18446744073709551616"], "bad value"),
        (
            vec!["hotp", "--key", "5ec4e7", "--counter", "1"],
            "--key: the seed is shorter than 128 bits",
        ),
        (
            vec!["hotp", "--key", &key[..35], "--counter", "1"],
            "--key: the seed is not an even number of hex",
        ),
        (
            vec!["hotp", "--key", "5ec4e7zz", "--counter", "1"],
            "--key: the seed is not an even number of hex",
        ),
        (vec!["hotp", "--base32", &key, "--counter", "1"], "--base32: the seed is not"),
        (
            vec!["hotp", "--key", &key, "--counter", "1", "--digits", "5"],
            "--digits: a code has 6 to 10 digits",
        ),
        (
            vec!["hotp", "--key", &key, "--counter", "1", "--digits", "11"],
            "--digits: a code has 6 to 10 digits",
        ),
        (vec!["hotp", "--key", &key, "--counter", "1", "--digits", "999"], "--digits <N>"),
        (vec!["hotp", "--key", &key, "--counter", "1", "--algorithm", &key], "--algorithm"),
        (vec!["totp", "--key", &key, "--time", "-1"], "bad value for --time"),
        (vec!["totp", "--key", &key, "--step", "0"], "bad value for --step"),
        (
            [&ocra[..], &["--suite", &key, "--question", "1"]].concat(),
            "--suite: a suite starts with OCRA-1:",
        ),
        ([&ocra[..], &qn08].concat(), "missing --question <Q>"),
        (
            [&ocra[..], &qn08, &["--question", ""]].concat(),
            "--question: a challenge has at least one character",
        ),
        ([&ocra[..], &qn08, &["--question", "5ec4e7"]].concat(), "characters"),
        ([&ocra[..], &qn08, &["--question", "123456789"]].concat(), "longer than"),
        ([&ocra[..], &qn08, &["--question", "12345678901234567"]].concat(), "longer than"),
        ([&ocra[..], &qn08, &["--question", "1", "--counter", "1"]].concat(), "no counter"),
        ([&ocra[..], &qn08, &["--question", "1", "--pin", "5ec4e7"]].concat(), "no PIN hash"),
        ([&ocra[..], &qn08, &["--question", "1", "--password-hash", &key]].concat(), "no PIN"),
        ([&ocra[..], &qn08, &["--question", "1", "--session", "00"]].concat(), "no session"),
        ([&ocra[..], &qn08, &["--question", "1", "--time-steps", "1"]].concat(), "no time step"),
        (
            [&ocra[..], &["--suite", "OCRA-1:HOTP-SHA1-6:C-QN08", "--question", "1"]].concat(),
            "needs a counter",
        ),
        (
            [
                &ocra[..],
                &["--suite", "OCRA-1:HOTP-SHA1-6:QN08-S002", "--question", "1"],
                &["--session", "5ec4e7"],
            ]
            .concat(),
            "must have exactly the suite's length",
        ),
        (
            [
                &ocra[..],
                &["--suite", "OCRA-1:HOTP-SHA1-6:QN08-S002", "--question", "1"],
                &["--session", "5ec4e7zz"],
            ]
            .concat(),
            "--session: expected an even number of hexadecimal digits",
        ),
        (
            [
                &ocra[..],
                &["--suite", "OCRA-1:HOTP-SHA1-6:QN08-PSHA1", "--question", "1"],
                &["--password-hash", &key],
            ]
            .concat(),
            "--password-hash: a PIN hash must have the length of its algorithm's output",
        ),
        (
            [
                &ocra[..],
                &["--suite", "OCRA-1:HOTP-SHA1-6:QN08-PSHA1", "--question", "1"],
                &["--password-hash", &key, "--pin", "1234"],
            ]
            .concat(),
            "given twice or beside",
        ),
    ];
    let hyphens: Vec<(Vec<&str>, &str)> = vec![
        (vec!["hotp", "--key", "-5ec4e7", "--counter", "1"], "--key: the seed"),
        (vec!["hotp", "--key", "--5ec4e7", "--counter", "1"], "--key: the seed"),
        (vec!["hotp", "--base32", "-5ec4e7", "--counter", "1"], "--base32: the seed"),
        (vec!["hotp", "--key", &key, "--counter", "-5ec4e7"], "bad value for --counter <N>"),
        (vec!["hotp", "--key", &key, "--counter", "1", "--digits", "-x"], "--digits <N>"),
        (vec!["hotp", "--key", &key, "--counter", "1", "--algorithm", "-5ec4e7"], "--algorithm"),
        (vec!["totp", "--key", &key, "--time", "-5ec4e7"], "bad value for --time"),
        (vec!["totp", "--key", &key, "--step", "-5ec4e7"], "bad value for --step"),
        ([&ocra[..], &["--suite", "-5ec4e7", "--question", "1"]].concat(), "--suite: a suite"),
        ([&ocra[..], &qn08, &["--question", "-5ec4e7"]].concat(), "--question: the challenge"),
        (
            [&ocra[..], &qn08, &["--question", "1", "--counter", "-x"]].concat(),
            "bad value for --counter",
        ),
        (
            [&ocra[..], &qn08, &["--question", "1", "--session", "-5ec4e7"]].concat(),
            "--session: expected",
        ),
        (
            [
                &ocra[..],
                &["--suite", "OCRA-1:HOTP-SHA1-6:QN08-PSHA1", "--question", "1"],
                &["--password-hash", "-5ec4e7"],
            ]
            .concat(),
            "--password-hash: expected",
        ),
        (
            [&ocra[..], &qn08, &["--question", "1", "--time-steps", "-x"]].concat(),
            "bad value for --time-steps",
        ),
    ];
    for (args, expected) in cases.into_iter().chain(hyphens) {
        let (status, printed, complaint) = run(&args);
        assert_eq!((status, printed.as_str()), (1, ""), "{args:?}");
        assert!(complaint.contains(expected), "{args:?}: {complaint}");
        assert_eq!(complaint.matches('\n').count(), 1, "{complaint}");
        assert!(complaint.ends_with('\n') && !complaint.contains(secret), "{complaint}");
    }
}

#[test]
fn help_is_an_answer() {
    for args in [&["--help"][..], &["hotp", "--help"], &["totp", "-h"], &["ocra", "--help"]] {
        let (status, printed, complaint) = run(args);
        assert_eq!((status, complaint.as_str()), (0, ""));
        assert!(printed.contains("Usage: otp"), "{printed}");
    }
}
