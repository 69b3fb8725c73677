//! One operation of the customer's half, from JSON to JSON, for whoever loads the module.
//!
//! The operations are those of `tests/vectors/wire`, and their code is the crate's own, which its tests run too. An
//! operation that is asked for in another way than the cases show stops the module: load it anew.

// Memory is shared with the loader, by address.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../../tests/wire/approvals.rs"]
mod approvals;
#[path = "../../../tests/wire/card.rs"]
mod card;
#[path = "../../../tests/wire/contact.rs"]
mod contact;
#[path = "../../../tests/wire/run.rs"]
mod run;

use serde_json::Value;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Fills memory with randomness, and says whether there was any: 0 if so.
    fn random(to: *mut u8, length: usize) -> i32;
}

fn from_loader(to: &mut [u8]) -> Result<(), getrandom::Error> {
    // SAFETY: the loader writes within the slice.
    let failed = unsafe { random(to.as_mut_ptr(), to.len()) };
    if failed == 0 { Ok(()) } else { Err(getrandom::Error::UNSUPPORTED) }
}

getrandom::register_custom_getrandom!(from_loader);

/// So many bytes for the loader to write to; [`run`](run()) takes them back.
#[unsafe(no_mangle)]
pub extern "C" fn take(length: usize) -> *mut u8 {
    let bytes = vec![0_u8; length].into_boxed_slice();
    Box::into_raw(bytes).cast()
}

/// Runs the operation that stands in `length` bytes at `at`, which are [taken](take) and freed: `{"op", "device", "input",
/// "now"}`. Gives where the answer stands: its length in the upper half, its address in the lower. [`free`] it.
///
/// # Safety
///
/// `at` and `length` are those of one call of [`take`], and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn run(at: *mut u8, length: usize) -> u64 {
    // SAFETY: as the caller promises.
    let asked = unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(at, length)) };
    let asked: Value = serde_json::from_slice(&asked).unwrap();
    let (op, now) = (asked["op"].as_str().unwrap(), asked["now"].as_u64().unwrap());
    let answer = run::run(op, &asked["device"], &asked["input"], now).to_string();
    let answer = answer.into_bytes().into_boxed_slice();
    let length = u64::try_from(answer.len()).unwrap();
    let at: *mut u8 = Box::into_raw(answer).cast();
    length << 32 | u64::try_from(at.addr()).unwrap()
}

/// Frees an answer.
///
/// # Safety
///
/// `at` and `length` are those of one answer, and not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(at: *mut u8, length: usize) {
    // SAFETY: as the caller promises.
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(at, length)) });
}
