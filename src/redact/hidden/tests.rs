//! Card numbers in forms that the redaction leaves alone, and what is no card number.

use proptest::prelude::*;

use super::*;
use crate::values::unicode::numeric::{Read, read};

const CARD: &str = "4539578763621486";

#[test]
fn whatever_stands_between_digits_they_are_one_number() {
    let groups = ["4539", "5787", "6362", "1486"];
    for between in [
        ":",
        "+",
        " (",
        ") ",
        "=",
        "*",
        "#",
        "\"",
        "@",
        " : ",
        "…",
        "→",
        "🙂",
        "%",
        "%20",
        "&nbsp;",
        "&#58;",
        "\\u003a",
        "\\x3a",
        "<>",
        "][",
        "}{",
        "`",
        "^",
        "$",
        "!",
        "?",
        " - - - - - - - - - -",
        "⁄",
        "₊",
        "(",
        "x)(",
    ] {
        let text = groups.join(between);
        let letters = between.contains('x') && !between.starts_with('\\');
        assert_eq!(holds_a_card(&text), !letters, "{text}");
        let text = format!("card {text}, thanks");
        assert_eq!(holds_a_card(&text), !letters, "{text}");
    }
    let digits: Vec<_> = CARD.chars().map(String::from).collect();
    for between in [":", "+", "*", "(", "…"] {
        assert!(holds_a_card(&digits.join(between)), "{between}");
    }
    for text in ["4539 (5787) 6362:1486", "(4539)(5787)(6362)(1486)", "45:39:57:87:63:62:14:86"] {
        assert!(holds_a_card(text), "{text}");
    }
}

#[test]
fn whatever_looks_like_a_digit_counts() {
    for digits in [
        "⓪①②③④⑤⑥⑦⑧⑨",
        "⓿❶❷❸❹❺❻❼❽❾",
        "🄋➀➁➂➃➄➅➆➇➈",
        "🄌➊➋➌➍➎➏➐➑➒",
        "⁰¹²³⁴⁵⁶⁷⁸⁹",
        "₀₁₂₃₄₅₆₇₈₉",
        "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡",
        "０１２３４５６７８９",
        "٠١٢٣٤٥٦٧٨٩",
        "〇一二三四五六七八九",
        "零壹貳叁肆伍陸柒捌玖",
        "🄁🄂🄃🄄🄅🄆🄇🄈🄉🄊",
        "⓪⑴⑵⑶⑷⑸⑹⑺⑻⑼",
        "⓪⒈⒉⒊⒋⒌⒍⒎⒏⒐",
    ] {
        let digits: Vec<char> = digits.chars().collect();
        let of = |c: char| digits[usize::try_from(c.to_digit(10).unwrap()).unwrap()];
        let text: String = CARD.chars().map(of).collect();
        assert!(holds_a_card(&text), "{text}");
        let spaced: Vec<String> = CARD.chars().map(|c| of(c).to_string()).collect();
        assert!(holds_a_card(&spaced.join(" ")), "{spaced:?}");
        assert!(holds_a_card(&spaced.join(":")), "{spaced:?}");
    }
}

