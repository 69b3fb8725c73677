//! The ceremonies of the search: what honest people do, what thieves try, and what must have been given for what
//! came of it.

use countersign::otp::ocra::Response;
use std::collections::BTreeSet;

use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer};
use countersign::credential::{EnrolmentRequest, ImportRequest, Method};
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed};
use countersign::step_up::StepUpData;
use countersign::step_up::{
    Grant, Redeemed, StepUpAnswer, StepUpOutcome, StepUpRequested, StepUpStatus,
};
use countersign::store::Place;
use countersign::time::{Clock, ManualClock};
use countersign::token::{Audience, Leeway, Purpose, TokenId, TrustedKeys, UntrustedToken};
use countersign::transaction::TransactionKind;
use countersign::{
    CallbackId, ChallengeId, CredentialId, Interaction, StepUpId, Transaction, Verifier,
};

use crate::support::challenges::{challenge, fraud_rings, slot};
use crate::support::credentials::response;
use crate::support::rows::{Rows, is_anchor};
use crate::support::step_up_rules::{Holds, confirm_question, question};
use crate::support::step_ups::{asking, change, signing, transfer, with_code};
use crate::support::*;

const WRONG: &str = "00000000";

/// An enterprise, its rows, and what its customer gave.
pub struct World {
    pub bank: Verifier,
    pub clock: ManualClock,
    pub rows: Rows,
    /// Each row by what it is.
    roles: Vec<(Place, &'static str)>,
    /// What was got without being given.
    pub got: BTreeSet<&'static str>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let (rows, clock) = (Rows::default(), ManualClock::new(START));
        let mut policy = countersign::Policy::default();
        policy.step_ups.other_methods = vec![Method::Ocra, Method::Totp, Method::Hotp];
        let bank = Verifier::builder(issuer(), keyring())
            .store(rows.clone())
            .clock(clock.clone())
            .random(countersign::random::SeededRandom::new(seed))
            .policy(policy)
            .signing_key(signing())
            .build()
            .unwrap();
        Self { bank, clock, rows, roles: Vec::new(), got: BTreeSet::new() }
    }

    /// Calls every row that nobody has named yet by `role`.
    fn name(&mut self, role: &'static str) {
        for at in self.rows.places() {
            if !self.roles.iter().any(|(known, _)| *known == at) {
                self.roles.push((at, if is_anchor(&at) { "anchor" } else { role }));
            }
        }
    }

    pub fn role(&self, at: &Place) -> &'static str {
        self.roles.iter().find(|(known, _)| known == at).map_or("unnamed", |(_, role)| role)
    }

    fn must(&mut self, given: bool, otherwise: &'static str) {
        if !given {
            self.got.insert(otherwise);
        }
    }
}

/// One ceremony, step by step.
pub trait Play {
    const NAME: &'static str;
    const STEPS: usize;

    async fn begin(seed: u64) -> Self;
    /// What honest people do. A call that is refused because a row is gone is left at that.
    async fn step(&mut self, number: usize);
    /// What thieves try at any time.
    async fn attack(&mut self);
    fn world(&mut self) -> &mut World;
}

/// The app of a customer as its keys, without the work of a PIN.
struct Phone {
    id: CredentialId,
    keys: Holds,
}

impl Phone {
    async fn new(world: &mut World, enrolment: &EnrolmentRequest) -> Option<Self> {
        let credentials = world.bank.credentials();
        let given = credentials.enrol(&alice(), enrolment).await.ok()?;
        let seed = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, given.base32()?);
        let seed = seed.unwrap();
        let keys = Holds::new(Method::Ocra, false, &seed, Algorithm::Sha256, Digits::EIGHT);
        let id = given.credential.id;
        let first = &keys.answers(&confirm_question(id))[0];
        credentials.confirm(&alice(), &id, &first.parse().unwrap()).await.ok()?;
        Some(Self { id, keys })
    }

    /// The right code for what `asked` says.
    fn code(&self, world: &World, asked: &StepUpRequested) -> String {
        let (nonce, data) = read(world, asked);
        let digits = asked.digits.as_ref().map(|digits| digits.digits().replace(' ', ""));
        let said = digits.as_deref().map(|digits| (2, digits));
        self.keys.answers(&question(nonce, &data, said))[0].clone()
    }
}

fn read(world: &World, asked: &StepUpRequested) -> (TokenId, StepUpData) {
    let mut keys = TrustedKeys::new(issuer());
    keys.trust(*signing().public_key(), Purpose::StepUp).unwrap();
    let token = UntrustedToken::parse(&asked.token).unwrap();
    let (now, audience) = (world.clock.now().unwrap(), Audience::from(&alice()));
    let verified = token.verify::<StepUpData>(&keys, &audience, now, Leeway::NONE).unwrap();
    (verified.claims().id(), verified.claims().data().clone())
}

