//! What somebody with the enterprise's root keys, its signing key and every row can forge, and what not.

use super::*;
use crate::credential::attestation::{AttestationJudge, AttestationToJudge};
use crate::credential::bound::{BoundBy, KeptIn};
use crate::credential::facet::Credentials;
use crate::credential::method::Method;
use crate::credential::possession::{Asked, KeyPossession};
use crate::credential::request::EnrolmentRequest;
use crate::credential::rules::evaluate_code::{confirm_question, respond};
use crate::credential::state::CredentialState;
use crate::crypto::ed25519::KeyPair;
use crate::crypto::keyring::Keyring;
use crate::engine::Engine;
use crate::engine::enterprise::Enterprise;
use crate::engine::rule::{Context, Rule, Ruled, Ruling, State};
use crate::engine::signing::Signing;
use crate::error::{Error, Invalid};
use crate::history::event::{Action, Actor, EventDraft};
use crate::otp::ocra::Response;
use crate::otp::subkeys::{Subkeys, Use};
use crate::signature::key::{CredentialPublicKey, KeyFingerprint};
use crate::signature::signed::Signature;
use crate::step_up::state::{Approval, Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::token::{Purpose, SigningKey, TrustedKeys};
use crate::values::action::details::ActionDetails;
use crate::values::id::{
    AgentId, CredentialId, CustomerId, InteractionId, Issuer, RequestId, StepUpId,
};
use crate::values::interaction::{Agent, Channel, Interaction};
use crate::values::transaction::{Transaction, TransactionKind};

pub(super) struct Key(KeyPair, pub(super) CredentialPublicKey);

impl Key {
    pub(super) fn of(byte: u8) -> Self {
        let pair = KeyPair::from_seed(&[byte; 32]).unwrap();
        let public = pair.public_key().unwrap();
        let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice(), &public].concat();
        Self(pair, CredentialPublicKey::from_cose(&cose).unwrap())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message))
    }

    pub(super) fn answer(&self, statement: Statement) -> SignedAnswer {
        SignedAnswer::by_device_key(self.sign(&statement.message()))
    }

    pub(super) fn print(&self) -> KeyFingerprint {
        self.1.fingerprint()
    }
}

pub(super) fn alice() -> CustomerId {
    CustomerId::new("alice").unwrap()
}

pub(super) fn request(id: &str) -> RequestId {
    RequestId::new(id).unwrap()
}

pub(super) fn call() -> Interaction {
    let (id, bob) = (InteractionId::new("call-1").unwrap(), AgentId::new("bob").unwrap());
    Interaction::outbound(id, alice(), Agent::new(bob), Channel::Voice)
}

fn of_kind(kind: TransactionKind) -> Transaction {
    let text = |text: &str| text.parse().unwrap();
    Transaction::new(kind, 500, "GBP".parse().unwrap(), text("Mallory"), text("7"))
}

pub(super) fn transfer() -> Transaction {
    of_kind(TransactionKind::Transfer)
}

pub(super) fn bank() -> Enterprise {
    let keyring =
        Keyring::from_bytes(&Keyring::generate(&crate::OsRandom::new()).unwrap().to_bytes());
    Enterprise {
        engine: Engine::new(Issuer::new("bank.example").unwrap(), keyring.unwrap()),
        signing: Some(Signing::InMemory(SigningKey::from_seed(&[5; 32]).unwrap())),
        published: Vec::new(),
        telephony: crate::contact::Telephony::new(),
        watermarks: crate::engine::watermarks::Watermarks::default(),
        #[cfg(feature = "cards")]
        vault_keys: None,
    }
}

/// With the seed out of the row: what the phone would answer, without its PIN.
async fn computed(bank: &Enterprise, id: CredentialId, question: &[u8; 32]) -> Response {
    let (found, _) = bank.read_for::<CredentialState>(&alice(), id.0).await.unwrap().unwrap();
    let CredentialState { parameters, seed, .. } = &found.body.state;
    let key = Subkeys::of(seed.as_ref().unwrap()).seed(Use::StepUp).unwrap();
    respond(parameters, &key, question).unwrap()
}

/// What the row of a step-up has of it, as Alice would answer.
pub(super) async fn terms(bank: &Enterprise, id: StepUpId) -> Terms {
    let (found, _) = bank.read_for::<StepUpState>(&alice(), id.0).await.unwrap().unwrap();
    let who_rang = found.body.state.terms.asks_who.then_some(WhoRang::Enterprise);
    Terms { who_rang, ..found.body.state.terms.clone() }
}

