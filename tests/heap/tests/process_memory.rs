//! What another process finds in the memory of one that has handled a card, seeds and PINs: nothing of
//! them. Heap, stack and everything else that can be written is searched, through `/proc/PID/mem`.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};

use countersign_heap::canary::needles;
use countersign_heap::step_ups::{Life, app, codes, secrets_of, typed};

/// Nobody can guess where a seed's digits stand by accident; a second one tells accidents apart.
const SEEDS: [u64; 2] = [20_261_124, 7_777_777_777];

/// Searches the memory of a process that did `act` with a card: what was found, and how many bytes were
/// searched.
fn found_after(act: &str, seed: u64) -> (Vec<&'static str>, usize) {
    let needles: Vec<_> = needles(seed).iter().map(|(what, one)| (*what, one.to_vec())).collect();
    found(env!("CARGO_BIN_EXE_handle_cards"), act, seed, &needles)
}

fn found(
    program: &str,
    act: &str,
    seed: u64,
    needles: &[(&'static str, Vec<u8>)],
) -> (Vec<&'static str>, usize) {
    let mut child = Command::new(program)
        .args([act, &seed.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "done\n", "{act}");

    let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.id())).unwrap();
    let memory = File::open(format!("/proc/{}/mem", child.id())).unwrap();
    let (mut found, mut searched, mut stacks) = (Vec::new(), 0, 0);
    let mut by_first = vec![Vec::new(); 256];
    for (what, needle) in needles {
        by_first[usize::from(needle[0])].push((*what, needle));
    }
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let from = u64::from_str_radix(from, 16).unwrap();
        let length = usize::try_from(u64::from_str_radix(to, 16).unwrap() - from).unwrap();
        let mut bytes = vec![0; length];
        memory.read_exact_at(&mut bytes, from).unwrap();
        searched += length;
        stacks += usize::from(line.ends_with("[stack]"));
        // A byte that begins none, such as the zero of which memory is full, is passed over.
        for (at, first) in bytes.iter().enumerate() {
            for (what, needle) in &by_first[usize::from(*first)] {
                if bytes[at..].starts_with(needle) {
                    found.push(*what);
                }
            }
        }
    }
    assert_eq!(stacks, 1, "the stack was searched");
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success(), "{act}");
    (found, searched)
}

#[test]
fn what_a_host_leaves_behind_is_found() {
    for seed in SEEDS {
        let (found, searched) = found_after("keep", seed);
        for (what, _) in needles(seed) {
            assert!(found.contains(&what), "{what} is not among {found:?}");
        }
        assert!(searched > 100_000, "{searched}");
        let (found, _) = found_after("drop", seed);
        assert!(found.contains(&"digits"), "{found:?}");
    }
}

#[test]
fn sealing_leaves_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after("seal", seed).0, [""; 0]);
    }
}

#[test]
fn opening_leaves_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after("open", seed).0, [""; 0]);
    }
}

#[test]
fn a_whole_payment_leaves_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after("pay", seed).0, [""; 0]);
    }
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after("refuse", seed).0, [""; 0]);
    }
}

#[test]
fn redaction_leaves_nothing_behind_while_it_goes_on() {
    for seed in SEEDS {
        assert_eq!(found_after("redact", seed).0, [""; 0]);
    }
}

/// One-time codes are not looked for: they are moved about on the stack, and when their life is over all
/// of them have been used. Nor is what the `hmac` crate makes of a key there, which the crate cannot reach.
const NOT_LOOKED_FOR: [&str; 2] = ["a code", "a seed in HMAC"];

fn found_after_life(name: &str, life: Life, seed: u64) -> (Vec<&'static str>, usize) {
    let mut needles = secrets_of(life, seed);
    needles.retain(|(what, _)| !NOT_LOOKED_FOR.contains(what));
    found(env!("CARGO_BIN_EXE_handle_step_ups"), name, seed, &needles)
}

#[test]
fn seeds_and_pins_that_a_host_keeps_are_found() {
    for seed in SEEDS {
        let (found, searched) = found_after_life("keep", app, seed);
        for (what, _) in secrets_of(app, seed) {
            let expected = !NOT_LOOKED_FOR.contains(&what);
            assert_eq!(found.contains(&what), expected, "{what} and {found:?}");
        }
        assert!(searched > 100_000, "{searched}");
    }
}

#[test]
fn an_app_and_its_step_ups_leave_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after_life("app", app, seed).0, [""; 0]);
    }
}

#[test]
fn authenticators_leave_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after_life("codes", codes, seed).0, [""; 0]);
    }
}

#[test]
fn fobs_leave_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after_life("typed", typed, seed).0, [""; 0]);
    }
}
