//! What a carrier says of a number, as the CAMARA APIs give it.

use core::time::Duration;

use serde::Deserialize;

use crate::codec::one_form::OneForm;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// The longest answer that is read.
const MAX_ANSWER: usize = 4096;

/// Whether calls to a number go elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forwarding {
    /// They do not.
    None,
    /// They do while it is busy, is not answered or cannot be reached; or this was not asked.
    Conditional,
    /// They always do.
    Unconditional,
}

/// When a number's SIM last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SimChange {
    /// Then.
    At(Timestamp),
    /// Not for so long, as far as the carrier looked.
    NotWithin(Duration),
}

/// What a carrier said of a customer's number, and when. What it does not say is not known.
///
/// The answers are those of CAMARA's Call Forwarding Signal and SIM Swap:
///
/// ```
/// use countersign::contact::LineFacts;
/// use countersign::interaction::LegKind;
/// use countersign::{Policy, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now: Timestamp = "2026-11-30T12:00:00Z".parse()?;
/// let facts = LineFacts::new("CAMARA, carrier 1".parse()?, now)
///     .forwarding_signal(r#"["inactive"]"#)?
///     .sim_swap(r#"{"latestSimChange":"2023-07-03T14:27:08.312+02:00"}"#)?;
/// assert_eq!(Policy::default().legs.leg_of(&facts).kind(), LegKind::CheckedNumber);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct LineFacts {
    pub(crate) source: ShortText,
    pub(crate) read_at: Timestamp,
    pub(crate) forwarding: Option<Forwarding>,
    pub(crate) sim: Option<SimChange>,
}

/// The answer is not one of that API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an answer of CAMARA's Call Forwarding Signal or SIM Swap")]
#[non_exhaustive]
pub struct MalformedLineFacts;

/// `POST /retrieve-date` and `POST /check` of SIM Swap.
#[derive(Deserialize)]
struct SimSwapInfo {
    #[serde(rename = "latestSimChange")]
    latest: Option<Timestamp>,
    /// In days.
    #[serde(rename = "monitoredPeriod")]
    monitored: Option<u32>,
}

#[derive(Deserialize)]
struct CheckSimSwapInfo {
    swapped: bool,
}

/// `POST /unconditional-call-forwardings` of Call Forwarding Signal.
#[derive(Deserialize)]
struct UnconditionalSignal {
    active: bool,
}

impl LineFacts {
    /// Read from `source` at `read_at`; nothing is known yet.
    pub const fn new(source: ShortText, read_at: Timestamp) -> Self {
        Self { source, read_at, forwarding: None, sim: None }
    }

    /// Whether calls go elsewhere.
    pub const fn forwarding(mut self, forwarding: Forwarding) -> Self {
        self.forwarding = Some(forwarding);
        self
    }

    /// When the SIM last changed.
    pub const fn sim_change(mut self, change: SimChange) -> Self {
        self.sim = Some(change);
        self
    }

    /// The answer of Call Forwarding Signal: the list of `call-forwardings`, or the object of
    /// `unconditional-call-forwardings`, which says nothing of the others.
    ///
    /// # Errors
    ///
    /// [`MalformedLineFacts`]: nothing is known then.
    pub fn forwarding_signal(self, json: &str) -> Result<Self, MalformedLineFacts> {
        if let Ok(signals) = read::<Vec<String>>(json) {
            let forwarding = match signals.as_slice() {
                [] => return Err(MalformedLineFacts),
                [only] if only == "inactive" => Forwarding::None,
                all if all.iter().all(|one| one.starts_with("conditional_")) => {
                    Forwarding::Conditional
                }
                // One that this version does not know may be any.
                _ => Forwarding::Unconditional,
            };
            return Ok(self.forwarding(forwarding));
        }
        let UnconditionalSignal { active } = read(json)?;
        Ok(self.forwarding(if active {
            Forwarding::Unconditional
        } else {
            Forwarding::Conditional
        }))
    }

    /// The answer of SIM Swap to `retrieve-date`. A date that is `null` says something only together with the period that
    /// was looked at.
    ///
    /// # Errors
    ///
    /// [`MalformedLineFacts`].
    pub fn sim_swap(self, json: &str) -> Result<Self, MalformedLineFacts> {
        let SimSwapInfo { latest, monitored } = read(json)?;
        let days = |days: u32| Duration::from_secs(u64::from(days).saturating_mul(24 * 3600));
        let change = match (latest, monitored) {
            (Some(at), _) => Some(SimChange::At(at)),
            (None, Some(period)) => Some(SimChange::NotWithin(days(period))),
            (None, None) => None,
        };
        Ok(Self { sim: change, ..self })
    }

    /// The answer of SIM Swap to `check`, which was asked with this `maxAge` in hours.
    ///
    /// # Errors
    ///
    /// [`MalformedLineFacts`].
    pub fn sim_swap_check(self, json: &str, max_age: u32) -> Result<Self, MalformedLineFacts> {
        let CheckSimSwapInfo { swapped } = read(json)?;
        let hours = Duration::from_secs(u64::from(max_age).saturating_mul(3600));
        let read_at = self.read_at;
        Ok(self.sim_change(if swapped {
            SimChange::At(read_at)
        } else {
            SimChange::NotWithin(hours)
        }))
    }
}

fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, MalformedLineFacts> {
    if json.len() > MAX_ANSWER {
        return Err(MalformedLineFacts);
    }
    let mut from = serde_json::Deserializer::from_str(json);
    let read = T::deserialize(OneForm(&mut from)).map_err(|_| MalformedLineFacts)?;
    from.end().map_err(|_| MalformedLineFacts)?;
    Ok(read)
}
