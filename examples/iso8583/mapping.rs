//! What the vault asks and what it is answered, as messages of ISO 8583:1987.
//!
//! | asked | message | answered |
//! | --- | --- | --- |
//! | authorise | 0100 request | 0110 |
//! | a voice authorisation, told afterwards | 0120 advice | 0130 |
//! | capture | 0220 advice: it is told until it is heard | 0230 |
//! | refund | 0200 request, processing code 20 | 0210 |
//! | void | 0400 request | 0410 |
//! | increment | 0100 request that names its original | 0110 |
//! | reverse | 0420 advice | 0430 |
//!
//! What names a payment is derived from its idempotency key, and the times from when it was asked for: a repeat is the
//! same message but for the last digit of its type, and the host knows it again by fields 11, 32 and 37.
//!
//! Follow-ups name no card: the vault has wiped it. A host that wants field 2 there takes it from its own record of
//! the retrieval reference number, or the enterprise asks the vault for the card by its token.

use countersign::card::{BillingAddress, Verification};
use countersign::card_number::Brand;
use countersign::id::IdempotencyKey;
use countersign::payment::{DeclineReason, Meaning, ResponseCode, Retry};
use countersign::time::Timestamp;
use countersign::vault::{
    AcquirerAnswer, AcquirerError, Authorisation, AvsResult, CodeResult, FollowUp, Sought,
};
use jiff::tz::TimeZone;

use crate::message::Message;

/// Who the host takes us for.
pub(crate) struct Terminal {
    /// Field 32: the acquiring institution, up to 11 digits.
    pub(crate) acquirer: &'static str,
    /// Field 41: eight characters.
    pub(crate) id: &'static str,
    /// Field 18: the merchant category code.
    pub(crate) category: &'static str,
    /// Field 43: name and place, forty characters.
    pub(crate) name: &'static str,
}

/// Field 3: a purchase, and what is given back of one.
const PURCHASE: &str = "000000";
const REFUND: &str = "200000";
/// Field 22: the number was typed in an app. Field 25: electronic commerce.
const ENTERED_BY_CUSTOMER: &str = "810";
const ELECTRONIC_COMMERCE: &str = "59";
/// Field 39 of a reversal: the customer (or the merchant) gave it up; an answer did not come in time.
const GIVEN_UP: &str = "17";
const TOO_LATE: &str = "68";
/// Private data (48), as Mastercard has it: a tag of two digits, a length of two digits. The merchant's advice, the
/// verification code, a wallet's
/// cryptogram.
const ADVICE: &str = "84";
const CODE: &str = "92";
const CRYPTOGRAM: &str = "43";

impl Terminal {
    /// What all messages about a payment have. `None` if something does not fit into its field.
    fn about(
        &self,
        kind: &[u8; 4],
        payment: &Sought<'_>,
        (key, at): (IdempotencyKey, Timestamp),
        (code, amount): (&str, u64),
    ) -> Option<Message> {
        let amount = format!("{amount:012}");
        let merchant = payment.merchant().as_str();
        let at = i64::try_from(at.unix()).ok()?;
        let at = jiff::Timestamp::from_second(at).ok()?.to_zoned(TimeZone::UTC);
        let fits = amount.len() == 12 && merchant.is_ascii() && merchant.len() <= 15;
        fits.then(|| {
            Message::new(kind)
                .with(3, code)
                .with(4, amount)
                .with(7, at.strftime("%m%d%H%M%S").to_string())
                .with(11, trace_number(key))
                .with(12, at.strftime("%H%M%S").to_string())
                .with(13, at.strftime("%m%d").to_string())
                .with(18, self.category)
                .with(22, ENTERED_BY_CUSTOMER)
                .with(25, ELECTRONIC_COMMERCE)
                .with(32, self.acquirer)
                .with(37, reference_number(key))
                .with(41, self.id)
                .with(42, format!("{merchant:15}"))
                .with(43, format!("{:40}", self.name))
                .with(49, format!("{:03}", payment.transaction().currency.numeric()))
        })
    }

    /// 0100: asks for an authorisation.
    pub(crate) fn authorisation(&self, of: &Authorisation<'_>) -> Option<Message> {
        let (payment, card) = (of.payment(), of.card());
        let named = (payment.key(), payment.requested_at());
        let asked = (PURCHASE, payment.transaction().amount);
        let expiry = card.expiry();
        let message = self
            .about(b"0100", payment, named, asked)?
            .with(2, card.pan().expose())
            .with(14, format!("{:02}{:02}", expiry.year() % 100, expiry.month()));
        let message = match card.verification() {
            Verification::Code(code) => message.with(48, tag(CODE, code.expose())),
            Verification::Cryptogram(proof) => message.with(48, tag(CRYPTOGRAM, proof.expose())),
            Verification::Nothing => message,
        };
        Some(match card.billing_address().and_then(address_of) {
            Some(address) => message.with(123, address),
            None => message,
        })
    }

