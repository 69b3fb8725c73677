//! However text is cut into chunks, the result is that of the whole; and properties that hold for
//! every text.

use countersign::redact::{Options, Span};
use proptest::prelude::*;
use proptest::sample::select;

use crate::depth::cases;

/// What the result is made of when `text` is pushed in chunks of these lengths, in turn.
pub(crate) fn pushed(options: &Options, text: &str, lengths: &[usize]) -> String {
    let mut redactor = options.redactor();
    let (mut out, mut rest) = (String::new(), text);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let mut cut = (*length).clamp(1, rest.len());
        while !rest.is_char_boundary(cut) {
            cut += 1;
        }
        redactor.push(&rest[..cut], &mut out);
        rest = &rest[cut..];
    }
    redactor.finish(&mut out);
    out
}

fn written(options: &Options, text: &[u8], lengths: &[usize]) -> Vec<u8> {
    let mut writer = options.writer(Vec::new());
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((*length).clamp(1, rest.len()));
        std::io::Write::write_all(&mut writer, now).unwrap();
        rest = later;
    }
    writer.finish().unwrap()
}

fn found(options: &Options, text: &[u8], lengths: &[usize]) -> Vec<Span> {
    let mut finder = options.finder();
    let (mut spans, mut rest) = (Vec::new(), text);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((*length).clamp(1, rest.len()));
        finder.push(now, &mut spans);
        rest = later;
    }
    finder.finish(&mut spans);
    spans
}

/// Text of the pieces that the rules turn on, card numbers among them.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let numbers = select(vec![
        "4242424242424242",
        "5555555555554444",
        "378282246310005",
        "501800000009",
        "36227206271667",
        "6011 1111 1111 1117",
        "4242 4242 4242 4242",
        "4222222222222",
        "4000000000000000006",
        "3056 9309 0259 04",
        "３７８２８２２４６３１０００５",
        "four two four two four two four two four two four two four two four two",
        "double five double five five triple five five five five quadruple four",
        "DE89370400440532013000",
        "GB29 NWBK 6016 1331 9268 19",
        "+573001234567",
        "89010336584089101779",
        "%B4242424242424242^JONES/MARY^27122010000000123000000?",
        ";4242424242424242=27122010000123?",
    ]);
    let bits = select(vec![
        " ",
        "  ",
        "\n",
        "\r\n",
        "-",
        ".",
        ",",
        ", ",
        "/",
        "_",
        ":",
        ";",
        "|",
        "~",
        "'",
        "•",
        "=",
        "^JONES^",
        "89",
        "(",
        "*",
        "****",
        "+",
        "\\",
        "\\n",
        "\\Nine ",
        "\\four ",
        "\\u00a0",
        "\\u{a0}",
        "\\uff14",
        "%20",
        "%3D",
        "%B",
        "%E2%80%89",
        "&#52;",
        "&nbsp;",
        "\\x22",
        "\u{1b}[31m",
        "\\u001b[0m",
        "pin ",
        "\u{a0}",
        "\u{2009}",
        "\u{200b}",
        "\u{feff}",
        "é",
        "日本",
        "x",
        "card ",
        "cvv",
        "CVV2 ",
        "securityCode",
        "C.V.V. ",
        "ＣＶＶ ",
        "valid from 01/24 to ",
        ",Jones,",
        " code ",
        "exp ",
        "12/27",
        "0127",
        "123",
        " and ",
        "um",
        "four",
        "FOUR ",
        "oh ",
        "forty",
        "forty-two",
        "twelve",
        "double ",
        "triple",
        "thousand",
        "fo",
        "ur",
        "o",
        "                    ",
        "the quick brown fox",
        "😀",
        "4️⃣",
        "٤",
    ]);
    let digits = "[0-9]{1,24}";
    let fives = "[0-9]{4}( [0-9]{4}){1,8}";
    let all = prop_oneof![
        2 => numbers.prop_map(str::to_owned),
        6 => bits.prop_map(str::to_owned),
        2 => digits.prop_map(|digits| digits),
        1 => fives.prop_map(|digits| digits),
        1 => any::<String>(),
    ];
    prop::collection::vec(all, 0..14).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = Options> {
    let mask = select(vec!['*', '#', '█', '×', '•']);
    (any::<bool>(), any::<bool>(), any::<bool>(), mask).prop_map(
        |(spoken, keep, any_length, mask)| {
            let options = Options::new().spoken(spoken).glued_in_any_length(any_length);
            options.keep_last_four(keep).mask(mask).unwrap()
        },
    )
}

