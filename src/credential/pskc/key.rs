//! One key of a container, as a fob to import.

use core::num::NonZeroU32;

use roxmltree::Node;

use crate::credential::pskc::element::{at_most_one, child, children, has, text};
use crate::credential::pskc::error::UnusableKey;
use crate::credential::pskc::opener::Opener;
use crate::credential::request::ImportRequest;
use crate::otp::ocra::Suite;
use crate::otp::{Algorithm, Digits, OtpSeed, Totp};
use crate::policy::TIME_STEP_LIMIT;
use crate::values::time::Timestamp;

const ALGORITHM: &str = "urn:ietf:params:xml:ns:keyprov:pskc";

/// One key of a container.
#[derive(Debug)]
#[non_exhaustive]
pub struct PskcKey {
    /// Its name in the container.
    pub id: Option<String>,
    /// The serial number that stands on the fob.
    pub serial: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Whose it is, by the container's word.
    pub user: Option<String>,
    /// When it may be used first and last, by the container's word: for the host to look at.
    pub begins: Option<Timestamp>,
    /// See [`begins`](Self::begins).
    pub ends: Option<Timestamp>,
    /// What to [import](crate::credential::Credentials::import), with its counter, or the time at which its codes were used
    /// up; or why it cannot be. A time drift is not taken over: the first codes, or a
    /// [`resync`](crate::credential::Credentials::resync), find it.
    pub fob: Result<ImportRequest, UnusableKey>,
}

impl PskcKey {
    pub(super) fn of(
        package: Node<'_, '_>,
        key: Node<'_, '_>,
        opener: &Opener,
        weak: bool,
    ) -> Self {
        let device = child(package, "DeviceInfo");
        let told = |of: Option<Node<'_, '_>>, name| {
            of.and_then(|of| child(of, name)).and_then(text).map(ToOwned::to_owned)
        };
        let policy = child(key, "Policy");
        let at = |name| {
            let text = policy.and_then(|policy| child(policy, name)).and_then(text);
            text.and_then(|text| text.parse().ok())
        };
        Self {
            id: key.attribute("Id").map(ToOwned::to_owned),
            serial: told(device, "SerialNo"),
            manufacturer: told(device, "Manufacturer"),
            user: told(Some(key), "UserId").or_else(|| told(device, "UserId")),
            begins: at("StartDate"),
            ends: at("ExpiryDate"),
            fob: fob(key, opener, weak),
        }
    }
}

fn fob(key: Node<'_, '_>, opener: &Opener, weak: bool) -> Result<ImportRequest, UnusableKey> {
    let name = key.attribute("Algorithm").map(str::trim).unwrap_or_default();
    // Files from before the RFC have a number sign.
    let name = name.strip_prefix(ALGORITHM).and_then(|name| name.strip_prefix([':', '#']));
    let name = name.ok_or(UnusableKey::Algorithm)?;
    if !matches!(name, "hotp" | "totp" | "ocra") {
        return Err(UnusableKey::Algorithm);
    }
    allowed(key, name)?;
    let data = child(key, "Data").ok_or(UnusableKey::Malformed)?;
    let seed = opener.secret(child(data, "Secret").ok_or(UnusableKey::Malformed)?)?;
    let seed = if weak {
        OtpSeed::weak_from_bytes(seed.expose())
    } else {
        OtpSeed::from_bytes(seed.expose())
    }?;
    // Where one of these is left out, there is a default: two must not count as none.
    let only = |of, name| at_most_one(of, name).map_err(|_| UnusableKey::Malformed);
    let parameters = only(key, "AlgorithmParameters")?;
    let parameter = |name| parameters.map_or(Ok(None), |parameters| only(parameters, name));
    let suite = match parameter("Suite")? {
        Some(suite) => Some(text(suite).ok_or(UnusableKey::Malformed)?),
        None => None,
    };
    if name == "ocra" {
        let suite: Suite =
            suite.and_then(|suite| suite.parse().ok()).ok_or(UnusableKey::Malformed)?;
        return Ok(ImportRequest::ocra(seed, &suite)?);
    }
    let mut fob = match name {
        "hotp" => ImportRequest::hotp(seed, value(data, opener, "Counter")?.unwrap_or(0)),
        _ => timed(seed, data, opener)?,
    };
    if let Some(suite) = suite {
        fob = fob.algorithm(hash_of(suite)?);
    }
    if let Some(format) = parameter("ResponseFormat")? {
        fob = fob.digits(digits(format)?);
    }
    fob.check().map_err(|_| UnusableKey::Movement)?;
    Ok(fob)
}

