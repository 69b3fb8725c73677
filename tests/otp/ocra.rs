//! OCRA: inputs, roles, windows, and which questions collide.

use countersign::otp::ocra::{
    ChallengeFormat, ClientChallenge, Input, InputError, Inputs, OcraChallenge, OcraChallengeError,
    PinHash, PinHashError, Response, Search, ServerChallenge, SignatureChallenge, Suite,
};
use countersign::otp::{Algorithm, Ocra, OtpSeed, StepWindow, TimeStep};
use proptest::prelude::*;

fn ocra(suite: &str) -> Ocra {
    Ocra::new(&OtpSeed::from_bytes(&[0x42; 32]).unwrap(), suite.parse().unwrap())
}

fn challenge(ocra: &Ocra, text: &str) -> OcraChallenge {
    OcraChallenge::new(ocra.suite().challenge_format(), text).unwrap()
}

/// The response to a question alone.
fn answer(suite: &str, question: &str) -> String {
    let ocra = ocra(suite);
    ocra.respond(&Inputs::one_way(&challenge(&ocra, question))).unwrap().expose().to_owned()
}

#[test]
fn an_input_is_given_exactly_when_the_suite_has_it() {
    let pin_hash = PinHash::of(Algorithm::Sha256, "1234");
    let session = [7; 64];
    let all = [Input::Counter, Input::PinHash, Input::Session, Input::TimeStep];
    for wanted in 0..16_usize {
        let has = |which: usize| wanted & (1 << which) != 0;
        let part = |which, text| if has(which) { text } else { "" };
        let ocra = ocra(&format!(
            "OCRA-1:HOTP-SHA256-8:{}QA08{}{}{}",
            part(0, "C-"),
            part(1, "-PSHA256"),
            part(2, "-S064"),
            part(3, "-T1M")
        ));
        let question = challenge(&ocra, "QUESTION");
        for given in 0..16_usize {
            let gives = |which: usize| given & (1 << which) != 0;
            let mut inputs = Inputs::one_way(&question);
            if gives(0) {
                inputs = inputs.with_counter(1);
            }
            if gives(1) {
                inputs = inputs.with_pin_hash(&pin_hash);
            }
            if gives(2) {
                inputs = inputs.with_session(&session);
            }
            if gives(3) {
                inputs = inputs.with_time_step(TimeStep::new(1));
            }
            let expected = (0..4).find(|which| has(*which) != gives(*which)).map(|which| {
                if has(which) {
                    InputError::Missing(all[which])
                } else {
                    InputError::Superfluous(all[which])
                }
            });
            assert_eq!(ocra.respond(&inputs).err(), expected);
            let any: Response = "12345678".parse().unwrap();
            assert_eq!(ocra.verify(&inputs, Search::EXACT, &any).err(), expected);
        }
    }
}

#[test]
fn a_session_has_exactly_its_length() {
    for wanted in [1, 63, 64, 65, 511, 512] {
        let ocra = ocra(&format!("OCRA-1:HOTP-SHA1-6:QN08-S{wanted:03}"));
        let question = challenge(&ocra, "1");
        for len in 0..=600 {
            let session = vec![0; len];
            let inputs = Inputs::one_way(&question).with_session(&session);
            let expected = (len != wanted).then_some(InputError::SessionLength);
            assert_eq!(ocra.respond(&inputs).err(), expected, "{len} of {wanted}");
        }
    }
}

/// As RFC 6287's reference implementation does, which puts zeros before what is too short.
#[test]
fn a_shorter_session_is_padded_if_that_is_asked_for() {
    for wanted in [1, 63, 64, 511, 512] {
        let ocra = ocra(&format!("OCRA-1:HOTP-SHA1-6:QN08-S{wanted:03}"));
        let question = challenge(&ocra, "1");
        for len in [0, 1, wanted - 1, wanted, wanted + 1, 600] {
            let session = vec![7; len];
            let padded = Inputs::one_way(&question).with_padded_session(&session);
            let Some(missing) = wanted.checked_sub(len) else {
                assert_eq!(ocra.respond(&padded).err(), Some(InputError::SessionLength));
                continue;
            };
            let whole = [vec![0; missing], session.clone()].concat();
            let exact = ocra.respond(&Inputs::one_way(&question).with_session(&whole)).unwrap();
            assert_eq!(ocra.respond(&padded).unwrap().expose(), exact.expose());
            // The last word counts.
            let strict = padded.with_session(&session);
            assert_eq!(ocra.respond(&strict).is_ok(), missing == 0);
        }
    }
}

