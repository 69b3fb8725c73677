//! What a carrier may show of a call while it rings: a neutral phrase for each class of purpose.

use serde::Serialize;

use crate::codec::table::numbered;
use crate::values::text::ShortText;

numbered! {
    /// Of which kind a call is, for a screen that everybody can read. It never says what the call is about.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum PurposeClass {
        /// The customer asked to be called.
        Callback = 1,
        /// Something of the customer's account or contract, whatever it is.
        Service = 2,
        /// A delivery, a visit or another appointment.
        Appointment = 3,
    }
}

impl PurposeClass {
    /// All classes.
    pub const ALL: [Self; 3] = [Self::Callback, Self::Service, Self::Appointment];

    /// The phrase that carriers and lock screens show, in English: the same whether it is about a fraud or a birthday.
    /// The app shows the same one while the call rings.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Callback => "You asked for this call",
            Self::Service => "A call about our service",
            Self::Appointment => "A call about an appointment",
        }
    }

    /// The class's name, for an app in another language: `callback`, `service` or `appointment`. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Service => "service",
            Self::Appointment => "appointment",
        }
    }
}

/// Rich call data for the carrier that signs the call (PASSporT, RFC 9795): the enterprise's name, and the phrase as call
/// reason. It holds nothing of the customer and nothing of the purpose.
///
/// ```
/// use countersign::contact::{PurposeClass, RichCallData};
///
/// let claims = RichCallData::new("Example Bank".parse()?, PurposeClass::Service);
/// let json = serde_json::to_string(&claims)?;
/// assert_eq!(json, r#"{"rcd":{"nam":"Example Bank"},"crn":"A call about our service"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RichCallData {
    rcd: Named,
    crn: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Named {
    nam: ShortText,
}

impl RichCallData {
    /// The claims `rcd` (with `nam`) and `crn` of a call of this class.
    #[must_use]
    pub const fn new(enterprise: ShortText, class: PurposeClass) -> Self {
        Self { rcd: Named { nam: enterprise }, crn: class.phrase() }
    }

    /// The call reason of a `Call-Info` header (RFC 9796): the phrase as a quoted string.
    #[must_use]
    pub fn call_reason(&self) -> String {
        format!("call-reason=\"{}\"", self.crn)
    }
}
