//! How a challenge is encoded in its record.

use core::convert::Infallible;

use minicbor::encode::Write;

use crate::callback::secret::CallbackSecret;
use crate::challenge::appointment_token::Proof;
use crate::challenge::request::{Asked, Slot};
use crate::challenge::state::{Agreed, Answered, ChallengeState, End, Issued, Shown};
use crate::challenge::token::Channels;
use crate::challenge::view::Proposal;
use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::token::TokenId;
use crate::values::id::CredentialId;
use crate::values::interaction::{Assignee, Channel, Direction};
use crate::values::text::ShortText;
use crate::values::time::{Timestamp, Window};

fn channel(from: &mut In<'_>) -> Result<Channel, Malformed> {
    Channel::from_number(from.u8()?).ok_or(Malformed)
}

impl ChallengeState {
    pub(crate) fn read(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut issued, mut answer, mut word, mut agreed) = (None, None, None, None);
        let (mut replaced, mut shown) = (Vec::new(), Vec::new());
        let (mut reported, mut false_caller, mut end) = (false, false, None);
        let (mut false_callers_of, mut late_callers_of) = (Vec::new(), Vec::new());
        let mut late_report = None;
        let id = |from: &mut In<'_>| Ok(TokenId::from_bytes(from.array_of()?));
        from.map(|key, from| {
            match key {
                0 => issued = Some(Issued::decode(from)?),
                1 => answer = Some(Answered::decode(from)?),
                2 => word = Some(CallbackSecret::from_record(from.str()?)),
                3 => agreed = Some(Agreed::decode(from)?),
                4 => replaced = from.list(Asked::decode)?,
                5 => shown = from.list(Shown::decode)?,
                // Records of the first version have both there.
                6 => reported = from.bool()?,
                8 => false_caller = from.bool()?,
                9 => false_callers_of = from.list(id)?,
                10 => late_callers_of = from.list(id)?,
                11 => late_report = Some(Timestamp::from_unix(from.u64()?)),
                // The word's padding.
                12 => _ = from.bytes()?,
                7 => end = Some(End::from_number(from.u8()?).ok_or(Malformed)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if (end.is_some() && word.is_some()) || (agreed.is_none() && !shown.is_empty()) {
            return Err(Malformed);
        }
        let issued = issued.ok_or(Malformed)?;
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
        })
    }
}

impl Encode for ChallengeState {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let optional = [
            self.answer.is_some(),
            self.word.is_some(),
            // Its padding.
            self.word.is_some(),
            self.agreed.is_some(),
            self.end.is_some(),
            self.false_caller,
            !self.false_callers_of.is_empty(),
            !self.late_callers_of.is_empty(),
            self.late_report.is_some(),
        ];
        to.map_with(4, optional);
        to.entry(0, |to| self.issued.encode(to));
        if let Some(answer) = &self.answer {
            to.entry(1, |to| answer.encode(to));
        }
        if let Some(word) = &self.word {
            word.encode(to, 2, 12);
        }
        if let Some(agreed) = &self.agreed {
            to.entry(3, |to| agreed.encode(to));
        }
        to.entry(4, |to| to.list(self.replaced.iter(), |to, asked| asked.encode(to)));
        to.entry(5, |to| to.list(self.shown.iter(), |to, shown| shown.encode(to)));
        to.entry(6, |to| to.bool(self.reported));
        if let Some(end) = self.end {
            to.entry(7, |to| to.u64(end.number().into()));
        }
        if self.false_caller {
            to.entry(8, |to| to.bool(true));
        }
        for (key, of) in [(9, &self.false_callers_of), (10, &self.late_callers_of)] {
            if !of.is_empty() {
                to.entry(key, |to| to.list(of.iter(), |to, id| to.bytes(id.as_bytes())));
            }
        }
        if let Some(at) = self.late_report {
            to.entry(11, |to| to.u64(at.unix()));
        }
    }
}

impl Asked {
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

impl Encode for Asked {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(2);
        to.entry(0, |to| to.bytes(&self.request));
        to.entry(1, |to| to.bytes(&self.content));
    }
}

impl Issued {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut asked, mut token, mut purpose) = (None, None, None);
        let (mut channels, mut until) = (None, None);
        from.map(|key, from| {
            match key {
                0 => asked = Some(Asked::decode(from)?),
                1 => token = Some(from.str()?.to_owned()),
                2 => purpose = Some(from.read(ShortText::kept)?),
                3 => channels = Channels::new(&from.list(channel)?).ok(),
                4 => until = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            asked: asked.ok_or(Malformed)?,
            token: token.ok_or(Malformed)?,
            purpose: purpose.ok_or(Malformed)?,
            channels: channels.ok_or(Malformed)?,
            until: until.ok_or(Malformed)?,
        })
    }
}

impl Encode for Issued {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map(5);
        to.entry(0, |to| self.asked.encode(to));
        to.entry(1, |to| to.str(&self.token));
        to.entry(2, |to| to.str(self.purpose.as_str()));
        to.entry(3, |to| {
            let channels = self.channels.as_slice().iter();
            to.list(channels, |to, channel| to.u64(channel.number().into()));
        });
        to.entry(4, |to| to.u64(self.until.unix()));
    }
}

