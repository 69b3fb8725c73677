//! Languages: those that are given, and those of hosts: what can be looked for is found, the rest refused by name.

use countersign::redact::languages::{ALL, GERMAN, HINDI, MAX_PHRASE_WORDS};
use countersign::redact::{ENGLISH, InvalidLanguage, Language, MAX_WORD_BYTES, Options, cards};

const NONE: Language = Language::NONE;

const RUSSIAN: Language = Language {
    tag: "ru",
    units: "ноль один два три четыре пять шесть семь восемь девять",
    tens: "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    fillers: "ну, так вот",
    code_words: &["код"],
    ..NONE
};

#[test]
fn a_language_beside_english_is_found() {
    let options = Options::new().languages(&[RUSSIAN, ENGLISH]).unwrap();
    let said =
        "сорок два, ну, четыре два так вот четыре два Четыре ДВА, four two four two 4242, код 123";
    assert_eq!(options.cards(said), "* *, ну, * * так вот * * * *, * * * * ****, код ***");
    let russian = Options::new().languages(&[RUSSIAN]).unwrap();
    assert_eq!(russian.cards(said), said, "English was not asked for");
}

#[test]
fn words_that_are_not_of_ascii_are_found_in_capitals_and_without_accents() {
    const GREEK: Language = Language {
        units: "μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα",
        ..NONE
    };
    let options = Options::new().languages(&[GREEK]).unwrap();
    let said = ["τέσσερα ΔΎΟ Τέσσερα δυο"; 4].join(", ");
    assert_eq!(options.cards(&said), ["* * * *"; 4].join(", "));
    // An accent that is a character of its own.
    let said = ["τε\u{301}σσερα δυ\u{301}ο τε\u{301}σσερα δυο"; 4].join(", ");
    assert_eq!(options.cards(&said), ["* * * *"; 4].join(", "));
}

#[test]
fn words_that_announce_may_have_marks() {
    let hindi = Language { code_words: &["कूट", "सुरक्षा"], ..NONE };
    let options = Options::new().languages(&[hindi]).unwrap();
    assert_eq!(options.cards("4242424242424242 सुरक्षा 123"), "**************** सुरक्षा ***");
}

/// Each number in the way of its language; what they come to is 4242 4242 4242 4242 or 5597 5597 5597 5597 and so on.
#[test]
fn each_language_puts_its_numbers_together() {
    let both = |pair: &str| format!("{}, {}", [pair; 4].join(" "), [pair; 4].join(" "));
    for (pair, masked) in [
        ("forty-two", "*-*"),
        ("forty two", "* *"),
        ("zweiundvierzig", "**"),
        ("zwei und vierzig", "* und *"),
        ("quarante-deux", "*-*"),
        ("cuarenta y dos", "* y *"),
        ("quarantadue", "**"),
        ("tweeënveertig", "**"),
        ("tweeenveertig", "**"),
        ("quarenta e dois", "* e *"),
        ("czterdzieści dwa", "* *"),
        ("czterdziesci dwa", "* *"),
        ("बयालीस", "**"),
        ("bayalis", "**"),
    ] {
        assert_eq!(cards(&both(pair)), both(masked), "{pair}");
    }
    assert_eq!(
        cards(
            "cinquante-cinq quatre-vingt-dix-sept trente et un quatre-vingts soixante et onze dix-huit zéro zéro zéro huit"
        ),
        "*-* *-* * et * *-* * et * *-* * * * *"
    );
    assert_eq!(
        cards(
            "viertausendzweihundertzweiundvierzig viertausendzweihundertzweiundvierzig 4242 4242"
        ),
        "**** **** **** ****"
    );
    assert_eq!(
        cards("four thousand two hundred and forty-two forty-two forty-two 4242 4242"),
        "* *** * ** and *-* *-* *-* **** ****"
    );
}

#[test]
fn all_languages_are_looked_for_unless_others_are_named() {
    let german = ["vier zwei vier zwei"; 4].join(" ");
    assert_eq!(cards(&german), ["* * * *"; 4].join(" "));
    let english = Options::new().languages(&[ENGLISH]).unwrap();
    assert_eq!(english.cards(&german), german);
    let named = Options::new().languages(&[GERMAN, HINDI]).unwrap();
    assert_eq!(named.cards(&german), ["* * * *"; 4].join(" "));
    assert_eq!(ALL.len(), 9);
}

/// Each was once dropped without a word, so that a host took a language for found that was not.
#[test]
fn a_language_that_would_not_be_found_is_refused() {
    let long = "achtundachtzigtausendachthundertachtundachtzigtausend";
    assert!(long.len() > MAX_WORD_BYTES && MAX_PHRASE_WORDS == 5);
    let refused = [
        (
            Language { sighs: "achtundachtzigtausendachthundertachtundachtzigtausend", ..NONE },
            InvalidLanguage::Length(long),
        ),
        (Language { fillers: "d4accord", ..NONE }, InvalidLanguage::NotLetters("d4accord")),
        (Language { sighs: "cvv2", ..NONE }, InvalidLanguage::NotLetters("cvv2")),
        (Language { code_words: &["bon pour"], ..NONE }, InvalidLanguage::NotLetters("bon pour")),
        // Those of full width are read as others, and found by those alone.
        (Language { fillers: "ｕｍ", ..NONE }, InvalidLanguage::NotLetters("ｕｍ")),
        (Language { sighs: "四", ..NONE }, InvalidLanguage::Unspaced("四")),
        (Language { sighs: "〇", ..NONE }, InvalidLanguage::Unspaced("〇")),
        (Language { sighs: "よん", ..NONE }, InvalidLanguage::Unspaced("よん")),
        (Language { sighs: "สี่", ..NONE }, InvalidLanguage::Unspaced("สี่")),
        (Language { code_words: &["安全码"], ..NONE }, InvalidLanguage::Unspaced("安全码")),
        (Language { units: "one two", ..NONE }, InvalidLanguage::Count("units")),
        (Language { tens: "twenty", ..NONE }, InvalidLanguage::Count("tens")),
        (Language { hundreds: "sto dwieście", ..NONE }, InvalidLanguage::Count("hundreds")),
        (Language { fillers: "a b c d e f", ..NONE }, InvalidLanguage::Phrase("a b c d e f")),
        (Language { corrections: "um, -", ..NONE }, InvalidLanguage::Phrase("-")),
    ];
    for (language, error) in refused {
        assert_eq!(Options::new().languages(&[language]).unwrap_err(), error, "{language:?}");
    }
}

/// "Um" is one in Portuguese and a filler in English: what stands before it says which, tens as well as units.
#[test]
fn a_word_of_two_languages_is_decided_by_the_tens_before_it() {
    let said = "quarenta e dois quarenta e um, quarenta e dois quarenta e um, quarenta e dois quarenta e um, noventa";
    let masked = Options::new().cards(
        "trinta e um dezenove, cinquenta onze, oitenta trinta e dois, quarenta e dois sessenta",
    );
    assert!(!masked.contains("um") && !masked.contains("onze"), "{masked}");
    assert_eq!(Options::new().cards(said), said);
}
