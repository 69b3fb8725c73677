//! Which legs allow which act, and what makes a number a checked one.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::request::line_facts::{Forwarding, LineFacts, SimChange};
use crate::error::ConfigError;
use crate::policy::{Act, DAY, seconds, within_time};
use crate::values::agent_safe::agent_safe;
use crate::values::interaction::{Direction, Interaction};
use crate::values::leg::{Leg, LegKind};
use crate::values::time::Timestamp;
use crate::values::transaction::{Currency, Transaction};

/// For how long facts about a number hold, by default and at most: two minutes. Our choice.
pub const LEG_FACTS_FOR: Duration = Duration::from_secs(120);
/// For how long a SIM must not have changed, by default: seven days. Our choice.
pub const SIM_UNCHANGED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Which legs allow which act. Without a rule every leg does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LegPolicy {
    /// The rules: all that apply must allow the leg.
    pub rules: Vec<LegRule>,
    /// For how long facts about a number hold: 10 seconds to [`LEG_FACTS_FOR`].
    #[serde(with = "seconds")]
    pub facts_for: Duration,
    /// For how long a number's SIM must not have changed: 1 to 100 days.
    #[serde(with = "seconds")]
    pub sim_unchanged_for: Duration,
    /// Whether a number may be forwarded while it is busy, is not answered or cannot be reached: to a mailbox, say, or to
    /// whoever sees to it that the number cannot be reached. By default it may not.
    pub conditional_forwarding: bool,
}

impl Default for LegPolicy {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            facts_for: LEG_FACTS_FOR,
            sim_unchanged_for: SIM_UNCHANGED_FOR,
            conditional_forwarding: false,
        }
    }
}

/// Which legs allow an act in one direction, above an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LegRule {
    /// The act: [`Act::Reveal`], [`Act::StepUp`] or [`Act::Payment`].
    pub act: Act,
    /// Who contacted whom.
    pub direction: Direction,
    /// The largest amounts in minor units, by currency, to which it does not apply. It applies to every amount of a currency that
    /// does not stand here, and to what moves no money.
    #[serde(default)]
    pub over: BTreeMap<Currency, u64>,
    /// The legs that are enough.
    pub allowed: Vec<LegKind>,
}

impl LegRule {
    /// `act` in interactions of this direction needs one of these legs.
    pub fn new(act: Act, direction: Direction, allowed: impl IntoIterator<Item = LegKind>) -> Self {
        Self { act, direction, over: BTreeMap::new(), allowed: allowed.into_iter().collect() }
    }

    /// Above this amount alone.
    #[must_use]
    pub fn over(mut self, currency: Currency, amount: u64) -> Self {
        self.over.insert(currency, amount);
        self
    }

    fn applies(&self, act: Act, direction: Direction, transaction: Option<&Transaction>) -> bool {
        let small = |transaction: &Transaction| {
            let most = self.over.get(&transaction.currency);
            transaction.kind.is_payment() && most.is_some_and(|most| transaction.amount <= *most)
        };
        self.act == act && self.direction == direction && !transaction.is_some_and(small)
    }
}

/// What the agent can tell the customer, so that the act becomes possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LegAdvice {
    /// "Please call us from the app."
    CallFromTheApp,
    /// "I will call you in the app."
    CallInTheApp,
    /// "I will call you on a number that we have checked."
    CallCheckedNumber,
}

impl fmt::Display for LegAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CallFromTheApp => "ask the customer to call us from the app",
            Self::CallInTheApp => "call the customer in the app",
            Self::CallCheckedNumber => "call the customer on a number that was checked just now",
        })
    }
}

agent_safe!(LegAdvice);

impl LegAdvice {
    /// What helps where one of these would do.
    pub(crate) fn towards(allowed: &[LegKind], direction: Direction) -> Self {
        match direction {
            Direction::Inbound => Self::CallFromTheApp,
            Direction::Outbound if allowed.contains(&LegKind::CheckedNumber) => {
                Self::CallCheckedNumber
            }
            Direction::Outbound => Self::CallInTheApp,
        }
    }
}

impl LegPolicy {
    /// The leg of a call that the enterprise made to a number of which these facts hold.
    #[must_use]
    pub fn leg_of(&self, facts: &LineFacts) -> Leg {
        let stays = match facts.forwarding {
            Some(Forwarding::None) => true,
            Some(Forwarding::Conditional) => self.conditional_forwarding,
            Some(Forwarding::Unconditional) | None => false,
        };
        let old = match facts.sim {
            Some(SimChange::At(at)) => at.after(self.sim_unchanged_for) <= facts.read_at,
            Some(SimChange::NotWithin(period)) => period >= self.sim_unchanged_for,
            None => false,
        };
        let source = facts.source.clone();
        if stays && old {
            Leg::checked(source, facts.read_at)
        } else {
            Leg::number(source, facts.read_at)
        }
    }

    /// The leg of this interaction as it holds at `now`; a number of which nothing is known, if nobody has looked.
    pub(crate) fn of(&self, interaction: &Interaction, now: Timestamp) -> LegKind {
        let leg = interaction.leg.as_ref();
        leg.map_or(LegKind::Number, |leg| leg.kind_at(now, self.facts_for))
    }

    /// Whether `leg` is enough for `act`, and what helps if it is not.
    ///
    /// # Errors
    ///
    /// [`LegAdvice`] to follow.
    pub fn allows(
        &self,
        act: Act,
        direction: Direction,
        transaction: Option<&Transaction>,
        leg: LegKind,
    ) -> Result<(), LegAdvice> {
        let mut rules = self.rules.iter().filter(|rule| rule.applies(act, direction, transaction));
        match rules.find(|rule| !rule.allowed.contains(&leg)) {
            Some(rule) => Err(LegAdvice::towards(&rule.allowed, direction)),
            None => Ok(()),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        // Nothing would look at it: a challenge is posted, and nobody is on a line.
        if let Some(rule) = self.rules.iter().find(|rule| rule.act == Act::Challenge) {
            return Err(ConfigError::LegRule { act: rule.act });
        }
        let ten = Duration::from_secs(10);
        within_time("legs.facts_for", self.facts_for, ten, LEG_FACTS_FOR)?;
        let most = DAY.saturating_mul(100);
        within_time("legs.sim_unchanged_for", self.sim_unchanged_for, DAY, most)
    }
}