#[test]
fn a_pin_hash_is_of_the_suites_algorithm() {
    let all = [
        (Algorithm::Sha1, "SHA1", 20),
        (Algorithm::Sha256, "SHA256", 32),
        (Algorithm::Sha512, "SHA512", 64),
    ];
    for (wanted, name, len) in all {
        assert_eq!(wanted.output_len(), len);
        let ocra = ocra(&format!("OCRA-1:HOTP-SHA1-6:QN08-P{name}"));
        let question = challenge(&ocra, "1");
        for (given, _, _) in all {
            let pin_hash = PinHash::of(given, "1234");
            assert_eq!(pin_hash.algorithm(), given);
            let inputs = Inputs::one_way(&question).with_pin_hash(&pin_hash);
            let expected = (given != wanted).then_some(InputError::PinHashAlgorithm);
            assert_eq!(ocra.respond(&inputs).err(), expected);
        }
        for other in 0..=70 {
            let made = PinHash::from_bytes(wanted, &vec![1; other]);
            assert_eq!(made.is_ok(), other == len, "{other}");
            if other != len {
                assert!(matches!(made, Err(PinHashError { .. })));
            }
        }
    }
}

#[test]
fn challenges_are_of_their_kind_and_length() {
    let formats = [
        (ChallengeFormat::alphanumeric(8).unwrap(), "aZ09bcde", "aZ09bcd-"),
        (ChallengeFormat::numeric(8).unwrap(), "01234567", "0123456a"),
        (ChallengeFormat::hexadecimal(8).unwrap(), "0aF1bE29", "0aF1bE2g"),
    ];
    for (format, good, bad) in formats {
        use OcraChallengeError::*;
        assert!(OcraChallenge::new(format, good).is_ok());
        assert!(OcraChallenge::new(format, &good[..1]).is_ok());
        assert_eq!(OcraChallenge::new(format, "").unwrap_err(), Empty);
        assert_eq!(OcraChallenge::new(format, bad).unwrap_err(), Characters);
        assert_eq!(OcraChallenge::new(format, &format!("{good}0")).unwrap_err(), TooLong);
        assert_eq!(OcraChallenge::new(format, &"0".repeat(70_000)).unwrap_err(), TooLong);
        for odd in ["12 4", "é", "１", "12\0", "-1", "+1", "0.1"] {
            assert_eq!(OcraChallenge::new(format, odd).unwrap_err(), Characters, "{odd}");
        }
        // Other implementations take these in questions of the kind QA; the error says that we don't.
        let said = OcraChallenge::new(format, "a b, c").unwrap_err().to_string();
        for word in ["QA ASCII letters and digits", "none has spaces or punctuation"] {
            assert!(said.contains(word), "{said}");
        }
        assert!(SignatureChallenge::new(format, &good[..3]).is_ok());
        assert_eq!(SignatureChallenge::new(format, bad).unwrap_err(), Characters);
        // In mutual mode there is nothing between the two, so each has its full length.
        assert!(ClientChallenge::new(format, good).is_ok());
        assert!(ServerChallenge::new(format, good).is_ok());
        assert_eq!(ClientChallenge::new(format, &good[..7]).unwrap_err(), TooShort);
        assert_eq!(ServerChallenge::new(format, &good[..7]).unwrap_err(), TooShort);
    }
}

#[test]
fn a_challenge_for_another_suite_is_refused() {
    let ocra = ocra("OCRA-1:HOTP-SHA1-6:QN08");
    for (format, text) in [
        (ChallengeFormat::hexadecimal(8).unwrap(), "12345678"),
        (ChallengeFormat::alphanumeric(8).unwrap(), "12345678"),
        (ChallengeFormat::numeric(9).unwrap(), "123456789"),
    ] {
        let question = OcraChallenge::new(format, text).unwrap();
        let refused = ocra.respond(&Inputs::one_way(&question)).unwrap_err();
        assert_eq!(refused, InputError::Challenge);
    }
    // One that fits is the same question whichever format it was made for.
    let longer = OcraChallenge::new(ChallengeFormat::numeric(64).unwrap(), "11111111").unwrap();
    let expected = answer("OCRA-1:HOTP-SHA1-6:QN08", "11111111");
    assert_eq!(ocra.respond(&Inputs::one_way(&longer)).unwrap().expose(), expected);

    for len in [7, 9] {
        let format = ChallengeFormat::numeric(len).unwrap();
        let digits = "1".repeat(usize::from(len));
        let client = ClientChallenge::new(format, &digits).unwrap();
        let server = ServerChallenge::new(format, &digits).unwrap();
        for inputs in
            [Inputs::client_response(&server, &client), Inputs::server_response(&client, &server)]
        {
            assert_eq!(ocra.respond(&inputs).unwrap_err(), InputError::Challenge);
        }
    }
}

