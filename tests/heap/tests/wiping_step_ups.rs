//! No block that goes back to the allocator holds a seed, a key made from one, a PIN, what is made from
//! it, a one-time code, what an agent says, or what an app recognises tokens by. Every call is in a box,
//! which goes back too.
//!
//! All of them are learnt in a first run; in a second one, which is the same, they are looked for.

use std::cell::Cell;
use std::future::ready;

use countersign::otp::Code;
use countersign::spoken::{SpokenCode, SpokenWords};
use countersign_heap::spoken::{derived, dropped, pseudonym, said};
use countersign_heap::stack::{self, Scene};
use countersign_heap::step_ups::{
    Learnt, Life, app, authenticator, codes, delivered, secrets_of, typed,
};
use countersign_heap::{
    Watching, found_of_them, is_on_the_stack, look_for, now_or_never, overwrite_the_stack,
};

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

#[test]
fn spoken_codes_are_not_left_behind() {
    leaves_nothing_behind(said);
}

#[test]
fn derived_words_are_not_left_behind() {
    leaves_nothing_behind(derived);
}

#[test]
fn a_pseudonym_is_not_left_behind() {
    leaves_nothing_behind(pseudonym);
}

#[test]
fn calls_that_are_dropped_half_way_leave_nothing_behind() {
    leaves_nothing_behind(dropped);
}

/// The code was computed in a first run; in a second one, which is the same, it is looked for.
#[track_caller]
fn leaves_nothing_on_the_stack(scene: Scene) {
    let code = scene(SEED, None);
    assert!(code.len() >= 4);
    let looked = Cell::new(false);
    let look = || {
        assert!(!is_on_the_stack(&code));
        looked.set(true);
    };
    scene(SEED, Some(&look));
    assert!(looked.get());
}

#[test]
fn what_is_left_on_the_stack_is_found() {
    #[inline(never)]
    fn leave(code: &[u8]) {
        std::hint::black_box::<[u8; 8]>(code.try_into().unwrap());
    }
    let code = b"49031726".to_vec();
    overwrite_the_stack();
    assert!(!is_on_the_stack(&code));
    leave(&code);
    assert!(is_on_the_stack(&code));
}

#[test]
fn enrolling_a_number_leaves_no_code_on_the_stack() {
    leaves_nothing_on_the_stack(stack::enrolled);
}

#[test]
fn delivery_leaves_no_code_on_the_stack() {
    leaves_nothing_on_the_stack(stack::delivered);
}

#[test]
fn reveal_leaves_no_words_on_the_stack() {
    leaves_nothing_on_the_stack(stack::revealed);
}

/// A future that holds a code by value when it is over, as the crate's own must not.
#[test]
fn what_a_boxed_future_holds_is_found() {
    let code = || "49031726".parse::<Code>().unwrap();
    look_for(vec![("a code", b"49031726".to_vec())]);
    let moved = async {
        let code = code();
        ready(()).await;
        drop(Box::new(code));
    };
    now_or_never(moved);
    assert_eq!(found_of_them(), ["a code"]);
    let pointed_at = async {
        let code = Box::new(code());
        ready(()).await;
        drop(code);
    };
    now_or_never(pointed_at);
    assert_eq!(found_of_them(), [""; 0]);
}

/// As a web framework's handler does with what it answers.
#[test]
fn what_agents_say_may_be_held_over_an_await() {
    let bytes = [0xe5, 0x82, 0x94, 0xf2];
    let coded = [0x49, 0x03, 0x17, 0x26];
    look_for(vec![("words", bytes.to_vec()), ("a code", coded.to_vec())]);
    let handler = async {
        let words = "topmost Istanbul Pluto vagabond".parse::<SpokenWords>().unwrap();
        let code = "4903 1726".parse::<SpokenCode>().unwrap();
        ready(()).await;
        drop(Box::new((words, code)));
    };
    now_or_never(handler);
    assert_eq!(found_of_them(), [""; 0]);
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