    /// 0120: tells of an authorisation that was given otherwise, such as by voice after a referral (01, 02), with the
    /// issuer's code for it.
    pub(crate) fn advice(&self, of: &Authorisation<'_>, approval: &str) -> Option<Message> {
        let asked = self.authorisation(of)?.of_kind(b"0120");
        // Code and address are for the authorisation alone.
        Some(asked.without(48).without(123).with(38, format!("{approval:6}")).with(39, "00"))
    }

    /// 0220: takes the money, or a part of it.
    pub(crate) fn capture(&self, of: &FollowUp<'_>) -> Option<Message> {
        let named = (of.key(), of.asked_at());
        let told = self.about(b"0220", of.payment(), named, (PURCHASE, of.amount()))?;
        let told = match of.payment().transaction_id().and_then(approval_of) {
            Some(approval) => told.with(38, format!("{approval:6}")),
            None => told,
        };
        Some(told.with(90, self.original(of.payment())))
    }

    /// 0100: raises an authorisation, by as much as field 4 says. Field 90 tells it from a first one.
    pub(crate) fn increment(&self, of: &FollowUp<'_>) -> Option<Message> {
        let named = (of.key(), of.asked_at());
        let asked = self.about(b"0100", of.payment(), named, (PURCHASE, of.amount()))?;
        Some(asked.with(90, self.original(of.payment())))
    }

    /// 0200: gives money back.
    pub(crate) fn refund(&self, of: &FollowUp<'_>) -> Option<Message> {
        let named = (of.key(), of.asked_at());
        let asked = self.about(b"0200", of.payment(), named, (REFUND, of.amount()))?;
        Some(asked.with(90, self.original(of.payment())))
    }

    /// 0400: gives an authorisation up.
    pub(crate) fn void(&self, of: &FollowUp<'_>) -> Option<Message> {
        let named = (of.key(), of.asked_at());
        let asked = self.about(b"0400", of.payment(), named, (PURCHASE, of.amount()))?;
        let asked = asked.with(39, GIVEN_UP).with(90, self.original(of.payment()));
        Some(asked.with(95, replacement(0)))
    }

    /// 0420: undoes whatever was authorised under a payment's key, if anything was.
    pub(crate) fn reversal(&self, payment: &Sought<'_>) -> Option<Message> {
        let named = (payment.key(), payment.requested_at());
        let asked = (PURCHASE, payment.transaction().amount);
        let told = self.about(b"0420", payment, named, asked)?.with(39, TOO_LATE);
        Some(told.with(90, self.original(payment)).with(95, replacement(0)))
    }

    /// Field 90: type, trace number, time and institutions of the authorisation that is meant.
    fn original(&self, payment: &Sought<'_>) -> String {
        let at = i64::try_from(payment.requested_at().unix()).unwrap_or_default();
        let at = jiff::Timestamp::from_second(at).unwrap_or_default().to_zoned(TimeZone::UTC);
        let (trace, at) = (trace_number(payment.key()), at.strftime("%m%d%H%M%S"));
        format!("0100{trace}{at}{:0>11}{:0>11}", self.acquirer, "")
    }
}

/// Field 95: what is left of the amount. (The rest of it is for settlement and for fees.)
fn replacement(amount: u64) -> String {
    format!("{amount:012}{:030}", 0)
}

/// Field 37: twelve characters of the key. Two payments of a day share one by chance only if there are a thousand
/// million of them.
pub(crate) fn reference_number(key: IdempotencyKey) -> String {
    key.to_string().chars().take(12).map(|c| c.to_ascii_uppercase()).collect()
}

/// Field 11: six digits, 000001 to 999999. A trace number names a message of a day for its sender only together with
/// field 37.
pub(crate) fn trace_number(key: IdempotencyKey) -> String {
    let digits = "0123456789abcdefghjkmnpqrstvwxyz";
    let value = |c: char| digits.find(c).and_then(|at| u64::try_from(at).ok()).unwrap_or_default();
    let number = key.to_string().chars().skip(13).take(12).fold(0, |sum, c| sum * 32 + value(c));
    format!("{:06}", number % 999_999 + 1)
}

/// What the host calls a payment: its reference number, and the issuer's approval code.
pub(crate) fn transaction_id(answer: &Message) -> String {
    let approval = answer.get(38).unwrap_or_default().trim_end();
    format!("{}.{approval}", answer.get(37).unwrap_or_default())
}

fn approval_of(transaction_id: &str) -> Option<&str> {
    transaction_id.split_once('.').map(|(_, approval)| approval)
}

