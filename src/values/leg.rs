//! Over which line customer and enterprise talk, as far as somebody looked.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::table::numbered;
use crate::values::secret::deserialize_text;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

numbered! {
    /// What is known of the line between customer and enterprise, weakest first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum LegKind {
        /// A call to or from a number of which nothing is known.
        Number = 1,
        /// A call that the enterprise made to a number that is not forwarded and whose SIM did not change lately.
        CheckedNumber = 2,
        /// A call from the customer that brought a dialled ticket.
        DialledTicket = 3,
        /// A call from the customer's app over the enterprise's own trunk, which brought a ticket in a header.
        HeaderTicket = 4,
        /// A session in the enterprise's own app, whose media server bound it to the device's credential.
        InApp = 5,
    }
}

impl LegKind {
    /// All kinds, weakest first.
    pub const ALL: [Self; 5] =
        [Self::Number, Self::CheckedNumber, Self::DialledTicket, Self::HeaderTicket, Self::InApp];

    /// The name in JSON: `number`, `checked_number`, `dialled_ticket`, `header_ticket` or `in_app`. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::CheckedNumber => "checked_number",
            Self::DialledTicket => "dialled_ticket",
            Self::HeaderTicket => "header_ticket",
            Self::InApp => "in_app",
        }
    }

    /// Whether a call on this leg is one where `required` is asked for: the same, or in the app.
    #[must_use]
    pub fn meets(self, required: Self) -> bool {
        self == required || self == Self::InApp
    }

    /// Whether the customer's app knows by itself that it is on such a leg.
    #[must_use]
    pub const fn is_known_to_app(self) -> bool {
        matches!(self, Self::DialledTicket | Self::HeaderTicket | Self::InApp)
    }
}

/// The text names no kind of leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a leg: number, checked_number, dialled_ticket, header_ticket or in_app")]
#[non_exhaustive]
pub struct UnknownLeg;

impl fmt::Display for LegKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for LegKind {
    type Err = UnknownLeg;

    fn from_str(text: &str) -> Result<Self, UnknownLeg> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(UnknownLeg)
    }
}

impl<'de> Deserialize<'de> for LegKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a leg as text", Self::from_str)
    }
}

/// What was read of the line of an interaction: by whom, and when. The host reads it when the call stands, and again
/// before each act.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Leg {
    kind: LegKind,
    source: ShortText,
    read_at: Timestamp,
    /// Facts of a number hold for so long; a session for as long as it stands.
    #[serde(skip)]
    facts: bool,
}

impl Leg {
    /// A session in the app, as the media server says, which has bound the session to the device's credential. Never on a
    /// desktop's word.
    #[must_use]
    pub const fn in_app(source: ShortText, read_at: Timestamp) -> Self {
        Self { kind: LegKind::InApp, source, read_at, facts: false }
    }

    /// A call that brought a ticket ([`AskedToCall::leg`](crate::contact::AskedToCall::leg)).
    pub(crate) const fn ticket(kind: LegKind, source: ShortText, read_at: Timestamp) -> Self {
        Self { kind, source, read_at, facts: false }
    }

    /// A call to or from a number of which nothing is known.
    #[must_use]
    pub const fn number(source: ShortText, read_at: Timestamp) -> Self {
        Self { kind: LegKind::Number, source, read_at, facts: false }
    }

    /// A call that the enterprise made to a number of which these facts hold
    /// ([`LegPolicy::leg_of`](crate::policy::LegPolicy::leg_of)).
    pub(crate) const fn checked(source: ShortText, read_at: Timestamp) -> Self {
        Self { kind: LegKind::CheckedNumber, source, read_at, facts: true }
    }

    /// What was read.
    #[must_use]
    pub const fn kind(&self) -> LegKind {
        self.kind
    }

    /// Who said so: the media server, the carrier's API.
    #[must_use]
    pub const fn source(&self) -> &ShortText {
        &self.source
    }

    /// When it was read.
    #[must_use]
    pub const fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// What still holds of it at `now`, if facts hold for `facts_for`.
    pub(crate) fn kind_at(&self, now: Timestamp, facts_for: Duration) -> LegKind {
        let fresh = self.read_at <= now.after(facts_for) && now < self.read_at.after(facts_for);
        if self.facts && !fresh { LegKind::Number } else { self.kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_hold_for_their_time_and_a_session_for_longer() {
        let (at, second) = (Timestamp::from_unix(1_000), Duration::from_secs(1));
        let two = Duration::from_secs(120);
        let leg = Leg::checked("CAMARA".parse().unwrap(), at);
        assert_eq!(leg.kind_at(at.after(two).before(second), two), LegKind::CheckedNumber);
        assert_eq!(leg.kind_at(at.after(two), two), LegKind::Number);
        assert_eq!(leg.kind_at(at.before(two), two), LegKind::CheckedNumber);
        assert_eq!(leg.kind_at(at.before(two).before(second), two), LegKind::Number);
        let session = Leg::in_app("media".parse().unwrap(), at);
        assert_eq!(session.kind_at(at.after(two), two), LegKind::InApp);
    }

    #[test]
    fn an_in_app_session_stands_for_every_leg_and_no_other_does() {
        for required in LegKind::ALL {
            for kind in LegKind::ALL {
                let meets = kind == required || kind == LegKind::InApp;
                assert_eq!(kind.meets(required), meets, "{kind} {required}");
            }
            assert_eq!(required.name().parse(), Ok(required));
        }
        assert!("landline".parse::<LegKind>().is_err());
    }
}
