//! Every public call, once at least: of what comes of them the tests ask elsewhere.

use std::num::NonZeroU16;
use std::time::Duration;

use countersign::action::ActionDetails;
use countersign::callback::{AmendmentRequest, BookingRequest, CallbackSecret, Verdict};
use countersign::card::StoredCard;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Channels, Slot};
use countersign::contact::{
    Announcement, Arrival, Introduction, PhoneNumber, Report, RingingCall, StatusNonce,
};
use countersign::credential::{
    AttestationJudge, AttestationToJudge, CredentialPublicKey, EnrolmentRequest, ImportRequest,
    KeptIn, KeyPossession, Signature,
};
use countersign::device::{DeviceCredential, SmartPin};
use countersign::history::Subject;
use countersign::id::FeedId;
use countersign::otp::OtpSeed;
use countersign::page::Page;
use countersign::random::SeededRandom;
use countersign::step_up::joint::{CoApprover, JointStepUpRequest, Mandate};
use countersign::step_up::{
    DeclineReason, Grant, SignedAnswer, StepUpOutcome, StepUpRequest, WhoRang,
};
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::token::{Purpose, TokenId, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{Act, Adjustment, Binding, Resolution};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, MemoryStore,
    RequestId, Transaction, Vault, Verifier, Window,
};

use crate::support::{
    MINUTE, Recorder, START, acquirer, bank_on, card, merchant, signing, vault_keys, vault_on,
};

/// Vouches for nothing.
struct NoJudge;

impl AttestationJudge for NoJudge {
    async fn judge(
        &self,
        _: AttestationToJudge<'_>,
    ) -> Result<Option<KeptIn>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(None)
    }
}

pub(crate) const SECRET: &str = "xylophone quartz";
pub(crate) const PAYEE: &str = "Jones Roofing 20-00-00 55779911";

/// Both halves, with outboxes, over stores that can fail.
pub(crate) struct Stage {
    pub(crate) bank: Verifier,
    pub(crate) vault: Vault,
    pub(crate) clock: ManualClock,
    pub(crate) store: FaultStore<MemoryStore>,
    pub(crate) vault_store: FaultStore<MemoryStore>,
}

pub(crate) fn stage() -> Stage {
    let clock = ManualClock::new(START);
    let [store, vault_store] = [(), ()].map(|()| FaultStore::new(MemoryStore::new()));
    let seen = Recorder::default();
    let bank = bank_on(&store, &clock, &seen).outbox().build().unwrap();
    let vault = vault_on(&vault_store, &clock, &seen, 2).outbox().build().unwrap();
    Stage { bank, vault, clock, store, vault_store }
}

pub(crate) fn alice() -> CustomerId {
    CustomerId::new("customer-wonderland").unwrap()
}

pub(crate) fn request(id: &str) -> RequestId {
    RequestId::new(id).unwrap()
}

pub(crate) fn booking(id: &str) -> BookingRequest {
    let window = Window::new(START, START.after(60 * MINUTE)).unwrap();
    let secret: CallbackSecret = SECRET.parse().unwrap();
    BookingRequest::new(request(id), window, Channel::Voice, secret)
}

pub(crate) fn bob_rings() -> Interaction {
    let id = InteractionId::new("call-planted").unwrap();
    let bob = Agent::new(AgentId::new("agent-planted").unwrap());
    Interaction::outbound(id, alice(), bob, Channel::Voice)
}

/// All calls of feeds, of a phone that rings, and of tickets.
async fn reports_and_tickets(stage: &Stage) -> Planted {
    let (contact, alice) = (stage.bank.contact(), alice());
    let feed: FeedId = "pbx".parse().unwrap();
    let report = |number| Report::new(feed.clone(), number, START);
    let id = InteractionId::new("announced-planted").unwrap();
    let bob = Agent::new(AgentId::new("agent-planted").unwrap());
    let call = Interaction::outbound(id.clone(), alice.clone(), bob, Channel::Voice);
    let shown: PhoneNumber = "+442071234567".parse().unwrap();
    let announcement = Announcement::showing(shown.clone());
    let said = Introduction::by("Bob Planted".parse().unwrap());
    contact.resync(&report(1)).await.unwrap();
    contact.announce(&report(2), &call, &announcement).await.unwrap();
    let device = "00000000000000000000000000".parse().unwrap();
    let query = StatusNonce::from_bytes([2; 16]);
    let ringing = RingingCall::new(query, shown.clone(), device, Duration::from_secs(1));
    let verdict = contact.verdict(&alice, &ringing).await.unwrap();
    contact.began(&report(3), &call, &said).await.unwrap();
    contact.transferred(&report(4), &call, &said).await.unwrap();
    contact.ended(&report(5), &call).await.unwrap();
    contact.heartbeat(&report(6)).await.unwrap();
    contact.began_unidentified(&report(7), &id, Some(&shown)).await.unwrap();
    contact.ended_unidentified(&report(8), &id).await.unwrap();
    contact.numbers_token().await.unwrap();
    let dialled = contact.dial_ticket(&alice).await.unwrap();
    let header = contact.header_ticket(&alice).await.unwrap();
    contact.arrive(&Arrival::dialled(id, dialled.expose())).await.unwrap();
    vec![verdict, dialled.expose().to_owned(), header.expose().to_owned()]
}

