//! What is kept of a callback, how it is encoded, and what may be seen of it.

use crate::callback::request::Terms;
use crate::callback::secret::CallbackSecret;
use crate::callback::view::{Callback, CallbackStatus, FromAnswer};
use crate::codec::cbor::Malformed;
use crate::codec::table::{numbered, record};
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::record::kind::Kind;
use crate::values::id::{AgentId, CallbackId, CredentialId, InteractionId, TeamId};
use crate::values::interaction::Assignee;
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

numbered! {
    /// How a callback ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum End {
        Recognised = 1,
        NotRecognised = 2,
        NoAnswer = 3,
        Cancelled = 4,
        Expired = 5,
    }
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
    /// When the customer said that they recognised the caller. Older records do not say.
    pub(crate) recognised_at: Option<Timestamp>,
    /// From which answer about reachable agents it was booked.
    pub(crate) from_answer: Option<FromAnswer>,
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
            from_answer: self.from_answer.clone(),
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

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let until = self.terms.window.until().after(policy.callbacks.conclude_within);
        // What is reported late is kept as long as what was in time.
        let until = until.max(self.late_report.unwrap_or(until));
        until.after(policy.leeway).after(policy.retention)
    }

    /// One that was recognised counts for as long as its interaction may be open, which began in the window and before the
    /// customer said so.
    fn live_until(&self, policy: &Policy) -> Timestamp {
        let until = match self.phase {
            Phase::Open { .. } => self.deadline(policy),
            Phase::Ended { end: End::Recognised, .. } if self.late_report.is_none() => {
                let until = self.terms.window.until();
                let last = self.recognised_at.map_or(until, |at| at.min(until));
                last.after(policy.presence.max_age)
            }
            Phase::Ended { .. } => return Timestamp::EPOCH,
        };
        until.after(policy.leeway)
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Callback(CallbackId(id))
    }

    fn view(&self, cx: &Context<'_>) -> View {
        View::Callback(self.callback(cx))
    }

    fn overdue(&self, cx: &Context<'_>) -> bool {
        matches!(self.phase, Phase::Open { .. }) && cx.now.has_reached(self.deadline(cx.policy))
    }

    fn expire(&mut self) {
        self.end(End::Expired, None);
    }
}

record! {
    CallbackState as state {
        let (secret, end, ended_by) = match &state.phase {
            Phase::Open { secret } => (Some(secret), None, None),
            Phase::Ended { end, by } => (None, Some(end), by.as_ref()),
        };
        0 => terms,
        1 => first,
        2 => amendments,
        3 => shown,
        4 else false => reported,
        5 else false => leaked,
        6 => secret: Option<CallbackSecret> = secret,
        12 => _padding: Option<&[u8]> = secret.map(CallbackSecret::padding),
        7 => end: Option<End> = end,
        8 => ended_by: Option<Shown> = ended_by,
        9 => derived_with,
        10 => late_report,
        11 unless Vec::new() => leaked_before,
        38 => from_answer,
        39 => recognised_at,
    } {
        let phase = match (secret, end) {
            (Some(secret), None) => Phase::Open { secret },
            (None, Some(end)) => Phase::Ended { end, by: ended_by },
            _ => return Err(Malformed),
        };
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
            recognised_at,
            from_answer,
            phase,
        })
    }
}

record! {
    Terms as terms {
        let (agent, team) = Assignee::parts(terms.assignee.as_ref());
        0 => since: Timestamp = terms.window.from(),
        1 => until: Timestamp = terms.window.until(),
        2 => channel,
        3 => agent: Option<AgentId> = agent,
        4 => team: Option<TeamId> = team,
    } {
        let window = Window::new(since, until).map_err(|_| Malformed)?;
        Ok(Self { window, channel, assignee: Assignee::of_parts(agent, team)? })
    }
}

record! { FromAnswer { 0 => skill, 1 => digest } }
record! { Amended { 0 => request, 1 => content } }
record! { Shown { 0 => interaction, 1 => agent } }
