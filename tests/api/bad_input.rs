//! Bad input: a typed error that says what to mend, and nothing stored.

use std::time::Duration;

use countersign::callback::{AmendmentRequest, BookingRequest, CallbackSecret, SecretError};
use countersign::error::Invalid;
use countersign::id::InvalidId;
use countersign::page::Page;
use countersign::{CallbackId, Channel, CustomerId, Error, RequestId, Timestamp, Window};

use crate::support::*;

#[test]
fn what_cannot_be_a_secret() {
    use SecretError::{LooksLikeCard, LooksLikeCode, NoLetter, NotSpeakable, TooLong, TooShort};
    let ten_megabytes = "a".repeat(10 * 1024 * 1024);
    let too_long = "a".repeat(65);
    for (typed, wanted) in [
        ("", TooShort(4)),
        ("   ", TooShort(4)),
        ("owl", TooShort(4)),
        ("青椒", TooShort(4)),
        ("青 椒", TooShort(4)),
        ("青ab", TooShort(4)),
        ("바다", TooShort(4)),
        ("すし", TooShort(4)),
        ("そー", TooShort(4)),
        ("ኣማ", TooShort(4)),
        ("лес", TooShort(4)),
        ("अब", TooShort(4)),
        ("々々々", TooShort(4)),
        ("علی\u{200c}", NotSpeakable),
        ("علی\u{200d}رضا", NotSpeakable),
        ("ශ\u{200d}රීලංකා", NotSpeakable),
        ("ශ්\u{200d}\u{200d}රීලංකා", NotSpeakable),
        ("ana\u{200c}na", NotSpeakable),
        ("ana\u{2800}na", NotSpeakable),
        ("a\u{301}b\u{301}c\u{301}", TooShort(4)),
        (&too_long, TooLong),
        (&ten_megabytes, TooLong),
        ("anana\0", NotSpeakable),
        ("ana\nna", NotSpeakable),
        ("ana\tna", NotSpeakable),
        ("\u{1b}[31manana", NotSpeakable),
        ("ana\u{202e}na", NotSpeakable),
        ("\u{2067}anana\u{2069}", NotSpeakable),
        ("ana\u{200f}na", NotSpeakable),
        ("ana\u{200b}na", NotSpeakable),
        ("ana\u{200d}na", NotSpeakable),
        ("ana\u{ad}na", NotSpeakable),
        ("ana\u{feff}na", NotSpeakable),
        ("anana\u{fe0f}", NotSpeakable),
        ("ana\u{3164}na", NotSpeakable),
        ("ana\u{115f}na", NotSpeakable),
        ("ana\u{e0101}na", NotSpeakable),
        ("anana 🍌", NotSpeakable),
        ("🍌🍌🍌🍌", NotSpeakable),
        ("an\u{e000}ana", NotSpeakable),
        ("ana<script>", NotSpeakable),
        ("ana_na", NotSpeakable),
        ("ana@na.example", NotSpeakable),
        ("a\u{301}\u{301}\u{301}\u{301}\u{301}nana", NotSpeakable),
        (" \u{301}anana", NotSpeakable),
        ("12 34", LooksLikeCode),
        ("1-2-3-4", LooksLikeCode),
        ("code 123456", LooksLikeCode),
        ("anana 0000", LooksLikeCode),
        ("anana1990", LooksLikeCode),
        ("１２３４ anana", LooksLikeCode),
        ("٠١٢٣ anana", LooksLikeCode),
        ("1\u{301}2\u{301}3\u{301}4 anana", LooksLikeCode),
        ("card 4242 4242 4242 4242", LooksLikeCard),
        ("card 4242-4242-4242-4242", LooksLikeCard),
        ("123 4 567 890 12 anana", LooksLikeCard),
        ("1-2", TooShort(4)),
        ("12 3", TooShort(4)),
        ("----", TooShort(4)),
        ("a---", TooShort(4)),
        ("a '''", TooShort(4)),
        ("\u{2c8}\u{2c8}\u{2c8}\u{2c8}", NoLetter),
        ("\u{30fc}\u{30fc}\u{30fc}\u{30fc}", NoLetter),
        ("1\u{345}2\u{345}3\u{345}4\u{345} anana", LooksLikeCode),
        ("1\u{93e}2\u{93e}3\u{93e}4 anana", LooksLikeCode),
        ("ana\u{34f}na", NotSpeakable),
        ("ana\u{17b4}na", NotSpeakable),
        ("ana\u{180b}na", NotSpeakable),
        ("ana\u{ffa0}na", NotSpeakable),
        ("ana\u{16fe4}na", NotSpeakable),
    ] {
        let shown: String = typed.chars().take(40).collect();
        assert_eq!(CallbackSecret::new(typed).err(), Some(wanted), "{shown:?}");
    }
}

