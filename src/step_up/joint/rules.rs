//! What happens to a joint step-up. Approvals stand in the approvers' own step-ups: whoever redeems reads them all
//! anew, and this record says only what its history has heard, and how it ended.

use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Made, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::step_up::joint::mandate::{CoApprover, Mandate};
use crate::step_up::joint::request::{JointlyRedeemed, KeptVote, RedeemedVote};
use crate::step_up::joint::state::{JointPhase, JointState, JointTerms};
use crate::step_up::joint::view::JointStepUp;
use crate::step_up::request::Duress;
use crate::step_up::rules::rung_back;
use crate::values::action::approvable::Approvable;
use crate::values::id::{CustomerId, Issuer, JointStepUpId, StepUpId};
use crate::values::interaction::Interaction;

/// An agent asks. The outcome is the terms that stand, and what is seen of them.
pub(crate) struct RequestJoint<'a> {
    pub(crate) interaction: &'a Interaction,
    /// `Err`: there is to be none, for this reason.
    pub(crate) terms: Made<JointTerms>,
}

impl Rule<JointState> for RequestJoint<'_> {
    type Outcome = (JointTerms, JointStepUp);

    fn note(&self) -> EventDraft {
        EventDraft::by_agent(self.interaction, Action::RequestStepUp)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<JointState, (JointTerms, JointStepUp)> {
        let terms = self.terms.clone()?;
        let phase = JointPhase::Requested;
        let state = JointState { terms: terms.clone(), heard: Vec::new(), phase };
        let step_up = state.step_up(cx);
        let rung_back = rung_back(&terms.what, self.interaction, cx.policy);
        Ok((Some(state), Ruling::done((terms, step_up)).then(rung_back)))
    }

    fn decide(&self, state: &mut JointState, cx: &Context<'_>) -> Ruled<(JointTerms, JointStepUp)> {
        let terms = self.terms.as_ref().map_err(|why| *why)?;
        if !state.terms.asks_for_same(terms) {
            return Err(Invalid::RequestReused.into());
        }
        Ok(Ruling::repeated((state.terms.clone(), state.step_up(cx))))
    }
}

/// What an approver's own step-up says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Vote {
    /// It is not answered, or the answer does not count (any more).
    None,
    /// They approved, and it counts.
    Given(KeptVote),
    /// They approved, signed if the method signs, and it counts no more: it came too late, the credential is revoked, or
    /// it is reserved for keys by now.
    Lapsed(KeptVote),
    /// They declined.
    Declined,
}

/// The vote of the approver at a place in the set, by their own step-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cast {
    pub(crate) approver: u8,
    pub(crate) step_up: StepUpId,
    pub(crate) vote: Vote,
}

/// The votes that count among these: one for each place in the set, and one for each key. Whoever holds the key of two
/// customers is one person.
pub(crate) fn counting(cast: &[Cast], takes: impl Fn(&KeptVote) -> bool) -> Vec<&KeptVote> {
    let mut votes: Vec<&KeptVote> = Vec::new();
    for one in cast {
        let Vote::Given(vote) = &one.vote else { continue };
        if is_another(&votes, vote) && takes(vote) {
            votes.push(vote);
        }
    }
    votes
}

/// Whether this vote is of another place and another key than those.
fn is_another(votes: &[&KeptVote], vote: &KeptVote) -> bool {
    let same_key =
        |had: &KeptVote| had.fingerprint.is_some() && had.fingerprint == vote.fingerprint;
    votes.iter().all(|had| had.approver != vote.approver && !same_key(had))
}

/// Whether each of these counts beside the others: what was kept may have been forged.
fn are_others(votes: &[KeptVote]) -> bool {
    let mut apart: Vec<&KeptVote> = Vec::new();
    votes.iter().all(|vote| {
        let another = is_another(&apart, vote);
        apart.push(vote);
        another
    })
}

/// Who did it, for the principal's history: others stand there by their step-up alone.
fn by(one: &CoApprover, principal: &CustomerId, action: Action, step_up: StepUpId) -> EventDraft {
    let actor = if one.customer == *principal { Actor::Customer } else { Actor::Approver };
    EventDraft { step_up: Some(step_up), ..EventDraft::by(actor, action) }
}

