//! What another process finds in the memory of one that has handled a card: nothing of it. Heap, stack
//! and everything else that can be written is searched, through `/proc/PID/mem`.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};

use countersign_heap::canary::needles;

/// Nobody can guess where a seed's digits stand by accident; a second one tells accidents apart.
const SEEDS: [u64; 2] = [20_261_124, 7_777_777_777];

/// Searches the memory of a process that did `act`: what was found, and how many bytes were searched.
fn found_after(act: &str, seed: u64) -> (Vec<&'static str>, usize) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_handle_cards"))
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
        for (what, needle) in needles(seed) {
            if bytes.windows(needle.len()).any(|window| window == needle.as_slice()) {
                found.push(what);
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
fn what_is_refused_leaves_nothing_behind() {
    for seed in SEEDS {
        assert_eq!(found_after("refuse", seed).0, [""; 0]);
    }
}