fn transfer(kind: TransactionKind) -> Transaction {
    let (payee, reference) = (PAYEE.parse().unwrap(), "Invoice planted".parse().unwrap());
    Transaction::new(kind, 5_778_899, "GBP".parse().unwrap(), payee, reference)
}

/// The key of RFC 8037, appendix A.2.
fn public_key() -> CredentialPublicKey {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    CredentialPublicKey::from_jwk(jwk).unwrap()
}

fn pin() -> SmartPin {
    "2468".parse().unwrap()
}

fn phone(purpose: Purpose) -> Device {
    let mut keys = TrustedKeys::new(crate::support::issuer());
    keys.trust(*signing().public_key(), purpose).unwrap();
    Device::new(keys, alice())
}

/// What was in it that nobody may be told, but for the card.
pub(crate) type Planted = Vec<String>;

/// All calls on actions, and on what several customers approve.
async fn actions_and_joint(
    stage: &Stage,
    call: &Interaction,
    device: &DeviceCredential,
    grant: &Grant,
) -> Planted {
    let (bank, alice) = (&stage.bank, alice());
    let (step_ups, now) = (bank.step_ups(), START.after(15 * MINUTE));
    let (transaction, key) = (transfer(TransactionKind::Transfer), request("act-planted"));
    let door = ActionDetails::new("door_planted".parse().unwrap(), Vec::new()).unwrap();
    let _ = step_ups.redeem_action(call, grant, &door, &key).await;
    let print = "A".repeat(43).parse().unwrap();
    let _ = step_ups.redeem_action_signed_by(call, grant, &door, &key, &print).await;

    let joint = bank.joint_step_ups();
    let asking = JointStepUpRequest::new(
        request("joint-planted"),
        transfer(TransactionKind::Transfer),
        "Bob Planted".parse().unwrap(),
        "Alice Planted".parse().unwrap(),
        1,
        vec![CoApprover::new(alice.clone(), "planted role".parse().unwrap())],
    );
    let asked = joint.request(call, &asking).await.unwrap();
    let shown = phone(Purpose::StepUp).open_step_up(&asked.tokens[0].token, now).unwrap();
    let countersign::device::WhoRangCheck::Show(shown) = shown.answer(WhoRang::Enterprise) else {
        panic!("{call:?}");
    };
    let digits = asked.digits.as_ref().unwrap().digits();
    let shown = shown.with_digits(digits.parse().unwrap());
    let code = shown.approve(device, &pin()).unwrap();
    step_ups.submit(&alice, &asked.tokens[0].step_up, &code).await.unwrap();
    let id = asked.step_up.id;
    joint.outcome(call, &id).await.unwrap();
    let mandate = Mandate::new(1, vec![CoApprover::new(alice, "planted role".parse().unwrap())]);
    joint.redeem(call, &id, &transaction, &mandate, &key).await.unwrap();
    let _ = joint.redeem_action(call, &id, &door, &mandate, &key).await;
    vec![
        code.code().unwrap().expose().to_owned(),
        digits.to_string(),
        asked.tokens[0].token.clone(),
        id.to_string(),
    ]
}

/// Past contacts, told to the PIN.
async fn last_contact(bank: &Verifier, device: &DeviceCredential) -> Planted {
    let contact = bank.contact();
    let asked = contact.last_contact_challenge(&alice(), &device.id()).await.unwrap();
    let phone = phone(Purpose::LastContact);
    let question = phone.last_contact_question(asked, &SeededRandom::new(8)).unwrap();
    let proof = question.by_code(device, &pin()).unwrap();
    let answer = contact.last_contact(&alice(), &proof).await.unwrap();
    vec![answer.token().to_owned()]
}

