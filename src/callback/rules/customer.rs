//! What the customer does with a callback, from their authenticated app; and time running out.

use crate::callback::request::{
    AmendmentRequest, Answered, BookingRequest, Forbidden, Reassignment, Terms, Verdict,
};
use crate::callback::secret::{CallbackSecret, SecretError};
use crate::callback::state::{Amended, CallbackState, End, Phase};
use crate::callback::view::Callback;
use crate::crypto::pae;
use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::{Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::Act;
use crate::values::interaction::{Assignee, Channel};
use crate::values::secret::leaving_no_trace;

/// The window and channel that a booking may have now.
fn check_terms(terms: &Terms, cx: &Context<'_>) -> Result<(), Invalid> {
    let policy = &cx.policy.callbacks;
    if cx.now.has_reached(terms.window.until()) {
        Err(Invalid::WindowOver)
    } else if terms.window.length() > policy.max_window {
        Err(Invalid::WindowTooLong(policy.max_window))
    } else if terms.window.until() > cx.now.after(policy.max_ahead) {
        Err(Invalid::WindowTooFar(policy.max_ahead))
    } else if !cx.policy.channels.allows(Act::Reveal, terms.channel) {
        Err(Invalid::Channel(terms.channel))
    } else {
        Ok(())
    }
}

fn check_secret(
    secret: &CallbackSecret,
    forbidden: &Forbidden,
    cx: &Context<'_>,
) -> Result<(), Invalid> {
    secret.at_least(cx.policy.callbacks.secret_chars)?;
    secret.avoids(&forbidden.0)?;
    // What cannot be folded cannot be compared either.
    if secret.can_be_folded() { Ok(()) } else { Err(SecretError::NotSpeakable.into()) }
}

const fn note(action: Action) -> EventDraft {
    EventDraft::by(Actor::Customer, action)
}

/// The customer books a callback.
pub(crate) struct Book<'a> {
    pub(crate) booking: &'a BookingRequest,
    /// Of the credential that the booking names, if it names one.
    pub(crate) words: Words,
    /// How many others are booked.
    pub(crate) booked: usize,
    /// How many were booked within a day, whatever became of them.
    pub(crate) of_today: usize,
}

/// Whether a credential makes words for an agent to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Words {
    Made,
    None,
}

impl Rule<CallbackState> for Book<'_> {
    type Outcome = Callback;

    fn note(&self) -> EventDraft {
        note(Action::Book)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<CallbackState, Callback> {
        let BookingRequest { request: _, terms, secret, derived_with, forbidden, answer } =
            self.booking;
        check_terms(terms, cx)?;
        check_secret(secret, forbidden, cx)?;
        if self.booked >= cx.policy.callbacks.per_customer.into() {
            return Err(Invalid::TooManyCallbacks.into());
        }
        if self.of_today >= cx.policy.callbacks.per_day.into() {
            return Err(Invalid::TooManyCallbacksInADay.into());
        }
        if derived_with.is_some() && self.words == Words::None {
            return Err(Reason::NoCredential.into());
        }
        if let Some(answer) = answer {
            answer.told?;
        }
        let state = CallbackState {
            terms: terms.clone(),
            derived_with: *derived_with,
            first: None,
            amendments: Vec::new(),
            shown: Vec::new(),
            reported: false,
            leaked: false,
            leaked_before: Vec::new(),
            late_report: None,
            recognised_at: None,
            from_answer: answer.as_ref().map(Answered::kept),
            phase: Phase::Open { secret: secret.copy() },
        };
        let callback = state.callback(cx);
        Ok((Some(state), Ruling::done(callback)))
    }

    fn is_same(&self, state: &CallbackState) -> Result<(), Invalid> {
        let same_secret = match &state.phase {
            Phase::Open { secret } if state.amendments.is_empty() => *secret == self.booking.secret,
            // The secret was replaced or is burnt: there is nothing to compare with.
            Phase::Open { .. } | Phase::Ended { .. } => true,
        };
        let first = state.first.as_ref().unwrap_or(&state.terms);
        let same_form = state.derived_with == self.booking.derived_with;
        let answer = self.booking.answer.as_ref().map(Answered::kept);
        let same_form = same_form && state.from_answer == answer;
        let same = *first == self.booking.terms && same_form && same_secret;
        if same { Ok(()) } else { Err(Invalid::RequestReused) }
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Callback> {
        Ok(Ruling::repeated(state.callback(cx)))
    }
}

/// The customer amends a booking.
pub(crate) struct Amend<'a>(pub(crate) &'a AmendmentRequest);