async fn statement(bank: &Enterprise, id: StepUpId) -> Statement {
    terms(bank, id).await.statement(&bank.issuer, &alice(), id.0)
}

/// Who rang whom is known, and the digits stand in the row too.
async fn submit(bank: &Enterprise, id: StepUpId, answer: StepUpAnswer) -> Result<StepUp, Error> {
    let asked = terms(bank, id).await;
    let digits = asked.digits.as_ref().unwrap().0.copied();
    let answer = answer.with_digits(digits).who_rang(asked.who_rang.unwrap());
    StepUps(bank).submit(&alice(), &id, &answer).await
}

fn by_code(code: &Response) -> StepUpAnswer {
    StepUpAnswer::by_code(code.expose().parse().unwrap())
}

async fn with_ocra(bank: &Enterprise) -> CredentialId {
    let credentials = Credentials(bank);
    let given = credentials.enrol(&alice(), &EnrolmentRequest::ocra(request("app"))).await.unwrap();
    let id = given.credential.id;
    let first = computed(bank, id, &confirm_question(id.0)).await;
    credentials.confirm(&alice(), &id, &first).await.unwrap().id
}

async fn possession(bank: &Enterprise, id: CredentialId, key: &Key) -> KeyPossession {
    let (found, _) = bank.read_for::<CredentialState>(&alice(), id.0).await.unwrap().unwrap();
    let nonce = found.body.state.key_nonce().unwrap();
    let asked = Asked { issuer: &bank.issuer, customer: &alice(), credential: id, nonce: &nonce };
    KeyPossession::device_key(key.1, key.sign(&asked.message(&key.1)))
}

pub(super) async fn with_key(bank: &Enterprise, key: &Key) -> CredentialId {
    let enrolment = EnrolmentRequest::device_key(request("phone")).vouched_for();
    let given = Credentials(bank).enrol(&alice(), &enrolment).await.unwrap();
    let (id, possession) = (given.credential.id, possession(bank, given.credential.id, key).await);
    Credentials(bank).confirm_key(&alice(), &id, &possession, None).await.unwrap().id
}

pub(super) async fn asked(bank: &Enterprise, transaction: Transaction) -> StepUpId {
    let asking = StepUpRequest::new(request("s-1"), transaction, "Bob".parse().unwrap());
    StepUps(bank).request(&call(), &asking).await.unwrap().step_up.id
}

async fn grant(bank: &Enterprise, id: StepUpId) -> Grant {
    match StepUps(bank).outcome(&call(), &id).await.unwrap() {
        StepUpOutcome::Approved(grant) => grant,
        other => panic!("{other:?}"),
    }
}

async fn redeemed(bank: &Enterprise, id: StepUpId) -> Result<Redeemed, Error> {
    let grant = grant(bank, id).await;
    StepUps(bank).redeem(&call(), &grant, &transfer(), &request("k")).await
}

async fn redeemed_by(bank: &Enterprise, id: StepUpId, key: &Key) -> Result<Redeemed, Error> {
    let (grant, k) = (grant(bank, id).await, request("k"));
    StepUps(bank).redeem_signed_by(&call(), &grant, &transfer(), &k, &key.print()).await
}

/// Evidence as whoever has the bank's public keys verifies it, who knows Alice's fingerprint or does not.
async fn shown(
    bank: &Enterprise,
    id: StepUpId,
    key: Option<&Key>,
) -> Result<Approver, EvidenceError> {
    let evidence = StepUps(bank).evidence(&alice(), &id).await.unwrap();
    let mut keys = TrustedKeys::new(bank.issuer.clone());
    for purpose in [Purpose::Evidence, Purpose::StepUp, Purpose::HistoryHead] {
        keys.trust(*SigningKey::from_seed(&[5; 32]).unwrap().public_key(), purpose).unwrap();
    }
    let check = EvidenceCheck::new(&keys);
    let check = key.map_or(check.clone(), |key| check.signed_by(key.print()));
    let now = bank.clock.now().unwrap();
    evidence.verify(&check, now).map(|verified| verified.approver())
}

/// Writes whatever it likes.
struct Forge<F>(F);

impl<C: State, F: Fn(&mut C) + Sync> Rule<C> for Forge<F> {
    type Outcome = ();