#[test]
fn two_challenges_are_of_one_kind_and_length() {
    let ocra = ocra("OCRA-1:HOTP-SHA1-6:QN08");
    let (of_eight, of_seven) =
        (ChallengeFormat::numeric(8).unwrap(), ChallengeFormat::numeric(7).unwrap());
    let hexadecimal = ChallengeFormat::hexadecimal(8).unwrap();
    for (format, text) in [(of_seven, "1234567"), (hexadecimal, "12345678")] {
        let client = ClientChallenge::new(of_eight, "12345678").unwrap();
        let server = ServerChallenge::new(format, text).unwrap();
        let clients = Inputs::client_response(&server, &client);
        assert_eq!(ocra.respond(&clients).unwrap_err(), InputError::Challenge);
        let servers = Inputs::server_response(&client, &server);
        assert_eq!(ocra.respond(&servers).unwrap_err(), InputError::Challenge);
        let client = ClientChallenge::new(format, text).unwrap();
        let server = ServerChallenge::new(of_eight, "12345678").unwrap();
        let clients = Inputs::client_response(&server, &client);
        assert_eq!(ocra.respond(&clients).unwrap_err(), InputError::Challenge);
        let servers = Inputs::server_response(&client, &server);
        assert_eq!(ocra.respond(&servers).unwrap_err(), InputError::Challenge);
    }
}

#[test]
fn an_accepted_time_step_is_not_accepted_again() {
    let now = TimeStep::new(20_107_446);
    for (suite, counter) in
        [("OCRA-1:HOTP-SHA256-8:QN08-T1M", None), ("OCRA-1:HOTP-SHA256-8:C-QN08-T1M", Some(7))]
    {
        let ocra = ocra(suite);
        let question = challenge(&ocra, "12345678");
        let mut inputs = Inputs::one_way(&question).with_time_step(now);
        if let Some(counter) = counter {
            inputs = inputs.with_counter(counter);
        }
        let response = ocra.respond(&inputs).unwrap();
        let around = Search::EXACT.with_window(StepWindow::either_side(1));
        for search in [Search::EXACT, around] {
            let found = ocra.verify(&inputs, search, &response).unwrap().unwrap();
            assert_eq!((found.counter(), found.time_step()), (counter, Some(now)));
            let before = search.after(TimeStep::new(now.get() - 1));
            assert_eq!(ocra.verify(&inputs, before, &response), Ok(Some(found)));
            let again = search.after(found.time_step().unwrap());
            assert_eq!(ocra.verify(&inputs, again, &response), Ok(None));
        }
    }
}

#[test]
fn of_two_counters_with_one_response_the_later_is_found() {
    let ocra = ocra("OCRA-1:HOTP-SHA1-4:C-QN08");
    let question = challenge(&ocra, "12345678");
    let at = |counter| Inputs::one_way(&question).with_counter(counter);
    let responses: Vec<_> =
        (0..=255).map(|counter| ocra.respond(&at(counter)).unwrap().expose().to_owned()).collect();
    let mut collisions = 0;
    for (early, response) in responses.iter().enumerate() {
        let late = responses.iter().rposition(|other| other == response).unwrap();
        collisions += usize::from(early != late);
        let search = Search::EXACT.with_look_ahead(255);
        let found = ocra.verify(&at(0), search, &response.parse().unwrap()).unwrap().unwrap();
        assert_eq!(found.counter(), Some(u64::try_from(late).unwrap()));
    }
    assert!(collisions > 0, "four digits collide among 256 counters");
}

#[test]
fn what_is_wrong_is_said_in_whole_sentences() {
    for (input, needs, takes) in [
        (Input::Counter, "the suite needs a counter", "the suite takes no counter"),
        (Input::PinHash, "the suite needs a PIN hash", "the suite takes no PIN hash"),
        (
            Input::Session,
            "the suite needs session information",
            "the suite takes no session information",
        ),
        (Input::TimeStep, "the suite needs a time step", "the suite takes no time step"),
    ] {
        assert_eq!(InputError::Missing(input).to_string(), needs);
        assert_eq!(InputError::Superfluous(input).to_string(), takes);
    }
}

