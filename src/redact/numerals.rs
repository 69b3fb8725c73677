//! Number words of many languages, and putting them together: "neununddreißig", "quatre-vingt-dix-sept".
//!
//! Words stand here as they are read once they are [folded](fold): lower case, without accents. Seven languages and
//! English have their numbers up to 99; of others there are the ten digits.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A piece of a number in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atom {
    /// 0 to 9.
    Unit(u8),
    /// 10 to 19.
    Teen(u8),
    /// 20 to 90, by its first digit.
    Tens(u8),
    /// "And" between tens and units, or something else that may stand between digits.
    Link,
    /// The next digit counts so often.
    Repeat(u8),
}

/// How a language puts tens and units together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// "Forty-two".
    TensFirst,
    /// "Two and forty".
    UnitsFirst,
    /// "Forty-two", and scores: "sixty-ten", "four-twenty-ten".
    Scores,
}

/// The words of one language, with spaces between them, and bars between several for one number.
struct Words {
    order: Order,
    /// For 0, 1 and so on to 9.
    units: &'static str,
    /// For 10 to 19.
    teens: &'static str,
    /// For 20, 30 and so on to 90.
    tens: &'static str,
    /// For "and", "then", "dash".
    links: &'static str,
    /// For twice and three times.
    repeats: &'static str,
}

impl Words {
    const fn digits(units: &'static str) -> Self {
        Self { order: Order::TensFirst, units, teens: "", tens: "", links: "", repeats: "" }
    }
}

