//! Beside totp-rs, and OCRA beside the RFC's own way of computing it.

use std::num::NonZeroU32;

use countersign::otp::ocra::{
    ClientChallenge, Inputs, OcraChallenge, PinHash, ServerChallenge, SignatureChallenge, Suite,
};
use countersign::otp::{Algorithm, Digits, Ocra, OtpSeed, StepWindow, TimeStep, Totp};

use crate::random::Random;
use crate::reference::Reference;

#[test]
fn totp_rs_agrees_100_000_times() {
    let mut random = Random(0x0a7b);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..100_000 {
        let len = random.of(16..=128) as usize;
        let seed = random.bytes(len);
        let shift = random.of(20..=63);
        let time = random.next() >> shift;
        let period = random.of(1..=120) as u32;
        // totp-rs panics at ten.
        let digits = random.of(6..=9) as u8;
        let (ours, theirs) = match random.of(0..=2) {
            0 => (Algorithm::Sha1, totp_rs::Algorithm::SHA1),
            1 => (Algorithm::Sha256, totp_rs::Algorithm::SHA256),
            _ => (Algorithm::Sha512, totp_rs::Algorithm::SHA512),
        };
        let ours = Totp::new(
            &OtpSeed::from_bytes(&seed).unwrap(),
            ours,
            Digits::new(digits).unwrap(),
            NonZeroU32::new(period).unwrap(),
        );
        let theirs = totp_rs::Builder::new()
            .with_algorithm(theirs)
            .with_digits(digits)
            .with_skew(1)
            .with_step_duration(u64::from(period))
            .with_secret(seed.as_slice())
            .build_noncompliant();

        let code = ours.generate(time);
        assert_eq!(code.expose(), theirs.generate(time).to_string());

        // Seen from a while before or after, both accept it or both do not.
        let now =
            (time + random.of(0..=u64::from(4 * period))).saturating_sub(2 * u64::from(period));
        let found = ours.verify(&code, now, StepWindow::default(), None);
        assert_eq!(found.is_some(), theirs.check(code.expose(), now).is_some());
        match found {
            Some(step) => {
                accepted += 1;
                assert_eq!(ours.generate(step.get() * u64::from(period)), code);
            }
            None => refused += 1,
        }
    }
    // Both outcomes were really compared.
    assert!(accepted > 40_000 && refused > 20_000, "{accepted} {refused}");
}

const HASHES: [(&str, Algorithm); 3] =
    [("SHA1", Algorithm::Sha1), ("SHA256", Algorithm::Sha256), ("SHA512", Algorithm::Sha512)];

fn random_suite(random: &mut Random) -> String {
    let hash = |random: &mut Random| HASHES[random.of(0..=2) as usize].0;
    let mut suite = format!("OCRA-1:HOTP-{}-", hash(random));
    suite += &[0, 4, 5, 6, 7, 8, 9, 10][random.of(0..=7) as usize].to_string();
    suite += if random.coin() { ":C-" } else { ":" };
    suite += ["QA", "QN", "QH"][random.of(0..=2) as usize];
    suite += &format!("{:02}", random.of(4..=64));
    if random.coin() {
        suite += &format!("-P{}", hash(random));
    }
    if random.coin() {
        suite += &format!("-S{:03}", random.of(1..=512));
    }
    if random.coin() {
        let unit = ["S", "M", "H"][random.of(0..=2) as usize];
        suite += &format!("-T{}{unit}", random.of(1..=48));
    }
    suite
}

#[test]
fn the_rfcs_own_way_of_computing_agrees() {
    let mut random = Random(0x6287);
    let mut modes = [0; 4];
    for _ in 0..5_000 {
        let text = random_suite(&mut random);
        let suite: Suite = text.parse().unwrap();
        let format = suite.challenge_format();
        let alphabet: &[u8] = match format.kind() {
            countersign::otp::ocra::ChallengeKind::Alphanumeric => b"0123456789abcxyzABCXYZ",
            countersign::otp::ocra::ChallengeKind::Numeric => b"0123456789",
            _ => b"0123456789abcdefABCDEF",
        };
        let longest = usize::from(format.max_len());
        let short = random.of(1..=longest as u64) as usize;
        let challenge = random.text(alphabet, short);
        let (client, server) = (random.text(alphabet, longest), random.text(alphabet, longest));
        let one_way = OcraChallenge::new(format, &challenge).unwrap();
        let signed = SignatureChallenge::new(format, &challenge).unwrap();
        let of_client = ClientChallenge::new(format, &client).unwrap();
        let of_server = ServerChallenge::new(format, &server).unwrap();
        let mode = random.of(0..=3) as usize;
        let (mut inputs, question) = match mode {
            0 => (Inputs::one_way(&one_way), challenge),
            1 if suite.session().is_none() => (Inputs::signature(&signed), challenge),
            2 if suite.pin_hash().is_none() => {
                (Inputs::server_response(&of_client, &of_server), client + &server)
            }
            _ => (Inputs::client_response(&of_server, &of_client), server + &client),
        };
        modes[mode] += 1;

        let shift = random.of(0..=63);
        let counter = suite.has_counter().then(|| random.next() >> shift);
        let time_step = suite.time_step().map(|_| random.next() >> shift);
        let pin_hash = suite.pin_hash().map(|algorithm| {
            let hash = random.bytes(algorithm.output_len());
            (PinHash::from_bytes(algorithm, &hash).unwrap(), hash)
        });
        let session = suite.session().map(|length| random.bytes(usize::from(length.get())));
        if let Some(counter) = counter {
            inputs = inputs.with_counter(counter);
        }
        if let Some((pin_hash, _)) = &pin_hash {
            inputs = inputs.with_pin_hash(pin_hash);
        }
        if let Some(session) = &session {
            inputs = inputs.with_session(session);
        }
        if let Some(time_step) = time_step {
            inputs = inputs.with_time_step(TimeStep::new(time_step));
        }
        let key_len = random.of(16..=128) as usize;
        let key = random.bytes(key_len);
        let reference = Reference {
            suite: &text,
            key: &key,
            question: &question,
            counter,
            pin_hash: pin_hash.as_ref().map(|(_, hash)| hash.as_slice()),
            session: session.as_deref(),
            time_step,
        };
        let ocra = Ocra::new(&OtpSeed::from_bytes(&key).unwrap(), suite);
        let response = ocra.respond(&inputs).unwrap();
        assert_eq!(response.expose(), reference.response(), "{reference:?}");
    }
    assert!(modes.iter().all(|times| *times > 1_000), "{modes:?}");
}
