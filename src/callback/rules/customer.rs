//! What the customer does with a callback, from their authenticated app; and time running out.

use crate::callback::request::{AmendmentRequest, BookingRequest, Forbidden, Terms, Verdict};
use crate::callback::secret::{CallbackSecret, SecretError};
use crate::callback::state::{Amended, CallbackState, End, Phase};
use crate::callback::view::Callback;
use crate::crypto::pae;
use crate::engine::frame::{Context, Decision, Event, State};
use crate::error::{Failure, Invalid, Reason};
use crate::history::event::{Action, Actor, EventDraft, Outcome};
use crate::policy::Act;
use crate::values::interaction::{Assignee, Channel};
use crate::values::secret::leaving_no_trace;

/// The window and channel that a booking may have now.
fn check_terms(terms: &Terms, cx: &Context<'_>) -> Result<(), Invalid> {
    let policy = &cx.policy.callbacks;
    if terms.window.until() <= cx.now {
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
    secret.folded().map(drop).ok_or(SecretError::NotSpeakable)?;
    Ok(())
}

fn note(action: Action, outcome: Outcome) -> EventDraft {
    EventDraft { actor: Actor::Customer, action, interaction: None, outcome, step_up: None }
}

/// A refusal that leaves the callback as it is, but for time having run out.
fn refuse(
    state: CallbackState,
    expired: Option<EventDraft>,
    action: Action,
    reason: Reason,
) -> Decision<CallbackState, Callback> {
    let refused = note(action, Outcome::Refused(reason));
    Decision::keep(Some(refused), Err(reason.into())).with_expiry(state, expired)
}

/// Nothing to change: the call repeats one that was carried out, which is told to the observer.
fn repeat(
    state: CallbackState,
    expired: Option<EventDraft>,
    action: Action,
    cx: &Context<'_>,
) -> Decision<CallbackState, Callback> {
    let callback = state.callback(cx);
    Decision::keep(Some(note(action, Outcome::Done)), Ok(callback)).with_expiry(state, expired)
}

fn done(
    state: CallbackState,
    expired: Option<EventDraft>,
    action: Action,
    cx: &Context<'_>,
) -> Decision<CallbackState, Callback> {
    let callback = state.callback(cx);
    let recorded = expired.into_iter().chain([note(action, Outcome::Done)]).collect();
    Decision::write(state, recorded, Ok(callback))
}

fn unknown(action: Action) -> Decision<CallbackState, Callback> {
    Decision::keep(
        Some(note(action, Outcome::Refused(Reason::Unknown))),
        Err(Reason::Unknown.into()),
    )
}

/// The customer books a callback.
pub(crate) struct Book<'a> {
    pub(crate) booking: &'a BookingRequest,
    /// Whether the credential that the booking names, if it names one, can make words.
    pub(crate) has_words: bool,
}