impl Amend<'_> {
    /// What the state remembers of this request.
    fn amended_by(&self) -> Amended {
        let AmendmentRequest { request, window, channel, secret, assignee, forbidden: _ } = self.0;
        let [from, until] =
            window.map_or([u64::MAX; 2], |window| [window.from().unix(), window.until().unix()]);
        let (kind, name): (u8, &str) = match assignee {
            Reassignment::Unchanged => (0, ""),
            Reassignment::To(None) => (1, ""),
            Reassignment::To(Some(Assignee::Agent(id))) => (2, id.as_str()),
            Reassignment::To(Some(Assignee::Team(id))) => (3, id.as_str()),
        };
        Amended {
            request: pae::first(&pae::sha256(&[
                b"countersign request v1",
                request.as_str().as_bytes(),
            ])),
            content: pae::first(&pae::sha256(&[
                b"countersign amendment v1",
                &from.to_be_bytes(),
                &until.to_be_bytes(),
                &[channel.map_or(0, Channel::number), u8::from(secret.is_some()), kind],
                name.as_bytes(),
            ])),
        }
    }

    /// Whether the amendment `at`, which was made by a request of the same id, was this one. Its
    /// secret can be compared only while it is the one in force.
    fn repeats(&self, state: &CallbackState, at: usize, amended: &Amended) -> bool {
        let last = at.saturating_add(1) == state.amendments.len();
        let same_secret = match (&state.phase, &self.0.secret) {
            (Phase::Open { secret }, Some(wanted)) if last => secret == wanted,
            _ => true,
        };
        state.amendments.get(at) == Some(amended) && same_secret
    }

    /// Makes the changes, if all of them may be.
    fn amend(
        &self,
        state: &mut CallbackState,
        amended: Amended,
        cx: &Context<'_>,
    ) -> Result<(), Invalid> {
        if self.0.is_empty() {
            return Err(Invalid::NothingToAmend);
        }
        if state.amendments.len() >= usize::from(cx.policy.callbacks.amendments) {
            return Err(Invalid::TooManyAmendments);
        }
        let mut terms = state.terms.clone();
        terms.window = self.0.window.unwrap_or(terms.window);
        terms.channel = self.0.channel.unwrap_or(terms.channel);
        if let Reassignment::To(assignee) = &self.0.assignee {
            terms.assignee.clone_from(assignee);
        }
        check_terms(&terms, cx)?;
        if let Some(secret) = &self.0.secret {
            check_secret(secret, &self.0.forbidden, cx)?;
            replace(state, secret, cx);
        }
        let before = core::mem::replace(&mut state.terms, terms);
        state.first.get_or_insert(before);
        state.amendments.push(amended);
        Ok(())
    }
}

/// Another secret. Whatever was said of the old one says nothing of the new one, unless it is the same in
/// other letters; and one that had leaked before has leaked.
fn replace(state: &mut CallbackState, secret: &CallbackSecret, cx: &Context<'_>) {
    let Phase::Open { secret: old } = &state.phase else { return };
    let same = old.is_same_as(secret);
    if !same {
        if state.leaked {
            state.leaked_before.extend(digest_of(old, cx));
        }
        state.reported = false;
        let new = digest_of(secret, cx);
        state.leaked = new.is_some_and(|new| state.leaked_before.contains(&new));
    }
    state.phase = Phase::Open { secret: secret.copy() };
}

