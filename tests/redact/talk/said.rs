//! How people say digits, in each language. Written for the tests alone, from grammars; not from the crate's data.

use crate::numbers::Drawn;

/// The words of a language that a number is said with.
pub(crate) struct Tongue {
    pub(crate) name: &'static str,
    pub(crate) digits: [&'static str; 10],
    /// 10 to 99, made by a rule.
    pub(crate) pair: fn(usize) -> String,
    /// What the other says in between; what one says oneself; what takes something back.
    pub(crate) nods: &'static [&'static str],
    pub(crate) fillers: &'static [&'static str],
    pub(crate) regrets: &'static [&'static str],
    /// What a call begins with, and what asks for the rest.
    pub(crate) ask: &'static str,
    pub(crate) more: &'static str,
}

pub(crate) fn english(n: usize) -> String {
    const TEENS: [&str; 10] = [
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] =
        ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    const UNITS: [&str; 10] =
        ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    match (n / 10, n % 10) {
        (1, unit) => TEENS[unit].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, unit) => format!("{}-{}", TENS[tens], UNITS[unit]),
    }
}

pub(crate) fn german(n: usize) -> String {
    const TEENS: [&str; 10] = [
        "zehn",
        "elf",
        "zwölf",
        "dreizehn",
        "vierzehn",
        "fünfzehn",
        "sechzehn",
        "siebzehn",
        "achtzehn",
        "neunzehn",
    ];
    const TENS: [&str; 10] = [
        "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
        "neunzig",
    ];
    const UNITS: [&str; 10] =
        ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"];
    match (n / 10, n % 10) {
        (1, unit) => TEENS[unit].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, unit) => format!("{}und{}", UNITS[unit], TENS[tens]),
    }
}

pub(crate) fn dutch(n: usize) -> String {
    const TEENS: [&str; 10] = [
        "tien",
        "elf",
        "twaalf",
        "dertien",
        "veertien",
        "vijftien",
        "zestien",
        "zeventien",
        "achttien",
        "negentien",
    ];
    const TENS: [&str; 10] = [
        "", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig",
        "negentig",
    ];
    const UNITS: [&str; 10] =
        ["", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"];
    match (n / 10, n % 10) {
        (1, unit) => TEENS[unit].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, unit @ (2 | 3)) => format!("{}ën{}", UNITS[unit], TENS[tens]),
        (tens, unit) => format!("{}en{}", UNITS[unit], TENS[tens]),
    }
}

pub(crate) fn french(n: usize) -> String {
    const UNITS: [&str; 20] = [
        "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
        "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
    ];
    const TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];
    match n {
        0..=19 => UNITS[n].to_owned(),
        20..=69 if n.is_multiple_of(10) => TENS[n / 10].to_owned(),
        20..=69 if n % 10 == 1 => format!("{} et un", TENS[n / 10]),
        20..=69 => format!("{}-{}", TENS[n / 10], UNITS[n % 10]),
        71 => "soixante et onze".to_owned(),
        70..=79 => format!("soixante-{}", UNITS[n - 60]),
        80 => "quatre-vingts".to_owned(),
        _ => format!("quatre-vingt-{}", UNITS[n - 80]),
    }
}

pub(crate) fn spanish(n: usize) -> String {
    const UNITS: [&str; 30] = [
        "",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciséis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
        "veintiuno",
        "veintidós",
        "veintitrés",
        "veinticuatro",
        "veinticinco",
        "veintiséis",
        "veintisiete",
        "veintiocho",
        "veintinueve",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "",
        "treinta",
        "cuarenta",
        "cincuenta",
        "sesenta",
        "setenta",
        "ochenta",
        "noventa",
    ];
    match n {
        0..=29 => UNITS[n].to_owned(),
        _ if n.is_multiple_of(10) => TENS[n / 10].to_owned(),
        _ => format!("{} y {}", TENS[n / 10], UNITS[n % 10]),
    }
}

pub(crate) fn portuguese(n: usize) -> String {
    const UNITS: [&str; 20] = [
        "",
        "um",
        "dois",
        "três",
        "quatro",
        "cinco",
        "seis",
        "sete",
        "oito",
        "nove",
        "dez",
        "onze",
        "doze",
        "treze",
        "catorze",
        "quinze",
        "dezesseis",
        "dezessete",
        "dezoito",
        "dezenove",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "vinte",
        "trinta",
        "quarenta",
        "cinquenta",
        "sessenta",
        "setenta",
        "oitenta",
        "noventa",
    ];
    match n {
        0..=19 => UNITS[n].to_owned(),
        _ if n.is_multiple_of(10) => TENS[n / 10].to_owned(),
        _ => format!("{} e {}", TENS[n / 10], UNITS[n % 10]),
    }
}