#[test]
fn what_can_be_a_secret() {
    for typed in
        ["anana", "route 66", "agent 007", "a1b2c3d4", "Żółć", "l’été", "mother-in-law", "ナナナナ"]
    {
        assert!(CallbackSecret::new(typed).is_ok(), "{typed}");
    }
    // A sign that writes a syllable or a word is one and a half; joiners stand where they belong.
    for typed in [
        "三文鱼",
        "青椒 肉",
        "무지개",
        "さくら",
        "ｻｸﾗ",
        "ሰላም",
        "ᏣᎳᎩ",
        "ᐃᓄᒃ",
        "ꆈꌠꉙ",
        "ꕙꔤꕙ",
        "青椒a",
        "ශ්\u{200d}රී ලංකා",
        "علی\u{200c}رضا",
        "അവന്\u{200d} വന്നു",
    ] {
        let secret = CallbackSecret::new(typed);
        assert!(secret.is_ok_and(|secret| secret.matches(typed)), "{typed}");
    }
    assert!(CallbackSecret::new(&"é".repeat(64)).is_ok());
}

#[test]
fn secrets_compare_as_rfc_8266_nicknames() {
    for (set, heard, same) in [
        ("Blue Kettle", "blue kettle", true),
        ("Blue Kettle", "  BLUE \u{3000} KETTLE ", true),
        ("Ａｎａｎａ", "anana", true),
        // Two passes: NFKC first makes an upper-case letter of it.
        ("anana", "\u{1d400}nana", true),
        ("caf\u{e9}s", "cafe\u{301}s", true),
        // The capital of the lunate sigma is a sigma before it is made small, and then no final one.
        ("-\u{3f9}bbbm\u{3f1}", "-\u{3f9}bbbm\u{3f1}", true),
        ("Blue Kettle", "bluekettle", false),
        ("anana", "banana", false),
        ("anana", "", false),
    ] {
        assert_eq!(secret(set).matches(heard), same, "{set} / {heard}");
    }
    assert!(!secret("anana").matches(&"anana".repeat(1_000_000)));
}