/// The ten digits of each language as people type them, in this order.
const SAID: [(&str, &str); 16] = [
    ("German", "null eins zwei drei vier fünf sechs sieben acht neun"),
    ("German, without dots", "null eins zwo drei vier fuenf sechs sieben acht neun"),
    ("French", "zéro un deux trois quatre cinq six sept huit neuf"),
    ("Spanish", "cero uno dos tres cuatro cinco seis siete ocho nueve"),
    ("Italian", "zero uno due tre quattro cinque sei sette otto nove"),
    ("Dutch", "nul een twee drie vier vijf zes zeven acht negen"),
    ("Portuguese", "zero um dois três quatro cinco seis sete oito nove"),
    ("Polish", "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć"),
    ("Polish, plain", "zero jeden dwa trzy cztery piec szesc siedem osiem dziewiec"),
    ("Swedish", "noll ett två tre fyra fem sex sju åtta nio"),
    ("Czech", "nula jedna dva tři čtyři pět šest sedm osm devět"),
    ("Turkish", "sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
    ("Russian", "ноль один два три четыре пять шесть семь восемь девять"),
    ("Greek", "μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα"),
    ("Indonesian", "nol satu dua tiga empat lima enam tujuh delapan sembilan"),
    ("English", "zero one two three four five six seven eight nine"),
];

fn said(words: &str, number: &str, between: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let of = |c: char| words[usize::try_from(c.to_digit(10).unwrap()).unwrap()];
    number.chars().map(of).collect::<Vec<_>>().join(between)
}

#[test]
fn numbers_are_heard_in_many_languages() {
    for (language, words) in SAID {
        for between in [" ", ", ", "-", ":", " / ", ""] {
            let text = said(words, CARD, between);
            assert!(holds_a_card(&text), "{language} {text}");
            assert!(holds_a_card(&text.to_uppercase()), "{language} {text}");
            let text = format!("nr. {text} ok");
            assert!(holds_a_card(&text), "{language} {text}");
            let wrong = said(words, "4539578763621487", between);
            assert!(!holds_a_card(&wrong), "{language} {wrong}");
        }
        // Half of it written.
        let text = format!("4539 {} 1486", said(words, "57876362", " "));
        assert!(holds_a_card(&text), "{language} {text}");
    }
}

#[test]
fn pairs_are_heard_in_seven_languages() {
    for text in [
        "fünfundvierzig neununddreißig siebenundfünfzig siebenundachtzig dreiundsechzig zweiundsechzig vierzehn sechsundachtzig",
        "fünf und vierzig, neun und dreißig, sieben und fünfzig, sieben und achtzig, drei und sechzig, zwei und sechzig, vierzehn, sechs und achtzig",
        "quarante-cinq trente-neuf cinquante-sept quatre-vingt-sept soixante-trois soixante-deux quatorze quatre-vingt-six",
        "cuarenta y cinco treinta y nueve cincuenta y siete ochenta y siete sesenta y tres sesenta y dos catorce ochenta y seis",
        "quarantacinque trentanove cinquantasette ottantasette sessantatré sessantadue quattordici ottantasei",
        "vijfenveertig negenendertig zevenenvijftig zevenentachtig drieënzestig tweeënzestig veertien zesentachtig",
        "quarenta e cinco trinta e nove cinquenta e sete oitenta e sete sessenta e três sessenta e dois catorze oitenta e seis",
        "czterdzieści pięć trzydzieści dziewięć pięćdziesiąt siedem osiemdziesiąt siedem sześćdziesiąt trzy sześćdziesiąt dwa czternaście osiemdziesiąt sześć",
        "forty-five thirty-nine fifty-seven eighty-seven sixty-three sixty-two fourteen eighty-six",
    ] {
        assert!(holds_a_card(text), "{text}");
    }
    // 4970 1012 3456 7893: seventy, ninety and eleven by scores.
    for text in [
        "quarante-neuf soixante-dix dix douze trente-quatre cinquante-six soixante-dix-huit quatre-vingt-treize",
        "quarante-neuf septante dix douze trente-quatre cinquante-six septante-huit nonante-trois",
    ] {
        assert!(holds_a_card(text), "{text}");
    }
    for text in [
        "4539 und 5787 und 6362 und 1486",
        "4539, dann 5787, dann 6362, dann 1486",
        "4539 puis 5787 puis 6362 puis 1486",
        "4539 y 5787 y 6362 y 1486",
        "4539 e poi 5787 e poi 6362 e poi 1486",
        "4539 i 5787 i 6362 i 1486",
    ] {
        assert!(holds_a_card(text), "{text}");
    }
    // Repeated digits: 4242 4242 4242 4242 has none, 5555 5555 5555 4444 has.
    assert!(holds_a_card(
        "doppel fünf doppel fünf doppel fünf doppel fünf doppel fünf doppel fünf doppel vier doppel vier"
    ));
}

/// What people write where no card number is: not more of it is refused than the redaction would mask, and a few lines.
#[test]
fn what_is_no_card_number_is_seldom_refused() {
    let lines = [
        include_str!("../../../tests/redact/negatives.txt"),
        include_str!("../../../tests/redact/negatives-by-hand.txt"),
    ];
    let lines = lines.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
    let (mut all, mut masked, mut refused) = (0, 0, Vec::new());
    for line in lines {
        all += 1;
        if has_card_data(line) {
            masked += 1;
        } else if holds_a_card(line) {
            refused.push(line);
        }
    }
    assert_eq!((all, masked), (1184, 3));
    // A message of an exchange, whose numbers are one with what stands between them taken away.
    assert_eq!(refused.len(), 1, "{refused:#?}");
}

#[test]
fn payees_and_references_are_no_card_numbers() {
    for text in [
        "Jones Roofing 20-00-00 55779911",
        "DE89 3704 0044 0532 0130 00",
        "Invoice 2024-05-12/0042, 3 items: 42.50 + 7.00 (VAT 20%)",
        "+44 20 7946 0958, ext. 12",
        "Müller & Söhne, Rechnung 4711 vom 12.05.2026",
        "Zwei Brezeln, drei Brötchen und vier Semmeln",
        "Ein, zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn",
        "un deux trois quatre cinq six sept huit neuf dix onze douze",
        "one two three four five six seven eight nine ten eleven twelve",
        "三井住友銀行 第一支店",
        "Flight BA 117, seat 12A, 20:45 - 06:30 (+1)",
    ] {
        assert!(!holds_a_card(text), "{text}");
    }
}

/// Of 10 000 ordinary payees and references at most one in a thousand is refused.
#[test]
fn ordinary_payees_and_references_are_accepted() {
    let mut state = 18_u64;
    let mut below = |most: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    const NAMES: [&str; 12] = [
        "Jones Roofing",
        "Nine Elms",
        "Müller & Söhne",
        "Three Bridges Dental",
        "Seven Oaks School",
        "Acme Ltd",
        "Dupont et Fils",
        "García Hermanos",
        "One Stop Shop",
        "HM Revenue",
        "Thames Water",
        "Twenty Four Seven Gym",
    ];
    let mut refused = Vec::new();
    for n in 0..10_000 {
        let name = NAMES[usize::try_from(below(12)).unwrap()];
        let (day, month) = (1 + below(28), 1 + below(12));
        let text = match n % 12 {
            0 => format!("{name} {:04}", below(10_000)),
            1 => format!(
                "{name} {:02}-{:02}-{:02} {:08}",
                below(100),
                below(100),
                below(100),
                below(100_000_000)
            ),
            2 => format!("Invoice 2026-{month:02}-{day:02}/{:04}", below(10_000)),
            3 => format!("{name}, order {:010}", below(10_000_000_000)),
            4 => format!("Rent {name} flat {} {month:02}/2026", below(200)),
            5 => format!("+44 20 7{:03} {:04}", below(1_000), below(10_000)),
            6 => format!("{name} ref {:06}/{:02}", below(1_000_000), below(100)),
            7 => {
                let account = format!("{:014}", below(100_000_000_000_000));
                // ISO 7064: GB's and ABCD's letters are numbers from 10 on.
                let number: u128 = format!("10111213{account}161100").parse().unwrap();
                let check = 98 - number % 97;
                let (a, rest) = account.split_at(4);
                let ((b, rest), (c, d)) = (rest.split_at(4), account[8..].split_at(4));
                assert_eq!(rest.len(), 6);
                format!("GB{check:02} ABCD {a} {b} {c} {d}")
            }
            8 => format!("Council tax {:08}", below(100_000_000)),
            9 => format!("{name} {day}.{month}.2026 {}.{:02} EUR", below(5_000), below(100)),
            10 => format!("Customer {:07} meter {:05}", below(10_000_000), below(100_000)),
            _ => format!("{name} INV{:05} PO{:06}", below(100_000), below(1_000_000)),
        };
        if holds_a_card(&text) {
            refused.push(text);
        }
    }
    assert!(refused.len() <= 10, "{} {refused:#?}", refused.len());
    assert!(!holds_a_card("Nine Elms 4242"));
}

#[cfg(feature = "cards")]
#[test]
fn identifiers_hold_card_numbers_however_they_are_put() {
    for id in [
        CARD,
        "4539-5787-6362-1486",
        "4539:5787:6362:1486",
        "customer-4539578763621486",
        "customer4539578763621486",
        "4539578763621486-7",
        "4539578763621486x",
        "order/4539_5787_6362_1486/1",
        "7-4539-5787-6362-1486-1",
        "4.5.3.9.5.7.8.7.6.3.6.2.1.4.8.6",
        "45-39-57-87-63-62-14-86",
        "3782-822463-10005",
        "④⑤③⑨⑤⑦⑧⑦⑥③⑥②①④⑧⑥",
        "４５３９５７８７６３６２１４８６",
        "four-five-three-nine-five-seven-eight-seven-six-three-six-two-one-four-eight-six",
        "vier-fünf-drei-neun-fünf-sieben-acht-sieben-sechs-drei-sechs-zwei-eins-vier-acht-sechs",
        "4539%2D5787%2D6362%2D1486",
        "45395787-6362-4142",
        "630400001230",
    ] {
        assert!(id_holds_a_card(id), "{id}");
    }
    for id in [
        "alice",
        "call-1",
        "4539578763621487",
        "a4539578763621486b1",
        "3f4539578763621486ab7c",
        // UUIDs of which groups are the digits of a card number.
        "45395787-6362-4142-a60c-45395787636f",
        "call-a5395787-6362-4148-860c-630400001230",
        "0190163d-8694-739b-aea5-966c26f8ad91",
        "20240512-083015-0042",
        "1715501234567",
        "1213644127376511016",
        "+442079460958",
        "three-blind-mice",
    ] {
        assert!(!id_holds_a_card(id), "{id}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any characters but letters, marks and digits, however many, stand within a number.
    #[test]
    fn no_separator_hides_a_number(
        between in proptest::collection::vec("[^\\pL\\pN\\pM\\pC%&\\\\]{1,6}", 15),
        grouped in any::<bool>(),
    ) {
        let is_number = |c: char| {
            let mut digit = false;
            read(c, |part| digit |= matches!(part, Read::Digit(_)));
            digit
        };
        prop_assume!(!between.iter().any(|text| text.contains(is_number)));
        let mut text = String::new();
        for (at, c) in CARD.chars().enumerate() {
            if at > 0 && (!grouped || at % 4 == 0) {
                text.push_str(&between[at - 1]);
            }
            text.push(c);
        }
        prop_assert!(holds_a_card(&text), "{}", text);
    }

    /// Each digit in a form of its own.
    #[test]
    fn no_mixture_of_digits_hides_a_number(forms in proptest::collection::vec(0_usize..8, 16)) {
        const FORMS: [&str; 8] = [
            "0123456789", "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉",
            "０１２３４５６７８９", "०१२३४५६७८९", "〇一二三四五六七八九",
        ];
        let digit = |(c, form): (char, &usize)| {
            FORMS[*form].chars().nth(usize::try_from(c.to_digit(10).unwrap()).unwrap()).unwrap()
        };
        let text: String = CARD.chars().zip(&forms).map(digit).collect();
        prop_assert!(holds_a_card(&text), "{}", text);
    }

    /// Each digit in words of one of two languages, or written.
    #[test]
    fn no_language_hides_a_number(language in 0_usize..16, written in any::<u16>()) {
        let words: Vec<&str> = SAID[language].1.split(' ').collect();
        let digit = |(at, c): (usize, char)| match written >> at & 1 {
            1 => c.to_string(),
            _ => words[usize::try_from(c.to_digit(10).unwrap()).unwrap()].to_owned(),
        };
        let text: Vec<String> = CARD.chars().enumerate().map(digit).collect();
        prop_assert!(holds_a_card(&text.join(" ")), "{:?}", text);
    }

    #[test]
    fn whatever_is_written_is_read(text in "\\PC{0,120}|[0-9:+()①-⑨ a-z%&#;x\\\\]{0,60}") {
        holds_a_card(&text);
    }
}

/// What machines draw is not refused by chance.
#[cfg(feature = "cards")]
#[test]
fn identifiers_of_machines_are_not_refused_by_chance() {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 32
    };
    let mut draw = |alphabet: &[u8], length: usize| -> String {
        let one = |_| char::from(alphabet[usize::try_from(next()).unwrap() % alphabet.len()]);
        (0..length).map(one).collect()
    };
    let hex = b"0123456789abcdef";
    let (mut refused, mut numbers) = (Vec::new(), 0);
    for _ in 0..10_000 {
        let uuid = [8, 4, 4, 4, 12].map(|length| draw(hex, length)).join("-");
        let hash = draw(hex, 64);
        let md5 = draw(hex, 32);
        let base32 = draw(b"0123456789abcdefghjkmnpqrstvwxyz", 26);
        let base64 = draw(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 22);
        for id in [&uuid, &hash, &md5, &base32, &base64, &format!("call-{uuid}")] {
            if id_holds_a_card(id) {
                refused.push(id.clone());
            }
        }
        numbers += usize::from(id_holds_a_card(&draw(b"0123456789", 16)));
    }
    assert_eq!(refused, [""; 0]);
    // One in 28.
    assert!((300..420).contains(&numbers), "{numbers}");
}