/// What of `cast` the history has not heard yet.
fn hear(state: &mut JointState, principal: &CustomerId, cast: &[Cast]) -> Vec<EventDraft> {
    let mut news = Vec::new();
    for one in cast {
        let place = usize::from(one.approver);
        let Some(approver) = state.terms.approvers.get(place) else { continue };
        match one.vote {
            Vote::Given(_) if !state.heard.contains(&one.approver) => {
                news.push(by(approver, principal, Action::Approve, one.step_up));
                state.heard.push(one.approver);
            }
            Vote::Declined => {
                news.push(by(approver, principal, Action::Decline, one.step_up));
                state.phase = JointPhase::Declined;
                break;
            }
            Vote::Given(_) | Vote::Lapsed(_) | Vote::None => {}
        }
    }
    news
}

/// An approver answered: the principal's history names it. It changes nothing of what counts, except that a decline
/// ends it.
pub(crate) struct Hear<'a> {
    pub(crate) principal: &'a CustomerId,
    pub(crate) cast: &'a [Cast],
}

impl Rule<JointState> for Hear<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::Approver, Action::Approve)
    }

    fn decide(&self, state: &mut JointState, cx: &Context<'_>) -> Ruled<()> {
        if state.has_ended(cx.now, cx.policy) {
            return Ok(Ruling::nothing(()));
        }
        let mut news = hear(state, self.principal, self.cast).into_iter();
        Ok(match news.next() {
            Some(first) => Ruling::done(()).noted_as(first).then(news),
            None => Ruling::nothing(()),
        })
    }
}

/// The back end redeems it, with all votes as they are now.
pub(crate) struct RedeemJoint<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) principal: &'a CustomerId,
    pub(crate) interaction: &'a Interaction,
    pub(crate) what: &'a Approvable,
    pub(crate) key: [u8; 16],
    /// Who may approve it, by the host's register.
    pub(crate) mandate: &'a Mandate,
    /// The terms under which the votes were read: another may have been asked for under the same id since.
    pub(crate) terms: Option<&'a JointTerms>,
    pub(crate) cast: &'a [Cast],
}

impl RedeemJoint<'_> {
    /// Whether the mandate takes this vote.
    fn takes(&self, terms: &JointTerms, vote: &KeptVote) -> bool {
        let approver = terms.approvers.get(usize::from(vote.approver));
        approver.is_some_and(|one| self.mandate.takes(&one.customer, vote.fingerprint))
    }

    /// Whether the approver's own step-up says the same, its signature verified anew, whatever has become of it since.
    fn still_says(&self, kept: &KeptVote) -> bool {
        self.cast.iter().any(|one| match &one.vote {
            Vote::Given(vote) | Vote::Lapsed(vote) => vote == kept,
            Vote::None | Vote::Declined => false,
        })
    }

    fn redeemed(
        &self,
        state: &JointState,
        cx: &Context<'_>,
    ) -> Option<JointlyRedeemed<Approvable>> {
        let JointPhase::Redeemed { at, votes, .. } = &state.phase else { return None };
        let terms = &state.terms;
        let shown = |vote: &KeptVote| {
            let approver = terms.approvers.get(usize::from(vote.approver))?;
            Some(RedeemedVote {
                customer: approver.customer.clone(),
                role: approver.role.clone(),
                step_up: vote.step_up,
                credential: vote.credential,
                method: vote.method,
                key_fingerprint: vote.fingerprint,
                at: vote.at,
                duress: Duress(vote.duress),
            })
        };
        Some(JointlyRedeemed {
            id: JointStepUpId(cx.id),
            issuer: self.issuer.clone(),
            principal: self.principal.clone(),
            interaction: terms.interaction.clone(),
            agent: terms.agent.clone(),
            what: terms.what.clone(),
            leg: terms.leg,
            ring_back: terms.ring_back.clone(),
            needed: terms.needed,
            votes: votes.iter().map(shown).collect::<Option<_>>()?,
            at: *at,
        })
    }
}

