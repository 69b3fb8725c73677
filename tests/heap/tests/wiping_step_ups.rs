//! No block that goes back to the allocator holds a seed, a key made from one, a PIN, what is made from
//! it, or a one-time code.
//!
//! All of them are learnt in a first run; in a second one, which is the same, they are looked for.

use countersign_heap::step_ups::{
    Learnt, Life, app, authenticator, codes, delivered, secrets_of, typed,
};
use countersign_heap::{Watching, found_of_them, look_for};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// Of which all secrets are made.
const SEED: u64 = 20_261_126;

#[track_caller]
fn leaves_nothing_behind(life: Life) {
    let all = secrets_of(life, SEED);
    // The copies outlive the search.
    let copies = all.clone();
    look_for(all);
    life(&mut Learnt::default(), SEED);
    assert_eq!(found_of_them(), [""; 0]);
    // Whatever is not wiped is found.
    for (what, bytes) in &copies {
        drop(std::hint::black_box([b"before ", &bytes[..], b" after"].concat()));
        assert_eq!(found_of_them(), [*what]);
    }
    assert!(copies.len() >= 2);
}

#[test]
fn an_app_leaves_no_seed_pin_or_code_behind() {
    leaves_nothing_behind(app);
}

#[test]
fn authenticators_and_fobs_leave_no_seed_or_code_behind() {
    leaves_nothing_behind(codes);
}

#[test]
fn fobs_with_pins_leave_nothing_behind() {
    leaves_nothing_behind(typed);
}

#[test]
fn delivered_codes_are_not_left_behind() {
    leaves_nothing_behind(delivered);
}

/// A host that copies what it was given, and forgets the copy.
#[test]
fn what_a_host_copies_is_found() {
    look_for(secrets_of(codes, SEED));
    let given = authenticator(SEED);
    assert_eq!(found_of_them(), [""; 0]);
    drop(given.base32().unwrap().to_owned());
    assert_eq!(found_of_them(), ["a seed in base32"; 2]);
    drop(format!("Scan this: {}", given.otpauth().unwrap()));
    assert_eq!(found_of_them(), ["a seed in base32"; 2]);
}
