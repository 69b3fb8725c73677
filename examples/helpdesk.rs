//! The help desk: an employee who lost the phone, a colleague who has no second one, and an impostor who rings the desk
//! with all the details. Each step is asserted.
//!
//! `cargo run --example helpdesk`

#![allow(
    clippy::panic_in_result_fn,
    clippy::print_stdout,
    reason = "an example shows something, and asserts its steps"
)]

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use countersign::action::{
    ActionDetails, ActionField, ActionForm, ActionTable, ActionValue, FieldType, FormField,
    RingBack,
};
use countersign::callback::{BookingRequest, Verdict};
use countersign::credential::{
    CredentialPublicKey, CredentialStatus, EnrolmentRequest, KeyPossession, Signature,
};
use countersign::device::{VerifiedStepUp, WhoRangCheck};
use countersign::error::Invalid;
use countersign::history::Action;
use countersign::observer::Observed;
use countersign::policy::{ActionPolicy, ActionRule, FLOOR_DELAY, RingBackRule};
use countersign::step_up::joint::{
    CoApprover, JointOutcome, JointStepUpRequest, JointStepUpRequested, JointlyRedeemed, Mandate,
};
use countersign::step_up::{
    DeclineReason, EvidenceCheck, MatchDigits, Redeemed, SignedAnswer, StepUpAnswer, StepUpOutcome,
    StepUpRequest, StepUpRequested, WhoRang,
};
use countersign::time::{Clock, ManualClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::{
    Agent, AgentId, Channel, CredentialId, CustomerId, Device, Error, Interaction, InteractionId,
    Issuer, Keyring, Observer, OsRandom, Policy, RequestId, Timestamp, Transaction, Verifier,
    Window,
};
use ring::signature::{Ed25519KeyPair, KeyPair};

type Done<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What every device of an employee is told: a real service pushes it.
#[derive(Clone, Default)]
struct News(Arc<Mutex<Vec<(CustomerId, Action)>>>);

impl Observer for News {
    fn observe(&self, event: &Observed) {
        if let Ok(mut news) = self.0.lock() {
            news.push((event.customer.clone(), event.action));
        }
    }
}

impl News {
    fn told(&self, whom: &CustomerId, what: Action) -> bool {
        self.0.lock().is_ok_and(|news| news.contains(&(whom.clone(), what)))
    }
}

struct Desk {
    verifier: Verifier,
    clock: ManualClock,
    news: News,
}

/// A phone or tablet with a key in its secure hardware.
struct Phone {
    device: Device,
    key: Ed25519KeyPair,
    credential: CredentialId,
}

fn form() -> Done<ActionForm> {
    let field = |name: &str, label: &str| -> Done<FormField> {
        Ok(FormField::new(name.parse()?, label.parse()?, FieldType::Text))
    };
    let fields = vec![field("employee", "Employee")?, field("device", "Lost device")?];
    Ok(ActionForm::new("A lost phone is replaced".parse()?, fields)?)
}

/// Only after the desk rang back, in the app or on the number that the HR directory has had for a week.
fn policy() -> Done<Policy> {
    let mut rule = ActionRule::new(form()?);
    let mut ring_back = RingBackRule::default();
    ring_back.sources = vec!["HR directory".parse()?];
    rule.ring_back = Some(ring_back);
    let mut policy = Policy::default();
    policy.step_ups.actions = ActionPolicy(BTreeMap::from([("lost_phone".parse()?, rule)]));
    policy.step_ups.per_customer = 20;
    Ok(policy)
}

fn lost(employee: &str, device: &str) -> Done<ActionDetails> {
    let text = |text: &str| -> Done<ActionValue> { Ok(ActionValue::text(text.parse()?)?) };
    let fields = vec![
        ActionField::new("employee".parse()?, text(employee)?),
        ActionField::new("device".parse()?, text(device)?),
    ];
    Ok(ActionDetails::new("lost_phone".parse()?, fields)?)
}

fn new_phone() -> Done<Transaction> {
    let (currency, payee) = ("GBP".parse()?, "Erin's new phone".parse()?);
    let kind = TransactionKind::NewAuthenticator;
    Ok(Transaction::new(kind, 0, currency, payee, "instead of the lost one".parse()?))
}

fn agent() -> Done<Agent> {
    Ok(Agent::new(AgentId::new("dan")?))
}

/// Somebody rings the desk.
fn rings_desk(id: &str, as_whom: &CustomerId) -> Done<Interaction> {
    let id = InteractionId::new(id)?;
    Ok(Interaction::inbound(id, as_whom.clone(), agent()?, Channel::Voice))
}

/// The desk rings back.
fn desk_rings(id: &str, whom: &CustomerId) -> Done<Interaction> {
    let id = InteractionId::new(id)?;
    Ok(Interaction::outbound(id, whom.clone(), agent()?, Channel::Voice))
}

fn refused<T>(result: Result<T, Error>, what: &str) {
    assert!(matches!(result, Err(Error::Refused(_))), "not refused: {what}");
    println!("  refused: {what}");
}

fn below_floor<T>(result: Result<T, Error>, what: &str) {
    assert!(matches!(result, Err(Error::Invalid(Invalid::BelowFloor))), "not refused: {what}");
    println!("  refused: {what}");
}

impl Desk {
    fn open() -> Done<Self> {
        let (random, news) = (OsRandom::new(), News::default());
        let clock = ManualClock::new(Timestamp::from_unix(1_800_000_000));
        let verifier =
            Verifier::builder(Issuer::new("works.example")?, Keyring::generate(&random)?)
                .signing_key(SigningKey::generate(&random)?)
                .policy(policy()?)
                .clock(clock.clone())
                .observer(news.clone())
                .build()?;
        Ok(Self { verifier, clock, news })
    }

    fn now(&self) -> Done<Timestamp> {
        Ok(self.clock.now()?)
    }

    fn device(&self, of: &CustomerId) -> Done<Device> {
        let mut trusted = TrustedKeys::new(Issuer::new("works.example")?);
        for key in self.verifier.public_keys() {
            trusted.trust(*key, Purpose::StepUp)?;
        }
        let table = ActionTable::new().with("lost_phone".parse()?, form()?);
        Ok(Device::new(trusted, of.clone()).with_actions(table))
    }

    /// Binds a phone with a key of its own.
    async fn bind(&self, of: &CustomerId, enrolment: &EnrolmentRequest, seed: u8) -> Done<Phone> {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).map_err(|_| "no key")?;
        let credentials = self.verifier.credentials();
        let given = credentials.enrol(of, enrolment).await?;
        let (id, nonce) = (given.credential.id, given.key_nonce().ok_or("no nonce")?);
        let device = self.device(of)?;
        let message = device.possession_message(id, nonce, &public(&key)?);
        let possession = KeyPossession::device_key(public(&key)?, sign(&key, &message)?);
        credentials.confirm_key(of, &id, &possession, None).await?;
        Ok(Phone { device, key, credential: id })
    }

    /// On the number that has been in the HR directory for a month, as it says now.
    fn on_file(&self) -> Done<RingBack> {
        let now = self.now()?;
        Ok(RingBack::on_file(
            now.before(Duration::from_secs(30 * 86_400)),
            now,
            "HR directory".parse()?,
        ))
    }

    async fn grant(
        &self,
        call: &Interaction,
        asked: &StepUpRequested,
    ) -> Done<countersign::step_up::Grant> {
        match self.verifier.step_ups().outcome(call, &asked.step_up.id).await? {
            StepUpOutcome::Approved(grant) => Ok(grant),
            _ => Err("not approved".into()),
        }
    }
}

