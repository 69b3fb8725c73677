//! How a challenge is encoded in its record.

use crate::callback::secret::CallbackSecret;
use crate::challenge::appointment_token::Proof;
use crate::challenge::request::{Asked, Slot};
use crate::challenge::state::{Agreed, Answered, ChallengeState, End, Issued, Shown};
use crate::challenge::view::Proposal;
use crate::codec::cbor::Malformed;
use crate::codec::table::record;
use crate::values::id::{AgentId, CredentialId, TeamId};
use crate::values::interaction::{Assignee, Channel, Direction, LegKind};
use crate::values::text::ShortText;
use crate::values::time::{Timestamp, Window};

record! {
    ChallengeState as state {
        0 => issued,
        1 => answer,
        2 => word: Option<CallbackSecret>,
        12 => _padding: Option<&[u8]> = state.word.as_ref().map(CallbackSecret::padding),
        3 => agreed: Option<Agreed>,
        4 => replaced,
        5 => shown: Vec<Shown>,
        // Records of the first version have `false_caller` there too.
        6 else false => reported,
        7 => end: Option<End>,
        8 unless false => false_caller,
        9 unless Vec::new() => false_callers_of,
        10 unless Vec::new() => late_callers_of,
        11 => late_report,
        13 => recognised_at,
    } {
        if (end.is_some() && word.is_some()) || (agreed.is_none() && !shown.is_empty()) {
            return Err(Malformed);
        }
        Ok(Self {
            issued,
            answer,
            word,
            agreed,
            replaced,
            shown,
            reported,
            false_caller,
            false_callers_of,
            late_callers_of,
            late_report,
            end,
            recognised_at,
        })
    }
}

record! { Asked { 0 => request, 1 => content } }
record! { Issued { 0 => asked, 1 => token, 2 => purpose, 3 => channels, 4 => until } }
record! { Shown { 0 => interaction, 1 => agent } }

record! {
    Answered as answer {
        let Proposal { slot, channel, topic } = &answer.proposal;
        0 => asked,
        1 => slot_from: Option<Timestamp> = slot.map(|slot| slot.from()),
        2 => slot_until: Option<Timestamp> = slot.map(|slot| slot.until()),
        3 => channel: Option<Channel> = channel,
        4 => topic: Option<ShortText> = topic,
        5 => credential,
        6 else false => word,
        7 => until,
    } {
        let slot = match (slot_from, slot_until) {
            (Some(from), Some(until)) => Some(Window::new(from, until).map_err(|_| Malformed)?),
            (None, None) => None,
            _ => return Err(Malformed),
        };
        Ok(Self { asked, proposal: Proposal { slot, channel, topic }, credential, word, until })
    }
}

record! {
    Agreed as agreed {
        let Slot { window, channel, assignee, agent_name, leg } = &agreed.slot;
        let (agent, team) = Assignee::parts(Some(assignee));
        let credential = match &agreed.proof {
            Proof::Code(credential) => Some(credential),
            Proof::Word => None,
        };
        0 => asked,
        1 => token,
        2 => since: Timestamp = window.from(),
        3 => until: Timestamp = window.until(),
        4 => channel: Channel = channel,
        5 => agent: Option<AgentId> = agent,
        6 => team: Option<TeamId> = team,
        7 => agent_name: ShortText = agent_name,
        8 => outbound: bool = agreed.direction == Direction::Outbound,
        9 => credential: Option<CredentialId> = credential,
        // Records of the first version have another entry under 10.
        35 => leg: Option<LegKind> = leg,
    } {
        let assignee = Assignee::of_parts(agent, team)?.ok_or(Malformed)?;
        let window = Window::new(since, until).map_err(|_| Malformed)?;
        Ok(Self {
            asked,
            token,
            slot: Slot { window, channel, assignee, agent_name, leg },
            direction: if outbound { Direction::Outbound } else { Direction::Inbound },
            proof: credential.map_or(Proof::Word, Proof::Code),
        })
    }
}
