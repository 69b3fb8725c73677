//! The same of what several customers approve: what somebody with the enterprise's keys and every row can forge, and what not.

use crate::crypto::pae;
use crate::engine::enterprise::Enterprise;
use crate::error::Error;
use crate::step_up::StepUps;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::forged::{Key, alice, call, forge, request, terms, transfer, with_key};
use crate::step_up::joint::mandate::{CoApprover, Mandate};
use crate::step_up::joint::request::{JointStepUpRequest, JointlyRedeemed, KeptVote};
use crate::step_up::joint::state::{JointPhase, JointState};
use crate::step_up::joint::{JointOutcome, JointStepUps};
use crate::step_up::request::Duress;
use crate::step_up::state::{Approval, Phase, StepUpState};
use crate::step_up::step_answer::StepUpAnswer;
use crate::values::id::{CredentialId, JointStepUpId, StepUpId};

/// Alice alone is asked, as the only holder: her key, her own step-up, and the joint one.
struct Asked {
    bank: Enterprise,
    key: Key,
    phone: CredentialId,
    own: StepUpId,
    joint: JointStepUpId,
}

fn holder() -> Vec<CoApprover> {
    vec![CoApprover::new(alice(), "holder".parse().unwrap())]
}

async fn asked() -> Asked {
    let (bank, key) = (crate::step_up::forged::bank(), Key::of(9));
    let phone = with_key(&bank, &key).await;
    let text = |text: &str| text.parse().unwrap();
    let asking = JointStepUpRequest::new(
        request("j-1"),
        transfer(),
        text("Bob"),
        text("Alice"),
        1,
        holder(),
    );
    let asked = JointStepUps(&bank).request(&call(), &asking).await.unwrap();
    let (own, joint) = (asked.tokens.first().unwrap().step_up, asked.step_up.id);
    Asked { bank, key, phone, own, joint }
}

/// What is kept of a back end's key, which anybody computes.
fn kept_key() -> [u8; 16] {
    pae::first(&pae::sha256(&[b"countersign redemption key v1", b"k"]))
}

impl Asked {
    async fn redeemed(&self) -> Result<JointlyRedeemed, Error> {
        self.redeemed_under(&Mandate::new(1, holder())).await
    }

    async fn redeemed_under(&self, mandate: &Mandate) -> Result<JointlyRedeemed, Error> {
        let joint = JointStepUps(&self.bank);
        joint.redeem(&call(), &self.joint, &transfer(), mandate, &request("k")).await
    }

    /// The vote as it would be kept, with Alice's own fingerprint.
    async fn vote(&self) -> KeptVote {
        let terms = terms(&self.bank, self.own).await;
        let found = self.bank.read_for::<StepUpState>(&alice(), self.own.0).await.unwrap();
        let at = match &found.unwrap().0.body.state.phase {
            Phase::Approved(approval) => approval.at,
            _ => terms.at,
        };
        KeptVote {
            approver: 0,
            step_up: self.own,
            statement: terms.statement(&self.bank.issuer, &alice(), self.own.0),
            credential: self.phone,
            method: terms.method,
            fingerprint: Some(self.key.print()),
            at,
            duress: false,
        }
    }

    /// The principal's record says that it was redeemed with these votes.
    async fn forge_redeemed(&self, votes: &[KeptVote]) {
        forge(&self.bank, self.joint.0, |state: &mut JointState| {
            let (key, at) = (kept_key(), state.terms.at);
            state.phase = JointPhase::Redeemed { key, at, votes: votes.to_vec() };
        })
        .await;
    }

    /// Alice's own record says that she approved, signed so.
    async fn forge_approved(&self, signed: SignedAnswer) {
        let who_rang = terms(&self.bank, self.own).await.who_rang;
        forge(&self.bank, self.own.0, |state: &mut StepUpState| {
            state.terms.who_rang = who_rang;
            let (at, signed) = (state.terms.at, Some(signed.clone()));
            let until = state.terms.until;
            state.phase = Phase::Approved(Approval { duress: Duress::NONE, at, until, signed });
        })
        .await;
    }