#[test]
fn neither_side_can_answer_with_the_others_response() {
    let ocra = ocra("OCRA-1:HOTP-SHA256-0:QA08");
    let format = ocra.suite().challenge_format();
    let client = ClientChallenge::new(format, "CLI22220").unwrap();
    let server = ServerChallenge::new(format, "SRV11110").unwrap();
    let servers = Inputs::server_response(&client, &server);
    let clients = Inputs::client_response(&server, &client);
    let of_server = ocra.respond(&servers).unwrap();
    let of_client = ocra.respond(&clients).unwrap();
    assert_ne!(of_server, of_client);
    assert!(ocra.verify(&servers, Search::EXACT, &of_server).unwrap().is_some());
    assert!(ocra.verify(&clients, Search::EXACT, &of_client).unwrap().is_some());
    assert!(ocra.verify(&servers, Search::EXACT, &of_client).unwrap().is_none());
    assert!(ocra.verify(&clients, Search::EXACT, &of_server).unwrap().is_none());
}

#[test]
fn a_server_has_no_pin_and_a_signature_no_session() {
    let pin_hash = PinHash::of(Algorithm::Sha1, "1234");
    let with_pin = ocra("OCRA-1:HOTP-SHA256-8:QA08-PSHA1");
    let format = with_pin.suite().challenge_format();
    let client = ClientChallenge::new(format, "CLI22220").unwrap();
    let server = ServerChallenge::new(format, "SRV11110").unwrap();
    let inputs = Inputs::server_response(&client, &server);
    assert_eq!(with_pin.respond(&inputs).unwrap_err(), InputError::ServerPin);
    let inputs = inputs.with_pin_hash(&pin_hash);
    assert_eq!(with_pin.respond(&inputs).unwrap_err(), InputError::ServerPin);
    let inputs = Inputs::client_response(&server, &client).with_pin_hash(&pin_hash);
    assert!(with_pin.respond(&inputs).is_ok());

    let with_session = ocra("OCRA-1:HOTP-SHA256-8:QA08-S004");
    let signed = SignatureChallenge::new(format, "SIG10000").unwrap();
    let inputs = Inputs::signature(&signed);
    assert_eq!(with_session.respond(&inputs).unwrap_err(), InputError::SignatureSession);
    let inputs = inputs.with_session(b"four");
    assert_eq!(with_session.respond(&inputs).unwrap_err(), InputError::SignatureSession);
    let inputs = Inputs::client_response(&server, &client).with_session(b"four");
    assert!(with_session.respond(&inputs).is_ok());
}

#[test]
fn numeric_questions_collide_by_factors_of_sixteen() {
    let suite = "OCRA-1:HOTP-SHA256-0:QN08";
    // 1 is 1 in hexadecimal and 16 is 10: both 1000… once padded on the right.
    assert_eq!(answer(suite, "00000001"), answer(suite, "00000016"));
    assert_eq!(answer(suite, "00000001"), answer(suite, "00000256"));
    assert_eq!(answer(suite, "1"), answer(suite, "00000001"));
    assert_ne!(answer(suite, "00000001"), answer(suite, "00000002"));
    assert_ne!(answer(suite, "00000000"), answer(suite, "00000016"));
    // The other kinds tell these apart.
    for suite in ["OCRA-1:HOTP-SHA256-0:QH08", "OCRA-1:HOTP-SHA256-0:QA08"] {
        assert_ne!(answer(suite, "00000001"), answer(suite, "00000016"));
        assert_ne!(answer(suite, "1"), answer(suite, "00000001"));
    }
}

#[test]
fn hexadecimal_questions_collide_only_across_lengths_and_case() {
    let suite = "OCRA-1:HOTP-SHA256-0:QH08";
    assert_eq!(answer(suite, "ABC"), answer(suite, "abc"));
    assert_eq!(answer(suite, "abc"), answer(suite, "abc0"));
    assert_ne!(answer(suite, "abc"), answer(suite, "0abc"));
    // Alphanumeric ones do not, and keep case apart.
    let suite = "OCRA-1:HOTP-SHA256-0:QA08";
    assert_ne!(answer(suite, "abc"), answer(suite, "abc0"));
    assert_ne!(answer(suite, "abc"), answer(suite, "ABC"));
}

/// The numbers whose questions are the same: without their factors of sixteen.
fn class(number: u64) -> u64 {
    match number {
        0 => 0,
        other => other >> (other.trailing_zeros() / 4 * 4),
    }
}