    /// As if the customer had approved: histories are written too.
    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Customer, Action::Approve)
    }

    fn decide(&self, state: &mut C, _: &Context<'_>) -> Ruled<()> {
        (self.0)(state);
        Ok(Ruling::done(()))
    }
}

pub(super) async fn forge<C: State>(
    bank: &Enterprise,
    id: [u8; 16],
    change: impl Fn(&mut C) + Sync,
) {
    bank.run(&bank.of(&alice(), id), &Forge(change)).await.unwrap();
}

/// The manual says so.
#[tokio::test]
async fn who_reads_keys_and_rows_forges_an_approval_by_ocra() {
    let bank = bank();
    let app = with_ocra(&bank).await;
    let id = asked(&bank, transfer()).await;
    let code = computed(&bank, app, &statement(&bank, id).await.0).await;
    submit(&bank, id, by_code(&code)).await.unwrap();
    assert!(!redeemed(&bank, id).await.unwrap().duress());
    // And evidence says that it may be forged.
    assert_eq!(shown(&bank, id, None).await, Ok(Approver::CustomerOrEnterprise));
    assert_eq!(shown(&bank, id, Some(&Key::of(9))).await, Err(EvidenceError::OtherKey));
}

#[tokio::test]
async fn who_reads_keys_and_rows_forges_no_approval_of_a_device_key() {
    let (bank, key, thief) = (bank(), Key::of(9), Key::of(8));
    let phone = with_key(&bank, &key).await;
    let id = asked(&bank, transfer()).await;
    let statement = statement(&bank, id).await;
    // The seed is there, for what agents say: it approves nothing.
    let code = computed(&bank, phone, &statement.0).await;
    let alone = submit(&bank, id, by_code(&code)).await;
    assert!(matches!(alone, Err(Error::Refused(_))), "{alone:?}");
    let by_thief = || thief.answer(statement);
    let signed = StepUpAnswer::by_signature(by_thief());
    for forged in [signed, by_code(&code).signed(by_thief())] {
        let forged = submit(&bank, id, forged).await;
        assert!(matches!(forged, Err(Error::Refused(_))), "{forged:?}");
    }
    // What the key signed for something else is none for this.
    let other = key.answer(Statement([7; 32]));
    let forged = submit(&bank, id, StepUpAnswer::by_signature(other)).await;
    assert!(matches!(forged, Err(Error::Refused(_))), "{forged:?}");
    let good = key.answer(statement);
    submit(&bank, id, StepUpAnswer::by_signature(good)).await.unwrap();
    assert_eq!(redeemed_by(&bank, id, &key).await.unwrap().key_fingerprint(), Some(key.print()));
}

#[tokio::test]
async fn who_reads_keys_and_rows_forges_no_assertion_of_a_passkey() {
    let mut bank = bank();
    bank.engine.policy.passkeys.rp_id = "approve.bank.example".to_owned();
    bank.engine.policy.passkeys.origins = vec!["https://approve.bank.example".to_owned()];
    let thief = Key::of(8);
    with_key(&bank, &Key::of(9)).await;
    let id = asked(&bank, transfer()).await;
    // As far as it is signed at all, this is right; the key is not.
    let challenge = crate::token::base64url::encode(&statement(&bank, id).await.0);
    let client = format!(
        r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://approve.bank.example"}}"#
    );
    let hash = crate::crypto::digest::sha256("approve.bank.example");
    let data = [hash.as_slice(), &[5, 0, 0, 0, 0]].concat();
    let signed = [data.as_slice(), &crate::crypto::digest::sha256(&client)].concat();
    let assertion = crate::webauthn::assertion::PasskeyAssertion::new(
        b"passkey-1",
        client.as_bytes(),
        &data,
        thief.sign(&signed).as_bytes(),
    );
    let answer = SignedAnswer::by_passkey(assertion.unwrap());
    let to_passkey = |state: &mut StepUpState| state.terms.method = Method::Passkey;
    for forged in [false, true] {
        if forged {
            forge(&bank, id.0, to_passkey).await;
        }
        let forged = submit(&bank, id, StepUpAnswer::by_signature(answer.clone())).await;
        assert!(matches!(forged, Err(Error::Refused(_))), "{forged:?}");
    }
}

