//! Gathering evidence: the step-up, the credential that answered it, both histories, and the enterprise's seal.

use crate::credential::bound::KeyProof;
use crate::credential::held::{Held, held};
use crate::engine::enterprise::Enterprise;
use crate::error::{Error, Refused};
use crate::history::event::Subject;
use crate::history::facet::Histories;
use crate::step_up::evidence::{
    Body, BoundEvent, Bytes, Evidence, EvidenceData, MAX_EVIDENCE_LIFETIME, Receipted, RungBack,
    Signed,
};
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::token::TokenId;
use crate::values::id::{CustomerId, StepUpId};

pub(crate) async fn export(
    inner: &Enterprise,
    customer: &CustomerId,
    id: &StepUpId,
) -> Result<Evidence, Error> {
    let (loaded, _) = inner.read_for::<StepUpState>(customer, id.0).await?.ok_or(Refused::new())?;
    let StepUpState { terms, phase, handed_over } = &loaded.body.state;
    let (approval, redeemed) = match phase {
        Phase::Approved(approval) => (approval, None),
        Phase::Redeemed { approval, at, .. } => (approval, Some(*at)),
        _ => return Err(Refused::new().into()),
    };
    let statement = terms.covering(id.0, |covered| {
        covered.members(&inner.issuer, customer, terms.nonce, |members| {
            members.iter().map(|member| Bytes::of(member)).collect()
        })
    });
    let held = held(inner, customer, terms.credential).await?;
    let mut histories = Vec::new();
    let credential = Subject::Credential(terms.credential);
    let there = held.is_some().then_some(credential);
    for subject in [Some(Subject::StepUp(*id)), there].into_iter().flatten() {
        let (history, receipt) = Histories(inner).receipted(customer, subject).await?;
        histories.push(Receipted { history, receipt });
    }
    let body = Body {
        asked: inner.token(customer, terms.nonce, terms.at, terms.until, terms.data(id.0)).await?,
        statement,
        agent: terms.agent.clone(),
        handed_over_to: handed_over.as_ref().map(|handed| handed.to.clone()),
        ring_back: terms.ring_back.as_ref().map(RungBack::from),
        method: terms.method,
        approved: approval.at,
        redeemed,
        signed: approval.signed.as_ref().map(Signed::of),
        key: terms.signer.map(|key| Bytes::of(&key.to_cose())),
        bound: held.and_then(|held| bound(&held, terms)),
        histories,
    };
    let data = EvidenceData::of(&body).ok_or(Error::Internal)?;
    let mut jti = [0; 16];
    inner.random.fill(&mut jti)?;
    let (now, jti) = (inner.clock.now()?, TokenId::from_bytes(jti));
    let seal =
        inner.sign(inner.signing()?, customer, jti, now, MAX_EVIDENCE_LIFETIME, data).await?;
    Ok(Evidence { seal, body })
}

/// How the very key was bound that was asked; another may have its id by now.
fn bound(held: &Held, terms: &Terms) -> Option<BoundEvent> {
    let state = &held.state;
    let another = held.shown.key.is_some() && held.shown.key != terms.key;
    if another || state.public_key != terms.signer {
        return None;
    }
    let proof = state.key_proof.as_ref();
    let signature = |proof: &KeyProof| proof.signature.map(|one| Bytes::of(one.as_bytes()));
    Some(BoundEvent {
        by: state.bound_by,
        approved_by: state.authority.approver.map(|approver| approver.id),
        since: state.since,
        nonce: proof.map(|proof| Bytes::of(&proof.nonce)),
        signature: proof.and_then(signature),
        attested: proof.and_then(|proof| proof.attested),
    })
}
