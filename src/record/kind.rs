//! The kinds of records.

use crate::codec::table::numbered;

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Self; 20] = [
        Self::Callback,
        Self::Challenge,
        Self::Credential,
        Self::StepUp,
        Self::Payment,
        Self::StepUpLimit,
        Self::Presence,
        Self::OutboxHold,
        Self::Anchor,
        Self::JointStepUp,
        Self::Prompts,
        Self::NoticeBoard,
        Self::Reachability,
        Self::Feed,
        Self::Ticket,
        Self::TicketLimit,
        Self::Charge,
        Self::StoredCard,
        Self::OpeningKeys,
        Self::DueCharge,
    ];
}

numbered! {
    /// Which ceremony a record belongs to. The numbers stand in keys and hashes and never change.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Kind {
        Callback = 1,
        Challenge = 2,
        Credential = 3,
        StepUp = 4,
        StepUpLimit = 6,
        Presence = 7,
        OutboxHold = 8,
        Anchor = 9,
        JointStepUp = 13,
        Prompts = 14,
        Feed = 10,
        Ticket = 11,
        TicketLimit = 12,
        Payment = 5,
        NoticeBoard = 15,
        Reachability = 16,
        // From 21 on: the vault's.
        Charge = 21,
        StoredCard = 22,
        OpeningKeys = 23,
        DueCharge = 24,
    }
}
