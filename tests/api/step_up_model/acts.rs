//! What may happen, done to the real thing and to the rules.

use countersign::credential::{CredentialStatus, EnrolmentRequest, ImportRequest, Method};
use countersign::error::Invalid;
use countersign::otp::{Algorithm, Digits, OtpSeed};
use countersign::step_up::StepUpData;
use countersign::step_up::{
    DeclineReason, StepUpAnswer, StepUpOutcome, StepUpRequest, StepUpStatus, WhoRang,
};
use countersign::time::Clock;
use countersign::token::{Audience, Leeway, Purpose, TrustedKeys, UntrustedToken};
use countersign::transaction::TransactionKind;
use countersign::{Error, Transaction};

use super::ops::Pick;
use super::{MOST_REQUESTS, World};
use crate::support::step_up_rules::{self as rules, Asked, For, Held, Holds, Phase, Verdict};
use crate::support::step_ups::signing;
use crate::support::*;

impl World {
    pub(super) async fn import(&mut self, method: Method, algorithm: Algorithm, digits: Digits) {
        let n = self.held.len();
        let bytes = [n as u8 + 1; 32];
        let import = || {
            let seed = OtpSeed::from_bytes(&bytes).unwrap();
            match method {
                Method::Totp => ImportRequest::totp(seed).algorithm(algorithm).digits(digits),
                Method::Hotp => ImportRequest::hotp(seed, 0).algorithm(algorithm).digits(digits),
                _ => {
                    let suite = rules::fob(algorithm, digits);
                    match rules::pin_hash(&suite) {
                        Some(pin) => ImportRequest::ocra_with_pin(seed, &suite, pin).unwrap(),
                        None => ImportRequest::ocra(seed, &suite).unwrap(),
                    }
                }
            }
        };
        let call = async || self.bank().credentials().import(&alice(), &import()).await;
        let credential = self.settled(call).await.unwrap();
        let holds = Holds::new(method, true, &bytes, algorithm, digits);
        self.hold(Held::new(credential.id, method, holds, true, self.clock()));
    }

    pub(super) async fn enrol(
        &mut self,
        method: Method,
        algorithm: Algorithm,
        digits: Digits,
        wrong: bool,
    ) {
        let id = request(&format!("enrol-{}", self.held.len()));
        let enrolment = match method {
            Method::Ocra => EnrolmentRequest::ocra(id),
            Method::Totp => EnrolmentRequest::totp(id),
            Method::Hotp => EnrolmentRequest::hotp(id),
            _ => EnrolmentRequest::delivered(id),
        };
        let mut enrolment = enrolment.algorithm(algorithm).digits(digits);
        let has = [CredentialStatus::Active, CredentialStatus::Locked, CredentialStatus::Disabled];
        if self.held.iter().any(|held| has.contains(&held.status(self.clock()))) {
            let alone = self.bank().credentials().enrol(&alice(), &enrolment).await;
            assert!(matches!(alone, Err(Error::Invalid(Invalid::AnotherCredential))), "{alone:?}");
            enrolment = enrolment.vouched_for();
        }
        let enrol = async || self.bank().credentials().enrol(&alice(), &enrolment).await;
        let given = self.settled(enrol).await.unwrap();
        let again = enrol().await.unwrap();
        assert!(given.base32() == again.base32() && given.otpauth() == again.otpauth());
        let seed = given.base32().unwrap_or_default();
        let seed = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, seed).unwrap();
        let (id, clock) = (given.credential.id, self.clock());
        let holds = Holds::new(method, false, &seed, algorithm, digits);
        self.hold(Held::new(id, method, holds, false, clock));
        let at = self.held.len() - 1;

