//! Strict claims: what is issued comes back, and nothing else is read.

use std::time::Duration;

use countersign::challenge::{ChallengeData, Channels};
use countersign::text::{InvalidText, MAX_TEXT_CHARS, ShortText};
use countersign::token::{
    Audience, Claims, IssueError, Leeway, Purpose, Rejection, TokenData, TokenId, UntrustedToken,
};
use countersign::{Channel, Issuer, Timestamp};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::support::unicode::{all, is_unseen, joiners_fit, unseen};
use crate::support::{
    FIVE_MINUTES, NOW, challenge, claims_of, customer, data, issuer, key, seeds, sign_json,
    trusting, verify_at, verify_challenge,
};

const GOOD: &str = r#"{"iss":"bank.example","aud":"customer-1","jti":"MDEyMzQ1Njc4OWFiY2RlZg","iat":"2026-01-31T14:00:00Z","nbf":"2026-01-31T14:00:00Z","exp":"2026-01-31T14:05:00Z","purpose":"challenge","data":{"purpose":"About a card payment","channels":["voice"]}}"#;

fn read(json: &str) -> Result<Claims<ChallengeData>, Rejection> {
    let key = key(1);
    let token = sign_json(&key, Purpose::Challenge, json);
    verify_challenge(&token, &trusting(&key, &[Purpose::Challenge]))
}

#[test]
fn the_wire_form_is_fixed() {
    let key = key(1);
    assert_eq!(challenge(&key), sign_json(&key, Purpose::Challenge, GOOD));
    assert_eq!(read(GOOD), Ok(claims_of(data())));
}

