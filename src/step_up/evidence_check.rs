//! Verifying evidence with public keys alone: no store, no secret, no network.

use crate::credential::bound::{AttestationVerdict, BoundBy};
use crate::credential::method::Method;
use crate::credential::possession::Asked;
use crate::history::ceremony::CeremonyHistory;
use crate::history::event::{Action, Actor, HistoryEvent, Outcome, Subject};
use crate::history::token::HistoryHeadData;
use crate::policy::PasskeyPolicy;
use crate::signature::key::{CredentialPublicKey, KeyFingerprint};
use crate::signature::signed::Signature;
use crate::step_up::evidence::{Body, BoundEvent, Evidence, EvidenceData};
use crate::step_up::statement::{Covered, Statement};
use crate::step_up::token::StepUpData;
use crate::step_up::who_rang::WhoRang;
use crate::token::{Audience, Claims, TokenData, TrustedKeys, UntrustedToken};
use crate::values::action::ring_back::RingBack;
use crate::values::id::{AgentId, CustomerId, Issuer};
use crate::values::time::Timestamp;

/// What whoever verifies evidence knows beforehand.
#[derive(Debug, Clone)]
#[must_use]
pub struct EvidenceCheck<'a> {
    keys: &'a TrustedKeys,
    passkeys: PasskeyPolicy,
    expected: Option<KeyFingerprint>,
}

/// Why evidence is not taken. None of it may be relied on then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The enterprise has not sealed this: something in it was changed, or the key is not trusted for evidence.
    #[error("the enterprise's seal is not over this evidence")]
    Seal,
    /// The token of what was asked is not the enterprise's, or of another customer.
    #[error("the token of what was asked is not the enterprise's for this customer")]
    Asked,
    /// The statement says something else than what was asked.
    #[error("the statement is not of what was asked")]
    Statement,
    /// It was to be signed under another key, or under any.
    #[error("the approval was not signed under the expected key")]
    OtherKey,
    /// The signature is not the key's over this statement.
    #[error("the key has not signed this statement")]
    Signature,
    /// The key did not sign that it was to be bound to this customer.
    #[error("the proof of possession is not the key's for this customer and credential")]
    Binding,
    /// A history is broken, of something else, without its receipt, or does not tell of the approval.
    #[error("a history does not lead to its receipt, or does not tell of the approval")]
    History,
}

/// Who can have made the approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "whoever relies on evidence tells these apart")]
pub enum Approver {
    /// The holder of the private key whose fingerprint was expected, and nobody else.
    HolderOfExpectedKey,
    /// The holder of a private key that the enterprise says is the customer's. Whoever holds the enterprise's keys and
    /// writes its rows could have put a key of their own there.
    HolderOfKeyByEnterprisesWord,
    /// The customer or the enterprise: the method shares a secret (OCRA, delivered codes, TOTP, HOTP), so whoever holds the
    /// enterprise's keys and rows could have made it.
    CustomerOrEnterprise,
}

/// Evidence that was verified: what it says, and by whose word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEvidence {
    asked: Claims<StepUpData>,
    sealed_at: Timestamp,
    customer: CustomerId,
    approver: Approver,
    answered: [Vec<u8>; 2],
    who_rang: Option<WhoRang>,
    ring_back: Option<RingBack>,
    body: Body,
}

/// The places of what was answered and what was typed, which are in no token.
const ANSWERED: usize = 11;
const TYPED: usize = 12;

