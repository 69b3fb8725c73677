//! What the acquirer said of an authorisation beside whether it was made: for the back end, not for an agent.

use crate::card::{Card, CardVerificationCode, Verification};
use crate::codec::table::record;
use crate::payment::reference::Reference;
use crate::values::card_number::LastFour;
use crate::vault::acquirer::answer::{AcquirerAnswer, AvsResult, CodeResult};
use crate::vault::acquirer::raw::RawId;

/// What is kept of an answer's particulars.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Details {
    /// The acquirer's id to the letter.
    pub(crate) raw_id: Option<RawId>,
    /// The scheme's id to the letter.
    pub(crate) network_transaction_id: Option<RawId>,
    pub(crate) response_code: Option<Reference>,
    pub(crate) avs: Option<AvsResult>,
    pub(crate) code_result: Option<CodeResult>,
    /// There was an id, and it was not kept: it held the card's number or code, or is too long.
    pub(crate) withheld: bool,
    /// How much more was approved than was asked for: it is not taken.
    pub(crate) beyond: Option<u64>,
}

impl Details {
    /// What of `answer` may be kept. `card` is the one that it is about, if it was opened; without it nothing tells whether
    /// an id holds its number, so none is kept that could.
    pub(crate) fn of(answer: &AcquirerAnswer, card: Option<&Card>, shown: LastFour) -> Self {
        let reference = |text: &Option<zeroize::Zeroizing<String>>| {
            text.as_ref().map(|text| Reference::of(text, shown))
        };
        let raw = |id: &str| match card {
            Some(card) => RawId::of(id, card.pan(), code_of(card)),
            None => RawId::unseen(id, shown),
        };
        let given = answer.transaction_id.as_ref().filter(|id| !id.is_empty());
        let raw_id = given.and_then(|id| raw(id));
        let network_transaction_id = answer.network_transaction_id.as_ref();
        Self {
            withheld: given.is_some() && raw_id.is_none(),
            raw_id,
            network_transaction_id: network_transaction_id.and_then(|id| raw(id)),
            response_code: reference(&answer.response_code),
            avs: answer.avs,
            code_result: answer.code_result,
            beyond: None,
        }
    }

    /// The same of an approval of so much, though `asked` was asked for.
    pub(crate) fn of_amount(self, approved: u64, asked: u64) -> Self {
        let beyond = approved.saturating_sub(asked);
        Self { beyond: (beyond > 0).then_some(beyond), ..self }
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            raw_id: self.raw_id.as_ref().map(RawId::copy),
            network_transaction_id: self.network_transaction_id.as_ref().map(RawId::copy),
            response_code: self.response_code.clone(),
            avs: self.avs,
            code_result: self.code_result,
            withheld: self.withheld,
            beyond: self.beyond,
        }
    }

    /// What an earlier answer said stands where this one says nothing.
    pub(crate) fn or(self, earlier: Self) -> Self {
        // The id of a challenge is not that of the approval that followed it, whose own was withheld.
        let raw_id = self.raw_id.or(earlier.raw_id.filter(|_| !self.withheld));
        Self {
            withheld: self.withheld || earlier.withheld && raw_id.is_none(),
            raw_id,
            network_transaction_id: self.network_transaction_id.or(earlier.network_transaction_id),
            response_code: self.response_code.or(earlier.response_code),
            avs: self.avs.or(earlier.avs),
            code_result: self.code_result.or(earlier.code_result),
            beyond: self.beyond.max(earlier.beyond),
        }
    }
}

/// The code that is printed on a card, if it was given.
pub(crate) const fn code_of(card: &Card) -> Option<&CardVerificationCode> {
    match card.verification() {
        Verification::Code(code) => Some(code),
        Verification::Cryptogram(_) | Verification::Nothing => None,
    }
}

record! {
    Details {
        0 => raw_id,
        1 => network_transaction_id,
        2 => response_code,
        3 => avs,
        4 => code_result,
        5 unless false => withheld,
        6 => beyond,
    }
}
