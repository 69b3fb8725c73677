//! Past contacts are told to the customer's key alone.

use crate::contact::facet::Contact;
use crate::contact::past::request::{LastContactAnswer, LastContactChallenge, LastContactProof};
use crate::contact::past::rules::{AskKey, Tell, ToldPast};
use crate::contact::past::state::{AskedKey, Past};
use crate::contact::past::statement::AskedOfKey;
use crate::contact::state::PresenceState;
use crate::contact::token::last_contact::{LastContactData, ReportedSpan};
use crate::contact::token::status::StatusNonce;
use crate::credential::held::{Held, held};
use crate::credential::method::Method;
use crate::credential::rules::check_code::Check;
use crate::credential::view::{Credential, CredentialStatus};
use crate::customer::anchor::{anchor_of, not_erased};
use crate::error::{Error, Refused};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::CREDENTIALS_PER_CUSTOMER;
use crate::step_up::rules::Checked;
use crate::values::id::{CredentialId, CustomerId};
use crate::values::time::Timestamp;

impl Contact<'_> {
    pub(crate) async fn ask_key(
        self,
        customer: &CustomerId,
        credential: CredentialId,
    ) -> Result<LastContactChallenge, Error> {
        let inner = self.0;
        // Nothing is asked whose answer cannot be signed.
        inner.signing()?;
        not_erased(inner, customer).await?;
        let held = held(inner, customer, credential).await?;
        let shown = held.map(|held| held.shown).filter(may_be_told).ok_or(Refused::new())?;
        let mut drawn = [0; 16];
        inner.random.fill(&mut drawn)?;
        let challenge = StatusNonce::from_bytes(drawn);
        let of = inner.of(customer, self.presence(customer));
        inner.run(&of, &AskKey { challenge, credential, key: shown.key }).await?;
        Ok(LastContactChallenge {
            credential,
            method: shown.method,
            with_code: shown.with_code,
            key: shown.key_fingerprint,
            challenge,
        })
    }

    pub(crate) async fn tell_last_contact(
        self,
        customer: &CustomerId,
        proof: &LastContactProof,
    ) -> Result<LastContactAnswer, Error> {
        let inner = self.0;
        let signing = inner.signing()?;
        let of = inner.of::<PresenceState>(customer, self.presence(customer));
        let asked = inner.read(&of).await?.and_then(|(found, _)| found.body.state.asked);
        let now = inner.clock.now()?;
        // No code is looked at for a question that is over, or that another credential was asked.
        let asked = asked.filter(|of| of.credential == proof.credential && now < of.until);
        let asked = asked.ok_or(Refused::new())?;
        let held = held(inner, customer, asked.credential).await?;
        let held = held.filter(|held| may_answer(&held.shown)).ok_or(Refused::new())?;
        let checked = self.checked(customer, &asked, &held, proof).await?;
        let begins = self.knows_since(customer, &held).await?;
        // Before the customer's record, as for the status.
        let now = inner.clock.now()?;
        let reported = inner.reported_span(now).await?;
        let told = inner.run(&of, &Tell { begins }).await?;
        let ToldPast { past: Past { last_call, last_contact }, withheld, at } = told;
        let remembered = at.before(inner.policy.presence.contact_remembered);
        let from = begins.max(remembered);
        let reported = reported.map(|ReportedSpan { from: known, until }| ReportedSpan {
            from: from.max(known),
            until: until.min(at),
        });
        let data = LastContactData {
            nonce: proof.query,
            reported: reported.filter(|span| span.from < span.until && !withheld),
            last_call: last_call.map(|one| one.contact),
            last_contact: last_contact.map(|one| one.contact),
        };
        let valid_for = inner.policy.presence.status_valid_for;
        let token = self.answer(signing, customer, at, valid_for, data).await?;
        Ok(LastContactAnswer { token, duress: checked.duress })
    }

    /// Looks at the signature, and then at the code; a wrong one counts as it does in a step-up.
    async fn checked(
        self,
        customer: &CustomerId,
        asked: &AskedKey,
        held: &Held,
        proof: &LastContactProof,
    ) -> Result<Checked, Error> {
        let AskedKey { challenge, credential, key, at, until } = *asked;
        let statement = AskedOfKey {
            issuer: &self.0.issuer,
            customer,
            credential,
            key: held.shown.key_fingerprint,
            challenge,
            query: proof.query,
        }
        .statement();
        let check = Check {
            id: *challenge.as_bytes(),
            note: EventDraft::by(Actor::Customer, Action::Verify),
            statement,
            response: proof.code.as_ref(),
            signed: proof.signed.as_ref(),
            key,
            signer: held.shown.public_key,
            from: at,
            until,
        };
        self.0.run(&self.0.of(customer, credential.0), &check).await
    }

    /// Since when what stands of this customer is all there was, and may be told to this credential. Whoever has only the
    /// session binds the first one, and learns nothing of what was before; nor does what that one approves.
    async fn knows_since(self, customer: &CustomerId, held: &Held) -> Result<Timestamp, Error> {
        let anchor = self.0.read(&anchor_of(self.0, customer)).await?;
        let readmitted = anchor.and_then(|(found, _)| found.body.state.readmitted);
        let restored = self.0.lost.map(|lost| lost.until());
        let bound = match self.is_vouched(customer, held).await? {
            true => None,
            false => Some(held.shown.since.unwrap_or(Timestamp::MAX)),
        };
        let all = [readmitted, restored, bound];
        Ok(all.into_iter().flatten().max().unwrap_or(Timestamp::EPOCH))
    }

    /// Whether the back end's word stands behind the credential: its own, or that of the first of those that approved one
    /// another. Where the row breaks off nobody knows.
    async fn is_vouched(self, customer: &CustomerId, of: &Held) -> Result<bool, Error> {
        let (mut authority, mut since) = (of.state.authority, of.shown.since);
        for _ in 0..CREDENTIALS_PER_CUSTOMER {
            let Some(by) = authority.approver.filter(|_| authority.given) else {
                return Ok(authority.given);
            };
            let approver = held(self.0, customer, by.id).await?;
            // The id may have been enrolled anew since. Of one that has ended the key is not known any more.
            let Some(approver) = approver.filter(|one| {
                (one.shown.key.is_none() || one.shown.key == by.key) && one.shown.since <= since
            }) else {
                return Ok(false);
            };
            if approver.shown.imported {
                return Ok(true);
            }
            (authority, since) = (approver.state.authority, approver.shown.since);
        }
        Ok(false)
    }
}

/// Whether the credential is one that answers for its customer: a key that signs, or the app with its PIN. A code that is
/// typed from a fob or a message says nothing of what it is given for, or passes through others' hands.
const fn may_answer(credential: &Credential) -> bool {
    matches!(credential.method, Method::DeviceKey | Method::Passkey | Method::Ocra)
        && !credential.imported
}

/// Whether it is one that can be used now.
fn may_be_told(credential: &Credential) -> bool {
    may_answer(credential) && credential.status == CredentialStatus::Active
}