/// All calls of the verifier and its facets.
pub(crate) async fn enterprise(stage: &Stage) -> Planted {
    let (bank, alice, call) = (&stage.bank, alice(), bob_rings());
    let mut planted = Planted::new();

    let callbacks = bank.callbacks();
    let booked = callbacks.book(&alice, &booking("request-planted")).await.unwrap().id;
    let amendment = AmendmentRequest::new(request("amend-planted")).channel(Channel::Voice);
    callbacks.amend(&alice, &booked, &amendment).await.unwrap();
    callbacks.reveal(&call, &booked).await.unwrap();
    callbacks.conclude(&alice, &booked, Verdict::Recognised).await.unwrap();
    callbacks.list(&alice, Page::first()).await.unwrap();
    let other = callbacks.book(&alice, &booking("other")).await.unwrap().id;
    let _ = callbacks.abandon(&call, &other).await;
    let _ = callbacks.cancel(&alice, &other).await;
    planted.extend([booked.to_string(), other.to_string()]);

    let contact = bank.contact();
    contact.open(&call).await.unwrap();
    let status = contact.status(&alice, StatusNonce::from_bytes([1; 16])).await.unwrap();
    contact.close(&call).await.unwrap();
    planted.extend(Box::pin(reports_and_tickets(stage)).await);
    bank.pending(&alice).await.unwrap();
    planted.push(status);

    let credentials = bank.credentials();
    let enrolment = EnrolmentRequest::ocra(request("app-planted")).vouched_for();
    let given = credentials.enrol(&alice, &enrolment).await.unwrap();
    let base32 = given.base32().unwrap().to_owned();
    let seed = OtpSeed::from_base32(&base32).unwrap();
    let id = given.credential.id;
    let random = SeededRandom::new(3);
    let device = DeviceCredential::enrol(id, &seed, &pin(), None, &random).unwrap();
    let first = device.confirm(&pin()).unwrap();
    credentials.confirm(&alice, &id, &first).await.unwrap();
    planted.extend(Box::pin(last_contact(bank, &device)).await);
    credentials.list(&alice, Page::first()).await.unwrap();
    let _ = credentials.unlock(&alice, &id).await;
    let no_key = KeyPossession::device_key(public_key(), Signature::from_raw(&[7; 64]).unwrap());
    let _ = credentials.confirm_key(&alice, &id, &no_key, None).await;
    let _ = credentials.confirm_attested_key(&alice, &id, &no_key, None, b"", &NoJudge).await;
    let fob = ImportRequest::totp(OtpSeed::from_bytes(&[77; 32]).unwrap());
    let fob = credentials.import(&alice, &fob).await.unwrap().id;
    let code = "12345678".parse().unwrap();
    let _ = credentials.resync(&alice, &fob, &code, &code).await;
    credentials.revoke(&alice, &fob).await.unwrap();
    planted.extend([base32, id.to_string(), "12345678".to_owned()]);

    let challenges = bank.challenges();
    let channels = Channels::new(&[Channel::Voice]).unwrap();
    let purpose = "About planted things".parse().unwrap();
    let challenge = ChallengeRequest::new(request("challenge-planted"), purpose, channels);
    let issued = challenges.issue(&alice, &challenge).await.unwrap();
    let id = issued.challenge.id;
    let accepted = Answer::Accept(Acceptance::new(request("accept-planted")));
    challenges.answer(&alice, &id, &accepted).await.unwrap();
    let window = Window::new(START.after(10 * MINUTE), START.after(40 * MINUTE)).unwrap();
    let agent = countersign::Assignee::Agent(AgentId::new("agent-planted").unwrap());
    let slot = Slot::new(window, Channel::Voice, agent, "Bob Planted".parse().unwrap());
    challenges.confirm(&alice, &id, &request("c-1"), &slot).await.unwrap();
    let _ = challenges.reassign(&alice, &id, &request("c-2"), &slot).await;
    planted.extend([issued.token, challenges.appointment(&alice, &id).await.unwrap()]);
    stage.clock.set(START.after(15 * MINUTE));
    challenges.present(&call, &id).await.unwrap();
    let none = TokenId::from_bytes([0; 16]);
    let _ = challenges.conclude(&alice, &id, none, Verdict::Recognised).await;
    challenges.list(&alice, Page::first()).await.unwrap();
    let _ = challenges.revoke(&alice, &id).await;

    let step_ups = bank.step_ups();
    let asking = |id: &str| {
        let transaction = transfer(TransactionKind::Transfer);
        StepUpRequest::new(request(id), transaction, "Bob Planted".parse().unwrap())
    };
    let asked = step_ups.request(&call, &asking("step-planted")).await.unwrap();
    let now = START.after(15 * MINUTE);
    let shown = phone(Purpose::StepUp).open_step_up(&asked.token, now).unwrap();
    let countersign::device::WhoRangCheck::Show(shown) = shown.answer(WhoRang::Enterprise) else {
        panic!("{call:?}");
    };
    let digits = asked.digits.as_ref().unwrap().digits();
    let shown = shown.with_digits(digits.parse().unwrap());
    let code = shown.approve(&device, &pin()).unwrap();
    let id = asked.step_up.id;
    let _ = step_ups.delivery(&alice, &id).await;
    let no_answer = SignedAnswer::by_device_key(Signature::from_raw(&[7; 64]).unwrap());
    let _ = step_ups.submit_signed(&alice, &id, &no_answer, None).await;
    step_ups.submit(&alice, &id, &code).await.unwrap();
    let StepUpOutcome::Approved(grant) = step_ups.outcome(&call, &id).await.unwrap() else {
        panic!("it was approved");
    };
    let (transaction, key) = (transfer(TransactionKind::Transfer), request("act-planted"));
    step_ups.redeem(&call, &grant, &transaction, &key).await.unwrap();
    let print = "A".repeat(43).parse().unwrap();
    let _ = step_ups.redeem_signed_by(&call, &grant, &transaction, &key, &print).await;
    step_ups.evidence(&alice, &id).await.unwrap();
    step_ups.hand_over(&call, &AgentId::new("carol").unwrap()).await.unwrap();
    let other = step_ups.request(&call, &asking("other")).await.unwrap().step_up.id;
    let _ = step_ups.decline(&alice, &other, DeclineReason::NotMe).await;
    let shown = step_ups.prompts(&alice).await.unwrap();
    step_ups.resume_prompts(&alice, shown.number).await.unwrap();
    planted.extend([
        code.code().unwrap().expose().to_owned(),
        digits.to_string(),
        digits.replace(' ', ""),
        asked.token,
        id.to_string(),
    ]);

    Box::pin(async {
        let skill: countersign::id::SkillId = "planted".parse().unwrap();
        let report =
            countersign::reachability::SkillReport::open(skill.clone(), Channel::Voice, now);
        let reachability = bank.reachability();
        reachability.report(&[report]).await.unwrap();
        let nonce = StatusNonce::from_bytes([2; 16]);
        let answer = reachability.answer(&alice, nonce).await.unwrap();
        let window = Window::new(now, now.after(60 * MINUTE)).unwrap();
        let other = BookingRequest::new(
            request("reachable"),
            window,
            Channel::Voice,
            "banana".parse().unwrap(),
        );
        reachability.book(&alice, &answer, &skill, other).await.unwrap();
        planted.push(answer);

        let readers = countersign::notice::Addressee::Customer(alice.clone());
        let notice = countersign::notice::NoticeRequest::new(
            request("notice-planted"),
            countersign::notice::NoticeKind::Scam,
            "A planted scam".parse().unwrap(),
            "Hang up on the planted".parse().unwrap(),
            now.after(60 * MINUTE),
        );
        let issued = bank.notices().issue(&readers, &notice).await.unwrap();
        bank.notices().list(&readers).await.unwrap();
        bank.notices().board(&readers).await.unwrap();
        bank.notices().withdraw(&readers, &issued.notice.id).await.unwrap();
        planted.push(issued.token);
    })
    .await;

    // Boxed, or the stack of a test does not hold it.
    planted.extend(Box::pin(actions_and_joint(stage, &call, &device, &grant)).await);

    bank.ground_rules_token().await.unwrap();
    bank.history(&alice, Page::first()).await.unwrap();
    bank.history_receipt(&alice, Subject::Callback(booked)).await.unwrap();
    let swept = bank.reseal(100).await.unwrap();
    bank.reseal_from(&swept, 100).await.unwrap();
    bank.purge(100).await.unwrap();
    planted
}

