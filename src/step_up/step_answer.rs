//! What the customer's app sends to approve a step-up.

use crate::otp::ocra::Response;
use crate::step_up::answer::SignedAnswer;
use crate::step_up::number_match::MatchDigits;
use crate::step_up::who_rang::WhoRang;

/// What the customer's app sends to approve a step-up: the code or the signature, and what else was asked. A
/// [`VerifiedStepUp`](crate::device::VerifiedStepUp) makes it; a back end puts it together from what an app in another
/// language sent.
#[derive(Debug, PartialEq, Eq)]
pub struct StepUpAnswer {
    who_rang: Option<WhoRang>,
    digits: Option<MatchDigits>,
    code: Option<Response>,
    signed: Option<SignedAnswer>,
}

impl StepUpAnswer {
    /// Answered with a code.
    #[must_use]
    pub const fn by_code(code: Response) -> Self {
        Self { who_rang: None, digits: None, code: Some(code), signed: None }
    }

    /// Answered with a signature.
    #[must_use]
    pub const fn by_signature(signed: SignedAnswer) -> Self {
        Self { who_rang: None, digits: None, code: None, signed: Some(signed) }
    }

    /// With a signature besides the code.
    #[must_use]
    pub fn signed(self, signed: SignedAnswer) -> Self {
        Self { signed: Some(signed), ..self }
    }

    /// With the digits that the agent said.
    #[must_use]
    pub fn with_digits(self, digits: MatchDigits) -> Self {
        Self { digits: Some(digits), ..self }
    }

    /// With what the customer said of who rang whom.
    #[must_use]
    pub fn who_rang(self, who: WhoRang) -> Self {
        Self { who_rang: Some(who), ..self }
    }

    /// The code, if there is one.
    #[must_use]
    pub const fn code(&self) -> Option<&Response> {
        self.code.as_ref()
    }
}

/// A [`StepUpAnswer`], or a code or signature alone, as [`StepUps::submit`](crate::step_up::StepUps::submit) takes it.
#[derive(Debug, Clone, Copy)]
pub struct GivenAnswer<'a> {
    pub(crate) who_rang: Option<WhoRang>,
    pub(crate) digits: Option<&'a MatchDigits>,
    pub(crate) code: Option<&'a Response>,
    pub(crate) signed: Option<&'a SignedAnswer>,
}

impl<'a> GivenAnswer<'a> {
    pub(crate) const fn of(code: Option<&'a Response>, signed: Option<&'a SignedAnswer>) -> Self {
        Self { who_rang: None, digits: None, code, signed }
    }
}

impl<'a> From<&'a StepUpAnswer> for GivenAnswer<'a> {
    fn from(answer: &'a StepUpAnswer) -> Self {
        Self {
            who_rang: answer.who_rang,
            digits: answer.digits.as_ref(),
            code: answer.code.as_ref(),
            signed: answer.signed.as_ref(),
        }
    }
}

impl<'a> From<&'a Response> for GivenAnswer<'a> {
    fn from(code: &'a Response) -> Self {
        Self::of(Some(code), None)
    }
}

impl<'a> From<&'a SignedAnswer> for GivenAnswer<'a> {
    fn from(signed: &'a SignedAnswer) -> Self {
        Self::of(None, Some(signed))
    }
}
