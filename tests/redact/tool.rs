//! The example tool that redacts what passes through.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use countersign::redact;
use countersign::redact::Options;

use crate::examples::example;

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(example("redact"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    let writing = std::thread::spawn(move || {
        // A tool that complains reads nothing.
        let _closed = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn passed_on(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(arguments, input);
    assert!(output.status.success() && output.stderr.is_empty());
    output.stdout
}

const CHAT: &str = "Order 20451.\r\nIt is 4242 4242 4242 4242, exp 12/27, cvv 123\n\n\
    or five triple five, double five double five, five double five five, quadruple four";

#[test]
fn what_is_masked_is_what_the_library_masks() {
    let whole = redact::cards(CHAT);
    assert!(whole.contains("**** **** **** ****") && !whole.contains("quadruple"));
    assert_eq!(passed_on(&[], CHAT.as_bytes()), whole.as_bytes());
    let kept = Options::new().keep_last_four(true);
    assert_eq!(passed_on(&["--keep-last-four"], CHAT.as_bytes()), kept.cards(CHAT).as_bytes());
    let written = Options::new().spoken(false);
    let glued = b"ref 004222222222222";
    assert_eq!(passed_on(&[], glued), glued);
    assert_eq!(passed_on(&["--glued-in-any-length"], glued), b"ref 00*************");
    let out = passed_on(&["--no-spoken"], CHAT.as_bytes());
    assert_eq!(out, written.cards(CHAT).as_bytes());
    assert!(String::from_utf8(out).unwrap().ends_with("quadruple four"));
}

#[test]
fn everything_else_goes_through_byte_for_byte() {
    for input in [
        b"".as_slice(),
        b"\n",
        b"no number",
        b"no end of line, no number\r",
        b"\xff\xfe\x00\x80 not text \xf0\x9f\x98",
        b"\xef\xbb\xbf with a mark \xf0\x9f\x92\xb3\n\n\n",
    ] {
        assert_eq!(passed_on(&[], input), input);
    }
    // More than a chunk, with a number across the border, among bytes that are no text.
    let mut input = vec![0xFF; 64 * 1024 - 8];
    input.extend(b"4242424242424242");
    input.extend(vec![0xFE; 100_000]);
    let mut wanted = input.clone();
    wanted[64 * 1024 - 8..64 * 1024 + 8].fill(b'*');
    assert_eq!(passed_on(&[], &input), wanted);
}

/// What is decided comes out before the input ends.
#[test]
fn it_passes_on_as_it_comes() {
    let mut child = Command::new(example("redact"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let line = b"my card is 4242 4242 4242 4242, yes that one\nand then the parcel came late\n";
    stdin.write_all(line).unwrap();
    let mut first = [0; 40];
    stdout.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"my card is **** **** **** ****, yes that");
    drop(stdin);
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b" one\nand then the parcel came late\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn spans_are_json_lines_that_tell_no_digit() {
    let out = String::from_utf8(passed_on(&["--spans"], CHAT.as_bytes())).unwrap();
    let lines: Vec<redact::Span> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, redact::spans(CHAT));
    assert!(lines.len() >= 4 && !out.contains("4242"));
    assert!(passed_on(&["--spans"], b"nothing 123").is_empty());
}

#[test]
fn a_bad_argument_is_one_line_that_repeats_nothing() {
    for arguments in [&["4242424242424242"][..], &["--spans=4242424242424242"], &["--4242"]] {
        let output = run(arguments, b"");
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.lines().count() == 1 && !error.contains("4242"), "{error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn files_of_each_format_pass_through() {
    let srt = "1\n00:00:14,000 --> 00:00:15,000\n4242 4242\n\n2\n00:00:15,500 --> 00:00:17,000\n4242 4242\n";
    let masked = srt.replace("4242", "****");
    assert_eq!(passed_on(&["--format", "srt"], srt.as_bytes()), masked.as_bytes());
    let vtt = format!("WEBVTT\n\n{}", srt.replace(',', "."));
    assert_eq!(
        passed_on(&["--format", "vtt"], vtt.as_bytes()),
        vtt.replace("4242", "****").as_bytes()
    );
    let chat = b"[10:32] Alice: 4242 4242\n[10:33] Bob: ok\n[10:33] Alice: 4242 4242\n";
    let masked = b"[10:32] Alice: **** ****\n[10:33] Bob: ok\n[10:33] Alice: **** ****\n";
    assert_eq!(passed_on(&["--format", "chat"], chat), masked);
    let words = br#"[{"w":"4242"},{"w":"4242"},{"w":"um"},{"w":"4242"},{"w":"4242"}]"#;
    let masked = br#"[{"w":"****"},{"w":"****"},{"w":"um"},{"w":"****"},{"w":"****"}]"#;
    assert_eq!(passed_on(&["--format", "words"], words), masked);
    assert_eq!(
        passed_on(&["--format", "log"], b"pan=4242 4242 4242 4242"),
        b"pan=**** **** **** ****"
    );
}
