//! The host's reports of how agents can be reached.

use crate::engine::rule::{Beginning, Context, Rule, Ruled, Ruling};
use crate::error::Invalid;
use crate::history::event::{Action, Actor, EventDraft};
use crate::policy::REACHABLE_SKILLS;
use crate::reachability::request::SkillReport;
use crate::reachability::state::ReachState;

/// The host reports. Of each skill over each channel the report that was measured last stands, whenever it came.
pub(crate) struct Report<'a>(pub(crate) &'a [SkillReport]);

impl Rule<ReachState> for Report<'_> {
    type Outcome = ();

    fn note(&self) -> EventDraft {
        EventDraft::by(Actor::BackEnd, Action::ReportReachability)
    }

    fn begin(&self, cx: &Context<'_>) -> Beginning<ReachState, ()> {
        let mut state = ReachState::default();
        let ruling = self.decide(&mut state, cx)?;
        Ok((Some(state), ruling))
    }

    fn decide(&self, state: &mut ReachState, cx: &Context<'_>) -> Ruled<()> {
        let latest = cx.clock.after(cx.policy.leeway);
        if self.0.iter().any(|report| latest < report.at) {
            return Err(Invalid::ReportFromFuture.into());
        }
        // What has not been reported for so long that it tells nothing makes room.
        let kept = cx.policy.reachability.stale_after.saturating_mul(2);
        state.reports.retain(|report| !cx.clock.has_reached(report.at.after(kept)));
        for report in self.0 {
            let full = state.reports.len() >= REACHABLE_SKILLS;
            let mut known = state.reports.iter_mut();
            match known.find(|known| known.is_about(&report.skill, report.channel)) {
                Some(known) if known.at <= report.at => *known = report.clone(),
                Some(_) => {}
                None if full => return Err(Invalid::TooManySkills.into()),
                None => state.reports.push(report.clone()),
            }
        }
        Ok(Ruling::done_unrecorded(()))
    }
}