/// The floor: whoever makes up what OCRA answers binds nothing beside a key.
#[tokio::test]
async fn who_reads_keys_and_rows_binds_no_key_by_an_approval_of_ocra() {
    let bank = bank();
    let app = with_ocra(&bank).await;
    let another = of_kind(TransactionKind::NewAuthenticator);
    let id = asked(&bank, another.clone()).await;
    let code = computed(&bank, app, &statement(&bank, id).await.0).await;
    submit(&bank, id, by_code(&code)).await.unwrap();
    let grant = grant(&bank, id).await;
    let proof = StepUps(&bank).redeem(&call(), &grant, &another, &request("k")).await.unwrap();
    // Begun while it was good, and confirmed after Alice's own key was.
    let mallory = EnrolmentRequest::device_key(request("mallory")).approved_in(&proof);
    let begun = Credentials(&bank).enrol(&alice(), &mallory).await.unwrap().credential.id;
    with_key(&bank, &Key::of(9)).await;
    let shown = possession(&bank, begun, &Key::of(8)).await;
    let late = Credentials(&bank).confirm_key(&alice(), &begun, &shown, None).await;
    assert!(matches!(late, Err(Error::Invalid(Invalid::BelowFloor))), "{late:?}");
    // No further approval of that kind is asked for, by name neither.
    for by in [None, Some(Method::Ocra)] {
        let asking = StepUpRequest::new(request("s-2"), another.clone(), "Bob".parse().unwrap());
        let asking = by.map_or(asking.clone(), |by| asking.by(by));
        let asked = StepUps(&bank).request(&call(), &asking).await;
        let signs = |asked: StepUpRequested| asked.step_up.method == Method::DeviceKey;
        assert!(asked.map_or(by.is_some(), signs));
    }
}

/// Alice was asked, and whoever writes rows approves it.
async fn forged_approval(
    change: impl Fn(&mut StepUpState, Statement) + Sync,
) -> (Enterprise, StepUpId) {
    let bank = bank();
    let phone = with_key(&bank, &Key::of(9)).await;
    let id = asked(&bank, transfer()).await;
    let (issuer, alice) = (bank.issuer.clone(), alice());
    let until = bank.clock.now().unwrap().after(core::time::Duration::from_secs(60));
    forge(&bank, id.0, |state: &mut StepUpState| {
        // What the app would not approve without.
        state.terms.who_rang = state.terms.asks_who.then_some(WhoRang::Enterprise);
        change(state, Statement([0; 32]));
        let statement = state.terms.statement(&issuer, &alice, id.0);
        let at = state.terms.at;
        let approval = Approval { duress: request::Duress::NONE, at, until, signed: None };
        state.phase = Phase::Approved(approval);
        change(state, statement);
    })
    .await;
    let (signer, method) = {
        let (found, _) = bank.read_for::<StepUpState>(&alice, id.0).await.unwrap().unwrap();
        (found.body.state.terms.signer, found.body.state.terms.method)
    };
    // And the credential, so that it fits.
    forge(&bank, phone.0, |state: &mut CredentialState| {
        (state.public_key, state.parameters.method) = (signer, method);
        state.key_proof = None;
    })
    .await;
    (bank, id)
}

/// With another key everything fits, and only who knows Alice's fingerprint from elsewhere notices: that is left, and the
/// manual says so.
#[tokio::test]
async fn a_state_that_is_forged_with_another_key_is_refused_where_the_fingerprint_is_given() {
    let (alices, thief) = (Key::of(9), Key::of(8));
    let (bank, id) = forged_approval(|state, statement| {
        state.terms.signer = Some(thief.1);
        if let Phase::Approved(approval) = &mut state.phase {
            approval.signed = Some(thief.answer(statement));
        }
    })
    .await;
    let refused = redeemed_by(&bank, id, &alices).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(redeemed(&bank, id).await.unwrap().key_fingerprint(), Some(thief.print()));
    let by_word = Approver::HolderOfKeyByEnterprisesWord;
    assert_eq!(shown(&bank, id, None).await, Ok(by_word));
    assert_eq!(shown(&bank, id, Some(&alices)).await, Err(EvidenceError::OtherKey));
}