/// All calls of the vault, and of payments.
pub(crate) async fn payments(stage: &Stage) -> Planted {
    let (vault, alice, call, acquirer) = (&stage.vault, alice(), bob_rings(), acquirer());
    let payments = stage.bank.payments();
    let asking = countersign::payment::PaymentRequest::new(
        request("payment-planted"),
        merchant(),
        transfer(TransactionKind::Payment),
        "Bob Planted".parse().unwrap(),
        vault.public_key().await.unwrap(),
    );
    let asked = payments.request(&call, &asking).await.unwrap();
    let now = countersign::time::Clock::now(&stage.clock).unwrap();
    let phone = phone(Purpose::PaymentRequest).with_vault_keys(vault_keys());
    let shown = phone.open_payment(&asked.token, now).unwrap();
    let sealed = shown.seal(&card(), &SeededRandom::new(4)).unwrap();
    let paid = vault.pay(&alice, &asked.token, &sealed, &acquirer).await.unwrap();
    let (receipt, id) = (&paid.receipt, asked.payment.id);
    payments.apply_receipt(&alice, receipt).await.unwrap();
    let token = paid.card_token.unwrap();
    payments.keep_card_token(&alice, receipt, &token).await.unwrap();
    payments.card_token(&alice, &id).await.unwrap();
    payments.outcome(&call, &id).await.unwrap();
    payments.list(&alice, Page::first()).await.unwrap();

    vault.receipt(&asked.token).await.unwrap().unwrap();
    vault.card_token(&asked.token).await.unwrap().unwrap();
    vault.payment_history(&asked.token).await.unwrap();
    let _ = vault.resume(&alice, &asked.token, &sealed, Some("hint-planted"), &acquirer).await;
    vault.details(&asked.token).await.unwrap().unwrap();
    let at = asked.payment.requested_at;
    vault.look_up(&alice, id, at).await.unwrap().unwrap();
    vault.reconcile(60 * MINUTE, &acquirer).await.unwrap();
    vault.reconcile_each(60 * MINUTE, &acquirer, |_| ()).await.unwrap();
    let _ = vault.acknowledge(&alice, receipt).await;
    let _ = vault.capture(&alice, receipt, 10, &request("f-1"), &acquirer).await;
    let _ = vault.void(&alice, receipt, 10, &request("f-2"), &acquirer).await;
    let _ = vault.refund(&alice, receipt, 10, &request("f-3"), &acquirer).await;
    let _ = vault.increment(&alice, receipt, 10, &request("f-4"), &acquirer).await;
    let _ =
        vault.resolve(&alice, receipt, Act::Increment, &request("f-4"), &Resolution::NotDone).await;
    let _ = vault.resolve_payment(&alice, receipt, &Resolution::NotDone).await;
    let _ = vault.adjust(&alice, receipt, &Adjustment::chargeback(1, request("f-5"))).await;
    let binding = Binding::new(alice.clone(), merchant());
    vault.fingerprint(&token, &binding).await.unwrap();
    vault.with_card(&token, &binding, |card| card.pan().expose().len()).await.unwrap();
    let again = |card: &StoredCard| card.pan().expose().len();
    let _ = vault
        .with_card_async(&token, &binding, move |card| Box::pin(async move { again(card) }))
        .await;
    let _ = vault.revoke(&token, &binding).await;
    let _ = vault.card_history(&token, &binding).await;
    let swept = vault.reseal(100).await.unwrap();
    vault.reseal_from(&swept, 100).await.unwrap();
    vault.purge(100).await.unwrap();
    vec![asked.token.clone(), receipt.token().to_owned(), id.to_string()]
}

