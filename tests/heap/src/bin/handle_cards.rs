//! Handles a card as asked, says so, and waits until its memory has been looked at.
//!
//! Usage: handle_cards ACT SEED

use std::hint::black_box;
use std::io::{Read, Write};

use countersign::SeededRandom;
use countersign::card::{Card, CardToken, Cardholder, OpeningKey, Pan, SealedCard};
use countersign_heap::canary::{NAME, TYPED, write_code, write_name, write_typed};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use zeroize::Zeroizing;

const REQUEST: &str = "v4.public.a-signed-request";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let act = arguments.next().unwrap();
    let seed = arguments.next().unwrap().parse().unwrap();
    // Kept till the end, as a host keeps what it answered.
    let kept = match act.as_str() {
        "seal" => seal(seed),
        "open" => open(seed),
        "refuse" => refuse(seed),
        "keep" => keep(seed),
        "drop" => drop_unwiped(seed),
        _ => panic!("unknown act"),
    };
    println!("done");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read(&mut [0; 1]);
    drop(black_box(kept));
}

/// The card of `seed`, from what was typed; the typed text is wiped, as an app must.
fn card(seed: u64) -> Card {
    let mut typed = Zeroizing::new([0; TYPED]);
    write_typed(seed, true, &mut typed);
    let mut code = Zeroizing::new([0; 3]);
    write_code(seed, &mut code);
    let mut name = Zeroizing::new([0; NAME]);
    write_name(seed, &mut name);
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    Card::new(
        text(typed.as_slice()).parse().unwrap(),
        "12/34".parse().unwrap(),
        text(code.as_slice()).parse().unwrap(),
        text(name.as_slice()).parse().unwrap(),
    )
    .unwrap()
}

/// The device's half, again and again, with blocks of all sizes taken and given back in between.
fn seal(seed: u64) -> Vec<u8> {
    let key = OpeningKey::generate(&SeededRandom::new(1)).unwrap();
    let mut kept = Vec::new();
    for n in 0..40 {
        let card = card(seed);
        let sealed = card.seal(key.public(), REQUEST, &SeededRandom::new(n)).unwrap();
        let shown = format!("{card:?} {:?} {sealed:?} {}", card.pan(), card.pan().last_four());
        kept.extend(sealed.to_text().into_bytes());
        kept.extend(shown.into_bytes());
    }
    kept
}

/// The vault's half: what was sealed is opened, for the right request and for another, and a token is
/// drawn for it.
fn open(seed: u64) -> Vec<u8> {
    let key = OpeningKey::generate(&SeededRandom::new(1)).unwrap();
    let mut kept = Vec::new();
    for n in 0..40 {
        let sealed = card(seed).seal(key.public(), REQUEST, &SeededRandom::new(n)).unwrap();
        let sent = SealedCard::from_bytes(&sealed.to_bytes()).unwrap();
        let opened = key.open(&sent, REQUEST).unwrap();
        assert!(opened == card(seed));
        assert!(key.open(&sent, "another request").is_err());
        let token = CardToken::generate(&SeededRandom::new(n)).unwrap();
        kept.extend(format!("{opened:?} {} {}", token.expose(), opened.pan().brand()).into_bytes());
    }
    kept
}

/// What was mistyped, typed into the wrong field, or came in a message.
fn refuse(seed: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    for _ in 0..40 {
        let mut typed = Zeroizing::new([0; TYPED]);
        write_typed(seed, false, &mut typed);
        let text = std::str::from_utf8(typed.as_slice()).unwrap();
        kept.extend(format!("{:?}", text.parse::<Pan>().unwrap_err()).into_bytes());
        kept.extend(format!("{:?}", text.parse::<Cardholder>().unwrap_err()).into_bytes());
        // Not through serde_json, which looks for line ends in what it refuses, and in a debug build
        // leaves on the stack what it looked at.
        let sent = StrDeserializer::<serde::de::value::Error>::new(text);
        kept.extend(Pan::deserialize(sent).unwrap_err().to_string().into_bytes());
    }
    kept
}

/// A host's mistakes: the card stays in memory, in each form that is looked for.
fn keep(seed: u64) -> Vec<u8> {
    let card = card(seed);
    let digits = card.pan().expose();
    let number: u64 = digits.parse().unwrap();
    let mut typed = [0; TYPED];
    write_typed(seed, true, &mut typed);
    [
        digits.as_bytes(),
        &digits.bytes().map(|digit| digit - b'0').collect::<Vec<_>>(),
        &typed,
        &number.to_le_bytes(),
        &[&[3], card.code().expose().as_bytes(), &[0, 12, 0x07, 0xf2]].concat(),
        card.cardholder().expose().as_bytes(),
    ]
    .concat()
}

/// Another: it was in a buffer that grew and was given back.
fn drop_unwiped(seed: u64) -> Vec<u8> {
    let mut buffer = Vec::new();
    for _ in 0..200 {
        buffer.extend_from_slice(card(seed).pan().expose().as_bytes());
    }
    drop(black_box(buffer));
    Vec::new()
}
