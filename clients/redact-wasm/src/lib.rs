//! The redactor as a WebAssembly module that imports nothing: text goes in and masked text comes out of one buffer in the
//! module's memory, which is wiped after each call. `redact.js` is what pages call.
//!
//! It is built from the redactor's own sources, by their paths, so that the module holds nothing else.

#![deny(unsafe_code)]

/// The redactor, and the values it stands on.
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "a part of the crate, for a part of its uses"
)]
#[path = "../../../src/redact/mod.rs"]
pub mod redact;

#[allow(dead_code, unused_imports, unused_macros, reason = "as above")]
mod codec;
#[allow(dead_code, unused_imports, unused_macros, reason = "as above")]
mod values;

pub use values::agent_safe::AgentSafe;
pub use values::{agent_safe, card_number};

use std::cell::RefCell;

use redact::{Mode, Options};
use zeroize::Zeroize;

/// Bits of what is asked for.
const KEEP_LAST_FOUR: u32 = 1;
const WRITTEN_ALONE: u32 = 1 << 1;
const LOGS: u32 = 1 << 2;

std::thread_local! {
    /// What goes in and comes out.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn options(asked: u32) -> Options {
    let options = Options::new()
        .keep_last_four(asked & KEEP_LAST_FOUR != 0)
        .spoken(asked & WRITTEN_ALONE == 0);
    if asked & LOGS == 0 { options } else { options.mode(Mode::Logs) }
}

/// Puts other bytes into the buffer, and leaves no copy of those before.
fn replace(buffer: &mut Vec<u8>, with: &[u8]) -> usize {
    buffer.zeroize();
    buffer.extend_from_slice(with);
    buffer.len()
}

/// Makes room for a text of `length` bytes in the buffer, and says where it is.
#[allow(unsafe_code, reason = "an export has a name")]
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *const u8 {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.zeroize();
        buffer.resize(length, 0);
        buffer.as_ptr()
    })
}

/// Where the buffer is now.
#[allow(unsafe_code, reason = "an export has a name")]
#[unsafe(no_mangle)]
pub extern "C" fn place() -> *const u8 {
    BUFFER.with_borrow(|buffer| buffer.as_ptr())
}

/// Masks the text in the buffer, and says how long it is then.
#[allow(unsafe_code, reason = "an export has a name")]
#[unsafe(no_mangle)]
pub extern "C" fn mask(asked: u32) -> usize {
    BUFFER.with_borrow_mut(|buffer| {
        let mut text = String::from_utf8_lossy(buffer).into_owned();
        let mut masked = options(asked).cards(&text).into_owned();
        let length = replace(buffer, masked.as_bytes());
        masked.zeroize();
        text.zeroize();
        length
    })
}

/// Puts the places of what is masked in place of the text: where each character or word begins and ends, in bytes of the
/// text, as numbers of 32 bits in little-endian order. Says how many bytes these are.
#[allow(unsafe_code, reason = "an export has a name")]
#[unsafe(no_mangle)]
pub extern "C" fn find(asked: u32) -> usize {
    BUFFER.with_borrow_mut(|buffer| {
        let mut text = String::from_utf8_lossy(buffer).into_owned();
        let ends = |place: usize| u32::try_from(place).unwrap_or(u32::MAX).to_le_bytes();
        let (edits, _) = options(asked).edits_and_cards(&text);
        // Quotation marks that are added replace nothing.
        let edits = edits.iter().filter(|edit| edit.start < edit.end);
        let places: Vec<u8> =
            edits.flat_map(|edit| [ends(edit.start), ends(edit.end)]).flatten().collect();
        text.zeroize();
        replace(buffer, &places)
    })
}

/// Wipes the buffer.
#[allow(unsafe_code, reason = "an export has a name")]
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    BUFFER.with_borrow_mut(Zeroize::zeroize);
}
