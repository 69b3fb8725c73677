//! What is kept of contacts that are over, and of the question to the customer's key.

use core::time::Duration;

use crate::codec::table::record;
use crate::contact::token::last_contact::PastContact;
use crate::contact::token::status::StatusNonce;
use crate::contact::view::OngoingInteraction;
use crate::credential::view::KeyTag;
use crate::values::id::{CredentialId, InteractionId};
use crate::values::interaction::Interaction;
use crate::values::now::WallClock;
use crate::values::time::Timestamp;

/// A contact, and by which id it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) id: InteractionId,
    pub(crate) contact: PastContact,
}

impl Remembered {
    /// An interaction that was open until now.
    pub(crate) fn of(open: &OngoingInteraction, ended: Option<Timestamp>) -> Self {
        let contact = PastContact {
            agent_name: open.agent_name.clone(),
            purpose: open.purpose.clone(),
            channel: open.channel,
            direction: open.direction,
            since: open.since,
            ended,
        };
        Self { id: open.id.clone(), contact }
    }

    /// One of which nothing stands here but that it is reported now.
    pub(crate) fn reported(interaction: &Interaction, at: Timestamp) -> Self {
        Self { id: interaction.id.clone(), contact: PastContact::of(interaction, at) }
    }

    fn is(&self, other: &Self) -> bool {
        let of = |of: &Self| (of.contact.channel, of.contact.direction);
        self.id == other.id && of(self) == of(other)
    }
}

/// The last contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// The last time that the enterprise called.
    pub(crate) last_call: Option<Remembered>,
    /// The last contact over whichever channel, whoever began it.
    pub(crate) last_contact: Option<Remembered>,
}

impl Past {
    /// Takes in a contact. Reports come in any order: the one that began last stays.
    pub(crate) fn add(&mut self, new: &Remembered) {
        let is_call = new.contact.is_call_to_customer();
        for (place, fits) in [(&mut self.last_call, is_call), (&mut self.last_contact, true)] {
            match place {
                // Its end may be news.
                Some(known) if known.is(new) => {
                    known.contact.ended = known.contact.ended.or(new.contact.ended);
                }
                Some(known) if new.contact.since < known.contact.since => {}
                _ if fits => *place = Some(new.clone()),
                _ => {}
            }
        }
    }

    /// Forgets what began longer ago.
    pub(crate) fn forget(&mut self, now: WallClock, remembered_for: Duration) {
        let lasts = |one: &Remembered| !now.has_reached(one.contact.since.after(remembered_for));
        self.last_call = self.last_call.take().filter(lasts);
        self.last_contact = self.last_contact.take().filter(lasts);
    }

    /// What of it began then or later.
    pub(crate) fn since(mut self, begins: Timestamp) -> Self {
        let known = |one: &Remembered| begins <= one.contact.since;
        self.last_call = self.last_call.filter(known);
        self.last_contact = self.last_contact.filter(known);
        self
    }

    /// When what stands here began.
    pub(crate) fn began(&self) -> impl Iterator<Item = Timestamp> {
        let both = [&self.last_call, &self.last_contact];
        both.into_iter().flatten().map(|one| one.contact.since)
    }
}

/// What the customer's key was asked before past contacts are told. The next question takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedKey {
    pub(crate) challenge: StatusNonce,
    pub(crate) credential: CredentialId,
    /// Its key: the id may be enrolled anew.
    pub(crate) key: Option<KeyTag>,
    pub(crate) at: Timestamp,
    pub(crate) until: Timestamp,
}

record! { Past { 0 => last_call, 1 => last_contact } }
record! { Remembered { 0 => id, 1 => contact } }
record! {
    AskedKey as asked {
        0 => challenge: [u8; 16] = *asked.challenge.as_bytes(),
        1 => credential,
        2 => key,
        3 => at,
        4 => until,
    } Ok(Self { challenge: StatusNonce::from_bytes(challenge), credential, key, at, until })
}
