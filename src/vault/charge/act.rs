//! An act on a charge, as it is kept: what the acquirer was asked to do, and what became of it.

use core::convert::Infallible;
use minicbor::encode::Write;

use crate::codec::cbor::{Encode, In, Malformed, Out};
use crate::history::event::Action;
use crate::payment::reference::Reference;

/// What the acquirer is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Capture,
    Void,
    Refund,
}

impl Act {
    pub(crate) const ALL: [Self; 3] = [Self::Capture, Self::Void, Self::Refund];

    /// Its part of the idempotency key.
    pub(crate) const fn label(self) -> &'static [u8] {
        match self {
            Self::Capture => b"capture",
            Self::Void => b"void",
            Self::Refund => b"refund",
        }
    }

    pub(crate) const fn action(self) -> Action {
        match self {
            Self::Capture => Action::Capture,
            Self::Void => Action::Void,
            Self::Refund => Action::Refund,
        }
    }

    /// The number in records. It never changes its meaning.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Capture => 1,
            Self::Void => 2,
            Self::Refund => 3,
        }
    }
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FollowUp {
    pub(crate) act: Act,
    /// Names it among those of this payment.
    pub(crate) key: [u8; 16],
    pub(crate) amount: u64,
    /// What the acquirer calls it, once it was done; until then it may or may not have been.
    pub(crate) done: Option<Reference>,
}

impl FollowUp {
    pub(crate) fn decode(from: &mut In<'_>) -> Result<Self, Malformed> {
        let (mut act, mut key, mut amount, mut done) = (None, None, None, None);
        from.map(|number, from| {
            match number {
                0 => {
                    let number = from.u8()?;
                    act = Act::ALL.into_iter().find(|act| act.number() == number);
                }
                1 => key = Some(from.array_of()?),
                2 => amount = Some(from.u64()?),
                3 => done = Some(from.parsed()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            act: act.ok_or(Malformed)?,
            key: key.ok_or(Malformed)?,
            amount: amount.ok_or(Malformed)?,
            done,
        })
    }
}

impl Encode for FollowUp {
    fn encode<W: Write<Error = Infallible>>(&self, to: &mut Out<W>) {
        to.map_with(3, [self.done.is_some()]);
        to.entry(0, |to| to.u64(self.act.number().into()));
        to.entry(1, |to| to.bytes(&self.key));
        to.entry(2, |to| to.u64(self.amount));
        if let Some(done) = &self.done {
            to.entry(3, |to| to.str(done.as_str()));
        }
    }
}
