//! A group of digits in every ordinary way in which people say it, in each language: pairs, hundreds, thousands, doubles,
//! "three zeros". Written from grammars.

use crate::numbers::Drawn;
use crate::talk::said::Tongue;

/// 1 to 99, without a zero before it.
fn small(tongue: &Tongue, n: usize) -> String {
    if n < 10 { tongue.digits[n].to_owned() } else { (tongue.pair)(n) }
}

/// How a language says hundreds and thousands.
struct Scale {
    name: &'static str,
    /// 100, 200 and so on.
    hundred: fn(&Tongue, usize) -> String,
    thousand: fn(&Tongue, usize) -> String,
    /// Between hundreds and what follows, and between thousands and what follows.
    joined: [&'static str; 2],
    /// The word for twice, and for three times; for zeros.
    double: &'static str,
    triple: &'static str,
    zeros: &'static str,
}

fn counted(tongue: &Tongue, n: usize, word: &str, between: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{}{between}{word}", tongue.digits[n]) }
}

const SCALES: [Scale; 9] = [
    Scale {
        name: "English",
        hundred: |tongue, n| format!("{} hundred", if n == 1 { "a" } else { tongue.digits[n] }),
        thousand: |tongue, n| format!("{} thousand", tongue.digits[n]),
        joined: [" and ", " "],
        double: "double",
        triple: "triple",
        zeros: "zeros",
    },
    Scale {
        name: "German",
        hundred: |tongue, n| counted(tongue, n, "hundert", "").replace("einshundert", "einhundert"),
        thousand: |tongue, n| counted(tongue, n, "tausend", ""),
        joined: ["", ""],
        double: "doppelt",
        triple: "dreimal",
        zeros: "Nullen",
    },
    Scale {
        name: "French",
        hundred: |tongue, n| counted(tongue, n, "cent", " "),
        thousand: |tongue, n| counted(tongue, n, "mille", " "),
        joined: [" ", " "],
        double: "double",
        triple: "triple",
        zeros: "zéros",
    },
    Scale {
        name: "Spanish",
        hundred: |_, n| {
            [
                "ciento",
                "doscientos",
                "trescientos",
                "cuatrocientos",
                "quinientos",
                "seiscientos",
                "setecientos",
                "ochocientos",
                "novecientos",
            ][n - 1]
                .to_owned()
        },
        thousand: |tongue, n| counted(tongue, n, "mil", " "),
        joined: [" ", " "],
        double: "doble",
        triple: "triple",
        zeros: "ceros",
    },
    Scale {
        name: "Portuguese",
        hundred: |_, n| {
            [
                "cento",
                "duzentos",
                "trezentos",
                "quatrocentos",
                "quinhentos",
                "seiscentos",
                "setecentos",
                "oitocentos",
                "novecentos",
            ][n - 1]
                .to_owned()
        },
        thousand: |tongue, n| counted(tongue, n, "mil", " "),
        joined: [" e ", " "],
        double: "duplo",
        triple: "triplo",
        zeros: "zeros",
    },
    Scale {
        name: "Italian",
        hundred: |tongue, n| counted(tongue, n, "cento", ""),
        thousand: |tongue, n| {
            if n == 1 { "mille".to_owned() } else { format!("{}mila", tongue.digits[n]) }
        },
        joined: ["", ""],
        double: "doppio",
        triple: "triplo",
        zeros: "zeri",
    },
    Scale {
        name: "Polish",
        hundred: |_, n| {
            [
                "sto",
                "dwieście",
                "trzysta",
                "czterysta",
                "pięćset",
                "sześćset",
                "siedemset",
                "osiemset",
                "dziewięćset",
            ][n - 1]
                .to_owned()
        },
        thousand: |tongue, n| match n {
            1 => "tysiąc".to_owned(),
            2..=4 => format!("{} tysiące", tongue.digits[n]),
            _ => format!("{} tysięcy", tongue.digits[n]),
        },
        joined: [" ", " "],
        double: "podwójne",
        triple: "potrójne",
        zeros: "zera",
    },
    Scale {
        name: "Dutch",
        hundred: |tongue, n| counted(tongue, n, "honderd", ""),
        thousand: |tongue, n| counted(tongue, n, "duizend", ""),
        joined: ["", " "],
        double: "dubbel",
        triple: "driemaal",
        zeros: "nullen",
    },
    Scale {
        name: "Hindi",
        hundred: |tongue, n| format!("{} सौ", tongue.digits[n]),
        thousand: |tongue, n| format!("{} हज़ार", tongue.digits[n]),
        joined: [" ", " "],
        double: "डबल",
        triple: "ट्रिपल",
        zeros: "",
    },
];

/// The same digit twice and three times by the words for that.
fn doubled(tongue: &Tongue, scale: &Scale, group: &str) -> String {
    let digits = group.as_bytes();
    let (mut at, mut said) = (0, Vec::new());
    while at < digits.len() {
        let same = digits[at..].iter().take_while(|digit| **digit == digits[at]).count().min(3);
        let digit = tongue.digits[usize::from(digits[at] - b'0')];
        said.push(match same {
            3 => format!("{} {digit}", scale.triple),
            2 => format!("{} {digit}", scale.double),
            _ => digit.to_owned(),
        });
        at += same;
    }
    said.join(" ")
}

/// Zeros in a row counted.
fn zeros(tongue: &Tongue, scale: &Scale, group: &str) -> Option<String> {
    let at = group.find("00").filter(|_| !scale.zeros.is_empty())?;
    let count = group[at..].bytes().take_while(|digit| *digit == b'0').count();
    let parts = [
        tongue.each(&group[..at]),
        tongue.digits[count].to_owned(),
        scale.zeros.to_owned(),
        tongue.each(&group[at + count..]),
    ];
    Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// As a number of three or four digits, if it may be one.
fn whole(tongue: &Tongue, scale: &Scale, group: &str) -> Option<String> {
    let n: usize =
        group.parse().ok().filter(|_| !group.starts_with('0') && matches!(group.len(), 3 | 4))?;
    let (thousands, hundreds, rest) = (n / 1000, n / 100 % 10, n % 100);
    let mut said = if thousands > 0 { (scale.thousand)(tongue, thousands) } else { String::new() };
    if hundreds > 0 {
        if !said.is_empty() {
            said += scale.joined[1];
        }
        said += &(scale.hundred)(tongue, hundreds);
    }
    if rest > 0 {
        said += if hundreds > 0 { scale.joined[0] } else { scale.joined[1] };
        said += &small(tongue, rest);
    } else if hundreds == 0 {
        return Some(said);
    }
    Some(said)
}

/// "Forty-two hundred", and what is left.
fn hundreds(tongue: &Tongue, group: &str) -> Option<String> {
    let n: usize = group.parse().ok().filter(|_| group.len() == 4)?;
    let (hundreds, rest) = (n / 100, n % 100);
    let word = match tongue.name {
        "English" => " hundred",
        "Dutch" => "honderd",
        _ => return None,
    };
    let head = (hundreds > 10 && hundreds % 10 != 0).then(|| small(tongue, hundreds) + word)?;
    Some(match (rest, tongue.name) {
        (0, _) => head,
        (rest, "English") => format!("{head} and {}", small(tongue, rest)),
        (rest, _) => format!("{head} {}", small(tongue, rest)),
    })
}

/// "Oh five", "oh" for each zero.
fn with_oh(tongue: &Tongue, group: &str) -> Option<String> {
    (tongue.name == "English").then(|| tongue.each(group).replace("zero", "oh"))
}

/// A way of saying a group.
pub(crate) const WAYS: [&str; 7] =
    ["each digit", "pairs", "a whole number", "hundreds", "doubled", "counted zeros", "oh"];

/// A group in one of the ways, if there is one.
pub(crate) fn said(tongue: &Tongue, way: &str, group: &str) -> Option<String> {
    let scale = SCALES.iter().find(|scale| scale.name == tongue.name)?;
    match way {
        "each digit" => Some(tongue.each(group)),
        "pairs" => Some(tongue.pairs(group)),
        "a whole number" => whole(tongue, scale, group),
        "hundreds" => hundreds(tongue, group),
        "doubled" => Some(doubled(tongue, scale, group)),
        "counted zeros" => zeros(tongue, scale, group),
        "oh" => with_oh(tongue, group),
        other => panic!("{other}"),
    }
}

/// A number of which each group is said in a way drawn for it.
pub(crate) fn mixed(tongue: &Tongue, groups: &[&str], drawn: &mut Drawn) -> String {
    let mut way = |group: &&str| loop {
        if let Some(said) = said(tongue, WAYS[drawn.below(WAYS.len())], group) {
            return said;
        }
    };
    groups.iter().map(&mut way).collect::<Vec<_>>().join(", ")
}
