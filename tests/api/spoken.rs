//! What people say and hear: codes, words, letters.

use std::collections::{BTreeMap, BTreeSet};

use countersign::AgentSafe;
use countersign::otp::Code;
use countersign::spoken::{SpokenCode, SpokenError, SpokenWords, spell};
use proptest::prelude::*;
use rphonetic::DoubleMetaphone;
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::depth::strided;

// Shown once: it serialises, and is neither copied nor printed.
assert_impl_all!(SpokenCode: serde::Serialize, AgentSafe);
assert_not_impl_any!(SpokenCode: Clone, Copy, std::fmt::Display, serde::de::DeserializeOwned);
assert_impl_all!(SpokenWords: serde::Serialize, AgentSafe);
assert_not_impl_any!(SpokenWords: Clone, Copy, std::fmt::Display, serde::de::DeserializeOwned);

fn code(digits: &str) -> SpokenCode {
    SpokenCode::of(&digits.parse::<Code>().unwrap()).unwrap()
}

/// 10 000 codes, spread over all of them; in a quick run every 7th of these.
fn codes() -> impl Iterator<Item = String> {
    strided(0..10_000_u64, 7).map(|n| format!("{:08}", n * 97_654_321 % 100_000_000))
}

fn heard_code(words: &[&str]) -> Result<SpokenCode, SpokenError> {
    words.join(" ").parse()
}

fn heard_words(words: &[&str]) -> Result<SpokenWords, SpokenError> {
    words.join(" ").parse()
}

/// The words of both lists, by place and byte.
fn lists() -> [Vec<String>; 2] {
    [0, 1].map(|place| {
        let word = |byte| {
            let words = SpokenWords::from_bytes([byte; 4]).words();
            words.split(' ').nth(place).unwrap().to_owned()
        };
        (0..=255).map(word).collect()
    })
}

/// The example of PGPfone's manual: a key's fingerprint in words.
#[test]
fn the_published_example() {
    let bytes = "E58294F2E9A227486E8B061B31CC528FD7FA3F19";
    let words = "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa \
                 afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell \
                 bottomless";
    let words: Vec<_> = words.split(' ').collect();
    for (bytes, words) in hex::decode(bytes).unwrap().chunks(4).zip(words.chunks(4)) {
        let four = SpokenWords::from_bytes(bytes.try_into().unwrap());
        assert_eq!(*four.words(), words.join(" "));
        assert_eq!(heard_words(words), Ok(four));
    }
}

#[test]
fn each_list_has_256_words_and_none_is_on_both() {
    let [two, three] = lists();
    let all: BTreeSet<_> = two.iter().chain(&three).map(|word| word.to_lowercase()).collect();
    assert_eq!(all.len(), 512);
    assert!(all.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())));
    assert_eq!([&two[0], &two[255]], ["aardvark", "Zulu"]);
    assert_eq!([&three[0], &three[255]], ["adroitness", "Yucatan"]);
}

#[test]
fn a_code_is_said_as_digits_or_as_words_and_heard_either_way() {
    for digits in codes().chain(["00000000", "99999999", "00000001", "01234567"].map(str::to_owned))
    {
        let one = code(&digits);
        assert_eq!(*one.digits(), format!("{} {}", &digits[..4], &digits[4..]));
        assert_eq!(one.digits().parse().as_ref(), Ok(&one));
        assert_eq!(digits.parse().as_ref(), Ok(&one));
        assert_eq!(one.words().parse().as_ref(), Ok(&one));
        let bytes: [u8; 4] = hex::decode(&digits).unwrap().try_into().unwrap();
        assert_eq!(*one.words(), *SpokenWords::from_bytes(bytes).words());
    }
}

/// Attack 16, slips of the tongue: a swap, a drop or a doubling of words is noticed without knowing
/// which code was meant, and one of digits never gives the same code.
#[test]
fn slips_of_the_tongue_are_noticed() {
    for (n, digits) in codes().enumerate() {
        let one = code(&digits);
        let words = one.words();
        let words: Vec<_> = words.split(' ').collect();
        // Reading takes a while unoptimised; words without digits are read by the same function.
        let heard_words = |words: &[&str]| {
            if n % 10 == 0 { heard_words(words).map(drop) } else { heard_code(words).map(drop) }
        };
        for at in 0..4 {
            let mut doubled = words.clone();
            doubled.insert(at, words[at]);
            assert_eq!(heard_code(&doubled), Err(SpokenError::Order), "{doubled:?}");
            assert_eq!(heard_words(&doubled), Err(SpokenError::Order), "{doubled:?}");
            let mut dropped = words.clone();
            dropped.remove(at);
            // The rest is in order only without the last one.
            let error = if at == 3 { SpokenError::Length } else { SpokenError::Order };
            assert_eq!(heard_code(&dropped), Err(error), "{dropped:?}");
            assert_eq!(heard_words(&dropped), Err(error), "{dropped:?}");
        }
        for at in 0..3 {
            let mut swapped = words.clone();
            swapped.swap(at, at + 1);
            assert_eq!(heard_code(&swapped), Err(SpokenError::Order), "{swapped:?}");
            assert_eq!(heard_words(&swapped), Err(SpokenError::Order), "{swapped:?}");
        }
        for at in 0..8 {
            let mut said = digits.clone();
            said.remove(at);
            assert_eq!(said.parse::<SpokenCode>(), Err(SpokenError::Length));
            said = digits.clone();
            said.insert_str(at, &digits[at..=at]);
            assert_eq!(said.parse::<SpokenCode>(), Err(SpokenError::Length));
        }
        for at in 0..7 {
            let mut said = digits.clone().into_bytes();
            said.swap(at, at + 1);
            let same = said[at] == said[at + 1];
            let heard: SpokenCode = String::from_utf8(said).unwrap().parse().unwrap();
            assert_eq!(heard == one, same, "{digits} {at}");
        }
    }
}