/// A word of several digits, of which some belong to one find and some to another, is one place.
#[test]
fn a_word_of_several_digits_is_found_once() {
    let text = "4242424242424242123thousand4\u{fe0f}\u{20e3}";
    let spans = Options::new().glued_in_any_length(true).spans(text);
    let places: Vec<_> = spans.iter().map(|span| span.range().unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start), "{places:?}");
    assert_eq!(places.first().map(|place| place.start), Some(0), "{places:?}");
}

/// A digit that stood beside a number does not count twice because of "triple" once the number is
/// masked.
#[test]
fn a_digit_beside_masks_is_not_alone() {
    let (options, once) =
        (Options::new().glued_in_any_length(true), "+573001234567triple5****************");
    assert_eq!(options.cards("+573001234567triple54242424242424242"), once);
    assert_eq!(options.cards(once), once);
}

/// Numbers in a row, each of which would be one only if the one before it were masked.
#[test]
fn a_chain_of_numbers_is_masked_at_once() {
    let text = |links: usize| {
        let mut text = String::from("501800000009-501800000009");
        for at in 0..links {
            let [between, within] = if at % 2 == 0 { [" ", "-"] } else { ["-", " "] };
            text += &format!("{between}40128888{within}88881881");
        }
        text
    };
    for n in 0..240 {
        let (links, keep, any_length) = (n / 4, n % 2 == 1, n / 2 % 2 == 1);
        let options = Options::new().keep_last_four(keep).glued_in_any_length(any_length);
        let text = text(links);
        let once = options.cards(&text);
        assert_eq!(options.cards(&once), once, "{links} {text}");
        assert_eq!(pushed(&options, &text, &[7]), once);
    }
}

/// A log that is written line by line comes out so, in whatever pieces it is written; and no number is made of two lines.
#[test]
fn lines_come_out_at_once() {
    let text = "pan=4242424242424242 cvv=123\n4242 4242\n4242 4242\nlast 5555555555554444";
    let masked = "pan=**************** cvv=***\n4242 4242\n4242 4242\nlast ****************";
    for size in 1..text.len() {
        let mut lines = Options::new().lines(Vec::new());
        let mut written = 0;
        for piece in text.as_bytes().chunks(size) {
            std::io::Write::write_all(&mut lines, piece).unwrap();
            written += piece.len();
            let ended = text[..written].rfind('\n').map_or(0, |at| at + 1);
            assert!(lines.get_ref().unwrap().starts_with(&masked.as_bytes()[..ended]));
        }
        assert_eq!(String::from_utf8(lines.finish().unwrap()).unwrap(), masked);
    }
}