/// What a secret is known again by, once it has leaked.
fn digest_of(secret: &CallbackSecret, cx: &Context<'_>) -> Option<[u8; 16]> {
    let said = secret.said()?;
    let pieces = [b"countersign leaked secret v1".as_slice(), &cx.id, said.as_bytes()];
    // The hash keeps its input until it is full.
    Some(leaving_no_trace(|| pae::first(&pae::sha256(&pieces))))
}

impl Rule<CallbackState> for Amend<'_> {
    type Outcome = Callback;

    fn note(&self) -> EventDraft {
        note(Action::Amend)
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Callback> {
        let amended = self.amended_by();
        let earlier = state.amendments.iter().position(|one| one.request == amended.request);
        if let Some(at) = earlier {
            if self.repeats(state, at, &amended) {
                return Ok(Ruling::repeated(state.callback(cx)));
            }
            return Err(Invalid::RequestReused.into());
        }
        if matches!(state.phase, Phase::Ended { .. }) {
            return Err(Reason::Ended.into());
        }
        if !state.shown.is_empty() {
            return Err(Reason::AlreadyRevealed.into());
        }
        self.amend(state, amended, cx)?;
        Ok(Ruling::done(state.callback(cx)))
    }
}

/// The customer cancels a booking.
pub(crate) struct Cancel;

impl Rule<CallbackState> for Cancel {
    type Outcome = Callback;

    fn note(&self) -> EventDraft {
        note(Action::Cancel)
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Callback> {
        match state.phase {
            Phase::Open { .. } => {
                state.end(End::Cancelled, None);
                Ok(Ruling::done(state.callback(cx)))
            }
            Phase::Ended { end: End::Cancelled, .. } => Ok(Ruling::repeated(state.callback(cx))),
            Phase::Ended { .. } => Err(Reason::Ended.into()),
        }
    }
}

/// The customer says whether the caller said the secret.
pub(crate) struct Conclude(pub(crate) Verdict);

impl Rule<CallbackState> for Conclude {
    type Outcome = Callback;

    fn note(&self) -> EventDraft {
        note(match self.0 {
            Verdict::Recognised => Action::Recognise,
            Verdict::NotRecognised => Action::NotRecognise,
        })
    }

    fn decide(&self, state: &mut CallbackState, cx: &Context<'_>) -> Ruled<Callback> {
        let wanted = match self.0 {
            Verdict::Recognised => End::Recognised,
            Verdict::NotRecognised => End::NotRecognised,
        };
        let report = note(Action::Report);
        match (&state.phase, self.0) {
            (Phase::Ended { end, .. }, _) if *end == wanted => {
                Ok(Ruling::repeated(state.callback(cx)))
            }
            (Phase::Ended { .. }, Verdict::Recognised) => Err(Reason::Ended.into()),
            // Whoever ended it, and however: what the customer says of the caller stands.
            (Phase::Ended { .. }, Verdict::NotRecognised) if state.late_report.is_some() => {
                Ok(Ruling::repeated(state.callback(cx)).noted_as(report))
            }
            (Phase::Ended { .. }, Verdict::NotRecognised) => {
                state.late_report = Some(cx.now.stamp());
                Ok(Ruling::done(state.callback(cx)).noted_as(report))
            }
            (Phase::Open { .. }, _) if !state.shown.is_empty() => {
                state.end(wanted, None);
                state.recognised_at = (wanted == End::Recognised).then(|| cx.now.stamp());
                Ok(Ruling::done(state.callback(cx)))
            }
            // Someone said the secret to whom the enterprise never showed it.
            (Phase::Open { .. }, Verdict::Recognised) if state.leaked => {
                Err(Reason::NothingRevealed.into())
            }
            (Phase::Open { .. }, Verdict::Recognised) => {
                state.leaked = true;
                Ok(Ruling::counted(Reason::NothingRevealed))
            }
            // Someone else rang. The enterprise still can, so the booking stays.
            (Phase::Open { .. }, Verdict::NotRecognised) if state.reported => {
                Ok(Ruling::repeated(state.callback(cx)).noted_as(report))
            }
            (Phase::Open { .. }, Verdict::NotRecognised) => {
                state.reported = true;
                Ok(Ruling::done(state.callback(cx)).noted_as(report))
            }
        }
    }
}
