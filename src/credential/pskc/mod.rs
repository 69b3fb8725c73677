//! Fobs in a key container: PSKC, the Portable Symmetric Key Container (RFC 6030), in which makers and older systems hand
//! over seeds by the thousand.

mod element;
mod error;
mod key;
mod opener;
mod scan;

pub use self::error::{PskcError, UnusableKey};
pub use self::key::PskcKey;

use core::fmt;

use crate::credential::pskc::element::{children, document, of_container};
use crate::credential::pskc::opener::Opener;

/// The largest container that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// Reads key containers (RFC 6030, version 1.0).
///
/// Secrets may be plain, or encrypted with AES-CBC under a key that was given in advance, or one that is derived from a
/// password by PBKDF2; of what is encrypted the MAC is checked first (RFC 6030, section 6.1.1), and a container without one
/// is refused. Where a key or password is given, or the container names a key, a secret that is plain is refused: anybody
/// could have written it. Counters and times may be plain there, as in the RFC's own examples, and then nothing protects
/// them. A container's own XML signature is not checked: check how it came.
///
/// Each key is told apart: one that cannot be used here says why, and the others are there all the same.
///
/// ```
/// use countersign::credential::pskc::PskcReader;
///
/// let xml = r#"<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
///   <KeyPackage>
///     <DeviceInfo><Manufacturer>Acme</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
///     <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
///       <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
///       <Data>
///         <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
///         <Counter><PlainValue>42</PlainValue></Counter>
///       </Data>
///     </Key>
///   </KeyPackage>
/// </KeyContainer>"#;
/// let keys = PskcReader::new().read(xml)?;
/// let key = keys.into_iter().next().ok_or("no key")?;
/// assert_eq!(key.serial.as_deref(), Some("987654321"));
/// // Whose it is, the host knows by the serial number: `credentials().import(&customer, &fob)`.
/// let fob = key.fob?;
/// # let _ = fob;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Default)]
#[must_use]
pub struct PskcReader<'a> {
    given: Given<'a>,
    weak: bool,
}

#[derive(Clone, Copy, Default)]
enum Given<'a> {
    #[default]
    Nothing,
    Key(&'a [u8]),
    Password(&'a str),
}

impl<'a> PskcReader<'a> {
    /// For containers whose secrets are plain.
    pub const fn new() -> Self {
        Self { given: Given::Nothing, weak: false }
    }

    /// For secrets that are encrypted under this key, of 16, 24 or 32 bytes. One that is plain is refused.
    pub const fn pre_shared_key(mut self, key: &'a [u8]) -> Self {
        self.given = Given::Key(key);
        self
    }

    /// For secrets that are encrypted under a key that is derived from this password. One that is plain is refused.
    pub const fn password(mut self, password: &'a str) -> Self {
        self.given = Given::Password(password);
        self
    }

    /// **A weakening**: with seeds of 10 to 15 bytes, too, which RFC 4226 does not allow. See
    /// [`OtpSeed::weak_from_bytes`](crate::otp::OtpSeed::weak_from_bytes).
    pub const fn taking_weak_seeds(mut self) -> Self {
        self.weak = true;
        self
    }

    /// The keys of a container, in its order.
    ///
    /// # Errors
    ///
    /// [`PskcError`] if it is not a container, or nothing in it could be opened: the key or password is missing or of
    /// another kind than it was encrypted with, one was given and nothing is encrypted, or it is encrypted in a way that
    /// is not known here. A *wrong* key is told
    /// of each key, by [`UnusableKey::Mac`].
    pub fn read(&self, xml: &str) -> Result<Vec<PskcKey>, PskcError> {
        if xml.len() > MAX_BYTES {
            return Err(PskcError::TooLarge);
        }
        let document = document(xml)?;
        let container = of_container(&document)?;
        let opener = Opener::of(container, self.given)?;
        let packages = children(container, "KeyPackage");
        let keys =
            packages.flat_map(|package| children(package, "Key").map(move |key| (package, key)));
        Ok(keys.map(|(package, key)| PskcKey::of(package, key, &opener, self.weak)).collect())
    }
}

impl fmt::Debug for PskcReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PskcReader").field("weak", &self.weak).finish_non_exhaustive()
    }
}