#[tokio::test]
async fn words_that_others_know_are_refused() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    for (n, (word, forbidden)) in [
        ("Smith", "smith"),
        ("my smith word", "Smith"),
        ("Jo Smith", "Jo"),
        ("ec1a 1bb", "EC1A 1BB"),
        ("the ec1a1bb house", "EC1A 1BB"),
        ("Ｓｍｉｔｈ", "smith"),
        ("grandsmithy", "Smith"),
        ("SMITH-JONES", "smith jones"),
        ("ශ්\u{200d}රී ලංකාව", "ශ්\u{200d}රී"),
        ("दक्ष गणित", "दक्ष"),
        ("علی\u{200c}رضا خوب", "رضا"),
        ("علی\u{200c}رضا خوب", "علیرضا"),
    ]
    .into_iter()
    .enumerate()
    {
        let booking = booking(&format!("req-{n}"), word).forbidding(["Unrelated", forbidden, ""]);
        let result = callbacks.book(&alice(), &booking).await;
        let forbidden = Error::Invalid(Invalid::Secret(SecretError::Forbidden));
        assert_eq!(result.unwrap_err().to_string(), forbidden.to_string(), "{word}");
    }
    let much = Error::Invalid(Invalid::Secret(SecretError::TooMuchForbidden)).to_string();
    let words = (0..65).map(|n| format!("word-{n}"));
    let result = callbacks.book(&alice(), &booking("req-9", "anana").forbidding(words)).await;
    assert_eq!(result.unwrap_err().to_string(), much);
    let long = booking("req-9", "anana").forbidding(["x".repeat(10 * 1024 * 1024)]);
    assert_eq!(callbacks.book(&alice(), &long).await.unwrap_err().to_string(), much);
    // A short word forbids itself, not every word that holds it.
    let fine = booking("req-1", "giant banana").forbidding(["Ian", "Ana", "ti"]);
    let id = callbacks.book(&alice(), &fine).await.unwrap().id;
    let amendment =
        AmendmentRequest::new(request("a-1")).secret(secret("old Ian")).forbidding(["Ian"]);
    let result = callbacks.amend(&alice(), &id, &amendment).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::Secret(SecretError::Forbidden)))));
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "giant banana");
}