/// Words at places of the same list that are swapped are in order; they are another code.
#[test]
fn words_swapped_across_one_another_are_another_code() {
    for digits in codes() {
        let one = code(&digits);
        let words = one.words();
        let words: Vec<_> = words.split(' ').collect();
        for [from, to] in [[0, 2], [1, 3]] {
            let mut swapped = words.clone();
            swapped.swap(from, to);
            assert_eq!(heard_code(&swapped).unwrap() == one, words[from] == words[to]);
        }
    }
}

#[test]
fn case_spaces_hyphens_and_scripts_are_folded_and_nothing_else_is() {
    let one = code("49031726");
    for heard in [
        "４９０３１７２６",
        "deckhand\taggregate banjo caretaker",
        "deckhand\u{a0}aggregate banjo caretaker",
        "49031726",
        " 4903-1726 ",
        "4 9 0 3 1 7 2 6",
        "deckhand aggregate banjo caretaker",
        "DECKHAND Aggregate  banjo-CareTaker",
        "--deckhand - aggregate banjo caretaker ",
    ] {
        assert_eq!(heard.parse().as_ref(), Ok(&one), "{heard:?}");
    }
    for (heard, error) in [
        ("", SpokenError::Length),
        ("- -", SpokenError::Length),
        ("deckhand", SpokenError::Length),
        ("deckhand aggregate banjo caretaker deckhand", SpokenError::Length),
        ("deckhandaggregate banjo caretaker", SpokenError::Unknown),
        ("deck hand aggregate banjo caretaker", SpokenError::Unknown),
        ("deckhands aggregate banjo caretaker", SpokenError::Unknown),
        ("deckhand, aggregate, banjo, caretaker", SpokenError::Unknown),
        ("dеckhand aggregate banjo caretaker", SpokenError::Unknown),
        ("49 aggregate 17 caretaker", SpokenError::Unknown),
        ("4903 1726 deckhand", SpokenError::Unknown),
        ("4903.1726", SpokenError::Unknown),
        ("+49031726", SpokenError::Unknown),
        ("-49031726", SpokenError::Unknown),
        ("4903\u{200b}1726", SpokenError::Unknown),
        ("490317", SpokenError::Length),
        ("490317260", SpokenError::Length),
    ] {
        assert_eq!(heard.parse::<SpokenCode>(), Err(error), "{heard:?}");
    }
    // 128 bytes are read, as the manual says, and not one more.
    for heard in ["49031726", "deckhand aggregate banjo caretaker"] {
        let padded = |bytes: usize| format!("{heard:bytes$}").parse::<SpokenCode>();
        assert_eq!(padded(128).as_ref(), Ok(&one), "{heard:?}");
        assert_eq!(padded(129), Err(SpokenError::Length), "{heard:?}");
    }
    let words = "topmost Istanbul Pluto vagabond";
    assert!(format!("{words:128}").parse::<SpokenWords>().is_ok());
    assert_eq!(format!("{words:129}").parse::<SpokenWords>(), Err(SpokenError::Length));
    assert_eq!("49031726".parse::<SpokenWords>(), Err(SpokenError::Unknown));
}

#[test]
fn words_that_stand_for_no_digits_are_no_code() {
    for byte in 0..=255_u8 {
        let decimal = byte >> 4 <= 9 && byte & 0x0f <= 9;
        for at in 0..4 {
            let mut bytes = [0x12, 0x34, 0x56, 0x78];
            bytes[at] = byte;
            let heard = SpokenWords::from_bytes(bytes).words().parse::<SpokenCode>();
            assert_eq!(heard.is_ok(), decimal, "{byte:#x}");
            if decimal {
                assert_eq!(heard.unwrap(), code(&hex::encode(bytes)));
            } else {
                assert_eq!(heard, Err(SpokenError::Unknown));
            }
        }
    }
}

