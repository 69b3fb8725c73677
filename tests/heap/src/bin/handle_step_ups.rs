//! Lives a life of credentials, says so, and waits until its memory has been looked at.
//!
//! Usage: handle_step_ups LIFE SEED

use std::hint::black_box;
use std::io::{Read, Write};

use countersign_heap::step_ups::{Learnt, app, codes, secrets_of, typed};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let life = arguments.next().unwrap();
    let seed = arguments.next().unwrap().parse().unwrap();
    let mut kept = Vec::new();
    match life.as_str() {
        "app" => app(&mut Learnt::default(), seed),
        "codes" => codes(&mut Learnt::default(), seed),
        "typed" => typed(&mut Learnt::default(), seed),
        // A host's mistake.
        "keep" => kept = secrets_of(app, seed),
        _ => panic!("unknown life"),
    }
    println!("done");
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read(&mut [0; 1]);
    drop(black_box(kept));
}
