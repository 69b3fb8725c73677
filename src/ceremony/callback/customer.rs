//! What the customer does with a callback, from their authenticated app; and time running out.

use core::fmt;

use super::secret::{CallbackSecret, SecretError};
use super::state::{Amended, Callback, CallbackState, End, Phase, Terms};
use crate::ceremony::{Context, Event, State, Step};
use crate::error::{Failure, Invalid, Reason};
use crate::history::{Action, Actor, Note, Outcome};
use crate::id::{CredentialId, RequestId};
use crate::interaction::{Assignee, Channel};
use crate::pae;
use crate::policy::Act;
use crate::secret::leaving_no_trace;
use crate::time::Window;

/// Words that a secret must not be. They are personal data, so they are not printed.
struct Forbidden(Vec<String>);

impl fmt::Debug for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} words]", self.0.len())
    }
}

/// A callback to book.
///
/// ```
/// use countersign::{BookCallback, Channel, RequestId, Window};
///
/// # fn example(now: countersign::Timestamp) -> Result<BookCallback, Box<dyn std::error::Error>> {
/// let window = Window::new(now, now.after(core::time::Duration::from_secs(3600)))?;
/// let booking =
///     BookCallback::new(RequestId::new("9f1c")?, window, Channel::Voice, "anana".parse()?)
///         .forbidding(["Smith", "1990-04-01", "EC1A 1BB"]);
/// # Ok(booking)
/// # }
/// ```
#[derive(Debug)]
pub struct BookCallback {
    request: RequestId,
    terms: Terms,
    secret: CallbackSecret,
    derived_with: Option<CredentialId>,
    forbidden: Forbidden,
}

impl BookCallback {
    /// A callback within `window` over `channel`, for any agent to make.
    ///
    /// `request` is the app's idempotency key: the same one again gives the same booking.
    #[must_use]
    pub const fn new(
        request: RequestId,
        window: Window,
        channel: Channel,
        secret: CallbackSecret,
    ) -> Self {
        let terms = Terms { window, channel, assignee: None };
        Self { request, terms, secret, derived_with: None, forbidden: Forbidden(Vec::new()) }
    }

    /// Only this agent, or an agent of this team, may reveal the secret.
    #[must_use]
    pub fn assigned_to(mut self, assignee: Assignee) -> Self {
        self.terms.assignee = Some(assignee);
        self
    }

    /// Words that the secret must not be: what the host knows of the customer, and so might
    /// others (name, postcode, date of birth). They are compared and not kept.
    #[must_use]
    pub fn forbidding<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.forbidden.0.extend(words.into_iter().map(Into::into));
        self
    }

    /// The agent says words that the app shows too, rather than the secret, which no agent learns
    /// then. The words are made of the secret with a key of this credential of the customer: one
    /// that was enrolled for the app ([`Enrolment::ocra`](crate::Enrolment::ocra)). The app shows
    /// [`Device::readback_words`](crate::Device::readback_words).
    #[must_use]
    pub const fn derived_with(mut self, credential: CredentialId) -> Self {
        self.derived_with = Some(credential);
        self
    }

    /// The credential that makes words of the secret, if one does.
    pub(crate) const fn credential(&self) -> Option<CredentialId> {
        self.derived_with
    }

    pub(crate) const fn request(&self) -> &RequestId {
        &self.request
    }
}

/// Changes to a booking whose secret was not shown yet. What is not named stays.
#[derive(Debug)]
pub struct Amendment {
    request: RequestId,
    window: Option<Window>,
    channel: Option<Channel>,
    secret: Option<CallbackSecret>,
    assignee: Option<Option<Assignee>>,
    forbidden: Forbidden,
}

impl Amendment {
    /// No changes yet. `request` is the app's idempotency key: the same one again changes nothing
    /// more.
    #[must_use]
    pub const fn new(request: RequestId) -> Self {
        Self {
            request,
            window: None,
            channel: None,
            secret: None,
            assignee: None,
            forbidden: Forbidden(Vec::new()),
        }
    }

    /// Another window.
    #[must_use]
    pub const fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Another channel.
    #[must_use]
    pub const fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Another secret.
    #[must_use]
    pub fn secret(mut self, secret: CallbackSecret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Another agent or team; `None` for any agent.
    #[must_use]
    pub fn assigned_to(mut self, assignee: Option<Assignee>) -> Self {
        self.assignee = Some(assignee);
        self
    }

    /// Words that a new secret must not be, as in [`BookCallback::forbidding`].
    #[must_use]
    pub fn forbidding<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.forbidden.0.extend(words.into_iter().map(Into::into));
        self
    }