fn to_mallory(kind: TransactionKind) -> Transaction {
    let mut theirs = transfer();
    (theirs.kind, theirs.amount) = (kind, 99_999_999);
    theirs.payee = "Mallory 20-00-00 66666666".parse().unwrap();
    theirs
}

fn new_authenticator() -> Transaction {
    let mut new = transfer();
    (new.kind, new.amount) = (TransactionKind::NewAuthenticator, 0);
    new
}

/// A step-up that is approved, granted and redeemed; or one whose proof binds a second app.
struct Approvals {
    world: World,
    phone: Phone,
    call: Interaction,
    what: Transaction,
    asked: Option<StepUpRequested>,
    id: Option<StepUpId>,
    codes: Vec<String>,
    grants: Vec<(Grant, Transaction)>,
    /// The statements that the customer approved: their nonces, and what they were about.
    given: Vec<(TokenId, Transaction)>,
    redeemed: Vec<Redeemed>,
    bound: BTreeSet<CredentialId>,
}

impl Approvals {
    async fn new(seed: u64, what: Transaction) -> Self {
        let mut world = World::new(seed);
        let phone = Phone::new(&mut world, &EnrolmentRequest::ocra(request("app"))).await.unwrap();
        world.name("credential");
        Self {
            phone,
            call: bob_rings("call-1"),
            what,
            asked: None,
            id: None,
            codes: Vec::new(),
            grants: Vec::new(),
            given: Vec::new(),
            redeemed: Vec::new(),
            bound: BTreeSet::new(),
            world,
        }
    }

    async fn request(&mut self) {
        let asking = asking("s-1", self.what.clone());
        let step_ups = self.world.bank.step_ups();
        if let Ok(asked) = step_ups.request(&self.call, &asking).await {
            self.id = Some(asked.step_up.id);
            self.asked = Some(asked);
        }
        // The counts come first, and are named together.
        self.world.name("step-up or count");
    }

    async fn submit(&mut self) {
        let (Some(asked), Some(id)) = (self.asked.take(), self.id) else { return };
        let (nonce, data) = read(&self.world, &asked);
        let code = self.phone.code(&self.world, &asked);
        // The customer says yes to this, whatever comes of it.
        self.given.push((nonce, data.what.transaction().unwrap().clone()));
        self.codes.push(code.clone());
        let answer = with_code(&asked, &code);
        let answered = self.world.bank.step_ups().submit(&alice(), &id, &answer).await;
        self.asked = Some(asked);
        if let Ok(step_up) = answered {
            self.check_approved(step_up.status, step_up.what.transaction().unwrap());
        }
    }

    fn check_approved(&mut self, status: StepUpStatus, what: &Transaction) {
        let approved = matches!(status, StepUpStatus::Approved | StepUpStatus::Redeemed);
        let given = self.given.iter().any(|(_, given)| given == what);
        self.world.must(!approved || given, "an approval of what nobody approved");
    }

    async fn grant(&mut self) {
        let Some(id) = self.id else { return };
        if let Ok(StepUpOutcome::Approved(grant)) =
            self.world.bank.step_ups().outcome(&self.call, &id).await
        {
            for what in [self.what.clone(), to_mallory(self.what.kind)] {
                self.grants.push((grant.clone(), what));
            }
        }
    }

    /// Redeems every grant there ever was, for whatever it might be good, under `key`.
    async fn redeem(&mut self, key: &str) {
        for (grant, what) in self.grants.clone() {
            let step_ups = self.world.bank.step_ups();
            if let Ok(proof) = step_ups.redeem(&self.call, &grant, &what, &request(key)).await {
                // The same key gives the same proof again.
                let again = self.redeemed.iter().any(|one| one.at() == proof.at());
                if !again || self.redeemed.is_empty() {
                    self.redeemed.push(proof);
                }
            }
            self.world.clock.advance(std::time::Duration::from_secs(1));
        }
        let redeemed = self.redeemed.iter().filter(|one| *one.transaction() == self.what).count();
        let given = self.given.iter().filter(|(_, given)| *given == self.what).count();
        self.world.must(redeemed <= given, "more redemptions than approvals");
        let others = self.redeemed.iter().any(|one| *one.transaction() != self.what);
        self.world.must(!others, "a redemption of what nobody approved");
    }