proptest! {
    #[test]
    fn numeric_questions_collide_exactly_then(number in 0..100_000_000_u64, other in 0..100_000_000_u64, by in 0..7_u32) {
        let suite = "OCRA-1:HOTP-SHA256-0:QN08";
        for other in [other, (number << (4 * by)) % 100_000_000] {
            let same = answer(suite, &format!("{number:08}")) == answer(suite, &format!("{other:08}"));
            prop_assert_eq!(same, class(number) == class(other));
        }
    }

    #[test]
    fn a_response_is_found_exactly_in_its_window(
        counter in prop_oneof![0..=u64::MAX, u64::MAX - 9..=u64::MAX],
        step in prop_oneof![0..=u64::MAX, u64::MAX - 9..=u64::MAX, 0..9_u64],
        counter_off in 0..6_u64,
        step_off in -6..=6_i64,
        look_ahead in 0..4_u8,
        either_side in 0..4_u8,
        drift in -2..=2_i32,
        after_off in prop::option::of(-6..=6_i64),
    ) {
        let ocra = ocra("OCRA-1:HOTP-SHA1-0:C-QH64-T30S");
        let question = challenge(&ocra, "00");
        let at = |counter, step| {
            Inputs::one_way(&question).with_counter(counter).with_time_step(TimeStep::new(step))
        };
        let (Some(real_counter), Some(real_step)) =
            (counter.checked_add(counter_off), step.checked_add_signed(step_off))
        else {
            return Ok(());
        };
        let response = ocra.respond(&at(real_counter, real_step)).unwrap();
        let mut search = Search::EXACT
            .with_look_ahead(look_ahead)
            .with_window(StepWindow::either_side(either_side).with_drift(drift));
        let after = after_off.and_then(|off| step.checked_add_signed(off));
        if let Some(after) = after {
            search = search.after(TimeStep::new(after));
        }
        let within = counter_off <= u64::from(look_ahead)
            && (step_off - i64::from(drift)).abs() <= i64::from(either_side)
            && after.is_none_or(|after| real_step > after);
        let found = ocra.verify(&at(counter, step), search, &response).unwrap();
        prop_assert_eq!(found.is_some(), within);
        if let Some(found) = found {
            prop_assert_eq!(found.counter(), Some(real_counter));
            prop_assert_eq!(found.time_step(), Some(TimeStep::new(real_step)));
        }
    }
}

#[test]
fn a_search_over_what_the_suite_has_not_is_refused() {
    let ocra = ocra("OCRA-1:HOTP-SHA1-6:QN08");
    let question = challenge(&ocra, "1");
    let inputs = Inputs::one_way(&question);
    let right = ocra.respond(&inputs).unwrap();
    let found = ocra.verify(&inputs, Search::EXACT, &right).unwrap().unwrap();
    assert_eq!((found.counter(), found.time_step()), (None, None));
    for (search, input) in [
        (Search::EXACT.with_look_ahead(1), Input::Counter),
        (Search::EXACT.with_window(StepWindow::default()), Input::TimeStep),
        (Search::EXACT.with_window(StepWindow::either_side(0).with_drift(1)), Input::TimeStep),
        (Search::EXACT.after(TimeStep::new(0)), Input::TimeStep),
    ] {
        let refused = ocra.verify(&inputs, search, &right).unwrap_err();
        assert_eq!(refused, InputError::Superfluous(input));
    }
}

#[test]
fn every_changed_character_is_a_wrong_response() {
    for suite in ["OCRA-1:HOTP-SHA1-6:QN08", "OCRA-1:HOTP-SHA512-0:QN08"] {
        let ocra = ocra(suite);
        let question = challenge(&ocra, "1");
        let inputs = Inputs::one_way(&question);
        let right = ocra.respond(&inputs).unwrap().expose().to_owned();
        for at in 0..right.len() {
            let mut other = right.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap().parse().unwrap();
            assert_eq!(ocra.verify(&inputs, Search::EXACT, &other), Ok(None));
        }
        let longer: Response = "1234567890".parse().unwrap();
        assert_eq!(ocra.verify(&inputs, Search::EXACT, &longer), Ok(None));
    }
}

#[test]
fn the_suites_own_text_is_authenticated() {
    let suites =
        ["OCRA-1:HOTP-SHA1-10:QN08", "OCRA-1:HOTP-SHA1-10:QN09", "OCRA-1:HOTP-SHA1-10:QN64"];
    let answers: std::collections::HashSet<_> =
        suites.iter().map(|suite| answer(suite, "1")).collect();
    assert_eq!(answers.len(), suites.len());
    let parsed: Suite = suites[0].parse().unwrap();
    assert_eq!(parsed.to_string(), suites[0]);
}