fn timed(seed: OtpSeed, data: Node<'_, '_>, opener: &Opener) -> Result<ImportRequest, UnusableKey> {
    let told = value(data, opener, "TimeInterval")?;
    let interval = told.unwrap_or_else(|| Totp::THIRTY_SECONDS.get().into());
    let seconds = u32::try_from(interval).ok().filter(|seconds| *seconds <= TIME_STEP_LIMIT);
    let seconds = seconds.and_then(NonZeroU32::new).ok_or(UnusableKey::Movement)?;
    let fob = ImportRequest::totp(seed).period(seconds);
    // The number of intervals that had passed when the container was written.
    Ok(match value(data, opener, "Time")? {
        None | Some(0) => fob,
        Some(steps) => {
            let at = steps.checked_mul(interval).ok_or(UnusableKey::Movement)?;
            fob.last_used(Timestamp::from_unix(at))
        }
    })
}

/// A number of the key's data.
fn value(
    data: Node<'_, '_>,
    opener: &Opener,
    name: &'static str,
) -> Result<Option<u64>, UnusableKey> {
    let of = at_most_one(data, name).map_err(|_| UnusableKey::Malformed)?;
    of.map(|of| opener.number(of)).transpose()
}

/// Codes of decimal digits without a check digit.
fn digits(format: Node<'_, '_>) -> Result<Digits, UnusableKey> {
    let decimal = format.attribute("Encoding").map(str::trim) == Some("DECIMAL");
    let plain = !matches!(format.attribute("CheckDigits").map(str::trim), Some("true" | "1"));
    let length = format.attribute("Length").and_then(|length| length.trim().parse().ok());
    let length: u8 = length.filter(|_| decimal && plain).ok_or(UnusableKey::Format)?;
    Digits::new(length).map_err(|_| UnusableKey::Format)
}

fn hash_of(suite: &str) -> Result<Algorithm, UnusableKey> {
    match suite.strip_prefix("HMAC-").unwrap_or(suite) {
        "SHA1" | "SHA-1" => Ok(Algorithm::Sha1),
        "SHA256" | "SHA-256" => Ok(Algorithm::Sha256),
        "SHA512" | "SHA-512" => Ok(Algorithm::Sha512),
        _ => Err(UnusableKey::Hash),
    }
}

/// Whether the key's policy lets it be used for codes. What a policy says that is not known forbids it (RFC 6030, section 5).
fn allowed(key: Node<'_, '_>, name: &str) -> Result<(), UnusableKey> {
    if !has(key, "Policy") {
        return Ok(());
    }
    let policy = child(key, "Policy").ok_or(UnusableKey::Policy)?;
    let known = policy.children().filter(Node::is_element).all(|child| {
        let known = ["StartDate", "ExpiryDate", "KeyUsage", "PINPolicy", "NumberOfTransactions"];
        known.contains(&child.tag_name().name())
    });
    // Somebody would have to count them.
    if !known || has(policy, "NumberOfTransactions") {
        return Err(UnusableKey::Policy);
    }
    let wanted = if name == "ocra" { "CR" } else { "OTP" };
    let mut usages = children(policy, "KeyUsage").peekable();
    if usages.peek().is_some() && !usages.any(|usage| text(usage) == Some(wanted)) {
        return Err(UnusableKey::Policy);
    }
    // A PIN that the fob itself asks for is the fob's matter.
    let mut pins = children(policy, "PINPolicy");
    let local =
        pins.all(|pin| pin.attribute("PINUsageMode").is_none_or(|mode| mode.trim() == "Local"));
    let dated = ["StartDate", "ExpiryDate"].into_iter().all(|name| {
        let read = |date| text(date).is_some_and(|text| text.parse::<Timestamp>().is_ok());
        !has(policy, name) || child(policy, name).is_some_and(read)
    });
    if local && dated { Ok(()) } else { Err(UnusableKey::Policy) }
}