impl Event<CallbackState> for Book<'_> {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Callback> {
        if let Some(state) = state {
            let same_secret = match &state.phase {
                Phase::Open { secret } if state.amendments.is_empty() => {
                    *secret == self.booking.secret
                }
                // The secret was replaced or is burnt: there is nothing to compare with.
                Phase::Open { .. } | Phase::Ended { .. } => true,
            };
            let first = state.first.as_ref().unwrap_or(&state.terms);
            let same_form = state.derived_with == self.booking.derived_with;
            if *first != self.booking.terms || !same_form || !same_secret {
                return Decision::keep(None, Err(Invalid::RequestReused.into()));
            }
            let (state, expired) = state.expire_if_due(cx);
            return repeat(state, expired, Action::Book, cx);
        }
        let BookingRequest { request: _, terms, secret, derived_with, forbidden } = self.booking;
        let checked = check_terms(terms, cx).and_then(|()| check_secret(secret, forbidden, cx));
        if let Err(invalid) = checked {
            return Decision::keep(None, Err(invalid.into()));
        }
        if derived_with.is_some() && !self.has_words {
            let refused = note(Action::Book, Outcome::Refused(Reason::NoCredential));
            return Decision::keep(Some(refused), Err(Reason::NoCredential.into()));
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
            phase: Phase::Open { secret: secret.copy() },
        };
        done(state, None, Action::Book, cx)
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
            None => (0, ""),
            Some(None) => (1, ""),
            Some(Some(Assignee::Agent(id))) => (2, id.as_str()),
            Some(Some(Assignee::Team(id))) => (3, id.as_str()),
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

    /// The callback with its changes made.
    fn amended(
        &self,
        mut state: CallbackState,
        amended: Amended,
        cx: &Context<'_>,
    ) -> Result<CallbackState, Failure> {
        if self.0.is_empty() {
            return Err(Invalid::NothingToAmend.into());
        }
        if state.amendments.len() >= usize::from(cx.policy.callbacks.amendments) {
            return Err(Invalid::TooManyAmendments.into());
        }
        state.first.get_or_insert_with(|| state.terms.clone());
        if let Some(window) = self.0.window {
            state.terms.window = window;
        }
        if let Some(channel) = self.0.channel {
            state.terms.channel = channel;
        }
        if let Some(assignee) = &self.0.assignee {
            state.terms.assignee.clone_from(assignee);
        }
        check_terms(&state.terms, cx)?;
        if let Some(secret) = &self.0.secret {
            check_secret(secret, &self.0.forbidden, cx)?;
            replace(&mut state, secret, cx);
        }
        state.amendments.push(amended);
        Ok(state)
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

impl Event<CallbackState> for Amend<'_> {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Callback> {
        let Some(state) = state else { return unknown(Action::Amend) };
        let (state, expired) = state.expire_if_due(cx);
        let amended = self.amended_by();
        let earlier = state.amendments.iter().position(|one| one.request == amended.request);
        if let Some(at) = earlier {
            if self.repeats(&state, at, &amended) {
                return repeat(state, expired, Action::Amend, cx);
            }
            return Decision::keep(None, Err(Invalid::RequestReused.into()))
                .with_expiry(state, expired);
        }
        if matches!(state.phase, Phase::Ended { .. }) {
            return refuse(state, expired, Action::Amend, Reason::Ended);
        }
        if !state.shown.is_empty() {
            return refuse(state, expired, Action::Amend, Reason::AlreadyRevealed);
        }
        match self.amended(state, amended, cx) {
            Ok(state) => done(state, expired, Action::Amend, cx),
            Err(failure) => Decision::keep(None, Err(failure)),
        }
    }
}

/// The customer cancels a booking.
pub(crate) struct Cancel;

impl Event<CallbackState> for Cancel {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Callback> {
        let Some(state) = state else { return unknown(Action::Cancel) };
        let (mut state, expired) = state.expire_if_due(cx);
        match state.phase {
            Phase::Open { .. } => {
                state.end(End::Cancelled, None);
                done(state, expired, Action::Cancel, cx)
            }
            Phase::Ended { end: End::Cancelled, .. } => repeat(state, expired, Action::Cancel, cx),
            Phase::Ended { .. } => refuse(state, expired, Action::Cancel, Reason::Ended),
        }
    }
}

/// The customer says whether the caller said the secret.
pub(crate) struct Conclude(pub(crate) Verdict);

impl Event<CallbackState> for Conclude {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Decision<CallbackState, Callback> {
        let (action, wanted) = match self.0 {
            Verdict::Recognised => (Action::Recognise, End::Recognised),
            Verdict::NotRecognised => (Action::NotRecognise, End::NotRecognised),
        };
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.expire_if_due(cx);
        match (&state.phase, self.0) {
            (Phase::Ended { end, .. }, _) if *end == wanted => repeat(state, expired, action, cx),
            (Phase::Ended { .. }, Verdict::Recognised) => {
                refuse(state, expired, action, Reason::Ended)
            }
            // Whoever ended it, and however: what the customer says of the caller stands.
            (Phase::Ended { .. }, Verdict::NotRecognised) if state.late_report.is_some() => {
                repeat(state, expired, Action::Report, cx)
            }
            (Phase::Ended { .. }, Verdict::NotRecognised) => {
                state.late_report = Some(cx.now);
                done(state, expired, Action::Report, cx)
            }
            (Phase::Open { .. }, _) if !state.shown.is_empty() => {
                state.end(wanted, None);
                done(state, expired, action, cx)
            }
            // Someone said the secret to whom the enterprise never showed it.
            (Phase::Open { .. }, Verdict::Recognised) if state.leaked => {
                refuse(state, expired, action, Reason::NothingRevealed)
            }
            (Phase::Open { .. }, Verdict::Recognised) => {
                let reason = Reason::NothingRevealed;
                state.leaked = true;
                Decision::write(
                    state,
                    vec![note(action, Outcome::Refused(reason))],
                    Err(reason.into()),
                )
            }
            // Someone else rang. The enterprise still can, so the booking stays.
            (Phase::Open { .. }, Verdict::NotRecognised) if state.reported => {
                repeat(state, expired, Action::Report, cx)
            }
            (Phase::Open { .. }, Verdict::NotRecognised) => {
                state.reported = true;
                done(state, expired, Action::Report, cx)
            }
        }
    }
}
