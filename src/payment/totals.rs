//! What became of the money since a payment was authorised.

use serde::{Deserialize, Serialize};

use crate::codec::table::record;
use crate::values::agent_safe::agent_safe;
use crate::values::secret::silent_serde;

/// Sums over what was done with a payment since it was authorised, in minor units of its currency.
///
/// What the acquirer did is in its own sum; what it was asked for and has not answered is in
/// [`in_doubt`](Self::in_doubt) alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct Totals {
    /// Taken of what was authorised. 0 if the acquirer takes it by itself.
    pub captured: u64,
    /// Given up before it was taken.
    pub voided: u64,
    /// Given back, by the vault or past it.
    pub refunded: u64,
    /// Taken back by the card issuer, less what it returned.
    pub charged_back: u64,
    /// What the acquirer was asked to take, give up or give back, of which it is not known whether it did.
    pub in_doubt: u64,
}

impl Totals {
    /// These, beside those of an older receipt: what was done stays done, though a vault whose store was put back has
    /// forgotten it.
    pub(crate) fn beside(self, older: Self) -> Self {
        Self {
            captured: self.captured.max(older.captured),
            voided: self.voided.max(older.voided),
            refunded: self.refunded.max(older.refunded),
            ..self
        }
    }

    /// How a payment of which `authorised` was approved has been given back as a whole, if it was.
    pub(crate) fn given_back(&self, authorised: u64) -> Option<FundsReturned> {
        let back = self.voided.saturating_add(self.refunded).saturating_add(self.charged_back);
        if back == 0 || back < authorised {
            return None;
        }
        Some(if self.charged_back > 0 {
            FundsReturned::ChargedBack
        } else if self.refunded > 0 {
            FundsReturned::Refunded
        } else {
            FundsReturned::Voided
        })
    }
}

silent_serde!(Totals: "the sums of a payment");

/// How the whole of a payment was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FundsReturned {
    /// It was given up before it was taken.
    Voided,
    /// It was given back, at least a part of it after it was taken.
    Refunded,
    /// The card issuer took it back, or a part of it.
    ChargedBack,
}

agent_safe!(Totals, FundsReturned);

record! {
    Totals {
        0 else 0 => captured,
        1 else 0 => voided,
        2 else 0 => refunded,
        3 else 0 => charged_back,
        4 else 0 => in_doubt,
    }
}
