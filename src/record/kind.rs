//! The kinds of records.

/// Which ceremony a record belongs to. The numbers stand in keys and hashes and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Callback,
    Challenge,
    Credential,
    StepUp,
    StepUpLimit,
    Presence,
    Payment,
    Charge,
    StoredCard,
    OpeningKeys,
}

impl Kind {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Callback => 1,
            Self::Challenge => 2,
            Self::Credential => 3,
            Self::StepUp => 4,
            Self::Payment => 5,
            Self::StepUpLimit => 6,
            Self::Presence => 7,
            // From 21 on: the vault's.
            Self::Charge => 21,
            Self::StoredCard => 22,
            Self::OpeningKeys => 23,
        }
    }
}