const LANGUAGES: &[Words] = &[
    // English.
    Words {
        order: Order::TensFirst,
        units: "zero|oh|nought|naught|nil one two three four five six seven eight nine|niner",
        teens: "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        tens: "twenty thirty forty|fourty fifty sixty seventy eighty ninety",
        links: "and",
        repeats: "double triple|treble",
    },
    // German.
    Words {
        order: Order::UnitsFirst,
        units: "null eins|ein|eine zwei|zwo drei vier fünf|fuenf sechs sieben acht neun",
        teens: "zehn elf zwölf|zwoelf dreizehn vierzehn fünfzehn|fuenfzehn sechzehn siebzehn achtzehn neunzehn",
        tens: "zwanzig dreißig vierzig fünfzig|fuenfzig sechzig siebzig achtzig neunzig",
        links: "und|dann|strich|minus|punkt|leerzeichen",
        repeats: "doppel|doppelt|zweimal dreifach|dreimal",
    },
    // French.
    Words {
        order: Order::Scores,
        units: "zéro un|une deux trois quatre cinq six sept huit neuf",
        teens: "dix onze douze treize quatorze quinze seize dixsept dixhuit dixneuf",
        tens: "vingt|vingts trente quarante cinquante soixante septante huitante|octante nonante",
        links: "et|puis|tiret|point|espace",
        repeats: "double triple",
    },
    // Spanish.
    Words {
        order: Order::TensFirst,
        units: "cero uno|un|una dos tres cuatro cinco seis siete ocho nueve",
        teens: "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve",
        tens: "veinte|veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa",
        links: "y|luego|guion|punto|espacio",
        repeats: "doble triple",
    },
    // Italian.
    Words {
        order: Order::TensFirst,
        units: "zero uno|un|una due tre quattro cinque sei sette otto nove",
        teens: "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove",
        tens: "venti|vent trenta|trent quaranta|quarant cinquanta|cinquant sessanta|sessant settanta|settant ottanta|ottant novanta|novant",
        links: "e|poi|trattino|punto|spazio",
        repeats: "doppio|doppia triplo|tripla",
    },
    // Dutch.
    Words {
        order: Order::UnitsFirst,
        units: "nul één twee drie vier vijf zes zeven acht negen",
        teens: "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien",
        tens: "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
        links: "en|dan|streepje|punt|spatie",
        repeats: "dubbel|dubbele driedubbel",
    },
    // Portuguese.
    Words {
        order: Order::TensFirst,
        units: "zero um|uma dois|duas três quatro cinco seis|meia sete oito nove",
        teens: "dez onze doze treze catorze|quatorze quinze dezesseis|dezasseis dezessete|dezassete dezoito dezenove|dezanove",
        tens: "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
        links: "e|depois|traço|hífen|ponto|espaço",
        repeats: "duplo|dobro triplo",
    },
    // Polish.
    Words {
        order: Order::TensFirst,
        units: "zero jeden|jedna|jedno dwa|dwie trzy cztery pięć sześć siedem osiem dziewięć",
        teens: "dziesięć jedenaście dwanaście trzynaście czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
        tens: "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt",
        links: "i|potem|kreska|myślnik|kropka|spacja",
        repeats: "podwójne|podwójna potrójne|potrójna",
    },
    // Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian.
    Words::digits("noll ett|en två tre fyra fem sex sju åtta nio"),
    Words::digits("nul en|et to tre fire fem seks syv otte ni"),
    Words::digits("null en|ett|ein to tre fire fem seks sju|syv åtte ni"),
    Words::digits(
        "núll einn|ein|eitt tveir|tvær|tvö þrír|þrjár|þrjú fjórir|fjórar|fjögur fimm sex sjö átta níu",
    ),
    Words::digits("nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän"),
    Words::digits("null üks kaks kolm neli viis kuus seitse kaheksa üheksa"),
    // Latvian, Lithuanian.
    Words::digits("nulle viens divi trīs četri pieci seši septiņi astoņi deviņi"),
    Words::digits("nulis vienas du trys keturi penki šeši septyni aštuoni devyni"),
    // Czech, Slovak, Slovene, Croatian and Serbian, in both scripts.
    Words::digits("nula jedna|jeden|jedno dva|dvě tři čtyři pět šest sedm osm devět"),
    Words::digits("nula jeden|jedna|jedno dva|dve tri štyri päť šesť sedem osem deväť"),
    Words::digits("nič|nula ena|eden|en dva|dve tri štiri pet šest sedem osem devet"),
    Words::digits("nula jedan|jedna dva|dvije|dve tri četiri pet šest sedam osam devet"),
    Words::digits("нула један|једна два|две три четири пет шест седам осам девет"),
    // Russian, Ukrainian, Bulgarian.
    Words::digits("ноль|нуль один|одна|раз два|две три четыре пять шесть семь восемь девять"),
    Words::digits("нуль один|одна два|дві три чотири пять шість сім вісім девять"),
    Words::digits("нула едно|един|една две|два три четири пет шест седем осем девет"),
    // Hungarian, Romanian, Greek, Turkish, Albanian, Catalan.
    Words::digits("nulla egy kettő|két három négy öt hat hét nyolc kilenc"),
    Words::digits("zero unu|una doi|două trei patru cinci șase șapte opt nouă"),
    Words::digits("μηδέν ένα δύο|δυο τρία τέσσερα πέντε έξι επτά|εφτά οκτώ|οχτώ εννέα|εννιά"),
    Words::digits("sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
    Words::digits("zero një dy tre katër pesë gjashtë shtatë tetë nëntë"),
    Words::digits("zero un|una dos|dues tres quatre cinc sis set vuit nou"),
    // Arabic, Hebrew, Persian, Hindi, Urdu in Latin letters.
    Words::digits("صفر واحد اثنان|اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة"),
    Words::digits("אפס אחת|אחד שתיים|שניים שלוש ארבע חמש שש שבע שמונה תשע"),
    Words::digits("صفر یک دو سه چهار پنج شش هفت هشت نه"),
    Words::digits("शून्य एक दो तीन चार पांच|पाँच छह|छः|छे सात आठ नौ"),
    Words::digits(
        "shunya|sifar ek do teen char|chaar panch|paanch chhe|cheh saat|sat aath|ath nau",
    ),
    // Indonesian and Malay, Vietnamese, Swahili, Tagalog, Afrikaans, Welsh, Irish.
    Words::digits("nol|kosong satu dua tiga empat lima enam tujuh delapan|lapan sembilan"),
    Words::digits("không một|mốt hai ba bốn|tư năm|lăm sáu bảy tám chín"),
    Words::digits("sifuri moja mbili tatu nne tano sita saba nane tisa"),
    Words::digits("sero isa dalawa tatlo apat lima anim pito walo siyam"),
    Words::digits("nul een twee drie vier vyf ses sewe agt nege"),
    Words::digits("dim un dau|dwy tri|tair pedwar|pedair pump chwech saith wyth naw"),
    Words::digits("náid aon dó trí ceathair cúig sé seacht ocht naoi"),
    // Chinese, Japanese and Korean as they are romanised, and Korean.
    Words::digits("ling yi|yao er san si wu liu qi ba jiu"),
    Words::digits("zero|rei|maru ichi ni san yon|shi go roku nana|shichi hachi kyu|kyuu|ku"),
    Words::digits("공|영 일 이 삼 사 오 육 칠 팔 구"),
];

/// The longest text that is taken apart into words without spaces between them, in characters.
const LONGEST_WORD: usize = 96;

/// A set of languages, as bits.
type Languages = u64;

/// What the beginning of a word is, or all of it.
#[derive(Default)]
struct Entry {
    /// What it is by itself, and in which languages.
    meanings: Vec<(usize, Atom)>,
    /// Those of them in which it is a number, and in which it may stand between two.
    numbers: Languages,
    links: Languages,
}

/// All words, and all that words begin with.
struct Index {
    words: HashMap<String, Entry>,
    longest: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut words = HashMap::<String, Entry>::new();
    let mut longest = 0;
    let mut add = |language: usize, spellings: &str, atom: Atom| {
        for spelling in spellings.split('|') {
            let mut folded = String::new();
            spelling.chars().for_each(|c| fold(c, &mut folded));
            for (end, _) in folded.char_indices() {
                words.entry(folded.get(..end).unwrap_or_default().to_owned()).or_default();
            }
            longest = longest.max(folded.chars().count());
            let entry = words.entry(folded).or_default();
            if entry.meanings.iter().any(|(of, _)| *of == language) {
                continue;
            }
            entry.meanings.push((language, atom));
            let set = if atom == Atom::Link { &mut entry.links } else { &mut entry.numbers };
            *set |= bit(language);
        }
    };
    for (language, of) in LANGUAGES.iter().enumerate() {
        let numbered = |words: &'static str| (0_u8..).zip(words.split_whitespace());
        for (value, word) in numbered(of.units) {
            add(language, word, Atom::Unit(value));
        }
        for (value, word) in numbered(of.teens) {
            add(language, word, Atom::Teen(value.saturating_add(10)));
        }
        for (value, word) in numbered(of.tens) {
            add(language, word, Atom::Tens(value.saturating_add(2)));
        }
        for (_, word) in numbered(of.links) {
            add(language, word, Atom::Link);
        }
        for (value, word) in numbered(of.repeats) {
            add(language, word, Atom::Repeat(value.saturating_add(2)));
        }
    }
    Index { words, longest }
});

