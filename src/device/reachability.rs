//! Whether agents can be reached, as the app may show it.

use crate::device::Device;
use crate::device::status::{NotVerified, StatusQuestion, in_time};
use crate::reachability::token::{Reach, ReachableData, ReachableSkill};
use crate::values::id::{AnswerDigest, SkillId};
use crate::values::interaction::Channel;
use crate::values::time::Timestamp;

/// A genuine, fresh answer to this customer's own question. What it tells ends with its seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ReachableShown {
    data: ReachableData,
    digest: AnswerDigest,
    asked: Timestamp,
    until: Timestamp,
}

impl ReachableShown {
    /// How a skill can be reached over a channel, for a device whose clock shows `now`: the age goes on growing, and
    /// once the answer's seconds are over, or the clock was set back, it is unknown.
    #[must_use]
    pub fn reach(&self, skill: &SkillId, channel: Channel, now: Timestamp) -> Reach {
        if now < self.asked || self.until <= now {
            return Reach::Unknown;
        }
        match self.data.of(skill, channel) {
            Reach::Wait { seconds, free, age_seconds } => {
                let since = u32::try_from(now.since(self.asked).as_secs()).unwrap_or(u32::MAX);
                Reach::Wait { seconds, free, age_seconds: age_seconds.saturating_add(since) }
            }
            other => other,
        }
    }

    /// The skills of which the answer speaks. What it said of each when it was signed is in it; show
    /// [`reach`](Self::reach).
    #[must_use]
    pub fn skills(&self) -> &[ReachableSkill] {
        &self.data.skills
    }

    /// Until when it counts, by this device's own clock: ask again then.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// What a callback that is booked from this answer says of it
    /// ([`Callback::from_answer`](crate::callback::Callback::from_answer)).
    #[must_use]
    pub const fn digest(&self) -> AnswerDigest {
        self.digest
    }
}

impl Device {
    /// Opens the enterprise's answer to `question`: it is judged as
    /// [`open_status`](Self::open_status) judges a status.
    ///
    /// # Errors
    ///
    /// [`NotVerified`]: show "unknown", and no number.
    pub fn open_reachable(
        &self,
        token: &str,
        question: &StatusQuestion,
        now: Timestamp,
    ) -> Result<ReachableShown, NotVerified> {
        let claims = self.answer::<ReachableData>(token, now)?;
        if claims.data().nonce != question.nonce() {
            return Err(NotVerified::OtherQuestion);
        }
        let asked = question.asked();
        let until = asked.after(claims.expires_at().since(claims.not_before()));
        let data = in_time(claims, asked, now)?;
        Ok(ReachableShown { data, digest: AnswerDigest::of_token(token), asked, until })
    }
}