/// All calls of the outbox, which has news of the others.
pub(crate) async fn outbox(stage: &Stage) {
    let (most, during) = (NonZeroU16::new(100).unwrap(), Duration::from_secs(30));
    for outbox in [stage.bank.outbox(), stage.vault.outbox()] {
        let batch = outbox.lease(most, during).await.unwrap().unwrap();
        let last = batch.notices.last().unwrap().id;
        outbox.acknowledge(&batch, []).await.unwrap();
        outbox.give_back(&batch, last, "reason-planted").await.unwrap();
        outbox.release(batch).await.unwrap();
        outbox.backlog().await.unwrap();
        outbox.parked().await.unwrap();
        outbox.unreadable().await.unwrap();
        let _ = outbox.resume(&alice()).await;
        let _ = outbox.resume_all().await;
        let _ = outbox.discard(&alice()).await;
    }
    Box::pin(customers(stage)).await;
}

/// All calls on customers as a whole: the last, since they delete what the others wrote.
async fn customers(stage: &Stage) {
    let (customers, alice) = (stage.bank.customers(), alice());
    customers.standing(&alice).await.unwrap();
    customers.reconcile(&alice).await.unwrap();
    customers.lower_floor(&alice).await.unwrap();
    customers.keep_floor(&alice).await.unwrap();
    customers.hold(&alice).await.unwrap();
    customers.lift_hold(&alice).await.unwrap();
    customers.export(&alice).await.unwrap();
    stage.clock.advance(24 * 60 * MINUTE);
    let _ = customers.erase(&alice).await;
    let _ = customers.erase_remainder(&alice).await;
    let _ = customers.readmit(&alice).await;
    let _ = stage.vault.erase(&alice).await;
}