#[test]
fn a_window_that_ends_before_it_starts_is_none() {
    assert!(Window::new(START, START).is_err());
    assert!(Window::new(START.after(HOUR), START).is_err());
    for (json, message) in [
        (
            r#"{"from":"2027-01-15T09:00:00Z","until":"2027-01-15T08:00:00Z"}"#,
            "a window must end after it starts",
        ),
        (
            r#"{"from":"today","until":"tomorrow"}"#,
            "expected a window: `from` and `until` as RFC 3339 instants",
        ),
        (r#""anana""#, "expected a window: `from` and `until` as RFC 3339 instants"),
    ] {
        let error = serde_json::from_str::<Window>(json).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    let window: Window = serde_json::from_str(
        r#"{"from":"2027-01-15T08:00:00Z","until":"2027-01-15T10:00:00.75+01:00"}"#,
    )
    .unwrap();
    assert_eq!(window, crate::support::window());
}

#[tokio::test]
async fn windows_that_cannot_be_booked() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let second = Duration::from_secs(1);
    let year = 366 * DAY;
    for (from, until, wanted) in [
        (START.before(2 * HOUR), START, Invalid::WindowOver),
        (START.before(2 * HOUR), START.before(HOUR), Invalid::WindowOver),
        (Timestamp::EPOCH, START.before(second), Invalid::WindowOver),
        (START, START.after(31 * DAY).after(second), Invalid::WindowTooLong(31 * DAY)),
        (START, START.after(2 * year), Invalid::WindowTooLong(31 * DAY)),
        (START, Timestamp::MAX, Invalid::WindowTooLong(31 * DAY)),
        (START.after(year), START.after(year).after(second), Invalid::WindowTooFar(year)),
        (START.after(5 * year), START.after(5 * year).after(HOUR), Invalid::WindowTooFar(year)),
    ] {
        let window = Window::new(from, until).unwrap();
        let new = BookingRequest::new(request("req-1"), window, Channel::Voice, secret("anana"));
        let result = callbacks.book(&alice(), &new).await;
        assert!(matches!(&result, Err(Error::Invalid(why)) if *why == wanted), "{result:?}");
    }
    for (from, until) in [
        (START.before(HOUR), START.after(second)),
        (START, START.after(31 * DAY)),
        (START.after(year).before(second), START.after(year)),
    ] {
        let id = request(&format!("req-{}", until.unix()));
        let window = Window::new(from, until).unwrap();
        let new = BookingRequest::new(id, window, Channel::Voice, secret("anana"));
        callbacks.book(&alice(), &new).await.unwrap();
    }
    assert_eq!(callbacks.list(&alice(), Page::first()).await.unwrap().items.len(), 3);
}

#[tokio::test]
async fn channels_that_carry_no_secret_cannot_be_booked() {
    let bank = bank();
    for channel in [Channel::Email, Channel::Social] {
        let new = BookingRequest::new(request("req-1"), window(), channel, secret("anana"));
        let result = bank.verifier.callbacks().book(&alice(), &new).await;
        assert!(matches!(&result, Err(Error::Invalid(Invalid::Channel(c))) if *c == channel));
        let message = result.unwrap_err().to_string();
        let wanted = format!("this is not allowed on the channel {channel}; use another");
        assert_eq!(message, wanted);
    }
    assert_eq!(bank.store.records(), []);
}

#[tokio::test]
async fn nothing_invalid_is_stored_or_told() {
    let bank = bank();
    let past = Window::new(START.before(HOUR), START).unwrap();
    let new = BookingRequest::new(request("req-1"), past, Channel::Voice, secret("anana"));
    bank.verifier.callbacks().book(&alice(), &new).await.unwrap_err();
    let new = booking("req-1", "anana").forbidding(["anana"]);
    bank.verifier.callbacks().book(&alice(), &new).await.unwrap_err();
    assert_eq!(bank.store.records(), []);
    assert_eq!(bank.seen.take(), []);
    // The request id is still free.
    bank.booked().await;
}

#[tokio::test]
async fn an_invalid_amendment_leaves_the_booking_as_it_was() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let before = bank.booked().await;
    let stored = bank.store.records();
    let past = Window::new(START.before(HOUR), START).unwrap();
    for (amendment, wanted) in [
        (AmendmentRequest::new(request("a-1")), Invalid::NothingToAmend),
        (AmendmentRequest::new(request("a-1")).window(past), Invalid::WindowOver),
        (
            AmendmentRequest::new(request("a-1")).secret(secret("banana")).channel(Channel::Email),
            Invalid::Channel(Channel::Email),
        ),
        (
            AmendmentRequest::new(request("a-1")).secret(secret("banana")).forbidding(["Banana"]),
            Invalid::Secret(SecretError::Forbidden),
        ),
    ] {
        let result = callbacks.amend(&alice(), &before.id, &amendment).await;
        assert!(matches!(&result, Err(Error::Invalid(why)) if *why == wanted), "{result:?}");
    }
    assert_eq!(bank.store.records(), stored);
    assert_eq!(callbacks.list(&alice(), Page::first()).await.unwrap().items, [before]);
}

#[tokio::test]
async fn a_booking_can_be_amended_so_often_and_no_more() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let id = bank.booked().await.id;
    for n in 0..16 {
        let amendment = AmendmentRequest::new(request(&format!("a-{n}"))).secret(secret("banana"));
        callbacks.amend(&alice(), &id, &amendment).await.unwrap();
    }
    let amendment = AmendmentRequest::new(request("a-16")).secret(secret("cherry"));
    let result = callbacks.amend(&alice(), &id, &amendment).await;
    assert!(matches!(result, Err(Error::Invalid(Invalid::TooManyAmendments))));
    assert_eq!(callbacks.reveal(&bob_rings("call-1"), &id).await.unwrap().as_str(), "banana");
}

