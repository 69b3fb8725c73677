//! What is kept of the host's reports, and what is told of each.

use core::time::Duration;

use crate::codec::table::record;
use crate::engine::rule::{Context, State};
use crate::history::event::Subject;
use crate::observer::View;
use crate::policy::Policy;
use crate::reachability::request::SkillReport;
use crate::reachability::token::{Reach, ReachableSkill};
use crate::record::kind::Kind;
use crate::values::id::ReachabilityId;
use crate::values::time::Timestamp;

/// How much longer than it counts a report is kept: nothing depends on it then.
const KEPT_LONGER: Duration = Duration::from_secs(3600);

/// The latest report of each skill over each channel, in the order in which they were first reported.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReachState {
    pub(crate) reports: Vec<SkillReport>,
}

impl SkillReport {
    /// What is told of it by a clock that shows `now`.
    pub(crate) fn told(&self, now: Timestamp, policy: &Policy) -> ReachableSkill {
        let ReachPolicy { stale_after, fewest_agents } = ReachPolicy::of(policy);
        let age = now.since(self.at);
        // One from the future was measured by a clock that is wrong.
        let fresh = self.at <= now.after(policy.leeway) && age < stale_after;
        let reach = match (fresh, self.open, self.wait_seconds) {
            (false, ..) => Reach::Unknown,
            (true, false, _) => Reach::Closed,
            (true, true, Some(seconds)) if self.agents_on >= fewest_agents => Reach::Wait {
                seconds,
                free: self.agents_free > 0,
                age_seconds: u32::try_from(age.as_secs()).unwrap_or(u32::MAX),
            },
            (true, true, _) => Reach::Open,
        };
        ReachableSkill { skill: self.skill.clone(), channel: self.channel, reach }
    }
}

/// The numbers of the policy that count here.
struct ReachPolicy {
    stale_after: Duration,
    fewest_agents: u16,
}

impl ReachPolicy {
    fn of(policy: &Policy) -> Self {
        let of = &policy.reachability;
        Self { stale_after: of.stale_after, fewest_agents: of.fewest_agents.into() }
    }
}

impl State for ReachState {
    const KIND: Kind = Kind::Reachability;
    const LISTED: bool = false;

    fn retain_until(&self, policy: &Policy) -> Timestamp {
        let last = self.reports.iter().map(|report| report.at).max().unwrap_or(Timestamp::EPOCH);
        last.after(policy.reachability.stale_after).after(policy.leeway).after(KEPT_LONGER)
    }

    fn live_until(&self, _: &Policy) -> Timestamp {
        Timestamp::EPOCH
    }

    fn subject(id: [u8; 16]) -> Subject {
        Subject::Reachability(ReachabilityId(id))
    }

    fn view(&self, _: &Context<'_>) -> View {
        View::Reachability(self.reports.len())
    }
}

record! { ReachState { 0 => reports } }

record! {
    SkillReport {
        0 => skill,
        1 => channel,
        2 => at,
        3 => open,
        4 => agents_on,
        5 => agents_free,
        6 => wait_seconds,
    }
}
