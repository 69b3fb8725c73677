//! The kinds of actions that customers may be asked to approve, and by which methods.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::credential::method::Method;
use crate::error::{ConfigError, Reason};
use crate::policy::{DAY, seconds, within_time};
use crate::values::action::approvable::Approvable;
use crate::values::action::details::ActionDetails;
use crate::values::action::form::{ActionForm, ActionMismatch};
use crate::values::action::name::ActionKind;
use crate::values::action::ring_back::RingBack;
use crate::values::interaction::{Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// A kind of action: how it is shown, and by which methods it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ActionRule {
    /// The headline and the fields, for messages; an app has its own.
    pub form: ActionForm,
    /// By which methods it is approved: by default device keys, passkeys and OCRA, which cover all fields.
    /// [`Method::Delivered`] does so, too, since the message names them; it is "restricted" (NIST SP 800-63B-4), and the
    /// host opts in here. A kind that only a key may approve has just the first two.
    #[serde(default = "methods")]
    pub methods: Vec<Method>,
    /// A weakening: TOTP and HOTP may stand in [`methods`](Self::methods). Their codes say nothing of what they approve,
    /// so whoever is told one may spend it on any action of this kind.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub weakened_to_bare_codes: bool,
    /// It is asked for only after the enterprise rang back. By default also in a call that the customer began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_back: Option<RingBackRule>,
}

/// For how long a number on file must have been the same before it may be rung back: a week by default. Our choice:
/// longer than a thief waits who has changed it.
pub const NUMBER_UNCHANGED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// How old the word on a number may be: two minutes. Forwarding and SIM can change at any time.
pub const NUMBER_CHECKED_WITHIN: Duration = Duration::from_secs(120);

/// An action that is asked for only in an interaction that the enterprise began, on a number that did not change lately
/// or within the app: who rings and names all the details gains nothing by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RingBackRule {
    /// For how long the number must have been the same: an hour to a year, [`NUMBER_UNCHANGED_FOR`] by default.
    #[serde(with = "seconds")]
    pub unchanged_for: Duration,
    /// How old the word on it may be: 1 second to an hour, [`NUMBER_CHECKED_WITHIN`] by default.
    #[serde(with = "seconds")]
    pub checked_within: Duration,
    /// Whose word on a number counts; by default nobody's, so that only calls within the app do.
    pub sources: Vec<ShortText>,
}

/// How the customer was reached when something was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached<'a> {
    pub(crate) direction: Direction,
    pub(crate) leg: LegKind,
    /// What was known of the number.
    pub(crate) ring_back: Option<&'a RingBack>,
}

impl Default for RingBackRule {
    fn default() -> Self {
        Self {
            unchanged_for: NUMBER_UNCHANGED_FOR,
            checked_within: NUMBER_CHECKED_WITHIN,
            sources: Vec::new(),
        }
    }
}

impl RingBackRule {
    /// Why an action must not be asked for where the enterprise reached the customer so, by a clock that shows `now`.
    pub(crate) fn check(
        &self,
        reached: &Reached<'_>,
        now: Timestamp,
        leeway: Duration,
    ) -> Result<(), Reason> {
        if reached.direction != Direction::Outbound {
            return Err(Reason::Inbound);
        }
        let on_file = |RingBack { unchanged_since, checked_at, source }: &RingBack| {
            self.sources.contains(source)
                && *checked_at <= now.after(leeway)
                && now <= checked_at.after(self.checked_within)
                && unchanged_since.after(self.unchanged_for) <= now
        };
        // Within the app by the media server's word, which binds the session to the device; never by a desktop's.
        if reached.leg == LegKind::InApp || reached.ring_back.is_some_and(on_file) {
            Ok(())
        } else {
            Err(Reason::NumberNotTrusted)
        }
    }

    fn within_limits(&self) -> Result<(), ConfigError> {
        let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
        let year = DAY.saturating_mul(366);
        within_time("step_ups.actions.ring_back.unchanged_for", self.unchanged_for, hour, year)?;
        within_time("step_ups.actions.ring_back.checked_within", self.checked_within, second, hour)
    }
}

fn methods() -> Vec<Method> {
    vec![Method::DeviceKey, Method::Passkey, Method::Ocra]
}

impl ActionRule {
    /// The kind that is shown so, with the default methods.
    #[must_use]
    pub fn new(form: ActionForm) -> Self {
        Self { form, methods: methods(), weakened_to_bare_codes: false, ring_back: None }
    }
}

/// The kinds of actions that are registered, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionPolicy(pub BTreeMap<ActionKind, ActionRule>);

impl ActionPolicy {
    /// The rule of `action`'s kind.
    ///
    /// # Errors
    ///
    /// [`ActionMismatch`] if no such kind is registered, or its fields are not those of the action.
    pub fn rule_of(&self, action: &ActionDetails) -> Result<&ActionRule, ActionMismatch> {
        let rule = self.0.get(action.kind()).ok_or(ActionMismatch::UnknownKind)?;
        rule.form.shown(action).map(|_| rule)
    }

    /// Whether `method` may approve `action`.
    #[must_use]
    pub fn allows(&self, method: Method, action: &ActionDetails) -> bool {
        self.rule_of(action).is_ok_and(|rule| {
            let covers = !matches!(method, Method::Totp | Method::Hotp);
            rule.methods.contains(&method) && (covers || rule.weakened_to_bare_codes)
        })
    }

    /// Whether only a key may approve `action`, and this is none. Of a kind that is not registered nothing is said.
    pub(crate) fn excludes(&self, method: Method, action: &ActionDetails) -> bool {
        let only_keys = |rule: &ActionRule| rule.methods.iter().all(|one| one.signs());
        !method.signs() && self.0.get(action.kind()).is_some_and(only_keys)
    }

    /// What must be known of how the customer was reached, before this is asked for.
    pub(crate) fn ring_back(&self, what: &Approvable) -> Option<&RingBackRule> {
        self.0.get(what.action()?.kind())?.ring_back.as_ref()
    }

    /// Why `what` must not have been asked for where the customer was reached so at `at`: also of what was asked under
    /// another policy.
    pub(crate) fn rung_back(
        &self,
        what: &Approvable,
        reached: &Reached<'_>,
        at: Timestamp,
        leeway: Duration,
    ) -> Result<(), Reason> {
        self.ring_back(what).map_or(Ok(()), |rule| rule.check(reached, at, leeway))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bare = |rule: &ActionRule| {
            let of_bare = |method: &Method| matches!(method, Method::Totp | Method::Hotp);
            !rule.weakened_to_bare_codes && rule.methods.iter().any(of_bare)
        };
        if self.0.values().any(bare) {
            return Err(ConfigError::ActionMethod);
        }
        self.0
            .values()
            .filter_map(|rule| rule.ring_back.as_ref())
            .try_for_each(RingBackRule::within_limits)
    }
}