#[test]
fn a_code_of_another_length_is_not_said() {
    for digits in ["1234", "123456", "1234567", "123456789", "0123456789"] {
        let code: Code = digits.parse().unwrap();
        assert_eq!(SpokenCode::of(&code), Err(SpokenError::Length), "{digits}");
    }
}

#[test]
fn what_is_shown_is_shown_once_and_no_error_repeats_what_was_heard() {
    let one = code("49031726");
    assert_eq!(format!("{one:?}"), "SpokenCode([REDACTED])");
    let words = SpokenWords::from_bytes([0xe5, 0x82, 0x94, 0xf2]);
    assert_eq!(format!("{words:?}"), "SpokenWords([REDACTED])");
    let json = serde_json::json!({
        "digits": "4903 1726", "words": "deckhand aggregate banjo caretaker",
    });
    assert_eq!(serde_json::to_value(&one).unwrap(), json);
    assert_eq!(serde_json::to_value(&words).unwrap(), "topmost Istanbul Pluto vagabond");
    for heard in ["xylophone", "xylophone aggregate", "4903 xylophone", "aggregate xylophone"] {
        let error = heard.parse::<SpokenCode>().unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("xylophone") && !said.contains("aggregate"), "{said}");
    }
}

/// The groups of words in `list` that Double Metaphone takes for the same, with keys of at most
/// `length` letters.
fn alike(list: &[String], length: usize) -> BTreeSet<Vec<String>> {
    let metaphone = DoubleMetaphone::new(Some(length));
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for word in list {
        let keys = metaphone.double_metaphone(word);
        for key in BTreeSet::from([keys.primary(), keys.alternate()]) {
            groups.entry(key.to_owned()).or_default().push(word.clone());
        }
    }
    groups.into_values().filter(|words| words.len() > 1).collect()
}

/// The groups named in the manual: column `column` of its table.
fn named(column: usize) -> BTreeSet<Vec<String>> {
    let manual = include_str!("../../src/manual/_37_spoken.md");
    let (_, table) = manual.split_once("| two syllables | three syllables |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| {
        let cell = row.split('|').nth(column + 1).unwrap().trim();
        (!cell.is_empty()).then(|| cell.split(", ").map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn the_manual_names_every_word_that_double_metaphone_takes_for_another() {
    let [two, three] = lists();
    assert_eq!(alike(&two, 4), named(0));
    assert_eq!(alike(&three, 4), named(1));
}

#[test]
fn with_whole_keys_few_words_are_taken_for_others() {
    let group = |words: &str| words.split(", ").map(str::to_owned).collect::<Vec<_>>();
    let manual = include_str!("../../src/manual/_37_spoken.md").replace('\n', " ");
    let (_, rest) = manual.split_once("only these are left: ").unwrap();
    let named: BTreeSet<_> = rest.split('.').next().unwrap().split("; ").map(group).collect();
    let [two, three] = lists();
    let found: BTreeSet<_> = [alike(&two, 16), alike(&three, 16)].into_iter().flatten().collect();
    assert_eq!(found, named);
    // Of the words that stand for digits one pair is left.
    let decimal = |list: &[String]| -> Vec<String> {
        let digits = |byte: &usize| byte >> 4 <= 9 && byte & 15 <= 9;
        (0..256).filter(digits).map(|byte| list[byte].clone()).collect()
    };
    let found: Vec<_> =
        [&two, &three].into_iter().flat_map(|list| alike(&decimal(list), 16)).collect();
    assert_eq!(found, [group("endorse, indoors")]);
}

#[test]
fn letters_are_spelt_out() {
    let all = spell("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789").unwrap();
    let words = "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike \
                 November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee \
                 Zulu Zero One Two Three Four Five Six Seven Eight Nine";
    assert_eq!(all.join(" "), words);
    assert_eq!(all, spell("abcdefghijklmnopqrstuvwxyz-0123456789").unwrap());
    assert_eq!(spell("").unwrap(), [""; 0]);
    for text in ["é", "ａ", "a_b", "a.b", "a\n", "@", "[", "`", "{", "/", ":"] {
        assert!(spell(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn words_and_bytes_are_one_to_one(bytes: [u8; 4], other: [u8; 4]) {
        let words = SpokenWords::from_bytes(bytes);
        prop_assert_eq!(words.words().parse::<SpokenWords>(), Ok(SpokenWords::from_bytes(bytes)));
        let another = SpokenWords::from_bytes(other);
        prop_assert_eq!(words == another, bytes == other);
        prop_assert_eq!(*words.words() == *another.words(), bytes == other);
    }

    #[test]
    fn whatever_is_heard_is_read_or_refused(heard in ".{0,140}") {
        if let Ok(code) = heard.parse::<SpokenCode>() {
            prop_assert_eq!(code.digits().parse::<SpokenCode>(), Ok(code));
        }
        if let Ok(words) = heard.parse::<SpokenWords>() {
            prop_assert_eq!(words.words().parse::<SpokenWords>(), Ok(words));
        }
    }
}