#[test]
fn what_cannot_be_an_identifier() {
    let long = "x".repeat(129);
    let megabytes = "x".repeat(10 * 1024 * 1024);
    for (text, wanted) in [
        ("", InvalidId::Empty),
        (&long, InvalidId::TooLong),
        (&megabytes, InvalidId::TooLong),
        ("a b", InvalidId::Unprintable),
        ("a\n", InvalidId::Unprintable),
        ("a\0", InvalidId::Unprintable),
        ("\u{3000}", InvalidId::Unprintable),
        ("a\u{202e}b", InvalidId::Unprintable),
        ("\u{2066}a\u{2069}", InvalidId::Unprintable),
        ("\u{200b}", InvalidId::Unprintable),
        ("\u{feff}x", InvalidId::Unprintable),
        ("a\u{ad}b", InvalidId::Unprintable),
        ("a\u{2028}b", InvalidId::Unprintable),
        ("a\u{e000}b", InvalidId::Unprintable),
        ("a\u{378}b", InvalidId::Unprintable),
        ("a\u{3164}b", InvalidId::Unprintable),
    ] {
        assert_eq!(CustomerId::new(text).err(), Some(wanted));
        assert_eq!(RequestId::new(text).err(), Some(wanted));
    }
    assert!(CustomerId::new("x".repeat(128)).is_ok());
    for text in ["a", "~!@#$%^&*()", "Ångström-7", "顧客42", "🍌"] {
        assert_eq!(CustomerId::new(text).unwrap().as_str(), text);
    }
}

#[test]
fn an_instant_is_rfc_3339() {
    for (text, unix) in [
        ("2027-01-15T08:00:00Z", START.unix()),
        ("2027-01-15T10:00:00+02:00", START.unix()),
        ("2027-01-15T03:00:00.999999999-05:00", START.unix()),
        ("1970-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(text.parse::<Timestamp>().unwrap().unix(), unix);
    }
    for text in [
        "",
        "now",
        "2027-01-15",
        "2027-01-15T08Z",
        "2027-01-15T08:00Z",
        "20270115T080000Z",
        "2027-01-15T08:00:00",
        "2027-01-15T08:00:00z",
        "2027-01-15 08:00:00Z",
        "2027-01-15T08:00:00,5Z",
        "2027-01-15T08:00:00.Z",
        "2027-01-15T08:00:00Z[UTC]",
        "2027-01-15T08:00:00+0200",
        "+002027-01-15T08:00:00Z",
        "2027-02-30T08:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
    assert_eq!(START.to_string(), "2027-01-15T08:00:00Z");
}

#[test]
fn a_callback_id_has_one_spelling() {
    let id = "0123456789abcdefghjkmnpqr0";
    assert_eq!(id.parse::<CallbackId>().unwrap().to_string(), id);
    for other in [
        "",
        "0123456789abcdefghjkmnpqr",
        "0123456789abcdefghjkmnpqr00",
        "0123456789ABCDEFGHJKMNPQR0",
        "o123456789abcdefghjkmnpqr0",
        "i123456789abcdefghjkmnpqr0",
        "0123456789abcdefghjkmnpqr1",
        "0123456789abcdefghjkmnpq-0",
        "ééééééééééééé",
    ] {
        assert_eq!(other.parse::<CallbackId>().err(), Some(InvalidId::Malformed), "{other}");
    }
}

#[tokio::test]
async fn unknown_ids_are_refused_by_every_call() {
    let bank = bank();
    let callbacks = bank.verifier.callbacks();
    let real = bank.booked().await.id;
    let before = bank.store.records();
    let amendment = AmendmentRequest::new(request("a-1")).secret(secret("banana"));
    for (customer, id) in [(alice(), unknown_callback()), (mallory(), real)] {
        let call = call("call-1", &customer, agent("bob"));
        let verdict = countersign::callback::Verdict::Recognised;
        for result in [
            callbacks.amend(&customer, &id, &amendment).await.err(),
            callbacks.cancel(&customer, &id).await.err(),
            callbacks.conclude(&customer, &id, verdict).await.err(),
            callbacks.reveal(&call, &id).await.err(),
            callbacks.abandon(&call, &id).await.err(),
        ] {
            let refused = result.unwrap();
            assert!(matches!(refused, Error::Refused(_)));
            assert_eq!(refused.to_string(), "refused");
        }
    }
    assert_eq!(bank.store.records(), before);
}