/// The same of an action.
#[tokio::test]
async fn an_action_that_is_forged_with_another_key_is_refused_where_the_fingerprint_is_given() {
    let (alices, thief) = (Key::of(9), Key::of(8));
    let door = ActionDetails::new("door".parse().unwrap(), Vec::new()).unwrap();
    let (bank, id) = forged_approval(|state, statement| {
        (state.terms.signer, state.terms.what) = (Some(thief.1), door.clone().into());
        if let Phase::Approved(approval) = &mut state.phase {
            approval.signed = Some(thief.answer(statement));
        }
    })
    .await;
    let (grant, k, of) = (grant(&bank, id).await, request("k"), StepUps(&bank));
    let expected = alices.print();
    let refused = of.redeem_action_signed_by(&call(), &grant, &door, &k, &expected).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let proof = of.redeem_action(&call(), &grant, &door, &k).await.unwrap();
    assert_eq!(proof.key_fingerprint(), Some(thief.print()));
}

/// As if Alice had been asked for a code.
#[tokio::test]
async fn a_state_that_is_forged_without_a_key_is_refused_where_the_fingerprint_is_given() {
    let alices = Key::of(9);
    let (bank, id) = forged_approval(|state, _| {
        (state.terms.signer, state.terms.method) = (None, Method::Ocra);
    })
    .await;
    let refused = redeemed_by(&bank, id, &alices).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(shown(&bank, id, Some(&alices)).await, Err(EvidenceError::OtherKey));
}

/// With what is reserved for keys nothing else is redeemed, whatever its row says.
#[tokio::test]
async fn a_state_that_is_forged_without_a_key_is_refused_for_what_is_reserved() {
    let (mut bank, id) = forged_approval(|state, _| {
        (state.terms.signer, state.terms.method) = (None, Method::Ocra);
    })
    .await;
    bank.engine.policy.step_ups.reserved.kinds = vec![TransactionKind::Transfer];
    let refused = redeemed(&bank, id).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    bank.engine.policy.step_ups.reserved.kinds.clear();
    assert_eq!(redeemed(&bank, id).await.unwrap().key_fingerprint(), None);
}

/// A signature of something else, with Alice's own key on record.
#[tokio::test]
async fn a_state_that_is_forged_with_her_key_is_refused_everywhere() {
    let alices = Key::of(9);
    let (bank, id) = forged_approval(|state, _| {
        if let Phase::Approved(approval) = &mut state.phase {
            approval.signed = Some(alices.answer(Statement([7; 32])));
        }
    })
    .await;
    for refused in [redeemed(&bank, id).await, redeemed_by(&bank, id, &alices).await] {
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    for key in [None, Some(&alices)] {
        assert_eq!(shown(&bank, id, key).await, Err(EvidenceError::Signature));
    }
}

/// What a judge of the host's is given, and says.
struct Judge(Option<KeptIn>, bool);

impl AttestationJudge for Judge {
    async fn judge(
        &self,
        of: AttestationToJudge<'_>,
    ) -> Result<Option<KeptIn>, Box<dyn core::error::Error + Send + Sync>> {
        assert_eq!((of.customer, of.object), (&alice(), b"object".as_slice()));
        assert_eq!(of.key, &Key::of(9).1);
        if self.1 { Err("no list of revoked certificates".into()) } else { Ok(self.0) }
    }
}

#[tokio::test]
async fn a_key_is_bound_as_the_judge_of_its_attestation_says() {
    let (bank, key) = (bank(), Key::of(9));
    let credentials = Credentials(&bank);
    let enrolment = EnrolmentRequest::device_key(request("phone"));
    let id = credentials.enrol(&alice(), &enrolment).await.unwrap().credential.id;
    let shown = possession(&bank, id, &key).await;
    let confirm = async |judge: &Judge| {
        credentials.confirm_attested_key(&alice(), &id, &shown, None, b"object", judge).await
    };
    let refused = confirm(&Judge(None, false)).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let failed = confirm(&Judge(None, true)).await;
    assert!(matches!(failed, Err(Error::Judge(_))), "{failed:?}");
    let bound = confirm(&Judge(Some(KeptIn::SecureElement), false)).await.unwrap();
    let verdict = bound.attested.unwrap();
    assert_eq!(verdict.kept_in, KeptIn::SecureElement);
    assert_eq!(bound.bound_by, Some(BoundBy::Session));
    let approved = asked(&bank, transfer()).await;
    let answer = key.answer(statement(&bank, approved).await);
    submit(&bank, approved, StepUpAnswer::by_signature(answer)).await.unwrap();
    let evidence = StepUps(&bank).evidence(&alice(), &approved).await.unwrap();
    let bound = evidence.body.bound.unwrap();
    assert_eq!((bound.attested, bound.by), (Some(verdict), Some(BoundBy::Session)));
}
