//! Handles a card as asked, says so, and waits until its memory has been looked at.
//!
//! Usage: handle_cards ACT SEED

use std::hint::black_box;
use std::io::{Read, Write};

use countersign_heap::cards::{drop_unwiped, keep, open, pay, redact, refuse, seal};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let act = arguments.next().unwrap();
    let seed = arguments.next().unwrap().parse().unwrap();
    // Kept till the end, as a host keeps what it answered.
    let kept = match act.as_str() {
        "seal" => seal(seed),
        "open" => open(seed),
        "refuse" => refuse(seed),
        "pay" => pay(seed),
        "redact" => redact(seed),
        "keep" => keep(seed),
        "drop" => drop_unwiped(seed),
        _ => panic!("unknown act"),
    };
    println!("done");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read(&mut [0; 1]);
    drop(black_box(kept));
}