    const fn is_empty(&self) -> bool {
        self.window.is_none()
            && self.channel.is_none()
            && self.secret.is_none()
            && self.assignee.is_none()
    }
}

/// What the customer says of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::exhaustive_enums, reason = "a caller is recognised or is not")]
pub enum Verdict {
    /// The caller said the secret.
    Recognised,
    /// The caller did not say the secret.
    NotRecognised,
}

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

fn note(action: Action, outcome: Outcome) -> Note {
    Note { actor: Actor::Customer, action, interaction: None, outcome, step_up: None }
}

/// A refusal that leaves the callback as it is, but for time having run out.
fn refuse(
    state: CallbackState,
    expired: Option<Note>,
    action: Action,
    reason: Reason,
) -> Step<CallbackState, Callback> {
    let refused = note(action, Outcome::Refused(reason));
    Step::keep(Some(refused), Err(reason.into())).with_expiry(state, expired)
}

/// Nothing to change: the call repeats one that was carried out, which is told to the observer.
fn repeat(
    state: CallbackState,
    expired: Option<Note>,
    action: Action,
    cx: &Context<'_>,
) -> Step<CallbackState, Callback> {
    let callback = state.callback(cx);
    Step::keep(Some(note(action, Outcome::Done)), Ok(callback)).with_expiry(state, expired)
}

fn done(
    state: CallbackState,
    expired: Option<Note>,
    action: Action,
    cx: &Context<'_>,
) -> Step<CallbackState, Callback> {
    let callback = state.callback(cx);
    let recorded = expired.into_iter().chain([note(action, Outcome::Done)]).collect();
    Step::write(state, recorded, Ok(callback))
}

fn unknown(action: Action) -> Step<CallbackState, Callback> {
    Step::keep(Some(note(action, Outcome::Refused(Reason::Unknown))), Err(Reason::Unknown.into()))
}

/// The customer books a callback.
pub(crate) struct Book<'a> {
    pub(crate) booking: &'a BookCallback,
    /// Whether the credential that the booking names, if it names one, can make words.
    pub(crate) has_words: bool,
}

impl Event<CallbackState> for Book<'_> {
    type Outcome = Callback;

    fn apply(
        &self,
        state: Option<CallbackState>,
        cx: &Context<'_>,
    ) -> Step<CallbackState, Callback> {
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
                return Step::keep(None, Err(Invalid::RequestReused.into()));
            }
            let (state, expired) = state.settle(cx);
            return repeat(state, expired, Action::Book, cx);
        }
        let BookCallback { request: _, terms, secret, derived_with, forbidden } = self.booking;
        let checked = check_terms(terms, cx).and_then(|()| check_secret(secret, forbidden, cx));
        if let Err(invalid) = checked {
            return Step::keep(None, Err(invalid.into()));
        }
        if derived_with.is_some() && !self.has_words {
            let refused = note(Action::Book, Outcome::Refused(Reason::NoCredential));
            return Step::keep(Some(refused), Err(Reason::NoCredential.into()));
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
pub(crate) struct Amend<'a>(pub(crate) &'a Amendment);

impl Amend<'_> {
    /// What the state remembers of this request.
    fn amended_by(&self) -> Amended {
        let Amendment { request, window, channel, secret, assignee, forbidden: _ } = self.0;
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
    ) -> Step<CallbackState, Callback> {
        let Some(state) = state else { return unknown(Action::Amend) };
        let (state, expired) = state.settle(cx);
        let amended = self.amended_by();
        let earlier = state.amendments.iter().position(|one| one.request == amended.request);
        if let Some(at) = earlier {
            if self.repeats(&state, at, &amended) {
                return repeat(state, expired, Action::Amend, cx);
            }
            return Step::keep(None, Err(Invalid::RequestReused.into()))
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
            Err(failure) => Step::keep(None, Err(failure)),
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
    ) -> Step<CallbackState, Callback> {
        let Some(state) = state else { return unknown(Action::Cancel) };
        let (mut state, expired) = state.settle(cx);
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
    ) -> Step<CallbackState, Callback> {
        let (action, wanted) = match self.0 {
            Verdict::Recognised => (Action::Recognise, End::Recognised),
            Verdict::NotRecognised => (Action::NotRecognise, End::NotRecognised),
        };
        let Some(state) = state else { return unknown(action) };
        let (mut state, expired) = state.settle(cx);
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
                Step::write(state, vec![note(action, Outcome::Refused(reason))], Err(reason.into()))
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
