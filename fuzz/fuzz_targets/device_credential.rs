//! What an app may find in its key store: a device credential or nothing, never a panic; what is read is
//! written the same again. Once as it is, once with the right magic and check value around it.
#![no_main]

use countersign::device::DeviceCredential;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const MAGIC: &[u8] = b"countersign-device-1\n";

fn check(bytes: &[u8]) {
    if let Ok(read) = DeviceCredential::from_bytes(bytes) {
        assert_eq!(read.to_bytes().as_slice(), bytes);
        assert!(!format!("{read:?}").contains("masked"));
    }
}

fuzz_target!(|data: &[u8]| {
    check(data);
    let content = [MAGIC, data].concat();
    let whole = [&content[..], &Sha256::digest(&content)[..16]].concat();
    check(&whole);
    // A credential of the right length is read if its numbers make sense.
    if data.len() == 16 + 2 + 16 + 4 * 32 {
        let (algorithm, digits) = (data[16], data[17]);
        let sound = (1..=3).contains(&algorithm) && (6..=10).contains(&digits);
        assert_eq!(DeviceCredential::from_bytes(&whole).is_ok(), sound);
    }
});