impl Rule<JointState> for RedeemJoint<'_> {
    type Outcome = JointlyRedeemed<Approvable>;

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::Redeem).in_interaction(&self.interaction.id)
    }

    fn decide(
        &self,
        state: &mut JointState,
        cx: &Context<'_>,
    ) -> Ruled<JointlyRedeemed<Approvable>> {
        let terms = &state.terms;
        if self.terms != Some(terms)
            || terms.interaction != self.interaction.id
            || terms.agent != self.interaction.agent.id
            || terms.direction != self.interaction.direction
            || terms.what != *self.what
            || !self.mandate.allows(terms.needed, &terms.approvers)
        {
            return Err(Reason::NotAsApproved.into());
        }
        match &state.phase {
            // A state that was forged with our keys has no approvals, or none that are signed.
            JointPhase::Redeemed { key, votes, .. } if *key == self.key => {
                let counts = |vote| self.takes(terms, vote) && self.still_says(vote);
                if !are_others(votes) || !votes.iter().all(counts) {
                    return Err(Reason::NotSigned.into());
                }
                let again = self.redeemed(state, cx).ok_or(Reason::NotAsApproved)?;
                return Ok(Ruling::repeated(again));
            }
            JointPhase::Redeemed { .. } => return Err(Reason::Redeemed.into()),
            JointPhase::Declined => return Err(Reason::Ended.into()),
            JointPhase::Requested => {}
        }
        if cx.is_before(terms.at) {
            return Err(Reason::OutsideWindow.into());
        }
        // Asked under another policy, or by nobody: the row may be forged.
        if !terms.was_rung_back(cx.policy) {
            return Err(Reason::NumberNotTrusted.into());
        }
        if state.has_ended(cx.now, cx.policy) {
            return Err(Reason::Ended.into());
        }
        // Whether the record has heard of it or not.
        if self.cast.iter().any(|one| one.vote == Vote::Declined) {
            return Err(Reason::Ended.into());
        }
        let votes = counting(self.cast, |vote| self.takes(terms, vote));
        if votes.len() < usize::from(terms.needed) {
            return Err(Reason::TooFewApprovals.into());
        }
        let votes: Vec<KeptVote> = votes.into_iter().cloned().collect();
        // What a process that died did not tell.
        let news = hear(state, self.principal, self.cast);
        let (key, at) = (self.key, cx.now.stamp());
        state.phase = JointPhase::Redeemed { key, at, votes };
        let redeemed = self.redeemed(state, cx).ok_or(Reason::NotAsApproved)?;
        let mut notes = news.into_iter().chain([self.note()]);
        let ruling = Ruling::done(redeemed);
        Ok(match notes.next() {
            Some(first) => ruling.noted_as(first).then(notes),
            None => ruling,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "test code")]
mod tests {
    use super::*;
    use crate::credential::method::Method;
    use crate::signature::key::KeyFingerprint;
    use crate::step_up::statement::Statement;
    use crate::values::id::CredentialId;
    use crate::values::time::Timestamp;

    fn vote(approver: u8, key: Option<u8>) -> KeptVote {
        KeptVote {
            approver,
            step_up: StepUpId([approver; 16]),
            statement: Statement([approver; 32]),
            credential: CredentialId([approver; 16]),
            method: Method::DeviceKey,
            fingerprint: key.map(|key| KeyFingerprint([key; 32])),
            at: Timestamp::EPOCH,
            duress: false,
        }
    }

    /// Somebody who writes rows and holds one approver's key writes her vote down for two.
    #[test]
    fn attack_one_signature_that_is_kept_as_two_votes_is_one() {
        for (votes, others) in [
            (vec![vote(0, Some(1)), vote(1, Some(2))], true),
            (vec![vote(0, None), vote(1, None)], true),
            (vec![vote(0, Some(1)), vote(1, Some(1))], false),
            (vec![vote(0, Some(1)), vote(1, Some(2)), vote(2, Some(1))], false),
            (vec![vote(0, Some(1)), vote(0, Some(2))], false),
        ] {
            assert_eq!(are_others(&votes), others, "{votes:?}");
        }
    }
}
