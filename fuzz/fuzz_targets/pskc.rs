//! Any text is a key container or an error, and reads the same twice; nothing is taken from it that has no MAC.
#![no_main]

use countersign::credential::pskc::PskcReader;
use libfuzzer_sys::fuzz_target;

const BEGIN: &str = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">";

fuzz_target!(|text: &str| {
    // A derivation may be asked for with any number of rounds, which takes its time by design.
    if text.contains("PBKDF2") {
        return;
    }
    let inside = [BEGIN, text, "</KeyContainer>"].concat();
    let readers = [
        PskcReader::new(),
        PskcReader::new().taking_weak_seeds(),
        PskcReader::new().pre_shared_key(b"0123456789abcdef"),
        PskcReader::new().password("qwerty"),
    ];
    for xml in [text, &inside] {
        for reader in readers {
            let told = |reader: &PskcReader<'_>| {
                reader.read(xml).map(|keys| {
                    keys.into_iter().map(|key| (key.serial, key.fob.is_ok())).collect::<Vec<_>>()
                })
            };
            let first = told(&reader);
            assert_eq!(told(&reader), first);
            if xml.contains("EncryptedValue")
                && !xml.contains("ValueMAC")
                && !xml.contains("PlainValue")
            {
                assert!(first.is_err() || first.is_ok_and(|keys| keys.iter().all(|key| !key.1)));
            }
        }
    }
});