fn public(key: &Ed25519KeyPair) -> Done<CredentialPublicKey> {
    // RFC 8410, section 10.1: the frame of an Ed25519 key.
    let frame = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    Ok(CredentialPublicKey::from_spki_der(&[&frame, key.public_key().as_ref()].concat())?)
}

fn sign(key: &Ed25519KeyPair, message: &[u8]) -> Done<Signature> {
    Ok(Signature::from_raw(key.sign(message).as_ref())?)
}

impl Phone {
    /// Shows it all once its owner has said that the desk rang, with the digits that the desk said to those on the line.
    fn shows(
        &self,
        desk: &Desk,
        token: &str,
        digits: Option<&MatchDigits>,
    ) -> Done<Box<VerifiedStepUp>> {
        let opened = self.device.open_step_up(token, desk.now()?)?;
        let WhoRangCheck::Show(shown) = opened.answer(WhoRang::Enterprise) else {
            return Err("somebody else rang".into());
        };
        Ok(match digits {
            Some(digits) => Box::new(shown.with_digits(digits.digits().parse()?)),
            None => shown,
        })
    }

    /// Shows it all, and signs it.
    fn answers(
        &self,
        desk: &Desk,
        token: &str,
        digits: Option<&MatchDigits>,
    ) -> Done<StepUpAnswer> {
        let shown = self.shows(desk, token, digits)?;
        assert!(shown.is_known());
        if let Some(action) = shown.action() {
            println!("  {} | {}", shown.headline(), action.headline());
        }
        let message = shown.message_to_sign(&public(&self.key)?).ok_or("another key is asked")?;
        Ok(shown.answer_signed(SignedAnswer::by_device_key(sign(&self.key, &message)?)))
    }
}

