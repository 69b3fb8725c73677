//! Payments: the customer pays in the app. The agent sees an outcome and never a card.
//!
//! Begin with [`Verifier::payments`](crate::Verifier::payments); the rules are in the
//! [manual](crate::manual::_08_payments).

pub(crate) mod facet;
pub(crate) mod opening_key;
pub(crate) mod outcome;
pub(crate) mod reference;
pub(crate) mod request;
pub(crate) mod response_code;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod totals;
pub(crate) mod view;

pub use self::facet::Payments;
pub use self::opening_key::{
    InvalidSignedKey, MAX_OPENING_KEY_LIFETIME, OpeningKeyData, OpeningKeyProblem, SignedSealingKey,
};
pub use self::outcome::{ChargeOutcome, DeclineReason};
pub use self::reference::{InvalidReference, Reference};
pub use self::request::{PaymentRequest, PaymentRequested, Receipt};
pub use self::response_code::{InvalidResponseCode, Meaning, ResponseCode, Retry};
pub use self::token::{
    MAX_PAYMENT_REQUEST_LIFETIME, MAX_RECEIPT_LIFETIME, PaymentRequestData, ReceiptData,
};
pub use self::totals::{FundsReturned, Totals};
pub use self::view::{Payment, PaymentOutcome, PaymentStatus};