#[test]
fn every_registered_claim_is_required_once_and_well_typed() {
    for member in ["iss", "aud", "jti", "iat", "nbf", "exp", "purpose", "data"] {
        let mut object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(GOOD).unwrap();
        let value = object.remove(member).unwrap();
        let without = serde_json::to_string(&object).unwrap();
        assert_eq!(read(&without), Err(Rejection::Claims), "{member} missing");

        let doubled = GOOD.replacen('{', &format!(r#"{{"{member}":{value},"#), 1);
        assert_eq!(read(&doubled), Err(Rejection::Claims), "{member} doubled");

        let escaped = format!(r"\u{:04x}{}", u32::from(member.as_bytes()[0]), &member[1..]);
        let doubled = GOOD.replacen('{', &format!(r#"{{"{escaped}":{value},"#), 1);
        assert_eq!(read(&doubled), Err(Rejection::Claims), "{member} doubled in disguise");

        for other in ["null", "1", "true", "[]", "{}", r#""""#, r#"["bank.example"]"#] {
            object.insert(member.into(), serde_json::from_str(other).unwrap());
            let json = serde_json::to_string(&object).unwrap();
            let expected = match (member, other) {
                ("iss", r#""""#) => Rejection::Issuer,
                ("aud", r#""""#) => Rejection::Audience,
                _ => Rejection::Claims,
            };
            assert_eq!(read(&json), Err(expected), "{member} is {other}");
        }
    }
}

#[test]
fn unknown_claims_are_refused_but_unknown_data_is_not() {
    for extra in [r#""sub":"x","#, r#""crit":["x"],"#, r#""kid":"x","#, r#""ISS":"x","#] {
        let json = GOOD.replacen('{', &format!("{{{extra}"), 1);
        assert_eq!(read(&json), Err(Rejection::Claims), "{extra}");
    }
    let additive =
        GOOD.replace(r#""channels""#, r#""reference":{"a":[1,2.5,null,true,-3]},"channels""#);
    assert_eq!(read(&additive), Ok(claims_of(data())));
    // But a doubled member has no one meaning, known or not, wherever it stands.
    for doubled in [
        GOOD.replace(r#""channels""#, r#""purpose":"Other","channels""#),
        GOOD.replace(r#""channels""#, r#""x":1,"x":1,"channels""#),
        GOOD.replace(r#""channels""#, r#""x":1,"a":{},"z":2,"x":1,"channels""#),
        GOOD.replace(r#""channels""#, r#""x":[{"y":{"z":0,"z":0}}],"channels""#),
    ] {
        assert_eq!(read(&doubled), Err(Rejection::Claims), "{doubled}");
    }
}

#[test]
fn what_is_no_strict_json_is_refused() {
    let nested = |depth: usize| {
        let value = "[".repeat(depth) + &"]".repeat(depth);
        GOOD.replace(r#""channels""#, &format!(r#""x":{value},"channels""#))
    };
    // The claims and `data` are two levels themselves.
    assert!(read(&nested(14)).is_ok());
    assert_eq!(read(&nested(15)), Err(Rejection::Claims));
    assert_eq!(read(&nested(2500)), Err(Rejection::Claims));
    for json in [
        "",
        "null",
        "[]",
        "{}",
        "\"\"",
        &GOOD[1..],
        &GOOD[..GOOD.len() - 1],
        &format!("{GOOD}{GOOD}"),
        &format!("{GOOD},"),
        &format!("\u{feff}{GOOD}"),
        &format!("[{GOOD}]"),
        // What serde alone would take for the same.
        r#"["bank.example","customer-1","MDEyMzQ1Njc4OWFiY2RlZg","2026-01-31T14:00:00Z","2026-01-31T14:00:00Z","2026-01-31T14:05:00Z","challenge",{"purpose":"About a card payment","channels":["voice"]}]"#,
        &GOOD.replace(
            r#"{"purpose":"About a card payment","channels":["voice"]}"#,
            r#"["About a card payment",["voice"]]"#,
        ),
        &GOOD.replace(r#""data":"#, r#""data":NaN,"x":"#),
        &GOOD.replace('"', "'"),
    ] {
        assert_eq!(read(json), Err(Rejection::Claims), "{json}");
    }
    assert_eq!(read(&GOOD.replace(',', " ,\n")), Ok(claims_of(data())), "white space is no matter");
}

#[test]
fn ill_formed_values_are_refused() {
    for (from, to) in [
        ("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZh"),
        ("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2Rl"),
        ("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZg=="),
        ("2026-01-31T14:00:00Z", "2026-01-31T15:00:00+01:00"),
        ("2026-01-31T14:00:00Z", "2026-01-31 14:00:00Z"),
        ("\"challenge\"", "\"Challenge\""),
        ("\"challenge\"", "\"challenges\""),
        ("[\"voice\"]", "[]"),
        ("[\"voice\"]", "\"voice\""),
        ("[\"voice\"]", "[\"fax\"]"),
        ("[\"voice\"]", "[\"voice\",\"voice\"]"),
        ("About a card payment", ""),
        ("About a card payment", "  "),
        ("About a card payment", "two\\nlines"),
        ("About a card payment", "\\u202efd"),
    ] {
        assert_eq!(read(&GOOD.replace(from, to)), Err(Rejection::Claims), "{to}");
    }
    let with = |length: usize| read(&GOOD.replace("About a card payment", &"ü".repeat(length)));
    assert!(with(MAX_TEXT_CHARS).is_ok());
    assert_eq!(with(MAX_TEXT_CHARS + 1), Err(Rejection::Claims));
    // PASETO's own example writes the offset.
    assert!(read(&GOOD.replace("Z\"", "+00:00\"")).is_ok());
}

#[test]
fn what_cannot_be_valid_is_not_issued() {
    let id = TokenId::from_bytes([0; 16]);
    let new = |now: u64, seconds: u64| {
        let now = Timestamp::from_unix(now);
        let valid_for = Duration::from_secs(seconds);
        Claims::new(issuer(), customer(), id, now, valid_for, data()).map(drop)
    };
    let now = NOW.unix();
    assert_eq!(new(now, 0), Err(IssueError::TooShortLived));
    assert_eq!(new(now, 1), Ok(()));
    assert_eq!(new(now, 3600), Ok(()));
    assert_eq!(new(now, 3601), Err(IssueError::TooLongLived));
    assert_eq!(new(now, u64::MAX), Err(IssueError::TooLongLived));
    let last = Timestamp::MAX.unix();
    assert_eq!(new(last - 300, 300), Ok(()));
    assert_eq!(new(last - 299, 300), Err(IssueError::TooShortLived));
    let early = claims_of(data()).starting(Timestamp::from_unix(now - 1)).map(drop);
    assert_eq!(early, Err(IssueError::StartsTooEarly));
    assert_eq!(
        claims_of(data()).starting(Timestamp::MAX).map(drop),
        Err(IssueError::TooShortLived)
    );
}

#[test]
fn identifiers_and_texts_are_bounded() {
    for bad in ["", " ", "a b", "a\n", "\u{7f}", &"x".repeat(129)] {
        assert!(Issuer::new(bad).is_err(), "{bad:?}");
        assert!(Audience::new(bad).is_err(), "{bad:?}");
    }
    assert_eq!(Audience::new("x".repeat(128)).unwrap().as_str().len(), 128);
    assert!("".parse::<ShortText>().is_err());
    assert!("x".repeat(10_000_000).parse::<ShortText>().is_err());
    assert_eq!("👍".repeat(256).parse::<ShortText>().unwrap().as_str().chars().count(), 256);
    assert!(Channels::new(&[]).is_err());
    assert!(Channels::new(&[Channel::Sms, Channel::Sms]).is_err());
    let all = Channels::new(&Channel::ALL).unwrap();
    assert_eq!(all.as_slice(), Channel::ALL);
    for channel in Channel::ALL {
        assert!(all.contains(channel));
        assert_eq!(channel.name().parse(), Ok(channel));
    }
    assert!(!Channels::new(&[Channel::Sms]).unwrap().contains(Channel::Voice));
}

#[test]
fn a_text_can_be_seen_and_holds_nothing_hidden() {
    // One or more of each category: Cc, Cf (bidirectional, zero width, tags), Cn, Co, Zl, Zp.
    for hidden in [
        '\0',
        '\n',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fff9}',
        '\u{e0041}',
        '\u{378}',
        '\u{fffe}',
        '\u{10ffff}',
        '\u{e000}',
        '\u{f0000}',
        '\u{2028}',
        '\u{2029}',
    ] {
        for text in [format!("{hidden}"), format!("About{hidden} a card"), format!("card{hidden}")]
        {
            assert!(matches!(text.parse::<ShortText>(), Err(InvalidText { .. })), "{text:?}");
        }
    }
    for blank in [
        " ",
        "\u{a0}",
        "\u{3000}",
        "\u{2800}",
        "\u{3164}",
        "\u{115f}\u{ffa0}",
        "\u{fe0f}",
        "\u{301}",
    ] {
        assert!(blank.parse::<ShortText>().is_err(), "{blank:?}");
        assert!(format!("{blank} {blank}").parse::<ShortText>().is_err(), "{blank:?}");
        // A space, or a mark under which there is nothing, may stand before what can be seen.
        let seen = !blank.chars().any(is_unseen);
        assert_eq!(format!("{blank}x").parse::<ShortText>().is_ok(), seen, "{blank:?}");
    }
    for good in ["x", "?", "❤", "e\u{301}", "한국", "حساب", "नमस्ते", "\u{2801}", "5 €", "a b c"]
    {
        assert_eq!(good.parse::<ShortText>().unwrap().as_str(), good);
    }
}

/// A text as the host gives it, and as an app reads it in a token.
fn is_text(text: &str) -> bool {
    let given = text.parse::<ShortText>();
    let quoted = serde_json::to_string(text).unwrap();
    let told = read(&GOOD.replace("\"About a card payment\"", &quoted));
    assert_eq!(given.is_ok(), told.is_ok(), "{text:?}");
    match told {
        Ok(claims) => assert_eq!(claims.data().purpose().as_str(), text),
        Err(error) => assert_eq!(error, Rejection::Claims),
    }
    given.is_ok()
}

#[test]
fn no_text_holds_what_nobody_sees() {
    for c in unseen() {
        for text in [format!("Jones{c}Roofing"), format!("{c}Jones"), format!("Jones{c}")] {
            assert!(text.parse::<ShortText>().is_err(), "{text:?}");
        }
    }
    for c in [
        '\u{34f}',
        '\u{115f}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{180b}',
        '\u{ffa0}',
        '\u{e0100}',
        '\u{2800}',
    ] {
        assert!(!is_text(&format!("Jones{c}Roofing")), "{c:?}");
    }
}

#[test]
fn no_two_spaces_stand_in_a_row() {
    assert!(is_text("to Jones Roofing") && is_text("a\u{a0}b\u{3000}c"));
    assert!(!is_text(&format!("Jones{}to Mallory", " ".repeat(200))));
    let spaces = all(|c| c.is_whitespace() && is_text(&format!("a{c}b")));
    assert_eq!(spaces.len(), 17, "{spaces:?}");
    for one in &spaces {
        for other in &spaces {
            assert!(!is_text(&format!("a{one}{other}b")), "{one:?}{other:?}");
        }
    }
}

#[test]
fn joiners_stand_where_their_script_has_them_and_nowhere_else() {
    for name in [
        "ශ්\u{200d}රී",
        "ක්\u{200d}ෂ",
        "علی\u{200c}رضا",
        "می\u{200c}روم",
        "نامه\u{64e}\u{200c}\u{64e}ای",
        "അവന്\u{200d}",
        "ന്\u{200d} ര്\u{200d}",
        "क्\u{200c}ष",
        "क्\u{200c}",
    ] {
        assert!(is_text(name), "{name:?}");
    }
    for name in [
        "\u{200d}ශ්රී",
        "ශ\u{200d}රී",
        "ශ්\u{200d}\u{200d}රී",
        "علی\u{200d}رضا",
        "علی\u{200c}\u{200c}رضا",
        "علی\u{200c}",
        "\u{200c}رضا",
        "علی\u{200c} رضا",
        "دار\u{200c}ا",
        "Jo\u{200c}nes",
        "Jo\u{200d}nes",
        "👩\u{200d}🚀",
        "علی\u{200c}x",
        "x\u{200c}رضا",
    ] {
        assert!(!is_text(name), "{name:?}");
    }
}

#[test]
fn someone_is_an_audience_too() {
    let key = key(1);
    let keys = trusting(&key, &[Purpose::Challenge]);
    for (aud, expected) in
        [("customer-1", Ok(())), ("", Err(Rejection::Claims)), ("a b", Err(Rejection::Claims))]
    {
        let token = sign_json(&key, Purpose::Challenge, &GOOD.replace("customer-1", aud));
        let read = UntrustedToken::parse(&token).unwrap().verify_for_someone::<ChallengeData>(
            &keys,
            NOW,
            Leeway::NONE,
        );
        assert_eq!(read.map(drop).map_err(|error| error.reason()), expected, "{aud}");
    }
}

/// A host's own data.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Own {
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<f64>,
    #[serde(flatten)]
    more: std::collections::BTreeMap<String, String>,
}

impl TokenData for Own {
    const PURPOSE: Purpose = Purpose::Status;
    const MAX_LIFETIME: Duration = FIVE_MINUTES;
}

/// Data that is no object.
#[derive(Debug, Serialize, Deserialize)]
struct Bare(String);

impl TokenData for Bare {
    const PURPOSE: Purpose = Purpose::Status;
    const MAX_LIFETIME: Duration = FIVE_MINUTES;
}

#[test]
fn data_that_would_not_come_back_is_not_signed() {
    let own = |amount, name: &str, text: String| Own { amount, more: [(name.into(), text)].into() };
    let issue = |data| key(1).issue(&claims_of(data));
    assert_eq!(issue(own(Some(1.0), "amount", "2".into())), Err(IssueError::Data));
    assert_eq!(issue(own(None, "x", "x".repeat(9000))), Err(IssueError::TooLong));
    assert_eq!(key(1).issue(&claims_of(Bare("text".into()))), Err(IssueError::Data));

    let token = issue(own(Some(0.5), "x", "y".into())).unwrap();
    let keys = trusting(&key(1), &[Purpose::Status]);
    let read = verify_at::<Own>(&token, &keys, NOW).unwrap();
    assert_eq!(read.data(), &own(Some(0.5), "x", "y".into()));
}

/// Without characters that nobody sees and more than one space in a row.
fn without_unseen(text: String) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace(is_unseen, "")
}

/// Letters that join in each way or not at all, marks, viramas, the joiners.
const JOINING: [char; 16] = [
    '\u{200c}', '\u{200d}', '\u{200c}', '\u{200d}', 'ع', 'ر', 'ء', '\u{640}', '\u{64e}',
    '\u{a872}', 'ක', '\u{dca}', 'ක', '\u{94d}', 'x', ' ',
];

proptest! {
    #[test]
    fn joiners_are_judged_by_rfc_5892(text in prop::collection::vec(prop::sample::select(&JOINING[..]), 1..12)) {
        let text: String = format!("x{}", text.iter().collect::<String>());
        prop_assume!(!text.contains("  "));
        prop_assert_eq!(is_text(&text), joiners_fit(&text), "{:?}", text);
    }

    #[test]
    fn whatever_is_issued_comes_back(
        seed in seeds(),
        id in any::<[u8; 16]>(),
        iss in "[!-~]{1,128}",
        aud in "[!-~à-öΑ-Ρа-я一-龠]{1,30}",
        text in "[^\\p{C}\\p{Zl}\\p{Zp}]{0,200}x".prop_map(without_unseen),
        channels in prop::sample::subsequence(Channel::ALL.to_vec(), 1..=6).prop_shuffle(),
        now in 0_u64..253_402_200_000,
        life in 1_u64..=3600,
    ) {
        let key = countersign::token::SigningKey::from_seed(&seed).unwrap();
        let issuer = Issuer::new(&iss).unwrap();
        let audience = Audience::new(&aud).unwrap();
        let data = ChallengeData::new(text.parse().unwrap(), Channels::new(&channels).unwrap());
        let now = Timestamp::from_unix(now);
        let life = Duration::from_secs(life);
        let id = TokenId::from_bytes(id);
        let claims =
            Claims::new(issuer.clone(), audience.clone(), id, now, life, data.clone()).unwrap();
        let token = key.issue(&claims).unwrap();

        let mut keys = countersign::token::TrustedKeys::new(issuer.clone());
        keys.trust(*key.public_key(), Purpose::Challenge).unwrap();
        let verified = countersign::token::UntrustedToken::parse(&token)
            .unwrap()
            .verify::<ChallengeData>(&keys, &audience, now, countersign::token::Leeway::NONE)
            .unwrap();
        prop_assert_eq!(verified.kid(), key.public_key().kid());
        let read = verified.into_claims();
        prop_assert_eq!(read.issuer(), &issuer);
        prop_assert_eq!(read.audience(), &audience);
        prop_assert_eq!(read.id(), id);
        prop_assert_eq!(read.issued_at(), now);
        prop_assert_eq!(read.not_before(), now);
        prop_assert_eq!(read.expires_at(), now.after(life));
        prop_assert_eq!(read.into_data(), data);
    }
}