/// What the staff register says of an employee who lost the phone: a caller's or an agent's word is no source.
fn of_register(employee: &CustomerId) -> Done<ActionDetails> {
    lost(
        match employee.as_str() {
            "erin" => "Erin Example",
            "frank" => "Frank Example",
            "ivan" => "Ivan Example",
            "zoe" => "Zoe Example",
            _ => return Err("nobody of that name works here".into()),
        },
        "phone",
    )
}

/// The desk's function: without an approval of this very action, for this very employee, there is no call of it.
async fn replace(
    desk: &Desk,
    employee: &CustomerId,
    lost: &CredentialId,
    approved: Approved<'_>,
) -> Done {
    let (whose, action) = match approved {
        Approved::Herself(proof) => (proof.customer(), proof.action()),
        Approved::Colleagues(proof) => (proof.principal(), proof.action()),
    };
    // The name in the action is a text. Whose it is says the id, and what it must be says the register.
    if whose != employee || *action != of_register(employee)? {
        return Err("it was approved for somebody else".into());
    }
    println!("  the desk acts on: {action}");
    let gone = desk.verifier.credentials().revoke(employee, lost).await?;
    assert_eq!(gone.status, CredentialStatus::Revoked);
    Ok(())
}

/// Who said that the number was the right one.
fn word_of(ring_back: Option<&RingBack>) -> &str {
    ring_back.map_or("nobody", |number| number.source.as_str())
}