    async fn approves(&self) {
        let asked = terms(&self.bank, self.own).await;
        let statement = asked.statement(&self.bank.issuer, &alice(), self.own.0);
        let answer = StepUpAnswer::by_signature(self.key.answer(statement))
            .with_digits(asked.digits.as_ref().unwrap().0.copied())
            .who_rang(asked.who_rang.unwrap());
        StepUps(&self.bank).submit(&alice(), &self.own, &answer).await.unwrap();
    }
}

/// A record that was redeemed without votes is none.
#[tokio::test]
async fn attack_a_redemption_that_is_forged_without_votes_is_refused() {
    let asked = asked().await;
    asked.forge_redeemed(&[]).await;
    let refused = asked.redeemed().await;
    assert!(matches!(refused, Err(Error::Record(_))), "{refused:?}");
    // Nor with one of a place twice, or of none.
    let vote = asked.vote().await;
    let elsewhere = KeptVote { approver: 7, ..vote.clone() };
    for votes in [vec![vote.clone(), vote], vec![elsewhere]] {
        let asked = self::asked().await;
        asked.forge_redeemed(&votes).await;
        let refused = asked.redeemed().await;
        assert!(matches!(refused, Err(Error::Record(_))), "{refused:?}");
    }
}

/// With Alice's own fingerprint, and nothing that she signed.
#[tokio::test]
async fn attack_a_redemption_that_is_forged_with_votes_that_nobody_gave_is_refused() {
    let asked = asked().await;
    asked.forge_redeemed(&[asked.vote().await]).await;
    let refused = asked.redeemed().await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    // Her own record forged as well: the signature is not hers.
    let statement = asked.vote().await.statement;
    asked.forge_approved(Key::of(8).answer(statement)).await;
    let refused = asked.redeemed().await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    // With hers it is what she approved.
    asked.forge_approved(asked.key.answer(statement)).await;
    assert_eq!(asked.redeemed().await.unwrap().votes().len(), 1);
}

/// The vote says of itself what Alice's own record does not.
#[tokio::test]
async fn attack_a_redemption_that_is_forged_beside_a_real_vote_is_refused() {
    let asked = asked().await;
    asked.approves().await;
    let vote = asked.vote().await;
    let others = [
        KeptVote { statement: crate::step_up::statement::Statement([7; 32]), ..vote.clone() },
        KeptVote { fingerprint: Some(Key::of(8).print()), ..vote.clone() },
        KeptVote { duress: true, ..vote.clone() },
        KeptVote { step_up: StepUpId([7; 16]), ..vote.clone() },
    ];
    for other in others {
        asked.forge_redeemed(std::slice::from_ref(&other)).await;
        let refused = asked.redeemed().await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{other:?}: {refused:?}");
    }
    asked.forge_redeemed(&[vote]).await;
    asked.redeemed().await.unwrap();
}

/// A vote under a forger's key, with all that belongs to it: only who knows Alice's fingerprint from elsewhere notices. That is
/// left, and the manual says so.
#[tokio::test]
async fn attack_a_vote_that_is_forged_under_another_key_is_refused_where_the_fingerprint_is_given()
{
    let (asked, thief) = (asked().await, Key::of(8));
    forge(&asked.bank, asked.own.0, |state: &mut StepUpState| state.terms.signer = Some(thief.1))
        .await;
    forge(&asked.bank, asked.phone.0, |state: &mut crate::credential::state::CredentialState| {
        state.public_key = Some(thief.1);
        state.key_proof = None;
    })
    .await;
    let statement = asked.vote().await.statement;
    asked.forge_approved(thief.answer(statement)).await;
    let outcome = JointStepUps(&asked.bank).outcome(&call(), &asked.joint).await.unwrap();
    assert_eq!(outcome, JointOutcome::Approved);
    let known = Mandate::new(1, holder()).signed_by(alice(), asked.key.print());
    let refused = asked.redeemed_under(&known).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let proof = asked.redeemed().await.unwrap();
    assert_eq!(proof.votes().first().unwrap().key_fingerprint, Some(thief.print()));
    let refused = asked.redeemed_under(&known).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
