//! Whether a customer may have another credential beside those that they have.

use crate::credential::consent::{ConsentRecord, EnrolmentConsent};
use crate::credential::view::{Credential, CredentialStatus};
use crate::engine::page::Live;
use crate::error::{Invalid, RecordError};
use crate::values::id::CredentialId;

/// Who answers for it that the customer may have a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answering {
    /// The back end, or the customer by a credential of theirs.
    Entitled,
    /// Whoever holds a proof that binds nothing.
    BadProof,
    /// The app's session, and nobody else.
    SessionAlone,
}

impl Answering {
    pub(crate) const fn of(authority: &ConsentRecord, word: &EnrolmentConsent) -> Self {
        match authority.given {
            true => Self::Entitled,
            false if word.has_proof() => Self::BadProof,
            false => Self::SessionAlone,
        }
    }
}

/// Whether it can be used, or will be.
const fn is_open(of: &Credential) -> bool {
    use CredentialStatus::{Active, Locked, Pending};
    matches!(of.status, Pending | Active | Locked)
}

/// What a customer has, as far as it counts for another credential.
pub(crate) struct Room<'a> {
    pub(crate) held: &'a Live<Credential>,
    /// So many were bound, and their records are lost.
    pub(crate) missing: usize,
    /// The most that a customer may have.
    pub(crate) most: u8,
}

impl Room<'_> {
    /// Whether there is room for another, and which give way to it: the oldest that the session alone began, if somebody
    /// answers for this one. `Err` if it cannot be told: one that cannot be opened may be in use, and takes room.
    pub(crate) fn beside(
        &self,
        who: Answering,
    ) -> Result<Result<Vec<CredentialId>, Invalid>, RecordError> {
        let Live { all, unreadable, why } = self.held;
        let open = all.iter().filter(|one| is_open(one)).count().saturating_add(self.missing);
        let counted = open.saturating_add(*unreadable) < usize::from(self.most);
        match why {
            Some(why) if who != Answering::Entitled || !counted => Err(*why),
            _ => Ok(self.room(all, open, who)),
        }
    }

    fn room(
        &self,
        all: &[Credential],
        open: usize,
        who: Answering,
    ) -> Result<Vec<CredentialId>, Invalid> {
        let beside = self.missing > 0 || all.iter().any(Credential::is_held);
        if who == Answering::BadProof || (who == Answering::SessionAlone && beside) {
            return Err(Invalid::AnotherCredential);
        }
        let entitled = who == Answering::Entitled;
        let begun =
            |held: &Credential| Some((held.begun_by_session().filter(|_| entitled)?, held.id));
        let mut begun: Vec<_> = all.iter().filter_map(begun).collect();
        let too_many = open.saturating_add(1).saturating_sub(usize::from(self.most));
        begun.sort_unstable();
        let gives_way = begun.get(..too_many).ok_or(Invalid::TooManyCredentials)?;
        Ok(gives_way.iter().map(|(_, id)| *id).collect())
    }
}
