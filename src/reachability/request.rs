//! What the host reports of its agents.

use core::time::Duration;

use crate::values::id::SkillId;
use crate::values::interaction::Channel;
use crate::values::secret::reads_request;
use crate::values::time::Timestamp;

/// How one skill can be reached over one channel, as the contact centre measured it.
///
/// ```
/// use core::time::Duration;
/// use countersign::reachability::SkillReport;
/// use countersign::{Channel, Timestamp};
///
/// # fn example(now: Timestamp) -> Result<SkillReport, Box<dyn std::error::Error>> {
/// let report = SkillReport::open("cards".parse()?, Channel::Voice, now)
///     .agents(12, 3)
///     .wait(Duration::from_secs(40));
/// # Ok(report)
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SkillReport {
    pub(crate) skill: SkillId,
    pub(crate) channel: Channel,
    pub(crate) at: Timestamp,
    pub(crate) open: bool,
    pub(crate) agents_on: u16,
    pub(crate) agents_free: u16,
    pub(crate) wait_seconds: Option<u32>,
}

impl SkillReport {
    /// The skill is served now; of agents and wait nothing is known. `at` is when that was measured.
    pub const fn open(skill: SkillId, channel: Channel, at: Timestamp) -> Self {
        let (agents_on, agents_free, wait_seconds) = (0, 0, None);
        Self { skill, channel, at, open: true, agents_on, agents_free, wait_seconds }
    }

    /// Nobody serves the skill now.
    pub const fn closed(skill: SkillId, channel: Channel, at: Timestamp) -> Self {
        let (agents_on, agents_free, wait_seconds) = (0, 0, None);
        Self { skill, channel, at, open: false, agents_on, agents_free, wait_seconds }
    }

    /// How many agents serve it now, and how many of them are free. Neither number leaves: they decide what is told.
    pub const fn agents(mut self, on: u16, free: u16) -> Self {
        self.agents_on = on;
        self.agents_free = free;
        self
    }

    /// How long the next customer is expected to wait, in whole seconds. The crate takes it as it is reported.
    pub fn wait(mut self, expected: Duration) -> Self {
        self.wait_seconds = Some(u32::try_from(expected.as_secs()).unwrap_or(u32::MAX));
        self
    }

    /// Whether it speaks of the same skill over the same channel.
    pub(crate) fn is_about(&self, skill: &SkillId, channel: Channel) -> bool {
        self.skill == *skill && self.channel == channel
    }
}

reads_request! {
    SkillReport: "how a skill can be reached", {
        skill: SkillId,
        channel: Channel,
        at: Timestamp,
        open: bool,
        #[serde(default)] agents_on: u16,
        #[serde(default)] agents_free: u16,
        #[serde(default)] wait_seconds: Option<u32>,
    } => |of| SkillReport {
        skill: of.skill,
        channel: of.channel,
        at: of.at,
        open: of.open,
        agents_on: of.agents_on,
        agents_free: of.agents_free,
        wait_seconds: of.wait_seconds,
    }
}