/// Whether `answer` belongs to `asked`: its type is ten more (a repeat is answered as the first), and it repeats what
/// names the message.
pub(crate) fn answers(asked: &Message, answer: &Message) -> bool {
    let kind = |message: &Message| message.kind().parse::<u16>().ok();
    let same = [3, 11, 32, 37, 41].iter().all(|field| asked.get(*field) == answer.get(*field));
    same && kind(answer) == kind(asked).map(|kind| kind / 10 * 10 + 10)
}

/// What the answer to an authorisation (0110) means.
pub(crate) fn authorised(
    asked: u64,
    answer: &Message,
    brand: Brand,
) -> Result<AcquirerAnswer, AcquirerError> {
    let code = answer.get(39).ok_or(AcquirerError::InDoubt)?;
    let amount = answer.get(4).and_then(|amount| amount.parse::<u64>().ok());
    let approved = || {
        let approval = answer.get(38).unwrap_or_default().trim_end();
        AcquirerAnswer::approved(approval, transaction_id(answer))
    };
    let meaning = code.parse().map(|code: ResponseCode| code.meaning(Some(brand)));
    let meaning = meaning.unwrap_or(Meaning::Unknown);
    let said = match meaning.advised(tagged(answer, ADVICE).unwrap_or_default()) {
        // What is approved without an amount is approved in full; a part without an amount is in doubt.
        Meaning::Approved => approved().for_amount(amount.unwrap_or(asked)),
        Meaning::PartiallyApproved => approved().for_amount(amount.ok_or(AcquirerError::InDoubt)?),
        Meaning::Verified if asked == 0 => approved().for_amount(0),
        Meaning::Declined { reason, retry: Retry::Never } => AcquirerAnswer::declined(reason),
        Meaning::Declined { reason, .. } => AcquirerAnswer::soft_declined(reason),
        Meaning::Unknown => AcquirerAnswer::not_approved(),
        // Also `Verified`, and whatever a later version of the library tells apart.
        _ => return Err(AcquirerError::InDoubt),
    };
    let said = said.response_code(code);
    // Field 44 as Visa has it: the address in position 2, the verification code in position 10.
    let result = |position: usize| answer.get(44).and_then(|all| all.chars().nth(position - 1));
    let said = match result(2) {
        Some('Y' | 'X' | 'M' | 'D' | 'F') => said.avs(AvsResult::Match),
        Some('Z' | 'W' | 'P') => said.avs(AvsResult::PostcodeOnly),
        Some('A' | 'B') => said.avs(AvsResult::AddressOnly),
        Some('N') => said.avs(AvsResult::NoMatch),
        Some(_) => said.avs(AvsResult::NotChecked),
        None => said,
    };
    Ok(match result(10) {
        Some('M') => said.code_result(CodeResult::Match),
        Some('N') => said.code_result(CodeResult::NoMatch),
        Some(_) => said.code_result(CodeResult::NotChecked),
        None => said,
    })
}

/// What the answer to an advice, a refund or a reversal means: done, refused, or in doubt.
pub(crate) fn done(answer: &Message) -> Result<(), AcquirerError> {
    let meaning = answer.get(39).and_then(|code| code.parse().ok());
    match meaning.map(|code: ResponseCode| code.meaning(None)) {
        Some(Meaning::Approved) => Ok(()),
        Some(Meaning::Declined { reason: DeclineReason::TryLater, .. }) => {
            Err(AcquirerError::InDoubt)
        }
        Some(Meaning::Declined { .. }) => Err(AcquirerError::Refused),
        _ => Err(AcquirerError::InDoubt),
    }
}

/// A part of the private data. Never grown: what a text leaves behind as it grows is not wiped.
fn tag(name: &str, value: &str) -> String {
    let mut tagged = String::with_capacity(4 + value.len());
    tagged.push_str(name);
    tagged.push_str(&format!("{:02}", value.len()));
    tagged.push_str(value);
    tagged
}

/// Field 123, as Visa has it: nine characters of the postcode, twenty of the address. `None`: it has other letters.
fn address_of(address: &BillingAddress) -> Option<String> {
    let (postcode, line) = (address.postcode()?, address.lines().next()?);
    (postcode.is_ascii() && line.is_ascii()).then(|| format!("{postcode:9.9}{line:20.20}"))
}

/// A part of the private data by its tag.
fn tagged<'a>(message: &'a Message, tag: &str) -> Option<&'a str> {
    let mut rest = message.get(48)?;
    while let (Some(name), Some(length)) = (rest.get(..2), rest.get(2..4)) {
        let end = 4 + length.parse::<usize>().ok()?;
        let part = rest.get(4..end)?;
        if name == tag {
            return Some(part);
        }
        rest = &rest[end..];
    }
    None
}