    /// Enrols with every proof there is, under any name.
    async fn bind(&mut self) {
        for (at, name) in ["second", "third"].into_iter().enumerate() {
            let Some(proof) = self.redeemed.get(at).or(self.redeemed.last()) else { return };
            let enrolment = EnrolmentRequest::ocra(request(name)).approved_in(proof);
            if let Some(phone) = Phone::new(&mut self.world, &enrolment).await {
                self.bound.insert(phone.id);
            }
            self.world.name("second credential");
        }
        let statements = self.given.len();
        self.world.must(self.bound.len() <= statements, "more credentials than proofs");
    }

    async fn attack(&mut self) {
        // The same request id, for something else.
        let theirs = to_mallory(self.what.kind);
        let step_ups = self.world.bank.step_ups();
        let asked = step_ups.request(&self.call, &asking("s-1", theirs.clone())).await;
        let mut codes = vec![WRONG.to_owned()];
        codes.extend(self.codes.iter().cloned());
        // Whoever asks knows the digits.
        let asked = asked.ok();
        if let Some(id) = asked.as_ref().map(|asked| asked.step_up.id).or(self.id) {
            for code in codes {
                let step_ups = self.world.bank.step_ups();
                let answer = match &asked {
                    Some(asked) => with_code(asked, &code),
                    None => StepUpAnswer::by_code(code.parse().unwrap()),
                };
                if let Ok(step_up) = step_ups.submit(&alice(), &id, &answer).await {
                    self.check_approved(step_up.status, step_up.what.transaction().unwrap());
                }
            }
            self.id = Some(id);
        }
        self.grant().await;
        self.redeem("thief").await;
        self.bind().await;
        // A session alone.
        let thief = Phone::new(&mut self.world, &EnrolmentRequest::ocra(request("thief"))).await;
        self.world.must(thief.is_none(), "a session enrols a credential of its own");
        self.world.name("second credential");
    }
}

macro_rules! approvals {
    ($name:ident, $title:literal, $what:expr, $steps:literal) => {
        pub struct $name(Approvals);

        impl Play for $name {
            const NAME: &'static str = $title;
            const STEPS: usize = $steps;

            async fn begin(seed: u64) -> Self {
                Self(Approvals::new(seed, $what).await)
            }

            async fn step(&mut self, number: usize) {
                let play = &mut self.0;
                match number {
                    0 => play.request().await,
                    1 => play.submit().await,
                    2 => play.grant().await,
                    3 => play.redeem("k-1").await,
                    _ => play.bind().await,
                }
            }

            async fn attack(&mut self) {
                self.0.attack().await;
            }

            fn world(&mut self) -> &mut World {
                &mut self.0.world
            }
        }
    };
}

approvals!(Payment, "a step-up", transfer(), 4);
approvals!(Binding, "a second credential", new_authenticator(), 5);

/// A fob whose codes come from a counter.
pub struct Fob {
    world: World,
    fob: CredentialId,
    codes: Vec<String>,
    next: u64,
    asked: usize,
}

impl Fob {
    fn seed() -> OtpSeed {
        OtpSeed::from_bytes(&[7; 20]).unwrap()
    }

    /// Asks for a change and answers with `code`.
    async fn approves(&mut self, code: &str) -> bool {
        let (call, id) = (bob_rings(&format!("call-{}", self.asked)), format!("s-{}", self.asked));
        self.asked += 1;
        let by = asking(&id, change()).by(Method::Hotp);
        let step_ups = self.world.bank.step_ups();
        let asked = step_ups.request(&call, &by).await;
        self.world.name("step-up or count");
        let Ok(asked) = asked else { return false };
        let id = asked.step_up.id;
        let answered = self
            .world
            .bank
            .step_ups()
            .submit(&alice(), &id, &code.parse::<Response>().unwrap())
            .await;
        answered.is_ok_and(|step_up| step_up.status == StepUpStatus::Approved)
    }
}

impl Play for Fob {
    const NAME: &'static str = "a fob";
    const STEPS: usize = 4;

    async fn begin(seed: u64) -> Self {
        let mut world = World::new(seed);
        let fob =
            world.bank.credentials().import(&alice(), &ImportRequest::hotp(Self::seed(), 0)).await;
        world.name("fob");
        Self { world, fob: fob.unwrap().id, codes: Vec::new(), next: 0, asked: 0 }
    }

    async fn step(&mut self, number: usize) {
        if number == 2 {
            let _ = self.world.bank.credentials().revoke(&alice(), &self.fob).await;
        } else if number < 2 {
            let hotp = Hotp::new(&Self::seed(), Algorithm::Sha1, Digits::SIX);
            let code = response(&hotp.generate(self.next)).expose().to_owned();
            if self.approves(&code).await {
                self.next += 1;
                self.codes.push(code);
            }
        }
    }

