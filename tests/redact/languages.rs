//! Languages that hosts give: those that can be looked for are found, the others refused by name.

use countersign::redact::{ENGLISH, InvalidLanguage, Language, MAX_WORD_BYTES, Options};

const NONE: Language = Language {
    digits: &[],
    tens: &[],
    repeats: &[],
    fillers: &[],
    code_words: &[],
    expiry_words: &[],
};

const RUSSIAN: Language = Language {
    digits: &[
        ("ноль", "0"),
        ("один", "1"),
        ("два", "2"),
        ("три", "3"),
        ("четыре", "4"),
        ("пять", "5"),
        ("шесть", "6"),
        ("семь", "7"),
        ("восемь", "8"),
        ("девять", "9"),
    ],
    tens: &[("сорок", '4')],
    fillers: &["ну"],
    code_words: &["код"],
    ..NONE
};

#[test]
fn a_language_beside_english_is_found() {
    let options = Options::new().languages(&[RUSSIAN, ENGLISH]).unwrap();
    let said = "сорок два, ну, четыре два четыре два Четыре ДВА, four two four two 4242, код 123";
    assert_eq!(options.cards(said), "* *, ну, * * * * * *, * * * * ****, код ***");
    let russian = Options::new().languages(&[RUSSIAN]).unwrap();
    assert_eq!(russian.cards(said), said, "English was not asked for");
}

#[test]
fn words_that_are_not_of_ascii_are_found_in_capitals_too() {
    const GREEK: Language =
        Language { digits: &[("τέσσερα", "4"), ("δύο", "2")], ..NONE };
    let options = Options::new().languages(&[GREEK]).unwrap();
    let said = ["τέσσερα ΔΎΟ Τέσσερα δύο"; 4].join(", ");
    assert_eq!(options.cards(&said), ["* * * *"; 4].join(", "));
}

#[test]
fn words_that_announce_may_have_marks() {
    let hindi = Language { code_words: &["कूट", "सुरक्षा"], ..NONE };
    let options = Options::new().languages(&[hindi]).unwrap();
    assert_eq!(options.cards("4242424242424242 सुरक्षा 123"), "**************** सुरक्षा ***");
}

/// Each was once dropped without a word, so that a host took a language for found that was not.
#[test]
fn a_language_that_would_not_be_found_is_refused() {
    let long = "vierundzwanzigtausendachtundachtzig";
    assert!(long.len() > MAX_WORD_BYTES);
    let refused = [
        (Language { digits: &[("", "1")], ..NONE }, InvalidLanguage::Length("")),
        (
            Language { fillers: &["vierundzwanzigtausendachtundachtzig"], ..NONE },
            InvalidLanguage::Length(long),
        ),
        // The vowel sign of "two" in Hindi is a character of its own, as is an accent in Unicode's form NFD.
        (Language { digits: &[("दो", "2")], ..NONE }, InvalidLanguage::NotLetters("दो")),
        (
            Language { digits: &[("ze\u{301}ro", "0")], ..NONE },
            InvalidLanguage::NotLetters("ze\u{301}ro"),
        ),
        (Language { fillers: &["d'accord"], ..NONE }, InvalidLanguage::NotLetters("d'accord")),
        (Language { tens: &[("vingt et", '2')], ..NONE }, InvalidLanguage::NotLetters("vingt et")),
        (Language { code_words: &["cvv2"], ..NONE }, InvalidLanguage::NotLetters("cvv2")),
        (Language { expiry_words: &["bon pour"], ..NONE }, InvalidLanguage::NotLetters("bon pour")),
        // Those of full width are read as others, and found by those alone.
        (Language { fillers: &["ｕｍ"], ..NONE }, InvalidLanguage::NotLetters("ｕｍ")),
        (Language { digits: &[("四", "4")], ..NONE }, InvalidLanguage::Unspaced("四")),
        (Language { digits: &[("〇", "0")], ..NONE }, InvalidLanguage::Unspaced("〇")),
        (Language { digits: &[("よん", "4")], ..NONE }, InvalidLanguage::Unspaced("よん")),
        (Language { digits: &[("สี่", "4")], ..NONE }, InvalidLanguage::Unspaced("สี่")),
        (Language { digits: &[("បួន", "4")], ..NONE }, InvalidLanguage::Unspaced("បួន")),
        (Language { code_words: &["安全码"], ..NONE }, InvalidLanguage::Unspaced("安全码")),
        (Language { digits: &[("mille", "1000")], ..NONE }, InvalidLanguage::Digits("mille")),
        (Language { digits: &[("rien", "")], ..NONE }, InvalidLanguage::Digits("rien")),
        (Language { digits: &[("deux", "２")], ..NONE }, InvalidLanguage::Digits("deux")),
        (Language { tens: &[("dix", '0')], ..NONE }, InvalidLanguage::Tens("dix")),
        (Language { repeats: &[("une fois", 1)], ..NONE }, InvalidLanguage::Repeats("une fois")),
        (Language { repeats: &[("dix fois", 10)], ..NONE }, InvalidLanguage::Repeats("dix fois")),
    ];
    for (language, error) in refused {
        assert_eq!(Options::new().languages(&[ENGLISH, language]).unwrap_err(), error);
    }
    let error = InvalidLanguage::Unspaced("四");
    assert_eq!(error.to_string(), "the word \"四\" is of a script that does not part words");
}