        let held = &self.held[at];
        let right = match given.code_to_deliver() {
            Some(code) => vec![code.expose().to_owned()],
            None => held.holds.answers(&rules::confirm_question(id)),
        };
        let code = match method {
            Method::Totp => held.holds.at(held.step(clock)).unwrap(),
            Method::Hotp => held.holds.at(0).unwrap(),
            _ => right[0].clone(),
        };
        self.held[at].first = right.clone();
        let codes = if wrong { vec![shifted(&code, 1), code] } else { vec![code] };
        for code in codes {
            let response = code.parse().unwrap();
            let call = async || self.bank().credentials().confirm(&alice(), &id, &response).await;
            let done = self.settled(call).await.is_some();
            let verdict = self.held[at].check(For::Confirmation, &code, &right, clock);
            assert_eq!(done, matches!(verdict, Verdict::Accepted(_)));
            self.compare(at).await;
        }
    }

    fn hold(&mut self, mut held: Held) {
        held.to_lock = self.bank().policy().credentials.failures_to_lock.into();
        self.held.push(held);
    }

    /// Another code for the confirmation, once there was one.
    pub(super) async fn confirm(&mut self, at: usize, pick: Pick) {
        let (clock, held) = (self.clock(), &self.held[at]);
        let right = |duress: bool| held.first.get(usize::from(duress)).or(held.first.first());
        let code = match (pick, held.method) {
            (Pick::Used(which), _) => self.sent.get(which).cloned(),
            (Pick::Right { beside, .. }, Method::Totp) => {
                held.holds.at(held.step(clock) + held.drift + beside)
            }
            (Pick::Right { beside, .. }, Method::Hotp) => held.holds.at(held.counter + beside),
            (Pick::Right { duress, .. }, _) => right(duress).cloned(),
            (Pick::Wrong(by), _) => right(false).map(|code| shifted(code, by)),
        };
        let Some(code) = code else { return };
        let (id, response) = (held.id, code.parse().unwrap());
        let call = async || self.bank().credentials().confirm(&alice(), &id, &response).await;
        let done = self.settled(call).await.is_some();
        let first = self.held[at].first.clone();
        let verdict = self.held[at].check(For::Confirmation, &code, &first, clock);
        assert_eq!(done, matches!(verdict, Verdict::Accepted(_) | Verdict::Repeated(_)));
        self.compare(at).await;
    }

    pub(super) async fn request(&mut self, held: usize, named: bool) {
        let (clock, call) = (self.clock(), bob_rings("call-1"));
        let method = self.held[held].method;
        let gbp = "GBP".parse().unwrap();
        let kind = match (method, self.requests.is_multiple_of(2)) {
            (Method::Totp | Method::Hotp, _) => TransactionKind::Change,
            (_, true) => TransactionKind::Transfer,
            (_, false) => TransactionKind::Payment,
        };
        let reference = format!("{}", self.requests).parse().unwrap();
        let transaction = Transaction::new(kind, 500_000, gbp, "Jones".parse().unwrap(), reference);
        let id = request(&format!("s-{}", self.requests));
        self.requests += 1;
        let policy = &self.bank().policy().step_ups;
        let allowed = [Method::Ocra, Method::Totp, Method::Hotp, Method::Delivered]
            .map(|one| (one, policy.allows(one, &transaction) && (!named || one == method)));
        let wanted = |one: &Held| allowed.contains(&(one.method, true));
        let mut asking = StepUpRequest::new(id, transaction, "Bob".parse().unwrap());
        if named {
            asking = asking.by(method);
        }
        let ask = async || self.bank().step_ups().request(&call, &asking).await;
        let requested = self.settled(ask).await;
        if let Some(requested) = &requested {
            assert_eq!(ask().await.unwrap(), *requested, "repeated");
        }

        let of = |one: &Held| (one.method, one.imported);
        let usable = |one: &&Held| wanted(one) && one.status(clock) == CredentialStatus::Active;
        let best = self.held.iter().filter(usable).min_by_key(|one| (of(one), one.since, one.id));
        // What is locked or disabled gives way to nothing weaker, unless that is asked for by name.
        let shut = |one: &&Held| {
            let status = one.status(clock);
            wanted(one) && matches!(status, CredentialStatus::Locked | CredentialStatus::Disabled)
        };
        let shut = self.held.iter().filter(shut).map(of).min();
        let best = best.filter(|best| named || shut.is_none_or(|shut| of(best) <= shut));
        let credential = best.map(|one| one.id);
        let [by_agent, of_customer] = &mut self.counted;
        let shut = self.held_off || self.mismatches >= 10;
        let may = counted(by_agent, clock)
            && credential.is_some()
            && !shut
            && counted(of_customer, clock);
        assert_eq!(requested.is_some(), may);
        let Some(requested) = requested else { return };
        let mut keys = TrustedKeys::new(issuer());
        keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
        let token = UntrustedToken::parse(&requested.token).unwrap();
        let at = self.bank.clock.now().unwrap();
        let told = token.verify::<StepUpData>(&keys, &Audience::from(&alice()), at, Leeway::NONE);
        let told = told.unwrap();
        let (nonce, data) = (told.claims().id(), told.claims().data());
        let digits = requested.digits.as_ref().map(|digits| digits.digits().replace(' ', ""));
        // Of what moves money, by a method that covers what is typed.
        let asks = data.method == Method::Ocra
            && data.what.transaction().is_some_and(|of| of.kind.is_payment());
        assert_eq!((digits.is_some(), data.number_match, data.who_rang), (asks, asks, asks));
        assert_eq!(Some(data.credential), credential);
        let held = self.held.iter().position(|one| one.id == data.credential).unwrap();
        let id = requested.step_up.id;
        let right = if data.method == Method::Delivered {
            let message = self.bank().step_ups().delivery(&alice(), &id).await.unwrap().message();
            vec![message.split(' ').next().unwrap().to_owned()]
        } else {
            let said = digits.as_deref().map(|digits| (2, digits));
            self.held[held].holds.answers(&rules::question(nonce, data, said))
        };
        self.asked.push(Asked {
            id,
            held,
            right,
            from: clock,
            until: clock + 300,
            updated: clock,
            phase: Phase::Requested,
            disowned: false,
            transaction: requested.step_up.what.transaction().unwrap().clone(),
            digits,
            grant: None,
            proof: None,
        });
    }

    pub(super) fn pick(&self, of: usize, pick: &Pick) -> Option<String> {
        let asked = &self.asked[of];
        let held = &self.held[asked.held];
        let right = |beside| match held.method {
            Method::Totp => held.holds.at(held.step(self.clock()) + held.drift + beside),
            Method::Hotp => held.holds.at(held.counter + beside),
            _ => asked.right.first().cloned(),
        };
        match pick {
            Pick::Right { duress: true, .. } if asked.right.len() > 1 => {
                asked.right.get(1).cloned()
            }
            Pick::Right { beside, .. } => right(*beside),
            Pick::Wrong(by) => right(0).map(|code| shifted(&code, *by)),
            Pick::Used(which) => self.sent.get(*which).cloned(),
        }
    }

    /// `once`: who calls does not call again, whatever was lost.
    pub(super) async fn submit(&mut self, of: usize, code: String, once: bool) {
        let (clock, id) = (self.clock(), self.asked[of].id);
        let at = self.asked[of].held;
        let answer = self.answer(of, &code, 0);
        let before = self.on_record(at).await;
        let call = async || self.bank().step_ups().submit(&alice(), &id, &answer).await;
        let result = if once { self.once(call).await } else { Some(self.settled(call).await) };
        self.sent.push(code.clone());
        let asked = &self.asked[of];
        // With digits that fit, unless prompts are shut.
        let shut = asked.digits.is_some() && (self.held_off || self.mismatches >= 10);
        let looked_at = asked.open(clock) && !asked.too_early(clock) && !shut;
        if result.is_none() {
            self.gave_up = true;
            // What is on record says how far it came.
            if looked_at && self.on_record(at).await != before {
                let right = self.asked[of].right.clone();
                self.held[at].check(For::StepUp(id), &code, &right, clock);
            }
            if looked_at && matches!(self.outcome(of).await, StepUpOutcome::Approved(_)) {
                let duress = self.held[at].accepted_for(id).unwrap();
                self.asked[of].approve(duress, clock);
            }
            self.row_ended(of).await;
            return self.compare(at).await;
        }

        let approved = match &asked.phase {
            // Whatever the code.
            Phase::Approved { .. } => true,
            Phase::Requested if looked_at => {
                let right = asked.right.clone();
                match self.held[at].check(For::StepUp(id), &code, &right, clock) {
                    Verdict::Accepted(duress) | Verdict::Repeated(duress) => {
                        self.asked[of].approve(duress, clock);
                        true
                    }
                    Verdict::Counted | Verdict::Ignored => false,
                }
            }
            _ => false,
        };
        let result = result.flatten();
        assert_eq!(result.is_some(), approved);
        if let Some(step_up) = result {
            assert_ne!(step_up.status, StepUpStatus::Requested);
            match self.outcome(of).await {
                StepUpOutcome::Approved(grant) => self.asked[of].grant = Some(grant),
                other => assert_eq!(other, StepUpOutcome::Expired),
            }
        }
        self.row_ended(of).await;
        self.compare(at).await;
    }

    /// An approval with digits ends the row of wrong ones, unless that write was lost or they have stopped prompts.
    async fn row_ended(&mut self, of: usize) {
        let counted = self.bank().step_ups().prompts(&alice()).await.unwrap().mismatches;
        let may = self.mismatches < 10
            && self.asked[of].digits.is_some()
            && matches!(self.asked[of].phase, Phase::Approved { .. });
        assert!(counted == self.mismatches || (may && counted == 0), "{counted}");
        self.mismatches = counted;
    }

    /// The code, with digits that are so far from the agent's.
    fn answer(&self, of: usize, code: &str, by: u64) -> StepUpAnswer {
        let answer = StepUpAnswer::by_code(code.parse().unwrap());
        match &self.asked[of].digits {
            Some(digits) => answer
                .who_rang(WhoRang::Enterprise)
                .with_digits(shifted(digits, by).parse().unwrap()),
            None => answer,
        }
    }

    /// Wrong digits are counted once each, and no code is looked at.
    pub(super) async fn mistype(&mut self, of: usize, by: u64) {
        let (clock, id, at) = (self.clock(), self.asked[of].id, self.asked[of].held);
        let Some(digits) = self.asked[of].digits.clone() else { return };
        let answer = self.answer(of, &self.asked[of].right[0], by);
        let before = self.on_record(at).await;
        let call = async || self.bank().step_ups().submit(&alice(), &id, &answer).await;
        let result = self.settled(call).await;
        let asked = &self.asked[of];
        assert_eq!(result.is_some(), matches!(asked.phase, Phase::Approved { .. }));
        let shut = self.held_off || self.mismatches >= 10;
        if asked.open(clock) && !shut && self.mistyped.insert((of, shifted(&digits, by))) {
            self.mismatches += 1;
        }
        let counted = self.bank().step_ups().prompts(&alice()).await.unwrap().mismatches;
        assert_eq!(counted, self.mismatches, "lost, or counted twice");
        assert_eq!(self.on_record(at).await, before, "no code was looked at");
    }

    /// All that waits ends, and prompts are held off; also where less was said of it before.
    pub(super) async fn not_me(&mut self, of: usize) {
        let (clock, id) = (self.clock(), self.asked[of].id);
        let why = DeclineReason::NotMe;
        let call = async || self.bank().step_ups().decline(&alice(), &id, why).await;
        let done = self.settled(call).await.is_some();
        let may = matches!(self.asked[of].phase, Phase::Requested | Phase::Declined);
        assert_eq!(done, may);
        if may && !self.asked[of].disowned {
            for (at, asked) in self.asked.iter_mut().enumerate() {
                if asked.open(clock) || at == of {
                    (asked.updated, asked.phase) = (asked.now(clock), Phase::Declined);
                    asked.disowned = true;
                }
            }
            self.held_off = true;
        }
        let held = self.bank().step_ups().prompts(&alice()).await.unwrap().held_since;
        assert_eq!(held.is_some(), self.held_off);
    }

    async fn outcome(&self, of: usize) -> StepUpOutcome {
        let call = bob_rings("call-1");
        self.bank().step_ups().outcome(&call, &self.asked[of].id).await.unwrap()
    }

    pub(super) async fn resync(&mut self, at: usize, off: i128) {
        let (clock, held) = (self.clock(), &self.held[at]);
        let from = off + if held.method == Method::Totp { held.step(clock) } else { held.counter };
        let (Some(first), Some(second)) = (held.holds.at(from), held.holds.at(from + 1)) else {
            return;
        };
        let codes = [first.parse().unwrap(), second.parse().unwrap()];
        let call = async || {
            self.bank().credentials().resync(&alice(), &held.id, &codes[0], &codes[1]).await
        };
        let done = self.settled(call).await.is_some();
        let verdict = self.held[at].resync([&first, &second], clock);
        assert_eq!(done, matches!(verdict, Verdict::Accepted(_) | Verdict::Repeated(_)));
        self.sent.extend([first, second]);
        self.compare(at).await;
    }

    pub(super) async fn redeem(&mut self, of: usize, key: u8, changed: Option<bool>) {
        let clock = self.clock();
        let Some(grant) = self.asked[of].grant.clone() else { return };
        let mut call = bob_rings("call-1");
        let mut transaction = self.asked[of].transaction.clone();
        match changed {
            Some(true) => transaction.amount += 1,
            Some(false) => call.direction = countersign::Direction::Inbound,
            None => {}
        }
        let id = request(&format!("k-{key}"));
        let redeem = async || self.bank().step_ups().redeem(&call, &grant, &transaction, &id).await;
        let proof = self.settled(redeem).await;
        if let Some(proof) = &proof {
            assert_eq!(redeem().await.unwrap(), *proof, "repeated");
        }

        let asked = &mut self.asked[of];
        let now = asked.now(clock);
        let Phase::Approved { duress, from, until, redeemed } = &mut asked.phase else {
            panic!("there is no grant without an approval");
        };
        let revoked = self.held[asked.held].status == CredentialStatus::Revoked;
        let in_time = now < *until && *from <= clock + rules::LEEWAY;
        let may = changed.is_none() && redeemed.map_or(in_time && !revoked, |with| with == key);
        assert_eq!(proof.is_some(), may);
        let Some(proof) = proof else { return };
        assert_eq!((proof.duress(), proof.transaction()), (*duress, &transaction));
        if redeemed.is_none() {
            (*redeemed, asked.updated) = (Some(key), now);
        }
        assert_eq!(*asked.proof.get_or_insert(proof.at()), proof.at());
    }
}

/// One request more, if there may be one.
fn counted(recent: &mut Vec<(u64, u64)>, clock: u64) -> bool {
    // What was counted by a clock behind others' is new to the first that has come as far as they.
    for (at, after) in &mut *recent {
        if *after > 0 && *after <= clock {
            (*at, *after) = (clock, 0);
        } else if *at > clock + 3600 {
            // Far ahead: not for this one.
            (*at, *after) = (clock - 600, *at.max(after));
        }
    }
    let lately = |(at, _): &&(u64, u64)| *at <= clock + 3600 && clock < *at + 600;
    let may = recent.iter().filter(lately).count() < MOST_REQUESTS;
    if may {
        recent.retain(|(at, _)| clock < *at + 4200);
        let all = recent.iter().flat_map(|(at, after)| [*at, *after]);
        let latest = all.max().unwrap_or(0);
        recent.push((clock, if latest > clock + rules::LEEWAY { latest } else { 0 }));
    }
    may
}

fn shifted(code: &str, by: u64) -> String {
    let (value, width) = (code.parse::<u64>().unwrap(), code.len());
    let modulus = 10_u64.pow(u32::try_from(width).unwrap());
    format!("{:0width$}", (value + by * 101_117) % modulus)
}
