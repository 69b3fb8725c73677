//! The customer's answer: a code or signature, a decline, and the code that is sent for a delivered one.

use crate::credential::held::held;
use crate::credential::method::Method;
use crate::credential::rules::check_code::Check;
use crate::credential::rules::evaluate_code::delivered_code;
use crate::credential::view::CredentialStatus;
use crate::engine::trace::call;
use crate::error::{Error, Invalid, Reason, Stop};
use crate::history::event::{Action, Actor, EventDraft};
use crate::otp::Code;
use crate::otp::ocra::Response;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::decline_rules::Decline;
use crate::step_up::delivery::Delivery;
use crate::step_up::facet::StepUps;
use crate::step_up::prompting::Answered;
use crate::step_up::rules::{Approve, Deliver};
use crate::step_up::state::{Phase, StepUpState, Terms};
use crate::step_up::statement::Statement;
use crate::step_up::step_answer::GivenAnswer;
use crate::step_up::view::{StepUp, StepUpStatus};
use crate::step_up::who_rang::DeclineReason;
use crate::values::action::approvable::Approvable;
use crate::values::id::{CustomerId, StepUpId};

impl StepUps<'_> {
    /// The customer's app gives the answer, from its authenticated session alone: so nobody else
    /// can spend the customer's attempts.
    ///
    /// First it is looked whether the customer's answer to who rang whom fits, then whether the digits are those that the
    /// agent has. Only then is the code looked at, or the signature. The credential is written next and remembers for
    /// what it accepted the code; repeating the call finishes the approval and counts nothing. At most five store calls
    /// without a race; one more where digits are typed, and two more again if the last ones were wrong.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for wrong digits (counted apart from the PIN, the same digits once), a wrong or used code, a
    /// locked credential, and after a decline or the end of the time. Once the step-up is approved there is no wrong
    /// code any more.
    pub async fn submit<'a>(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        answer: impl Into<GivenAnswer<'a>>,
    ) -> Result<StepUp, Error> {
        call!("step_ups.submit", self.submitted(customer, id, answer.into()))
    }

    /// The same with a signature where neither digits nor who rang whom are asked: of a device key, and the PIN's code
    /// with it if the credential was enrolled
    /// [`with_code`](crate::credential::EnrolmentRequest::with_code).
    ///
    /// The signature is kept, and verified anew by [`redeem`](Self::redeem).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] as for [`submit`](Self::submit), and if the credential's key did not sign this very
    /// statement: that is not counted, and no code is looked at then.
    pub async fn submit_signed(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        signed: &SignedAnswer,
        code: Option<&Response>,
    ) -> Result<StepUp, Error> {
        let answer = GivenAnswer::of(code, Some(signed));
        call!("step_ups.submit_signed", self.submitted(customer, id, answer))
    }

    async fn submitted(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        answer: GivenAnswer<'_>,
    ) -> Result<StepUp, Error> {
        let engine = &self.0.engine;
        let of = engine.of::<StepUpState>(customer, id.0);
        let mut sealer = engine.sealer(&of);
        let GivenAnswer { who_rang, code: response, signed, .. } = answer;
        let (issuer, checked, refused) = (&engine.issuer, None, None);
        let mut approve = Approve { issuer, customer, checked, signed, who_rang, refused };
        let Some((loaded, clock)) = engine.read_with(&of, &mut sealer).await? else {
            // Refused there, and told to the observer.
            return engine.run(&of, &approve).await;
        };
        let state = &loaded.body.state;
        let is_open = state.status(engine.context(&loaded, id.0, clock).now);
        // The same digits again, after a process died that ended it by them.
        if let (Phase::Mistyped, Some(joint)) = (&state.phase, &state.terms.joint) {
            Box::pin(engine.hear(customer, joint)).await?;
        }
        let mut was_wrong = false;
        if is_open == StepUpStatus::Requested {
            let terms = &state.terms;
            // Ended by another, or redeemed without this one: no code is looked at any more.
            if let Some(joint) = &terms.joint
                && engine.joint_has_ended(joint).await?
            {
                return engine.run_with(&of, &mut sealer, &approve).await;
            }
            match self.0.answered(customer, id, terms, &answer).await? {
                Answered::No(reason) => approve.refused = Some(reason),
                Answered::Yes { after_wrong } => {
                    was_wrong = after_wrong;
                    let covered = Terms { who_rang, ..terms.clone() };
                    let verified = EventDraft::by(Actor::Customer, Action::Verify)
                        .in_interaction(&terms.interaction);
                    let check = Check {
                        id: id.0,
                        note: EventDraft { step_up: Some(*id), ..verified },
                        statement: covered.statement(issuer, customer, id.0),
                        response,
                        signed,
                        key: terms.key,
                        signer: terms.signer,
                        from: terms.at,
                        until: terms.until,
                    };
                    let credential = engine.of(customer, terms.credential.0);
                    approve.checked = Some(engine.run(&credential, &check).await?);
                }
            }
        }
        let step_up = engine.run_with(&of, &mut sealer, &approve).await?;
        if was_wrong {
            self.0.end_row(customer).await?;
        }
        if let Some(joint) = &step_up.joint {
            Box::pin(engine.hear(customer, joint)).await?;
        }
        Ok(step_up)
    }

    /// The customer's app declines, and says why.
    ///
    /// [`NotMe`](DeclineReason::NotMe) ends everything that waits for the customer's approval, and holds off new prompts
    /// in interactions that the customer's app did not open, until [`resume_prompts`](Self::resume_prompts). It may also
    /// be said of a step-up whose time is over, that went over to another agent, or that was declined for another reason
    /// or ended by wrong digits: it does the same then.
    ///
    /// The reason goes to the history and the observer as an action of its own, and never to the agent.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) after the end (but for "not me") or an approval.
    pub async fn decline(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        reason: DeclineReason,
    ) -> Result<StepUp, Error> {
        call!("step_ups.decline", async {
            if reason == DeclineReason::NotMe {
                self.0.hold_off(customer, id).await?;
            }
            let step_up = self.0.run(&self.0.of(customer, id.0), &Decline(reason)).await?;
            if let Some(joint) = &step_up.joint {
                Box::pin(self.0.hear(customer, joint)).await?;
            }
            Ok(step_up)
        })
    }

    /// The code for the host to send to the customer's number, if that is the method. The observer is told each time:
    /// whoever reads the code could answer in the customer's place.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is another method, the step-up has ended, or the credential is locked.
    pub async fn delivery(self, customer: &CustomerId, id: &StepUpId) -> Result<Delivery, Error> {
        call!("step_ups.delivery", async {
            let of = self.0.of::<StepUpState>(customer, id.0);
            let code = match self.0.read_for::<StepUpState>(customer, id.0).await? {
                Some((loaded, _)) => {
                    Stop::made(self.code_of(customer, id, &loaded.body.state).await)?
                }
                None => Err(Reason::Unknown.into()),
            };
            let issuer = &self.0.issuer;
            let made = code.as_ref().map(|(statement, _)| *statement).map_err(|why| *why);
            let what = self.0.run(&of, &Deliver { issuer, customer, code: made }).await?;
            // Of a kind that is registered no more nothing can be said to the customer.
            let in_words = match &what {
                Approvable::Transaction(transaction) => transaction.to_string(),
                Approvable::Action(action) => {
                    let rule = self.0.policy.step_ups.actions.rule_of(action);
                    let words = rule.and_then(|rule| rule.form.in_words(action));
                    words.map_err(Invalid::from)?
                }
            };
            Ok(Delivery { code: code.map_err(|_| Error::Internal)?.1, what, in_words })
        })
    }

    /// The code that answers a step-up whose method is a delivered one.
    async fn code_of(
        self,
        customer: &CustomerId,
        id: &StepUpId,
        state: &StepUpState,
    ) -> Result<(Statement, Box<Code>), Stop> {
        let terms = &state.terms;
        if terms.method != Method::Delivered {
            return Err(Reason::NoCredential.into());
        }
        let held = held(self.0, customer, terms.credential).await?.ok_or(Reason::NoCredential)?;
        // A locked one would refuse the code.
        if held.shown.status != CredentialStatus::Active {
            return Err(Reason::Locked.into());
        }
        if held.shown.key != terms.key {
            return Err(Reason::NoCredential.into());
        }
        let statement = terms.statement(&self.0.issuer, customer, id.0);
        let code = delivered_code(&held.state, &statement.0).ok_or(Reason::NoCredential)?;
        Ok((statement, code))
    }
}