impl Answered {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut asked, mut proposal, mut ends) = (None, Proposal::default(), [None, None]);
        let (mut credential, mut word, mut until) = (None, false, None);
        from.map(|key, from| {
            match key {
                0 => asked = Some(Asked::decode(from)?),
                1 => ends[0] = Some(Timestamp::from_unix(from.u64()?)),
                2 => ends[1] = Some(Timestamp::from_unix(from.u64()?)),
                3 => proposal.channel = Some(channel(from)?),
                4 => proposal.topic = Some(from.read(ShortText::kept)?),
                5 => credential = Some(CredentialId(from.array_of()?)),
                6 => word = from.bool()?,
                7 => until = Some(Timestamp::from_unix(from.u64()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        proposal.slot = match ends {
            [Some(from), Some(until)] => Some(Window::new(from, until).map_err(|_| Malformed)?),
            [None, None] => None,
            _ => return Err(Malformed),
        };
        let (asked, until) = (asked.ok_or(Malformed)?, until.ok_or(Malformed)?);
        Ok(Self { asked, proposal, credential, word, until })
    }
}

impl Encode for Answered {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let Proposal { slot, channel, topic } = &self.proposal;
        let optional = [channel.is_some(), topic.is_some(), self.credential.is_some()];
        to.map_with(3, [slot.is_some(), slot.is_some()].into_iter().chain(optional));
        to.entry(0, |to| self.asked.encode(to));
        if let Some(slot) = slot {
            to.entry(1, |to| to.u64(slot.from().unix()));
            to.entry(2, |to| to.u64(slot.until().unix()));
        }
        if let Some(channel) = channel {
            to.entry(3, |to| to.u64(channel.number().into()));
        }
        if let Some(topic) = topic {
            to.entry(4, |to| to.str(topic.as_str()));
        }
        if let Some(credential) = self.credential {
            to.entry(5, |to| to.bytes(&credential.0));
        }
        to.entry(6, |to| to.bool(self.word));
        to.entry(7, |to| to.u64(self.until.unix()));
    }
}

impl Agreed {
    fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut asked, mut token, mut since, mut until) = (None, None, None, None);
        let (mut over, mut agent, mut team) = (None, None, None);
        let (mut agent_name, mut outbound, mut proof) = (None, None, Proof::Word);
        from.map(|key, from| {
            match key {
                0 => asked = Some(Asked::decode(from)?),
                1 => token = Some(from.str()?.to_owned()),
                2 => since = Some(Timestamp::from_unix(from.u64()?)),
                3 => until = Some(Timestamp::from_unix(from.u64()?)),
                4 => over = Some(channel(from)?),
                5 => agent = Some(Assignee::Agent(from.parsed()?)),
                6 => team = Some(Assignee::Team(from.parsed()?)),
                7 => agent_name = Some(from.read(ShortText::kept)?),
                8 => outbound = Some(from.bool()?),
                9 => proof = Proof::Code(CredentialId(from.array_of()?)),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if agent.is_some() && team.is_some() {
            return Err(Malformed);
        }
        let (since, until) = (since.ok_or(Malformed)?, until.ok_or(Malformed)?);
        let outbound = outbound.ok_or(Malformed)?;
        Ok(Self {
            asked: asked.ok_or(Malformed)?,
            token: token.ok_or(Malformed)?,
            slot: Slot {
                window: Window::new(since, until).map_err(|_| Malformed)?,
                channel: over.ok_or(Malformed)?,
                assignee: agent.or(team).ok_or(Malformed)?,
                agent_name: agent_name.ok_or(Malformed)?,
            },
            direction: if outbound { Direction::Outbound } else { Direction::Inbound },
            proof,
        })
    }
}

impl Encode for Agreed {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        let slot = &self.slot;
        to.map_with(8, [matches!(self.proof, Proof::Code(_))]);
        to.entry(0, |to| self.asked.encode(to));
        to.entry(1, |to| to.str(&self.token));
        to.entry(2, |to| to.u64(slot.window.from().unix()));
        to.entry(3, |to| to.u64(slot.window.until().unix()));
        to.entry(4, |to| to.u64(slot.channel.number().into()));
        match &slot.assignee {
            Assignee::Agent(id) => to.entry(5, |to| to.str(id.as_str())),
            Assignee::Team(id) => to.entry(6, |to| to.str(id.as_str())),
        }
        to.entry(7, |to| to.str(slot.agent_name.as_str()));
        to.entry(8, |to| to.bool(self.direction == Direction::Outbound));
        if let Proof::Code(credential) = &self.proof {
            to.entry(9, |to| to.bytes(&credential.0));
        }
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
    const ALL: [Self; 6] = [
        Self::Recognised,
        Self::NotRecognised,
        Self::Declined,
        Self::Reported,
        Self::Revoked,
        Self::Expired,
    ];

    /// The number in records. It never changes its meaning.
    const fn number(self) -> u8 {
        match self {
            Self::Recognised => 1,
            Self::NotRecognised => 2,
            Self::Declined => 3,
            Self::Reported => 4,
            Self::Revoked => 5,
            Self::Expired => 6,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.number() == number)
    }
}