fn bit(language: usize) -> Languages {
    u32::try_from(language).ok().and_then(|language| 1_u64.checked_shl(language)).unwrap_or(0)
}

/// How many languages there are.
pub(super) const fn languages() -> usize {
    LANGUAGES.len()
}

/// Appends `c` as words are compared: in lower case, its compatible decomposition without marks, letters with strokes as
/// those without.
pub(super) fn fold(c: char, to: &mut String) {
    if c.is_ascii() {
        to.push(c.to_ascii_lowercase());
        return;
    }
    unicode_normalization::char::decompose_compatible(c, |part| {
        for part in part.to_lowercase() {
            match part {
                'ß' => to.push_str("ss"),
                'ı' => to.push('i'),
                'ł' => to.push('l'),
                'ø' => to.push('o'),
                'đ' | 'ð' => to.push('d'),
                'æ' => to.push_str("ae"),
                'œ' => to.push_str("oe"),
                _ if part.general_category_group() == GeneralCategoryGroup::Mark => {}
                _ => to.push(part),
            }
        }
    });
}

/// What a folded word is in `language`: one piece of a number, or several written together.
pub(super) fn atoms(word: &str, language: usize) -> Option<Vec<Atom>> {
    let index = &*INDEX;
    let of = |word: &str| {
        let meanings = &index.words.get(word)?.meanings;
        meanings.iter().find(|(of, _)| *of == language).map(|(_, atom)| *atom)
    };
    if let Some(atom) = of(word) {
        return Some(vec![atom]);
    }
    let bounds: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    if bounds.len() < 5 || bounds.len() > LONGEST_WORD {
        return None;
    }
    // For each place in the word the piece that ends there, of the ways to take the word apart the one with the longest
    // pieces.
    let mut ends: Vec<Option<(usize, Atom)>> = vec![None; bounds.len()];
    for to in 1..bounds.len() {
        let shortest = to.saturating_sub(index.longest);
        let piece = (shortest..to).find_map(|from| {
            let begins = from == 0 || ends.get(from).is_some_and(Option::is_some);
            let text = word.get(*bounds.get(from)?..*bounds.get(to)?)?;
            of(text).filter(|_| begins).map(|atom| (from, atom))
        });
        if let Some(end) = ends.get_mut(to) {
            *end = piece;
        }
    }
    let mut atoms = Vec::new();
    let mut at = bounds.len().saturating_sub(1);
    while at > 0 {
        let (from, atom) = (*ends.get(at)?)?;
        atoms.push(atom);
        at = from;
    }
    atoms.reverse();
    Some(atoms)
}

