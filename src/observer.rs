//! The observer: what a host is told while ceremonies go on, to drive its dialler, notifications and metrics.

use serde::Serialize;

#[cfg(feature = "cards")]
use crate::card::OpeningKeyId;

use crate::callback::view::Callback;
use crate::challenge::view::Challenge;
use crate::contact::view::Presence;
use crate::credential::view::Credential;
use crate::customer::view::Standing;
use crate::history::event::{Action, Actor, Outcome, Subject};
use crate::notice::view::PostedNotice;
#[cfg(feature = "cards")]
use crate::payment::view::Payment;
use crate::step_up::joint::view::JointStepUp;
use crate::step_up::view::{Prompts, StepUp};
#[cfg(feature = "cards")]
use crate::values::id::PaymentId;
use crate::values::id::{CustomerId, InteractionId, StepUpId};
use crate::values::time::Timestamp;
#[cfg(feature = "cards")]
use crate::vault::charge::view::Charge;
#[cfg(feature = "cards")]
use crate::vault::view::CardOnFile;

/// Something that happened, or was refused. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Observed {
    /// When.
    pub at: Timestamp,
    /// Whose ceremony.
    pub customer: CustomerId,
    /// Which ceremony. The id of a refused attempt need not exist.
    pub subject: Subject,
    /// Who did it.
    pub actor: Actor,
    /// What was done or tried.
    pub action: Action,
    /// In which interaction, if in one.
    pub interaction: Option<InteractionId>,
    /// Whether it was done, and if not, why. The reason is for the host's eyes, not the agent's.
    pub outcome: Outcome,
    /// For which step-up a code was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_up: Option<StepUpId>,
    /// The call repeated one that had been carried out before; nothing was changed or counted.
    pub repeated: bool,
    /// The ceremony as it now stands, if it exists.
    pub view: Option<View>,
}

/// A ceremony as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum View {
    /// A callback.
    Callback(Callback),
    /// A credential.
    Credential(Credential),
    /// A step-up.
    StepUp(StepUp),
    /// A step-up that several customers approve.
    JointStepUp(JointStepUp),
    /// So many step-ups were asked for lately.
    StepUpLimit(u16),
    /// A challenge.
    Challenge(Challenge),
    /// The interactions with the customer that are open, and the last ones.
    Presence(Presence),
    /// A payment, as the enterprise knows it.
    #[cfg(feature = "cards")]
    Payment(Payment),
    /// The same payment, as the vault knows it.
    #[cfg(feature = "cards")]
    Charge(Charge),
    /// A card that the vault keeps.
    #[cfg(feature = "cards")]
    StoredCard(CardOnFile),
    /// So many of the customer's news were taken out of their lane, behind one that could not be delivered.
    HeldNews(u32),
    /// What there must be of the customer.
    Anchor(Standing),
    /// What a customer is asked.
    Prompts(Prompts),
    /// The notices for the customer that have not ended, oldest first.
    NoticeBoard(Vec<PostedNotice>),
    /// Of so many skills it was reported how they can be reached.
    Reachability(usize),
    /// Up to which number a feed has reported without a gap.
    Feed(u64),
    /// Until when a ticket counts.
    Ticket(Timestamp),
    /// So many tickets were tried lately.
    TicketLimit(u32),
    /// The vault's opening keys that exist.
    #[cfg(feature = "cards")]
    OpeningKeys(Vec<OpeningKeyId>),
    /// A vault's note that a sweep is to look at this payment. Nobody is told of it.
    #[cfg(feature = "cards")]
    DueCharge(PaymentId),
}

/// Is told what happens, after it was written.
///
/// It runs inside the call that made the change, so it must be quick: hand over to a queue. It is
/// told at least once of every change whose caller got or repeats to get a result (`repeated` marks
/// the repetitions), and not at all of a change whose process died between writing and telling; the
/// history has every one.
///
/// One that panics changes nothing of the call and its result, and is told of what comes next:
/// [`Verifier::observer_panics`](crate::Verifier::observer_panics) and the vault's count such panics. (In a program that
/// aborts when it panics, it aborts.)
pub trait Observer: Send + Sync + 'static {
    /// `event` happened.
    fn observe(&self, event: &Observed);

    /// A worker that leased this lane of the [outbox](crate::outbox) passed over so many entries, because they, or what
    /// is held of their customers, cannot be opened: a key is missing, or somebody changed them. They stay where they
    /// are. Told with each lease that meets some; [`Outbox::unreadable`](crate::outbox::Outbox::unreadable) says
    /// what is to blame. Does nothing unless you write it.
    fn unreadable_news(&self, _lane: u8, _entries: usize) {}
}

impl<O: Observer + ?Sized> Observer for std::sync::Arc<O> {
    fn observe(&self, event: &Observed) {
        O::observe(self, event);
    }

    fn unreadable_news(&self, lane: u8, entries: usize) {
        O::unreadable_news(self, lane, entries);
    }
}
