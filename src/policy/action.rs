//! The kinds of actions that customers may be asked to approve, and by which methods.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::credential::method::Method;
use crate::error::ConfigError;
use crate::values::action::details::ActionDetails;
use crate::values::action::form::{ActionForm, ActionMismatch};
use crate::values::action::name::ActionKind;

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
}

fn methods() -> Vec<Method> {
    vec![Method::DeviceKey, Method::Passkey, Method::Ocra]
}

impl ActionRule {
    /// The kind that is shown so, with the default methods.
    #[must_use]
    pub fn new(form: ActionForm) -> Self {
        Self { form, methods: methods(), weakened_to_bare_codes: false }
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

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bare = |rule: &ActionRule| {
            let of_bare = |method: &Method| matches!(method, Method::Totp | Method::Hotp);
            !rule.weakened_to_bare_codes && rule.methods.iter().any(of_bare)
        };
        if self.0.values().any(bare) { Err(ConfigError::ActionMethod) } else { Ok(()) }
    }
}
