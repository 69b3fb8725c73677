//! What a new credential's owner is given, once.

use core::fmt;

use zeroize::Zeroizing;

use crate::credential::view::Credential;
use crate::otp::Code;
use crate::values::secret::SecretText;

/// What the customer needs to set up a new credential. Not for agents.
///
/// It is given until the credential is confirmed, so that a lost answer can be repeated, and never
/// again. The seed is one of the few values meant to be shown: it prints as `[REDACTED]`, is wiped
/// when dropped, and is neither `Clone`, `Display` nor `Serialize`.
pub struct Provisioning {
    /// The credential as it stands.
    pub credential: Credential,
    pub(crate) seed: Option<SecretText>,
    pub(crate) uri: Option<Zeroizing<String>>,
    /// Behind a pointer: futures that hold it are moved and dropped without a wipe.
    pub(crate) code: Option<Box<Code>>,
    pub(crate) nonce: Option<[u8; 32]>,
}

impl Provisioning {
    /// The seed in unpadded base32 (RFC 4648 §6): for the app
    /// ([`DeviceCredential`](crate::device::DeviceCredential)) or to type into an authenticator. `None` for
    /// delivered codes, and once the credential is confirmed.
    #[must_use]
    pub fn base32(&self) -> Option<&str> {
        self.seed.as_ref().map(SecretText::expose)
    }

    /// The `otpauth://` URI for an authenticator app. `None` but for TOTP and HOTP, without the
    /// feature `provisioning`, and once the credential is confirmed.
    #[must_use]
    pub fn otpauth(&self) -> Option<&str> {
        self.uri.as_ref().map(|uri| uri.as_str())
    }

    /// What a new device key signs, with more beside it ([`Device::possession_message`](crate::Device::possession_message)),
    /// to be confirmed; also the challenge for the platform's attestation of the key. `None` of other methods, and
    /// once the credential is confirmed.
    #[must_use]
    pub const fn key_nonce(&self) -> Option<&[u8; 32]> {
        self.nonce.as_ref()
    }

    /// The code to send to the customer's number, with which they confirm that it is theirs. `None`
    /// but for delivered codes.
    #[must_use]
    pub fn code_to_deliver(&self) -> Option<&Code> {
        self.code.as_deref()
    }
}

impl fmt::Debug for Provisioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provisioning").field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// The `otpauth://` URI of a TOTP or HOTP seed.
#[cfg(feature = "provisioning")]
pub(crate) fn otpauth(
    seed: &crate::otp::OtpSeed,
    parameters: &crate::credential::method::Parameters,
    issuer: &str,
    account: &str,
) -> Option<Zeroizing<String>> {
    use crate::credential::method::Method;
    use crate::otp::{Algorithm, Totp};
    let algorithm = match parameters.algorithm {
        Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
        Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
        Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
    };
    let counts = parameters.method == Method::Hotp;
    // It is left out of the URI if it is the usual one.
    let period = if counts { Totp::THIRTY_SECONDS } else { parameters.period };
    let totp = totp_rs::Builder::new()
        .with_algorithm(algorithm)
        .with_digits(parameters.digits.get())
        .with_step_duration(period.get().into())
        .with_secret(STAND_IN)
        .with_issuer(Some(issuer))
        .with_account_name(account)
        .build()
        .ok()?;
    let uri = totp.to_url().ok()?;
    // In label and issuer these two signs are percent-encoded.
    let (label, rest) = uri.split_once("?secret=")?;
    let alphabet = base32::Alphabet::Rfc4648 { padding: false };
    let after = rest.strip_prefix(&base32::encode(alphabet, STAND_IN))?;
    // The other type in the key URI format differs in its name, and begins to count somewhere.
    let (kind, counter) = if counts { ("hotp", "&counter=0") } else { ("totp", "") };
    let label = label.strip_prefix("otpauth://totp/")?;
    let text = seed.to_base32();
    // Of its full size at once, so that growing leaves nothing behind.
    let parts = ["otpauth://", kind, "/", label, "?secret=", &text, after, counter];
    Some(Zeroizing::new(parts.concat()))
}

/// What stands for the seed while the URI is made, since its maker wipes none of the pieces.
#[cfg(feature = "provisioning")]
const STAND_IN: &[u8] = &[0; 20];

#[cfg(feature = "qr")]
impl Provisioning {
    /// The URI as a QR code in SVG. `None` wherever [`otpauth`](Self::otpauth) is.
    #[must_use]
    pub fn qr_svg(&self) -> Option<Zeroizing<String>> {
        let code = self.qr()?;
        let svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build();
        Some(Zeroizing::new(svg))
    }

    /// The URI as a QR code for a terminal, two modules to a character, light on dark.
    #[must_use]
    pub fn qr_terminal(&self) -> Option<Zeroizing<String>> {
        let code = self.qr()?;
        let text = code
            .render::<qrcode::render::unicode::Dense1x2>()
            .dark_color(qrcode::render::unicode::Dense1x2::Light)
            .light_color(qrcode::render::unicode::Dense1x2::Dark)
            .build();
        Some(Zeroizing::new(text))
    }

    fn qr(&self) -> Option<qrcode::QrCode> {
        qrcode::QrCode::new(self.otpauth()?.as_bytes()).ok()
    }
}
