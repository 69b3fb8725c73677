//! Stored credentials and PINs, codes as they are heard, and words.

use serde_json::{Value, json};

use super::{Case, gives, refused, taken};
use crate::world::{CREDENTIAL, DURESS, PIN, T, credential, stored};

pub(super) fn confirmed() -> Vec<Case> {
    let of = |credential: &str, pin: &str| json!({ "credential": credential, "pin": pin });
    let both = credential();
    let right = json!({ "credential": CREDENTIAL, "code": "72551655" });
    let mut cases = vec![
        gives("the PIN", of(&both, PIN), T, right.clone()),
        gives("the PIN in other digits", of(&both, "２४٦8"), T, right.clone()),
        gives("the PIN with spaces and hyphens", of(&both, " 2-4 6\u{2013}8 "), T, right.clone()),
        taken("the PIN for coercion", of(&both, DURESS), T),
        taken("a wrong PIN", of(&both, "1111"), T),
    ];
    // Salts with which each PIN opens the first key, and the second.
    for seed in 1..=6 {
        let one = stored(CREDENTIAL, "123456789012", None, seed);
        cases.push(gives(
            format!("one PIN of twelve digits, {seed}"),
            of(&one, "123456789012"),
            T,
            right.clone(),
        ));
        let two = stored(CREDENTIAL, "00000", Some("000000"), seed);
        cases.push(gives(
            format!("two PINs of zeros, {seed}"),
            of(&two, "00000"),
            T,
            right.clone(),
        ));
        cases.push(taken(
            format!("two PINs of zeros, for coercion, {seed}"),
            of(&two, "000000"),
            T,
        ));
    }
    for pin in ["", "123", "1234567890123", "-1234", "1234-", "12a4", "１２", "12\u{200b}34"] {
        cases.push(refused(format!("no PIN: {pin:?}"), of(&both, pin), T, "pin"));
    }
    let mut damaged = both.clone();
    damaged.replace_range(60..61, if &both[60..61] == "0" { "1" } else { "0" });
    for (name, bytes) in
        [("damaged", damaged.as_str()), ("cut off", &both[..both.len() - 2]), ("nothing", "")]
    {
        cases.push(refused(name, of(bytes, PIN), T, "malformed"));
    }
    cases
}

pub(super) fn heard() -> Vec<Case> {
    let of = |heard: &str| json!({ "heard": heard });
    let code = || json!({ "digits": "4903 1726", "words": "deckhand aggregate banjo caretaker" });
    let mut cases = Vec::new();
    for heard in [
        "49031726",
        "4903 1726",
        " 4 9 0 3 1 7 2 6 ",
        "4903-1726",
        "4903\u{2013}1726",
        "4903\u{2212}1726",
        "49031726\u{feff}",
        "٤٩٠٣ ١٧٢٦",
        "４９０３１７２６",
        "𝟒𝟗𝟎𝟑𝟏𝟕𝟐𝟔",
        "4903\n1726",
        "deckhand aggregate banjo caretaker",
        "DECKHAND Aggregate banjo-caretaker",
        "\u{200b}deckhand  aggregate\tbanjo — caretaker ",
    ] {
        cases.push(gives(format!("{heard:?}"), of(heard), T, code()));
    }
    for (heard, error) in [
        ("", "length"),
        ("4903172", "length"),
        ("490317261", "length"),
        ("-49031726", "unknown_word"),
        ("49031726-", "unknown_word"),
        ("4903+1726", "unknown_word"),
        ("4903²726", "unknown_word"),
        ("4903\u{200b}1726", "unknown_word"),
        ("deckhand aggregate banjo", "length"),
        ("deckhand aggregate banjo caretaker deckhand", "length"),
        ("deckhand aggregate banjo caretaker aggregate", "order"),
        ("aggregate deckhand banjo caretaker", "order"),
        ("deckhand banjo aggregate caretaker", "order"),
        ("deckhand deckhand banjo caretaker", "order"),
        ("deckhand aggregate banjo carer", "unknown_word"),
        // Of the list, and of no two decimal digits.
        ("topmost Istanbul Pluto vagabond", "unknown_word"),
        ("dec\u{212a}hand aggregate banjo caretaker", "unknown_word"),
    ] {
        cases.push(refused(format!("{heard:?}"), of(heard), T, error));
    }
    let long = |spaces: usize| of(&format!("{}49031726", " ".repeat(spaces)));
    cases.push(gives("128 bytes", long(120), T, code()));
    cases.push(refused("129 bytes", long(121), T, "length"));
    let wide = of(&format!("{}49031726", "\u{2003}".repeat(41)));
    cases.push(refused("131 bytes in fewer characters", wide, T, "length"));
    let words = format!("deckhand aggregate banjo{}caretaker", "\u{2003}".repeat(32));
    cases.push(refused("129 bytes of words", of(&words), T, "length"));
    cases
}

pub(super) fn words() -> Vec<Case> {
    let of = |channel: &str, secret: &str| json!({ "credential": credential(), "callback": "p2rv5cxmppvbfe5sqaxvsfdyqw", "channel": channel, "secret": secret });
    let kettle = || json!("chatter trombonist cleanup cannonball");
    let mut cases = vec![
        gives("as set", of("voice", "Blue  Kettle"), T, kettle()),
        gives("in other letters", of("voice", " blue kettle "), T, kettle()),
        gives("with another space", of("voice", "BLUE\u{3000}KETTLE"), T, kettle()),
        gives("in full width", of("voice", "Ｂｌｕｅ Kettle"), T, kettle()),
        refused(
            "no id of a callback",
            super::super::world::changed(
                &of("voice", "Blue Kettle"),
                "callback",
                Some(Value::from("x")),
            ),
            T,
            "secret",
        ),
        refused(
            "a credential that is damaged",
            super::super::world::changed(
                &of("voice", "Blue Kettle"),
                "credential",
                Some(Value::from("00")),
            ),
            T,
            "malformed",
        ),
    ];
    for channel in ["video", "chat", "sms", "email", "social"] {
        cases.push(taken(format!("by {channel}"), of(channel, "Blue Kettle"), T));
    }
    for secret in [
        "Ärger über Öl",
        "Σίσυφος",
        "ΣΊΣΥΦΟΣ",
        "İstanbul",
        "Straße",
        "ﬁnance",
        "이름이다",
        "anana 42",
        "ϹΑΤΣ",
        "O’Neill-Đorđe",
        "علی‌رضا",
    ] {
        cases.push(taken(format!("the secret {secret}"), of("voice", secret), T));
    }
    cases
}
