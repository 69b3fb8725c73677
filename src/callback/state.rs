//! What is kept of a callback, how it is encoded, and what may be seen of it.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::callback::request::Terms;
use crate::callback::secret::CallbackSecret;
use crate::callback::view::{Callback, CallbackStatus};
use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::engine::frame::{Context, State};
use crate::history::event::{Action, Actor, EventDraft, Outcome, Subject};
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{AgentId, CallbackId, CredentialId, InteractionId};
use crate::values::interaction::{Assignee, Channel};
use crate::values::time::{Timestamp, Window};

/// An interaction and its agent: in which the secret was shown, or which ended the callback.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) interaction: InteractionId,
    pub(crate) agent: AgentId,
}

/// A request that amended a callback: its id, and what it asked for, the secret aside.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Amended {
    pub(crate) request: [u8; 16],
    pub(crate) content: [u8; 16],
}

/// How a callback ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Recognised,
    NotRecognised,
    NoAnswer,
    Cancelled,
    Expired,
}

/// The secret exists only in the open phase: whatever ends a callback burns it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open { secret: CallbackSecret },
    Ended { end: End, by: Option<Shown> },
}

/// A callback as it is sealed in its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CallbackState {
    pub(crate) terms: Terms,
    /// The credential that makes words of the secret; `None` if the agent says the secret itself.
    pub(crate) derived_with: Option<CredentialId>,
    /// What was first booked, once it was amended, so that a repeated booking is told from another.
    pub(crate) first: Option<Terms>,
    /// The requests that amended it, so that a repeated one changes nothing.
    pub(crate) amendments: Vec<Amended>,
    pub(crate) shown: Vec<Shown>,
    /// The customer reported a caller before anything was shown.
    pub(crate) reported: bool,
    /// The customer recognised a caller before anything was shown: the secret has leaked.
    pub(crate) leaked: bool,
    /// Secrets that had leaked and were replaced, each as a digest, so that none comes back as if it had not.
    pub(crate) leaked_before: Vec<[u8; 16]>,
    /// When the customer reported a caller after the end.
    pub(crate) late_report: Option<Timestamp>,
    pub(crate) phase: Phase,
}

impl CallbackState {
    /// The instant from which on nothing can happen to an open callback any more.
    pub(crate) fn deadline(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.window.until();
        if self.shown.is_empty() { until } else { until.after(policy.callbacks.conclude_within) }
    }

    /// Ends it and burns the secret, and what is remembered of earlier ones.
    pub(crate) fn end(&mut self, end: End, by: Option<Shown>) {
        self.leaked_before.clear();
        self.phase = Phase::Ended { end, by };
    }

    pub(crate) fn callback(&self, cx: &Context<'_>) -> Callback {
        Callback {
            id: CallbackId(cx.id),
            window: self.terms.window,
            channel: self.terms.channel,
            assignee: self.terms.assignee.clone(),
            derived_with: self.derived_with,
            status: self.status(cx),
            reveals: u8::try_from(self.shown.len()).unwrap_or(u8::MAX),
            reported: self.reported || self.late_report.is_some(),
            leaked: self.leaked,
        }
    }

    fn status(&self, cx: &Context<'_>) -> CallbackStatus {
        match self.phase {
            Phase::Open { .. } if self.overdue(cx) => CallbackStatus::Expired,
            Phase::Open { .. } if self.shown.is_empty() => CallbackStatus::Booked,
            Phase::Open { .. } => CallbackStatus::Revealed,
            Phase::Ended { end, .. } => match end {
                End::Recognised => CallbackStatus::Recognised,
                End::NotRecognised => CallbackStatus::NotRecognised,
                End::NoAnswer => CallbackStatus::NoAnswer,
                End::Cancelled => CallbackStatus::Cancelled,
                End::Expired => CallbackStatus::Expired,
            },
        }
    }
}