enum Approved<'a> {
    Herself(&'a Redeemed<ActionDetails>),
    Colleagues(&'a JointlyRedeemed<ActionDetails>),
}

/// Erin lost the phone and has a tablet.
async fn erin(desk: &Desk) -> Done {
    println!("Erin lost the phone and has a tablet");
    let erin = CustomerId::new("erin")?;
    let enrolment = |id: &str| -> Done<EnrolmentRequest> {
        Ok(EnrolmentRequest::device_key(RequestId::new(id)?).vouched_for())
    };
    let phone = desk.bind(&erin, &enrolment("phone")?, 1).await?;
    // The tablet was bound while she still had the phone: the phone approved it.
    let asked = StepUpRequest::new(RequestId::new("tablet")?, new_phone()?, "Dan".parse()?);
    let call = desk_rings("call-0", &erin)?;
    let asked = desk.verifier.step_ups().request(&call, &asked).await?;
    let answer = phone.answers(desk, &asked.token, asked.digits.as_ref())?;
    let step_ups = desk.verifier.step_ups();
    step_ups.submit(&erin, &asked.step_up.id, &answer).await?;
    let grant = desk.grant(&call, &asked).await?;
    let proof = step_ups.redeem(&call, &grant, &new_phone()?, &RequestId::new("tablet")?).await?;
    let tablet = EnrolmentRequest::device_key(RequestId::new("tablet")?).approved_in(&proof);
    let tablet = desk.bind(&erin, &tablet, 2).await?;

    // She rings the desk. There nothing is asked, whoever it is.
    let what = of_register(&erin)?;
    let inbound = rings_desk("call-1", &erin)?.rung_back(desk.on_file()?);
    let asking = |id: &str| -> Done<StepUpRequest> {
        Ok(StepUpRequest::new(RequestId::new(id)?, what.clone(), "Dan".parse()?))
    };
    let early = asking("early")?;
    refused(step_ups.request(&inbound, &early).await, "an approval in a call that the desk got");

    // From her laptop's session she books the desk's call, with a word of her own.
    let now = desk.now()?;
    let window = Window::new(now, now.after(Duration::from_secs(3600)))?;
    let word = "walrus".parse()?;
    let booking = BookingRequest::new(RequestId::new("b-1")?, window, Channel::Voice, word);
    let booked = desk.verifier.callbacks().book(&erin, &booking).await?;
    refused(
        desk.verifier.callbacks().reveal(&inbound, &booked.id).await,
        "her word, to an agent who was rung",
    );
    // The desk rings back on the number on file, and says the word.
    let outbound = desk_rings("call-2", &erin)?.rung_back(desk.on_file()?);
    let said = desk.verifier.callbacks().reveal(&outbound, &booked.id).await?;
    assert_eq!(said.as_str(), "walrus");
    desk.verifier.callbacks().conclude(&erin, &booked.id, Verdict::Recognised).await?;
    println!("  the desk proved itself");

    // She answers with the tablet. Of her credentials the one that has served longest is asked: the lost phone is
    // locked out first, by its revocation on her word in the laptop's session.
    desk.verifier.credentials().revoke(&erin, &phone.credential).await?;
    let asked = step_ups.request(&outbound, &asking("lost")?).await?;
    let answer = tablet.answers(desk, &asked.token, asked.digits.as_ref())?;
    step_ups.submit(&erin, &asked.step_up.id, &answer).await?;
    let grant = desk.grant(&outbound, &asked).await?;
    let key = RequestId::new("replace-1")?;
    let proof = step_ups.redeem_action(&outbound, &grant, &what, &key).await?;
    println!("  the desk had rung back, by the word of: {}", word_of(proof.ring_back()));
    // Whoever disputes it later sees on which word.
    let evidence = step_ups.evidence(&erin, &asked.step_up.id).await?;
    let mut keys = TrustedKeys::new(Issuer::new("works.example")?);
    for key in desk.verifier.public_keys() {
        for purpose in [Purpose::StepUp, Purpose::HistoryHead, Purpose::Evidence] {
            keys.trust(*key, purpose)?;
        }
    }
    let shown = evidence.verify(&EvidenceCheck::new(&keys), desk.now()?)?;
    assert_eq!((shown.ring_back(), shown.who_rang()), (proof.ring_back(), proof.who_rang()));
    replace(desk, &erin, &phone.credential, Approved::Herself(&proof)).await?;

    // The new phone is bound by the tablet, in a step-up of its own kind.
    let asked = StepUpRequest::new(RequestId::new("new")?, new_phone()?, "Dan".parse()?);
    let asked = step_ups.request(&outbound, &asked).await?;
    let answer = tablet.answers(desk, &asked.token, asked.digits.as_ref())?;
    step_ups.submit(&erin, &asked.step_up.id, &answer).await?;
    let grant = desk.grant(&outbound, &asked).await?;
    let key = RequestId::new("bind-1")?;
    let proof = step_ups.redeem(&outbound, &grant, &new_phone()?, &key).await?;
    let new = EnrolmentRequest::device_key(RequestId::new("new")?).approved_in(&proof);
    desk.bind(&erin, &new, 3).await?;
    assert!(desk.news.told(&erin, Action::Revoke) && desk.news.told(&erin, Action::Confirm));
    println!("  Erin has a new phone");
    Ok(())
}

/// Who can speak for Frank: two of three, in these roles.
struct Colleagues(Vec<(CustomerId, &'static str, Phone)>);

impl Colleagues {
    async fn hired(desk: &Desk) -> Done<Self> {
        let mut all = Vec::new();
        for (name, role, seed) in
            [("carol", "manager", 11), ("gwen", "team lead", 12), ("hugo", "HR", 13)]
        {
            let id = CustomerId::new(name)?;
            let enrolment = EnrolmentRequest::device_key(RequestId::new("phone")?).vouched_for();
            let phone = desk.bind(&id, &enrolment, seed).await?;
            all.push((id, role, phone));
        }
        Ok(Self(all))
    }

    /// By the works' register: two of these three.
    fn mandate(&self) -> Done<Mandate> {
        let mut approvers = Vec::new();
        for (who, role, _) in &self.0 {
            approvers.push(CoApprover::new(who.clone(), role.parse()?));
        }
        Ok(Mandate::new(2, approvers))
    }

    /// The desktop says what is asked; the name and the set come from the register.
    fn asking(&self, id: &str, what: &ActionDetails, of: &str) -> Done<JointStepUpRequest> {
        let asked = StepUpRequest::new(RequestId::new(id)?, what.clone(), "Dan".parse()?);
        Ok(JointStepUpRequest::of(asked, of.parse()?, &self.mandate()?))
    }

    /// Zoe lost hers on the same day.
    async fn speak_for_zoe(&self, desk: &Desk) -> Done<JointlyRedeemed<ActionDetails>> {
        let (zoe, joint) = (CustomerId::new("zoe")?, desk.verifier.joint_step_ups());
        let (what, key) = (of_register(&zoe)?, RequestId::new("replace-zoe")?);
        let call = desk_rings("call-zoe", &zoe)?.rung_back(desk.on_file()?);
        let asked = joint.request(&call, &self.asking("lost", &what, "Zoe Example")?).await?;
        self.approves(1, desk, &asked).await?;
        self.approves(2, desk, &asked).await?;
        let id = asked.step_up.id;
        Ok(joint.redeem_action(&call, &id, &what, &self.mandate()?, &key).await?)
    }

    async fn approves(&self, at: usize, desk: &Desk, asked: &JointStepUpRequested) -> Done {
        let (who, _, phone) = self.0.get(at).ok_or("nobody")?;
        let theirs = asked.tokens.iter().find(|one| one.customer == *who).ok_or("not asked")?;
        let answer = phone.answers(desk, &theirs.token, None)?;
        let step_ups = desk.verifier.step_ups();
        step_ups.submit(who, &theirs.step_up, &answer).await?;
        Ok(())
    }

    async fn declines(&self, at: usize, desk: &Desk, asked: &JointStepUpRequested) -> Done {
        let (who, ..) = self.0.get(at).ok_or("nobody")?;
        let theirs = asked.tokens.iter().find(|one| one.customer == *who).ok_or("not asked")?;
        desk.verifier.step_ups().decline(who, &theirs.step_up, DeclineReason::WrongDetails).await?;
        Ok(())
    }
}

/// Frank lost the only phone. Two of three colleagues answer, and the delay runs.
async fn frank(desk: &Desk, colleagues: &Colleagues) -> Done {
    println!("Frank lost the only phone");
    let frank = CustomerId::new("frank")?;
    let enrolment = EnrolmentRequest::device_key(RequestId::new("phone")?).vouched_for();
    let phone = desk.bind(&frank, &enrolment, 21).await?;
    let what = of_register(&frank)?;
    let joint = desk.verifier.joint_step_ups();
    let outbound = desk_rings("call-3", &frank)?.rung_back(desk.on_file()?);
    let asking = colleagues.asking("lost", &what, "Frank Example")?;
    let asked = joint.request(&outbound, &asking).await?;
    colleagues.approves(0, desk, &asked).await?;
    colleagues.approves(2, desk, &asked).await?;
    assert_eq!(joint.outcome(&outbound, &asked.step_up.id).await?, JointOutcome::Approved);
    let (mandate, key) = (colleagues.mandate()?, RequestId::new("replace-2")?);
    let proof = joint.redeem_action(&outbound, &asked.step_up.id, &what, &mandate, &key).await?;
    assert_eq!(proof.votes().len(), 2);
    // None of them was on the line: that the desk rang Frank back is kept, and stands in his history.
    assert!(
        proof.ring_back() == outbound.ring_back.as_ref()
            && desk.news.told(&frank, Action::RingBack)
    );
    println!("  the desk had rung back, by the word of: {}", word_of(proof.ring_back()));
    // What they approved for Zoe replaces nothing of Frank's.
    let zoes = colleagues.speak_for_zoe(desk).await?;
    let mistaken = replace(desk, &frank, &phone.credential, Approved::Colleagues(&zoes)).await;
    assert!(mistaken.is_err());
    println!("  refused: what was approved for somebody else");
    replace(desk, &frank, &phone.credential, Approved::Colleagues(&proof)).await?;

    // His last key is gone: nothing less binds a new one before the delay is over, and every device is told.
    let new = EnrolmentRequest::device_key(RequestId::new("new")?).vouched_for();
    below_floor(desk.verifier.credentials().enrol(&frank, &new).await, "a new phone at once");
    let from = desk.verifier.customers().lower_floor(&frank).await?.ok_or("no floor")?;
    assert_eq!(from, desk.now()?.after(FLOOR_DELAY));
    assert!(desk.news.told(&frank, Action::LowerFloor));
    below_floor(
        desk.verifier.credentials().enrol(&frank, &new).await,
        "a new phone within the delay",
    );
    desk.clock.advance(FLOOR_DELAY);
    desk.bind(&frank, &new, 22).await?;
    println!("  Frank has a new phone, after the delay");
    Ok(())
}

/// Mallory rings the desk as Ivan, whose birthday, badge number and manager she knows.
async fn mallory(desk: &Desk, colleagues: &Colleagues) -> Done {
    println!("Mallory rings the desk as Ivan, with all the details");
    let ivan = CustomerId::new("ivan")?;
    let enrolment = EnrolmentRequest::device_key(RequestId::new("phone")?).vouched_for();
    let phone = desk.bind(&ivan, &enrolment, 31).await?;
    let what = of_register(&ivan)?;
    let (step_ups, joint) = (desk.verifier.step_ups(), desk.verifier.joint_step_ups());
    let asking = |id: &str| -> Done<StepUpRequest> {
        Ok(StepUpRequest::new(RequestId::new(id)?, what.clone(), "Dan".parse()?))
    };
    let inbound = rings_desk("call-4", &ivan)?.rung_back(desk.on_file()?);
    refused(step_ups.request(&inbound, &asking("in-call")?).await, "an approval in her own call");
    let in_call = colleagues.asking("in-call", &what, "Ivan Example")?;
    refused(joint.request(&inbound, &in_call).await, "colleagues, asked in her own call");

    // "Ring me on my new number."
    let (now, outbound) = (desk.now()?, desk_rings("call-5", &ivan)?);
    let month = Duration::from_secs(30 * 86_400);
    let named = RingBack::on_file(now.before(month), now, "the caller".parse()?);
    refused(
        step_ups.request(&outbound.clone().rung_back(named), &asking("named")?).await,
        "a number that she names",
    );
    let hour = Duration::from_secs(3600);
    let changed = RingBack::on_file(now.before(hour), now, "HR directory".parse()?);
    refused(
        step_ups.request(&outbound.clone().rung_back(changed), &asking("changed")?).await,
        "a number that was changed an hour ago",
    );
    let stale = RingBack::on_file(now.before(month), now.before(hour), "HR directory".parse()?);
    refused(
        step_ups.request(&outbound.clone().rung_back(stale), &asking("stale")?).await,
        "what the directory said an hour ago",
    );
    refused(step_ups.request(&outbound, &asking("plain")?).await, "nothing about the number");

    // The desk rings Ivan, on his number: he declines, and she has no key of his.
    let outbound = outbound.rung_back(desk.on_file()?);
    let asked = step_ups.request(&outbound, &asking("lost")?).await?;
    let hers = Ed25519KeyPair::from_seed_unchecked(&[66; 32]).map_err(|_| "no key")?;
    let shown = phone.shows(desk, &asked.token, asked.digits.as_ref())?;
    let message = shown.message_to_sign(&public(&phone.key)?).ok_or("no message")?;
    let forged = SignedAnswer::by_device_key(sign(&hers, &message)?);
    let id = asked.step_up.id;
    refused(
        step_ups.submit(&ivan, &id, &shown.answer_signed(forged)).await,
        "a signature of her own key",
    );
    step_ups.decline(&ivan, &id, DeclineReason::NotMe).await?;
    let answer = phone.answers(desk, &asked.token, asked.digits.as_ref())?;
    refused(step_ups.submit(&ivan, &id, &answer).await, "anything after \"not me\"");

    // One bribed colleague is not two, and one who declines ends it.
    let asking = colleagues.asking("bribed", &what, "Ivan Example")?;
    let asked = joint.request(&outbound, &asking).await?;
    colleagues.approves(0, desk, &asked).await?;
    let (id, key) = (asked.step_up.id, RequestId::new("replace-3")?);
    let mandate = colleagues.mandate()?;
    refused(
        joint.redeem_action(&outbound, &id, &what, &mandate, &key).await,
        "one bribed colleague of two",
    );
    colleagues.declines(1, desk, &asked).await?;
    refused(
        joint.redeem_action(&outbound, &id, &what, &mandate, &key).await,
        "what a colleague declined",
    );
    assert_eq!(joint.outcome(&outbound, &id).await?, JointOutcome::Declined);

    // A bribed desk: it asks an accomplice alone. She approves, and the register does not know her.
    let (eve, enrolment) =
        (CustomerId::new("eve")?, EnrolmentRequest::device_key(RequestId::new("phone")?));
    let hers = desk.bind(&eve, &enrolment.vouched_for(), 41).await?;
    let accomplice = vec![CoApprover::new(eve.clone(), "manager".parse()?)];
    let asked = StepUpRequest::new(RequestId::new("accomplice")?, what.clone(), "Dan".parse()?);
    let of = Mandate::new(1, accomplice);
    let asking = JointStepUpRequest::of(asked, "Ivan Example".parse()?, &of);
    let asked = joint.request(&outbound, &asking).await?;
    let token = asked.tokens.first().ok_or("not asked")?;
    let answer = hers.answers(desk, &token.token, None)?;
    step_ups.submit(&eve, &token.step_up, &answer).await?;
    let (id, key) = (asked.step_up.id, RequestId::new("replace-4")?);
    refused(
        joint.redeem_action(&outbound, &id, &what, &mandate, &key).await,
        "a set that the register does not have",
    );

    // A soft desk: its word alone binds nothing, and the delay is Ivan's to use.
    let new = EnrolmentRequest::device_key(RequestId::new("mallory")?);
    below_floor(
        desk.verifier.credentials().enrol(&ivan, &new.clone().vouched_for()).await,
        "a phone on the desk's word",
    );
    desk.verifier.customers().lower_floor(&ivan).await?;
    assert!(desk.news.told(&ivan, Action::LowerFloor), "and every device of his is told");
    desk.verifier.customers().keep_floor(&ivan).await?;
    desk.clock.advance(FLOOR_DELAY);
    below_floor(
        desk.verifier.credentials().enrol(&ivan, &new.vouched_for()).await,
        "a phone after he had the floor kept",
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let desk = Desk::open()?;
    let colleagues = Colleagues::hired(&desk).await?;
    erin(&desk).await?;
    frank(&desk, &colleagues).await?;
    mallory(&desk, &colleagues).await?;
    Ok(())
}
