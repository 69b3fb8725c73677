//! What is promised to allocate nothing allocates nothing.

use countersign::otp::ocra::{
    ClientChallenge, Inputs, Ocra, OcraChallenge, Search, ServerChallenge, Suite,
};
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, StepWindow, Totp};
use countersign::token::{SigningKey, v4_public};
use countersign_heap::{Watching, allocations};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn assert_none<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let before = allocations();
    let value = run();
    assert_eq!(allocations() - before, 0, "{what}");
    value
}

fn seed() -> OtpSeed {
    OtpSeed::from_bytes(b"12345678901234567890123456789012").unwrap()
}

#[test]
fn the_count_counts() {
    let before = allocations();
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(allocations() - before, 1);
}

#[test]
fn one_time_codes() {
    let seed = seed();
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let code = Totp::new(&seed, algorithm, Digits::SIX, Totp::THIRTY_SECONDS).generate(0);
        let missed = assert_none("TOTP over a window, keying included", || {
            Totp::new(&seed, algorithm, Digits::SIX, Totp::THIRTY_SECONDS)
                .verify(&code, 1_800_000_000, StepWindow::default(), None)
                .is_none()
        });
        assert!(missed);
        let found = assert_none("HOTP with look-ahead, keying included", || {
            let hotp = Hotp::new(&seed, algorithm, Digits::SIX);
            let code = hotp.generate(7);
            hotp.verify(&code, 0, 10)
        });
        assert_eq!(found, Some(7));
    }
}

#[test]
fn ocra() {
    let seed = seed();
    let suite: Suite = "OCRA-1:HOTP-SHA256-8:C-QH64".parse().unwrap();
    let format = suite.challenge_format();
    let question = "0123456789abcdef".repeat(4);
    let challenge = OcraChallenge::new(format, &question).unwrap();
    let inputs = Inputs::one_way(&challenge).with_counter(3);
    let ocra = Ocra::new(&seed, suite);
    let response = assert_none("responding", || ocra.respond(&inputs)).unwrap();
    let found = assert_none("verifying", || {
        ocra.verify(
            &Inputs::one_way(&challenge).with_counter(0),
            Search::EXACT.with_look_ahead(5),
            &response,
        )
    });
    assert_eq!(found.unwrap().unwrap().counter(), Some(3));
    let client = ClientChallenge::new(format, &question).unwrap();
    let server = ServerChallenge::new(format, &question).unwrap();
    let mutual = Inputs::client_response(&server, &client).with_counter(3);
    let answered = assert_none("responding to both challenges", || ocra.respond(&mutual));
    assert!(answered.is_ok());
}

#[test]
fn the_envelope_of_a_token() {
    let key = SigningKey::from_seed(&[7; 32]).unwrap();
    let token = v4_public::sign(&key, b"{\"data\":\"claims\"}", b"footer", b"assertion").unwrap();
    let mut buffer = v4_public::Buffer::new();
    let opened = assert_none("verifying", || {
        v4_public::verify(&token, key.public_key(), b"assertion", &mut buffer).is_ok()
    });
    assert!(opened);
    let refused = assert_none("refusing", || {
        v4_public::verify(&token, key.public_key(), b"another", &mut buffer).is_err()
    });
    assert!(refused);
}