/// Runs that are longer than what is judged at once, of numbers in all kinds of groups.
fn long_runs() -> impl Strategy<Value = String> {
    let numbers = select(vec![
        "4242424242424242",
        "5555555555554444",
        "378282246310005",
        "501800000009",
        "501800000009",
        "4012888888881881",
        "36227206271667",
        "4222222222222",
        "4000000000000000006",
        "6759649826438453",
        "12",
        "123",
        "1227",
        "20451",
        "88812345",
    ]);
    let between = || select(vec!["", " ", " ", "-", ".", ", ", " - ", "\n"]);
    let group = (1..13_usize, between());
    let number = (numbers, prop::collection::vec(group, 1..4), between());
    prop::collection::vec(number, 10..60).prop_map(|numbers| {
        let mut text = String::new();
        for (number, groups, after) in numbers {
            let (mut rest, mut groups) = (number, groups.iter().cycle());
            while let Some((length, between)) = groups.next().filter(|_| !rest.is_empty()) {
                let (group, later) = rest.split_at((*length).min(rest.len()));
                text += group;
                text += if later.is_empty() { "" } else { between };
                rest = later;
            }
            text += after;
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(150, 600)))]

    #[test]
    fn long_runs_are_masked_at_once(
        text in long_runs(),
        keep in any::<bool>(),
        any_length in any::<bool>(),
        lengths in prop::collection::vec(1..400_usize, 1..4),
    ) {
        let options = Options::new().keep_last_four(keep).glued_in_any_length(any_length);
        let once = options.cards(&text);
        prop_assert_eq!(&options.cards(&once), &once);
        prop_assert_eq!(&pushed(&options, &text, &lengths), &once);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(300, 1500)))]

    #[test]
    fn chunks_make_no_difference(
        text in texts(),
        options in options(),
        lengths in prop::collection::vec(1..40_usize, 1..6),
    ) {
        let whole = options.cards(&text);
        prop_assert_eq!(&pushed(&options, &text, &lengths), &whole);
        prop_assert_eq!(&pushed(&options, &text, &[1]), &whole);
        prop_assert_eq!(written(&options, text.as_bytes(), &lengths), whole.as_bytes());
        prop_assert_eq!(written(&options, text.as_bytes(), &[1]), whole.as_bytes());
        let spans = options.spans(&text);
        prop_assert_eq!(&found(&options, text.as_bytes(), &lengths), &spans);
        prop_assert_eq!(&found(&options, text.as_bytes(), &[1]), &spans);
    }

    #[test]
    fn bytes_that_are_no_text_go_through(
        text in prop::collection::vec(prop_oneof![
            Just(b"4242424242424242".to_vec()),
            prop::collection::vec(any::<u8>(), 0..6),
            Just("é４".as_bytes().to_vec()),
        ], 0..8),
        lengths in prop::collection::vec(1..20_usize, 1..4),
    ) {
        let text = text.concat();
        let options = Options::new();
        let whole = written(&options, &text, &[text.len().max(1)]);
        prop_assert_eq!(&written(&options, &text, &lengths), &whole);
        let spans = found(&options, &text, &lengths);
        let end = spans.last().map_or(0, |span| span.range().unwrap().end);
        prop_assert!(whole.ends_with(&text[end..]));
        let start = spans.first().map_or(text.len(), |span| span.range().unwrap().start);
        prop_assert!(whole.starts_with(&text[..start]));
    }

    #[test]
    fn masking_again_changes_nothing(text in texts(), options in options()) {
        let once = options.cards(&text);
        let twice = options.cards(&once);
        prop_assert_eq!(&twice, &once);
    }

    #[test]
    fn what_is_outside_spans_is_unchanged(text in texts(), options in options()) {
        let spans = options.spans(&text);
        let out = options.cards(&text);
        prop_assert_eq!(spans.is_empty(), matches!(out, std::borrow::Cow::Borrowed(_)));
        let (mut at, mut rest) = (0, &*out);
        for span in &spans {
            let range = span.range().unwrap();
            prop_assert!(at <= range.start && range.start < range.end);
            let before = &text[at..range.start];
            let found = rest.find(before);
            prop_assert!(found.is_some(), "{out:?} lacks {before:?}");
            prop_assert!(at > 0 || found == Some(0));
            rest = &rest[found.unwrap() + before.len()..];
            at = range.end;
        }
        prop_assert!(rest.ends_with(&text[at..]));
    }

    #[test]
    fn only_digits_within_spans_change(text in texts(), keep in any::<bool>()) {
        let options = Options::new().spoken(false).keep_last_four(keep);
        let text: String = text.chars().filter(|c| c.is_ascii() && !matches!(c, '\\' | '&' | '%')).collect();
        let out = options.cards(&text);
        prop_assert_eq!(out.len(), text.len());
        let spans = options.spans(&text);
        for (at, (old, new)) in text.bytes().zip(out.bytes()).enumerate() {
            let inside = spans.iter().any(|span| span.range().unwrap().contains(&at));
            if inside && old.is_ascii_digit() {
                prop_assert!(new == b'*' || (keep && new == old));
            } else {
                prop_assert_eq!(old, new);
            }
        }
    }
}

/// The first date of a period may be further from the number than the second: in chunks it was looked at before.
#[test]
fn a_period_that_begins_far_from_a_number_is_the_same_in_chunks() {
    let text = "pin cvv exp treble quarantadue 123quarantadue 123CVV2zero \u{2026}62000000 123cvv 123to IBAN \u{1b}[31m123\u{1b}[31m\
        123\u{2026}123zero vierzig to 123/and /pin treble treble : pin 4242 4242 4242 4242and";
    let options = Options::new().spoken(false);
    for at in 1..text.len() {
        let Some((first, rest)) = text.split_at_checked(at) else { continue };
        let (mut redactor, mut out) = (options.redactor(), String::new());
        redactor.push(first, &mut out);
        redactor.push(rest, &mut out);
        redactor.finish(&mut out);
        assert_eq!(out, options.cards(text), "{at}");
    }
}