/// What was answered and typed, if it is what was asked for: no app makes an approval without it, and no enterprise takes
/// one.
fn answers(
    asked: &StepUpData,
    [answered, typed]: &[Vec<u8>; 2],
) -> Result<Option<WhoRang>, EvidenceError> {
    let who_rang = match answered.as_slice() {
        [] => None,
        [1, number] => Some(WhoRang::from_number(*number).ok_or(EvidenceError::Statement)?),
        _ => return Err(EvidenceError::Statement),
    };
    let fits = who_rang.map_or(!asked.who_rang, |who| asked.who_rang && who.fits(asked.direction));
    let typed = match typed.as_slice() {
        [] => !asked.number_match,
        [1, digits @ ..] => {
            asked.number_match && digits.len() == 6 && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    if fits && typed { Ok(who_rang) } else { Err(EvidenceError::Statement) }
}

impl<'a> EvidenceCheck<'a> {
    /// With the enterprise's public keys, such as [`TrustedKeys::from_jwk_set`] reads: trusted for `evidence`, `step_up`
    /// and `history_head`.
    pub fn new(keys: &'a TrustedKeys) -> Self {
        Self { keys, passkeys: PasskeyPolicy::default(), expected: None }
    }

    /// Only what was signed under the key of this fingerprint: from the customer's receipt, a register outside the
    /// enterprise's store, or the phone itself.
    pub const fn signed_by(mut self, expected: KeyFingerprint) -> Self {
        self.expected = Some(expected);
        self
    }

    /// With the relying party at which passkeys approve: its id and origins, and whether the user is verified.
    pub fn passkeys(mut self, passkeys: &PasskeyPolicy) -> Self {
        self.passkeys = passkeys.clone();
        self
    }

    fn opened<D: TokenData>(
        &self,
        token: &str,
        audience: Option<&Audience>,
        now: Timestamp,
    ) -> Option<Claims<D>> {
        let token = UntrustedToken::parse(token).ok()?;
        // Of what was asked the time is over, and it is not what matters here.
        token.check_but_time(self.keys, audience, now).ok()
    }

    /// Whether a key that signs has signed `statement`, and who can have made it.
    fn approver(
        &self,
        body: &Body,
        data: &StepUpData,
        statement: Statement,
    ) -> Result<Approver, EvidenceError> {
        let signs = data.method.signs() && data.method == body.method;
        match (data.key, body.key(), &body.signed) {
            (Some(asked), Some(key), Some(signed)) if signs => {
                if key.fingerprint() != asked || self.expected.is_some_and(|one| one != asked) {
                    return Err(EvidenceError::OtherKey);
                }
                let answer = signed.read().ok_or(EvidenceError::Signature)?;
                let by = (data.method, data.with_code);
                if !answer.is_of(statement, by, &key, &self.passkeys) {
                    return Err(EvidenceError::Signature);
                }
                Ok(match self.expected {
                    Some(_) => Approver::HolderOfExpectedKey,
                    None => Approver::HolderOfKeyByEnterprisesWord,
                })
            }
            (None, None, None) if !data.method.signs() && data.method == body.method => {
                match self.expected {
                    // Nobody but the enterprise says that the customer approved it otherwise.
                    Some(_) => Err(EvidenceError::OtherKey),
                    None => Ok(Approver::CustomerOrEnterprise),
                }
            }
            _ => Err(EvidenceError::Signature),
        }
    }
}

impl Evidence {
    /// Verifies all of it with public keys alone: the enterprise's seal, the token of what was asked, that the statement
    /// is of that, the signature over the statement, the proof of possession, both histories and their receipts.
    ///
    /// `now` is when the enterprise's keys must be trusted.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`].
    pub fn verify(
        &self,
        check: &EvidenceCheck<'_>,
        now: Timestamp,
    ) -> Result<VerifiedEvidence, EvidenceError> {
        let body = &self.body;
        let seal: Claims<EvidenceData> =
            check.opened(&self.seal, None, now).ok_or(EvidenceError::Seal)?;
        if Some(seal.data()) != EvidenceData::of(body).as_ref() {
            return Err(EvidenceError::Seal);
        }
        let to = seal.audience();
        let customer = CustomerId::new(to.as_str()).map_err(|_| EvidenceError::Seal)?;
        let asked: Claims<StepUpData> =
            check.opened(&body.asked, Some(to), now).ok_or(EvidenceError::Asked)?;
        let (statement, answered) = stated(body, &asked, &customer)?;
        let approver = check.approver(body, asked.data(), statement)?;
        let who_rang = answers(asked.data(), &answered)?;
        if let Some(bound) = &body.bound {
            is_bound(bound, body.key().as_ref(), &asked, &customer)?;
        }
        for (at, receipted) in body.histories.iter().enumerate() {
            let head: Claims<HistoryHeadData> =
                check.opened(&receipted.receipt, Some(to), now).ok_or(EvidenceError::History)?;
            let history = &receipted.history;
            let subject = match at {
                0 => Some(Subject::StepUp(asked.data().step_up)),
                1 => Some(Subject::Credential(asked.data().credential)),
                _ => None,
            };
            if subject != Some(history.subject)
                || history.verify().is_err()
                || !head.data().is_of(history)
                || (at == 0
                    && !(tells_of_approval(history, body, who_rang)
                        && tells_of_agents(history, body)))
            {
                return Err(EvidenceError::History);
            }
        }
        if body.histories.is_empty() {
            return Err(EvidenceError::History);
        }
        // After the end nothing is approved.
        if body.approved >= asked.expires_at() {
            return Err(EvidenceError::History);
        }
        let (sealed_at, body) = (seal.issued_at(), body.clone());
        let ring_back = body.ring_back.clone().map(RingBack::from);
        Ok(VerifiedEvidence {
            asked,
            sealed_at,
            customer,
            approver,
            answered,
            who_rang,
            ring_back,
            body,
        })
    }
}

/// The statement, if its members are those of what was asked; and what was answered and typed.
fn stated(
    body: &Body,
    asked: &Claims<StepUpData>,
    customer: &CustomerId,
) -> Result<(Statement, [Vec<u8>; 2]), EvidenceError> {
    let members: Option<Vec<Vec<u8>>> = body.statement.iter().map(|one| one.read()).collect();
    let members = members.ok_or(EvidenceError::Statement)?;
    let of_token = Covered::from(asked.data());
    let same = of_token.members(asked.issuer(), customer, asked.id(), |expected| {
        expected.len() == members.len()
            && expected.iter().zip(&members).enumerate().all(|(place, (one, other))| {
                matches!(place, ANSWERED | TYPED) || *one == other.as_slice()
            })
    });
    if !same {
        return Err(EvidenceError::Statement);
    }
    let pieces: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    let at = |place: usize| members.get(place).cloned().unwrap_or_default();
    Ok((Statement::of_members(&pieces, asked.data().joint.as_ref()), [at(ANSWERED), at(TYPED)]))
}

/// Whether the key signed that it was to be bound to this customer's credential.
fn is_bound(
    bound: &BoundEvent,
    key: Option<&CredentialPublicKey>,
    asked: &Claims<StepUpData>,
    customer: &CustomerId,
) -> Result<(), EvidenceError> {
    let (nonce, signature, key) = match (&bound.nonce, &bound.signature, key) {
        (None, None, _) => return Ok(()),
        // A passkey's registration is not signed by its key.
        (Some(_), None, Some(_)) if asked.data().method == Method::Passkey => return Ok(()),
        (Some(nonce), Some(signature), Some(key)) => (nonce, signature, key),
        _ => return Err(EvidenceError::Binding),
    };
    let (Some(nonce), Some(signature)) = (nonce.read_array::<32>(), signature.read_array::<64>())
    else {
        return Err(EvidenceError::Binding);
    };
    let of = Asked {
        issuer: asked.issuer(),
        customer,
        credential: asked.data().credential,
        nonce: &nonce,
    };
    if key.verifies(&of.message(key), &Signature(signature)) {
        Ok(())
    } else {
        Err(EvidenceError::Binding)
    }
}

/// What was done, of this kind, in order.
fn done(
    history: &CeremonyHistory,
    action: Action,
) -> impl DoubleEndedIterator<Item = &HistoryEvent> {
    let of = move |event: &&HistoryEvent| event.action == action && event.outcome == Outcome::Done;
    history.events.iter().filter(of)
}

/// Whether the history tells of the approval, and of its redemption, when the body says they were; and, unless it was
/// written before histories told that, of what the customer said.
fn tells_of_approval(history: &CeremonyHistory, body: &Body, who_rang: Option<WhoRang>) -> bool {
    let says = |event: &HistoryEvent| event.who_rang.is_none() || event.who_rang == who_rang;
    let approved =
        done(history, Action::Approve).any(|event| event.at == body.approved && says(event));
    let redeemed = |at| done(history, Action::Redeem).any(|event| event.at == at);
    approved && body.redeemed.is_none_or(redeemed)
}

/// Whether the history tells that this agent asked, and to whom the conversation went over last.
fn tells_of_agents(history: &CeremonyHistory, body: &Body) -> bool {
    let last = |action| done(history, action).next_back().map(|event| &event.actor);
    let is = |actor: Option<&Actor>, agent: Option<&AgentId>| match (actor, agent) {
        (None, None) => true,
        (Some(Actor::Agent(by)), Some(agent)) => by == agent,
        _ => false,
    };
    is(last(Action::RequestStepUp), Some(&body.agent))
        && is(last(Action::HandOver), body.handed_over_to.as_ref())
}

impl VerifiedEvidence {
    /// Who can have made the approval. Everything else here is the enterprise's word, except what the key signed: the
    /// statement.
    #[must_use]
    pub const fn approver(&self) -> Approver {
        self.approver
    }

    /// What was asked and shown: the transaction, the direction, the agent's name.
    #[must_use]
    pub const fn asked(&self) -> &StepUpData {
        self.asked.data()
    }

    /// When it was asked.
    #[must_use]
    pub const fn asked_at(&self) -> Timestamp {
        self.asked.issued_at()
    }

    /// Which enterprise asked.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        self.asked.issuer()
    }

    /// Which customer was asked.
    #[must_use]
    pub const fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// For which agent, by the enterprise's word.
    #[must_use]
    pub const fn agent(&self) -> &AgentId {
        &self.body.agent
    }

    /// The agent to whom the conversation went over after it was asked, if it did: the customer was shown the name of the
    /// one before. By the enterprise's word; the history says when, and whether it was redeemed before.
    #[must_use]
    pub const fn handed_over_to(&self) -> Option<&AgentId> {
        self.body.handed_over_to.as_ref()
    }

    /// What the customer answered to a question of the app, as it stands in the statement; empty if none was asked.
    #[must_use]
    pub fn answered(&self) -> &[u8] {
        let [answered, _] = &self.answered;
        answered
    }

    /// What the customer said of who rang whom, if they were asked: the same in words. It contradicts the direction in no
    /// evidence.
    #[must_use]
    pub const fn who_rang(&self) -> Option<WhoRang> {
        self.who_rang
    }

    /// What was known of the number on which the enterprise rang back, if somebody looked it up: by the enterprise's word.
    /// Whether it rang back within the app says the leg of what was [asked](Self::asked), which the approval covers; the
    /// history has [`Action::RingBack`] where the kind asks for that.
    #[must_use]
    pub const fn ring_back(&self) -> Option<&RingBack> {
        self.ring_back.as_ref()
    }

    /// What the customer typed, as it stands in the statement; empty if nothing was.
    #[must_use]
    pub fn typed(&self) -> &[u8] {
        let [_, typed] = &self.answered;
        typed
    }

    /// When it was approved, by the enterprise's word.
    #[must_use]
    pub const fn approved_at(&self) -> Timestamp {
        self.body.approved
    }

    /// When it was redeemed, if it was, by the enterprise's word.
    #[must_use]
    pub const fn redeemed_at(&self) -> Option<Timestamp> {
        self.body.redeemed
    }

    /// When the evidence was exported.
    #[must_use]
    pub const fn sealed_at(&self) -> Timestamp {
        self.sealed_at
    }

    /// What names the key under which it was signed.
    #[must_use]
    pub fn key_fingerprint(&self) -> Option<KeyFingerprint> {
        self.asked.data().key
    }

    /// On whose word the credential was bound. [`BoundBy::SharedSecret`] and [`BoundBy::Session`] say that the enterprise
    /// could have bound it.
    #[must_use]
    pub fn bound_by(&self) -> Option<BoundBy> {
        self.body.bound.as_ref().and_then(|bound| bound.by)
    }

    /// Whether the key itself signed that it was to be bound to this customer's credential.
    #[must_use]
    pub fn shows_possession(&self) -> bool {
        self.body.bound.as_ref().is_some_and(|bound| bound.signature.is_some())
    }

    /// What the host found the platform's attestation of the key to say.
    #[must_use]
    pub fn attested(&self) -> Option<AttestationVerdict> {
        self.body.bound.as_ref().and_then(|bound| bound.attested)
    }

    /// The histories of the step-up and of the credential, to be compared with receipts that the customer's app kept.
    pub fn histories(&self) -> impl Iterator<Item = &CeremonyHistory> {
        self.body.histories.iter().map(|one| &one.history)
    }
}
