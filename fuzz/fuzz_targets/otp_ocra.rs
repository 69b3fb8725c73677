//! Any suite with any inputs answers or refuses; what it answers, it accepts, and nothing else.
#![no_main]

use arbitrary::Arbitrary;
use countersign::otp::ocra::{
    ChallengeFormat, ClientChallenge, Inputs, OcraChallenge, PinHash, Response, Search,
    ServerChallenge, SessionLength, SignatureChallenge, Suite, TimeStepSize, Truncation,
};
use countersign::otp::{Algorithm, Ocra, OtpSeed, StepWindow, TimeStep};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    key: [u8; 32],
    suite: Asked<'a>,
    mode: u8,
    question: &'a str,
    other: &'a str,
    counter: Option<u64>,
    pin: Option<(u8, &'a str)>,
    session: Option<&'a [u8]>,
    time_step: Option<u64>,
    look_ahead: u8,
    either_side: u8,
    drift: i32,
    after: Option<u64>,
    guess: &'a str,
}

/// Text, mostly refused, or parts, mostly accepted.
#[derive(Arbitrary, Debug)]
enum Asked<'a> {
    Text(&'a str),
    Parts {
        algorithm: u8,
        digits: u8,
        kind: u8,
        length: u8,
        counter: bool,
        pin_hash: Option<u8>,
        session: Option<u16>,
        time_step: Option<(u8, u8)>,
    },
}

fn algorithm(of: u8) -> Algorithm {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512][usize::from(of % 3)]
}

impl Asked<'_> {
    fn suite(&self) -> Option<Suite> {
        match *self {
            Asked::Text(text) => text.parse().ok(),
            Asked::Parts {
                algorithm: of,
                digits,
                kind,
                length,
                counter,
                pin_hash,
                session,
                time_step,
            } => {
                let truncation = Truncation::to_digits(digits).unwrap_or(Truncation::NONE);
                let length = 4 + length % 61;
                let format = match kind % 3 {
                    0 => ChallengeFormat::alphanumeric(length),
                    1 => ChallengeFormat::numeric(length),
                    _ => ChallengeFormat::hexadecimal(length),
                };
                let mut suite = Suite::new(algorithm(of), truncation, format.ok()?);
                if counter {
                    suite = suite.with_counter();
                }
                if let Some(of) = pin_hash {
                    suite = suite.with_pin_hash(algorithm(of));
                }
                if let Some(length) = session {
                    suite = suite.with_session(SessionLength::new(length).ok()?);
                }
                if let Some((count, unit)) = time_step {
                    suite = suite.with_time_step(match unit % 3 {
                        0 => TimeStepSize::seconds(count).ok()?,
                        1 => TimeStepSize::minutes(count).ok()?,
                        _ => TimeStepSize::hours(count).ok()?,
                    });
                }
                Some(suite)
            }
        }
    }
}

fuzz_target!(|case: Case<'_>| {
    let Some(suite) = case.suite.suite() else { return };
    assert_eq!(suite.to_string().parse::<Suite>(), Ok(suite));
    let Ok(seed) = OtpSeed::from_bytes(&case.key) else { return };
    let ocra = Ocra::new(&seed, suite);
    let format = suite.challenge_format();

    // As they are, and bent into the suite's shape so that the rest is reached.
    let fill = |text: &str| {
        let digits = text.bytes().chain(std::iter::repeat(b'0'));
        let digits = digits.map(|byte| char::from(b'0' + byte % 10));
        digits.take(usize::from(format.max_len())).collect::<String>()
    };
    let (full, full_other) = (fill(case.question), fill(case.other));
    let inputs = match case.mode % 5 {
        0 => match OcraChallenge::new(format, case.question) {
            Ok(challenge) => Inputs::one_way(&challenge),
            Err(_) => return,
        },
        1 => Inputs::one_way(&OcraChallenge::new(format, &full).unwrap()),
        2 => Inputs::signature(&SignatureChallenge::new(format, &full).unwrap()),
        mode => {
            let client = ClientChallenge::new(format, &full).unwrap();
            let server = ServerChallenge::new(format, &full_other).unwrap();
            if mode == 3 {
                Inputs::server_response(&client, &server)
            } else {
                Inputs::client_response(&server, &client)
            }
        }
    };
    let pin_hash = match (case.pin, suite.pin_hash()) {
        (Some((of, pin)), _) if of > 250 => Some(PinHash::of(algorithm(of), pin)),
        (Some((_, pin)), Some(algorithm)) => Some(PinHash::of(algorithm, pin)),
        (_, wanted) => wanted.map(|algorithm| PinHash::of(algorithm, "")),
    };
    let exact = vec![7; suite.session().map_or(0, |length| usize::from(length.get()))];
    let session = match (case.session, suite.session()) {
        (None, Some(_)) => Some(exact.as_slice()),
        (given, _) => given,
    };
    let counter = suite.has_counter().then(|| case.counter.unwrap_or(0)).or(case.counter);
    let step = suite.time_step().map(|_| case.time_step.unwrap_or(0)).or(case.time_step);
    let mut inputs = inputs;
    if let Some(counter) = counter {
        inputs = inputs.with_counter(counter);
    }
    if let Some(pin_hash) = &pin_hash {
        inputs = inputs.with_pin_hash(pin_hash);
    }
    if let Some(session) = session {
        inputs = inputs.with_session(session);
    }
    if let Some(step) = step {
        inputs = inputs.with_time_step(TimeStep::new(step));
    }

    let Ok(guess) = case.guess.parse::<Response>().or_else(|_| "00000000".parse()) else { return };
    let mut search = Search::EXACT;
    if suite.has_counter() {
        search = search.with_look_ahead(case.look_ahead % 4);
    }
    if suite.time_step().is_some() {
        search = search
            .with_window(StepWindow::either_side(case.either_side % 3).with_drift(case.drift));
        if let Some(after) = case.after {
            search = search.after(TimeStep::new(after));
        }
    }
    let right = match ocra.respond(&inputs) {
        Ok(right) => right,
        Err(refused) => {
            assert_eq!(ocra.verify(&inputs, search, &guess), Err(refused));
            return;
        }
    };
    let found = ocra.verify(&inputs, Search::EXACT, &right);
    let found = found.expect("the inputs were right").expect("its own response");
    assert_eq!(found.counter(), counter);
    assert_eq!(found.time_step().map(TimeStep::get), step);
    let exact = ocra.verify(&inputs, Search::EXACT, &guess).expect("the inputs were right");
    assert_eq!(exact.is_some(), guess == right);

    // Where the search says a guess is right, it is.
    if let Some(at) = ocra.verify(&inputs, search, &guess).expect("the inputs were right") {
        let mut there = inputs;
        if let Some(counter) = at.counter() {
            there = there.with_counter(counter);
        }
        if let Some(step) = at.time_step() {
            assert!(case.after.is_none_or(|after| after < step.get()));
            there = there.with_time_step(step);
        }
        assert_eq!(ocra.respond(&there), Ok(guess));
    }
});