/// In which languages a folded word is a number, or several written together (`true`), or may stand between two.
pub(super) fn languages_of(word: &str, mut each: impl FnMut(usize, bool)) {
    let index = &*INDEX;
    let whole = index.words.get(word);
    let mut numbers = whole.map_or(0, |entry| entry.numbers);
    let links = whole.map_or(0, |entry| entry.links);
    if numbers | links == 0 && word.len() <= 4 * LONGEST_WORD {
        numbers = taken_apart(index, word);
    }
    for language in 0..LANGUAGES.len() {
        let (is_number, is_link) = (numbers & bit(language) != 0, links & bit(language) != 0);
        if is_number || is_link {
            each(language, is_number);
        }
    }
}

/// The languages in which all of `word` is numbers written together.
fn taken_apart(index: &Index, word: &str) -> Languages {
    // For each place in the word, the languages in which all before it is words.
    let mut reached = vec![0; word.len().saturating_add(1)];
    if let Some(begin) = reached.first_mut() {
        *begin = Languages::MAX;
    }
    for from in 0..word.len() {
        let languages = reached.get(from).copied().unwrap_or(0);
        let Some(rest) = word.get(from..).filter(|_| languages != 0) else { continue };
        let ends = rest.char_indices().skip(1).map(|(at, _)| at).chain([rest.len()]);
        for end in ends {
            let Some(entry) = rest.get(..end).and_then(|begin| index.words.get(begin)) else {
                break;
            };
            if let Some(to) = reached.get_mut(from.saturating_add(end)) {
                *to |= languages & (entry.numbers | entry.links);
            }
        }
    }
    reached.last().copied().unwrap_or(0)
}

/// What the pieces come to, in English words for one digit each, with fillers and repeats.
pub(super) fn spoken(atoms: &[Atom], language: usize, mut say: impl FnMut(&'static str)) {
    let order = LANGUAGES.get(language).map_or(Order::TensFirst, |of| of.order);
    let mut at = 0_usize;
    let mut digits = |first: u8, last: Option<u8>| {
        for digit in [Some(first), last].into_iter().flatten() {
            if let Some(word) = DIGITS.get(usize::from(digit)) {
                say(word);
            }
        }
    };
    while let Some(rest) = atoms.get(at..).filter(|rest| !rest.is_empty()) {
        use Atom::{Link, Repeat, Teen, Tens, Unit};
        let taken = match (order, rest) {
            (Order::UnitsFirst, [Unit(unit), Link, Tens(tens), ..]) => {
                digits(*tens, Some(*unit));
                3
            }
            (Order::UnitsFirst, [Tens(tens), ..]) => {
                digits(*tens, Some(0));
                1
            }
            (Order::Scores, [Unit(4), Tens(2), Link, Unit(unit), ..])
            | (Order::Scores, [Unit(4), Tens(2), Unit(unit @ 1..=9), ..]) => {
                digits(8, Some(*unit));
                if matches!(rest, [_, _, Link, ..]) { 4 } else { 3 }
            }
            (Order::Scores, [Unit(4), Tens(2), Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(9, Some(*unit));
                4
            }
            (Order::Scores, [Unit(4), Tens(2), Teen(teen), ..]) => {
                digits(9, Some(teen.saturating_sub(10)));
                3
            }
            (Order::Scores, [Unit(4), Tens(2), ..]) => {
                digits(8, Some(0));
                2
            }
            (Order::Scores, [Tens(6), Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(7, Some(*unit));
                3
            }
            (Order::Scores, [Tens(6), Link, Teen(teen), ..]) => {
                digits(7, Some(teen.saturating_sub(10)));
                3
            }
            (Order::Scores, [Tens(6), Teen(teen), ..]) => {
                digits(7, Some(teen.saturating_sub(10)));
                2
            }
            (Order::Scores, [Teen(10), Unit(unit @ 7..=9), ..]) => {
                digits(1, Some(*unit));
                2
            }
            (_, [Tens(tens), Link, Unit(unit @ 1..=9), ..]) => {
                digits(*tens, Some(*unit));
                3
            }
            (_, [Tens(tens), Unit(unit @ 1..=9), ..]) => {
                digits(*tens, Some(*unit));
                2
            }
            (_, [Tens(tens), ..]) => {
                digits(*tens, Some(0));
                1
            }
            (_, [Teen(teen), ..]) => {
                digits(1, Some(teen.saturating_sub(10)));
                1
            }
            (_, [Unit(unit), ..]) => {
                digits(*unit, None);
                1
            }
            (_, [Link, ..] | []) => 1,
            (_, [Repeat(times), ..]) => {
                // The next digit, once more each time.
                let next = match rest.get(1) {
                    Some(Unit(unit)) => *unit,
                    _ => 10,
                };
                for _ in 1..*times {
                    digits(next, None);
                }
                1
            }
        };
        at = at.saturating_add(taken);
    }
}

/// The words of the digits, for the engine to read.
const DIGITS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