pub(crate) fn italian(n: usize) -> String {
    const UNITS: [&str; 20] = [
        "",
        "uno",
        "due",
        "tre",
        "quattro",
        "cinque",
        "sei",
        "sette",
        "otto",
        "nove",
        "dieci",
        "undici",
        "dodici",
        "tredici",
        "quattordici",
        "quindici",
        "sedici",
        "diciassette",
        "diciotto",
        "diciannove",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "venti",
        "trenta",
        "quaranta",
        "cinquanta",
        "sessanta",
        "settanta",
        "ottanta",
        "novanta",
    ];
    match n {
        0..=19 => UNITS[n].to_owned(),
        _ if n.is_multiple_of(10) => TENS[n / 10].to_owned(),
        _ if matches!(n % 10, 1 | 8) => {
            format!("{}{}", &TENS[n / 10][..TENS[n / 10].len() - 1], UNITS[n % 10])
        }
        _ if n % 10 == 3 => format!("{}tré", TENS[n / 10]),
        _ => format!("{}{}", TENS[n / 10], UNITS[n % 10]),
    }
}

pub(crate) fn polish(n: usize) -> String {
    const UNITS: [&str; 20] = [
        "",
        "jeden",
        "dwa",
        "trzy",
        "cztery",
        "pięć",
        "sześć",
        "siedem",
        "osiem",
        "dziewięć",
        "dziesięć",
        "jedenaście",
        "dwanaście",
        "trzynaście",
        "czternaście",
        "piętnaście",
        "szesnaście",
        "siedemnaście",
        "osiemnaście",
        "dziewiętnaście",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "dwadzieścia",
        "trzydzieści",
        "czterdzieści",
        "pięćdziesiąt",
        "sześćdziesiąt",
        "siedemdziesiąt",
        "osiemdziesiąt",
        "dziewięćdziesiąt",
    ];
    match n {
        0..=19 => UNITS[n].to_owned(),
        _ if n.is_multiple_of(10) => TENS[n / 10].to_owned(),
        _ => format!("{} {}", TENS[n / 10], UNITS[n % 10]),
    }
}

pub(crate) fn hindi(n: usize) -> String {
    const ALL: [&str; 90] = [
        "दस",
        "ग्यारह",
        "बारह",
        "तेरह",
        "चौदह",
        "पंद्रह",
        "सोलह",
        "सत्रह",
        "अठारह",
        "उन्नीस",
        "बीस",
        "इक्कीस",
        "बाईस",
        "तेईस",
        "चौबीस",
        "पच्चीस",
        "छब्बीस",
        "सत्ताईस",
        "अट्ठाईस",
        "उनतीस",
        "तीस",
        "इकतीस",
        "बत्तीस",
        "तैंतीस",
        "चौंतीस",
        "पैंतीस",
        "छत्तीस",
        "सैंतीस",
        "अड़तीस",
        "उनतालीस",
        "चालीस",
        "इकतालीस",
        "बयालीस",
        "तैंतालीस",
        "चौवालीस",
        "पैंतालीस",
        "छियालीस",
        "सैंतालीस",
        "अड़तालीस",
        "उनचास",
        "पचास",
        "इक्यावन",
        "बावन",
        "तिरपन",
        "चौवन",
        "पचपन",
        "छप्पन",
        "सत्तावन",
        "अट्ठावन",
        "उनसठ",
        "साठ",
        "इकसठ",
        "बासठ",
        "तिरसठ",
        "चौंसठ",
        "पैंसठ",
        "छियासठ",
        "सड़सठ",
        "अड़सठ",
        "उनहत्तर",
        "सत्तर",
        "इकहत्तर",
        "बहत्तर",
        "तिहत्तर",
        "चौहत्तर",
        "पचहत्तर",
        "छिहत्तर",
        "सतहत्तर",
        "अठहत्तर",
        "उन्यासी",
        "अस्सी",
        "इक्यासी",
        "बयासी",
        "तिरासी",
        "चौरासी",
        "पचासी",
        "छियासी",
        "सत्तासी",
        "अट्ठासी",
        "नवासी",
        "नब्बे",
        "इक्यानवे",
        "बानवे",
        "तिरानवे",
        "चौरानवे",
        "पचानवे",
        "छियानवे",
        "सत्तानवे",
        "अट्ठानवे",
        "निन्यानवे",
    ];
    ALL[n - 10].to_owned()
}

impl Tongue {
    /// Digit by digit.
    pub(crate) fn each(&self, digits: &str) -> String {
        let word = |digit: u8| self.digits[usize::from(digit - b'0')];
        digits.bytes().map(word).collect::<Vec<_>>().join(" ")
    }

    /// In pairs where there is no zero at the beginning of one.
    pub(crate) fn pairs(&self, digits: &str) -> String {
        let pair = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).unwrap();
            if pair.len() < 2 || pair.starts_with('0') {
                self.each(pair)
            } else {
                (self.pair)(pair.parse().unwrap())
            }
        };
        digits.as_bytes().chunks(2).map(pair).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn one<'a>(&self, drawn: &mut Drawn, of: &[&'a str]) -> &'a str {
        of[drawn.below(of.len())]
    }
}