impl State for CallbackState {
    const KIND: Kind = Kind::Callback;

    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut terms, mut first) = (None, None);
        let (mut amendments, mut shown) = (Vec::new(), Vec::new());
        let (mut reported, mut leaked) = (false, false);
        let (mut secret, mut end, mut ended_by) = (None, None, None);
        let (mut derived_with, mut late_report, mut leaked_before) = (None, None, Vec::new());
        from.map(|key, from| {
            match key {
                0 => terms = Some(Terms::decode(from)?),
                1 => first = Some(Terms::decode(from)?),
                2 => amendments = from.list(Amended::decode)?,
                3 => shown = from.list(Shown::decode)?,
                4 => reported = from.bool()?,
                5 => leaked = from.bool()?,
                6 => secret = Some(CallbackSecret::from_record(from.str()?)),
                7 => end = Some(End::from_number(from.u8()?).ok_or(Malformed)?),
                8 => ended_by = Some(Shown::decode(from)?),
                9 => derived_with = Some(CredentialId(from.array_of()?)),
                10 => late_report = Some(Timestamp::from_unix(from.u64()?)),
                11 => leaked_before = from.list(In::array_of)?,
                // Padding.
                12 => _ = from.bytes()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let phase = match (secret, end) {
            (Some(secret), None) => Phase::Open { secret },
            (None, Some(end)) => Phase::Ended { end, by: ended_by },
            _ => return Err(Malformed),
        };
        let terms = terms.ok_or(Malformed)?;
        Ok(Self {
            terms,
            derived_with,
            first,
            amendments,
            shown,
            reported,
            leaked,
            leaked_before,
            late_report,
            phase,
        })
    }

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.window.until().after(policy.callbacks.conclude_within);
        // What is reported late is kept as long as what was in time.
        let until = until.max(self.late_report.unwrap_or(until));
        until.after(policy.leeway).after(policy.retention)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Callback(CallbackId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Callback(self.callback(cx))
    }

    fn overdue(&self, cx: &Context<'_>) -> bool {
        matches!(self.phase, Phase::Open { .. }) && self.deadline(cx.policy) <= cx.now
    }

    fn expire_if_due(mut self, cx: &Context<'_>) -> (Self, Option<EventDraft>) {
        if !self.overdue(cx) {
            return (self, None);
        }
        self.end(End::Expired, None);
        let note = EventDraft {
            actor: Actor::Clock,
            action: Action::Expire,
            interaction: None,
            outcome: Outcome::Done,
            step_up: None,
        };
        (self, Some(note))
    }
}

impl Encode for CallbackState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let (secret, end, ended_by) = match &self.phase {
            Phase::Open { secret } => (Some(secret), None, None),
            Phase::Ended { end, by } => (None, Some(end), by.as_ref()),
        };
        let optional = [
            self.first.is_some(),
            // Its padding.
            secret.is_some(),
            ended_by.is_some(),
            self.derived_with.is_some(),
            self.late_report.is_some(),
            !self.leaked_before.is_empty(),
        ];
        to.map_with(6, optional);
        to.entry(0, |to| self.terms.encode(to));
        if let Some(first) = &self.first {
            to.entry(1, |to| first.encode(to));
        }
        to.entry(2, |to| to.list(self.amendments.iter(), |to, amended| amended.encode(to)));
        to.entry(3, |to| to.list(self.shown.iter(), |to, shown| shown.encode(to)));
        to.entry(4, |to| to.bool(self.reported));
        to.entry(5, |to| to.bool(self.leaked));
        if let Some(secret) = secret {
            secret.encode(to, 6, 12);
        }
        if let Some(end) = end {
            to.entry(7, |to| to.u64(end.number().into()));
        }
        if let Some(by) = ended_by {
            to.entry(8, |to| by.encode(to));
        }
        if let Some(credential) = &self.derived_with {
            to.entry(9, |to| to.bytes(&credential.0));
        }
        if let Some(at) = self.late_report {
            to.entry(10, |to| to.u64(at.unix()));
        }
        if !self.leaked_before.is_empty() {
            to.entry(11, |to| to.list(self.leaked_before.iter(), |to, one| to.bytes(one)));
        }
    }
}

impl Terms {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut since, mut until, mut channel) = (None, None, None);
        let (mut agent, mut team) = (None, None);
        from.map(|key, from| {
            match key {
                0 => since = Some(Timestamp::from_unix(from.u64()?)),
                1 => until = Some(Timestamp::from_unix(from.u64()?)),
                2 => channel = Some(Channel::from_number(from.u8()?).ok_or(Malformed)?),
                3 => agent = Some(Assignee::Agent(from.parsed()?)),
                4 => team = Some(Assignee::Team(from.parsed()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let (since, until) = (since.ok_or(Malformed)?, until.ok_or(Malformed)?);
        if agent.is_some() && team.is_some() {
            return Err(Malformed);
        }
        Ok(Self {
            window: Window::new(since, until).map_err(|_| Malformed)?,
            channel: channel.ok_or(Malformed)?,
            assignee: agent.or(team),
        })
    }
}

impl Encode for Terms {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map_with(3, [self.assignee.is_some()]);
        to.entry(0, |to| to.u64(self.window.from().unix()));
        to.entry(1, |to| to.u64(self.window.until().unix()));
        to.entry(2, |to| to.u64(self.channel.number().into()));
        match &self.assignee {
            Some(Assignee::Agent(id)) => to.entry(3, |to| to.str(id.as_str())),
            Some(Assignee::Team(id)) => to.entry(4, |to| to.str(id.as_str())),
            None => {}
        }
    }
}

impl Amended {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut request, mut content) = (None, None);
        from.map(|key, from| {
            match key {
                0 => request = Some(from.array_of()?),
                1 => content = Some(from.array_of()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { request: request.ok_or(Malformed)?, content: content.ok_or(Malformed)? })
    }
}

impl Encode for Amended {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(2);
        to.entry(0, |to| to.bytes(&self.request));
        to.entry(1, |to| to.bytes(&self.content));
    }
}

impl Shown {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut interaction, mut agent) = (None, None);
        from.map(|key, from| {
            match key {
                0 => interaction = Some(from.parsed()?),
                1 => agent = Some(from.parsed()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { interaction: interaction.ok_or(Malformed)?, agent: agent.ok_or(Malformed)? })
    }
}

impl Encode for Shown {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(2);
        to.entry(0, |to| to.str(self.interaction.as_str()));
        to.entry(1, |to| to.str(self.agent.as_str()));
    }
}

impl End {
    const ALL: [Self; 5] =
        [Self::Recognised, Self::NotRecognised, Self::NoAnswer, Self::Cancelled, Self::Expired];

    /// The number in records. It never changes its meaning.
    const fn number(self) -> u8 {
        match self {
            Self::Recognised => 1,
            Self::NotRecognised => 2,
            Self::NoAnswer => 3,
            Self::Cancelled => 4,
            Self::Expired => 5,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.number() == number)
    }
}