    async fn attack(&mut self) {
        // The back end imports what its list says, again.
        let again = ImportRequest::hotp(Self::seed(), 0);
        let _ = self.world.bank.credentials().import(&alice(), &again).await;
        self.world.name("fob");
        for code in self.codes.clone() {
            let approves = self.approves(&code).await;
            self.world.must(!approves, "a used code approves again");
            self.world.clock.advance(HOUR);
        }
    }

    fn world(&mut self) -> &mut World {
        &mut self.world
    }
}

/// A callback whose secret is read back once.
pub struct Callback {
    world: World,
    id: Option<CallbackId>,
    booked: usize,
    shown: BTreeSet<String>,
}

impl Callback {
    async fn reveal(&mut self, by: &str) {
        let Some(id) = self.id else { return };
        let revealed = self.world.bank.callbacks().reveal(&bob_rings(by), &id).await;
        if let Ok(readback) = revealed {
            self.world.must(readback.as_str() == "anana", "another secret is read back");
            self.shown.insert(by.to_owned());
        }
        self.world.must(self.shown.len() <= self.booked, "a secret is shown again");
    }
}

impl Play for Callback {
    const NAME: &'static str = "a callback";
    const STEPS: usize = 4;

    async fn begin(seed: u64) -> Self {
        Self { world: World::new(seed), id: None, booked: 0, shown: BTreeSet::new() }
    }

    async fn step(&mut self, number: usize) {
        match number {
            // Again, because the first answer was lost.
            0 | 2 => {
                let before = self.world.rows.places().len();
                let callbacks = self.world.bank.callbacks();
                if let Ok(booked) = callbacks.book(&alice(), &booking("req-1", "anana")).await {
                    self.id = Some(booked.id);
                }
                self.booked += usize::from(self.world.rows.places().len() > before);
                self.world.name("callback");
            }
            1 => self.reveal("call-1").await,
            _ => {
                let Some(id) = self.id else { return };
                let callbacks = self.world.bank.callbacks();
                let _ = callbacks.conclude(&alice(), &id, Verdict::Recognised).await;
            }
        }
    }

    async fn attack(&mut self) {
        self.reveal("call-2").await;
        self.reveal("call-3").await;
    }

    fn world(&mut self) -> &mut World {
        &mut self.world
    }
}

/// A challenge whose code is said once.
pub struct Spoken {
    world: World,
    id: Option<ChallengeId>,
    confirmed: usize,
    shown: BTreeSet<String>,
}

impl Spoken {
    async fn present(&mut self, by: &str) {
        let Some(id) = self.id else { return };
        if self.world.bank.challenges().present(&fraud_rings(by), &id).await.is_ok() {
            self.shown.insert(by.to_owned());
        }
        self.world.must(self.shown.len() <= self.confirmed, "a code is shown again");
    }
}

impl Play for Spoken {
    const NAME: &'static str = "a challenge";
    const STEPS: usize = 5;

    async fn begin(seed: u64) -> Self {
        let mut world = World::new(seed);
        Phone::new(&mut world, &EnrolmentRequest::ocra(request("app"))).await.unwrap();
        world.name("credential");
        Self { world, id: None, confirmed: 0, shown: BTreeSet::new() }
    }

    async fn step(&mut self, number: usize) {
        let challenges = self.world.bank.challenges();
        match number {
            0 => {
                if let Ok(issued) = challenges.issue(&alice(), &challenge("ch-1")).await {
                    self.id = Some(issued.challenge.id);
                }
                self.world.name("challenge or count");
            }
            1 => {
                let Some(id) = self.id else { return };
                let accepts = Answer::Accept(Acceptance::new(request("a-1")));
                let _ = challenges.answer(&alice(), &id, &accepts).await;
            }
            2 => {
                let Some(id) = self.id else { return };
                let confirmed = challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await;
                self.confirmed += usize::from(confirmed.is_ok());
                self.world.clock.set(START.after(15 * MINUTE));
            }
            3 => self.present("call-1").await,
            _ => {
                let Some(id) = self.id else { return };
                let Ok(token) = challenges.appointment(&alice(), &id).await else { return };
                let appointment = crate::support::challenges::appointment(&token);
                let _ = challenges.conclude(&alice(), &id, appointment, Verdict::Recognised).await;
            }
        }
    }

    async fn attack(&mut self) {
        self.present("call-2").await;
        self.present("call-3").await;
    }

    fn world(&mut self) -> &mut World {
        &mut self.world
    }
}
