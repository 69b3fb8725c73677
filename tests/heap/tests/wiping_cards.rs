//! No block that goes back to the allocator holds a card number, a verification code or a name. Every call
//! is in a box, which goes back too.

use countersign_heap::canary::needles;
use countersign_heap::cards::{drop_unwiped, open, pay, refuse, seal};
use countersign_heap::{Watching, found_of_them, look_for};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

const SEED: u64 = 20_261_124;

/// All but runs so short that they may stand there by accident.
fn look_for_the_card() {
    let long = needles(SEED).into_iter().map(|(what, bytes)| (what, bytes.to_vec()));
    look_for(long.filter(|(_, bytes)| bytes.len() >= 8).collect());
}

#[track_caller]
fn leaves_nothing_behind(act: fn(u64) -> Vec<u8>) {
    look_for_the_card();
    drop(act(SEED));
    assert_eq!(found_of_them(), [""; 0]);
}

#[test]
fn what_is_not_wiped_is_found() {
    look_for_the_card();
    drop(drop_unwiped(SEED));
    assert!(found_of_them().contains(&"digits"));
}

#[test]
fn sealing_leaves_no_card_behind() {
    leaves_nothing_behind(seal);
}

#[test]
fn opening_leaves_no_card_behind() {
    leaves_nothing_behind(open);
}

#[test]
fn a_whole_payment_leaves_no_card_behind() {
    leaves_nothing_behind(pay);
}

#[test]
fn what_is_refused_leaves_no_card_behind() {
    leaves_nothing_behind(refuse);
}
