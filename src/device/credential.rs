//! The customer's half of an app credential: keys under a PIN that the device cannot check itself.

use core::fmt;
use core::str::FromStr;

use argon2::{Algorithm as Variant, Argon2, Block, Params, Version};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::credential::method::Parameters;
use crate::credential::request::EnrolmentRequest;
use crate::credential::rules::evaluate_code::{confirm_question, respond, spoken_code};
use crate::crypto::digest::sha256;
use crate::crypto::pae;
use crate::crypto::random::{Random, RandomError};
use crate::otp::ocra::{Response, Suite};
use crate::otp::subkeys::{SUBKEY_BYTES, Subkeys, Use};
use crate::otp::{Algorithm, Digits, OtpSeed};
use crate::values::id::CredentialId;
use crate::values::secret::{SecretBytes, SecretText, deserialize_text, leaving_no_trace};
use crate::values::typed::TypedDigits;

const MAGIC: &[u8] = b"countersign-device-1\n";
const CHECK_BYTES: usize = 16;
const LEAST_PIN_DIGITS: usize = 4;
const PIN_DIGITS: usize = 12;
/// The longest text read as a PIN, in characters.
const PIN_TYPED: usize = 32;
const SALT_BYTES: usize = 16;
/// Of the derived bytes, the last chooses between the two keys.
const DERIVED_BYTES: usize = SUBKEY_BYTES + 1;
/// Argon2id with 19 MiB, two passes, one lane: the OWASP minimum, which phones stand.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Salts tried until the two PINs choose different keys; each does with probability one half.
const MAX_SALTS: usize = 64;

/// A PIN of the app: 4 to 12 decimal digits. It unlocks the credential on the device and never leaves.
///
/// Parsed from digits of any script, with white space anywhere and hyphens within: only the digits'
/// values count, so a PIN set on one keypad is the same on another.
///
/// Wiped on drop; compared in constant time; neither `Clone`, `Display` nor `Serialize`.
#[derive(Debug, PartialEq, Eq)]
pub struct SmartPin(SecretText);

/// The text is not a PIN. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has 4 to 12 digits and nothing else")]
#[non_exhaustive]
pub struct InvalidPin;

impl FromStr for SmartPin {
    type Err = InvalidPin;

    fn from_str(text: &str) -> Result<Self, InvalidPin> {
        let digits = TypedDigits::<PIN_DIGITS>::read(text, PIN_TYPED).map_err(|_| InvalidPin)?;
        if digits.as_str().len() < LEAST_PIN_DIGITS {
            return Err(InvalidPin);
        }
        Ok(Self(SecretText::copy_of(digits.as_str())))
    }
}

impl<'de> Deserialize<'de> for SmartPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a PIN as text", Self::from_str)
    }
}

/// Why a device credential could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceCredentialError {
    /// The bytes are not a device credential, or were damaged.
    #[error("these bytes are not a whole device credential")]
    Malformed,
    /// The step-up asks for the digits that the agent says, and they were not typed yet.
    #[error("the digits that the agent says are to be typed first")]
    NoDigits,
    /// The two PINs are the same.
    #[error("the PIN for coercion must differ from the PIN")]
    SamePin,
    /// The suite has other inputs than a question of 64 hexadecimal digits.
    #[error(transparent)]
    Suite(#[from] crate::credential::method::UnsuitableSuite),
    /// The step-up was asked for on another line than the app is on.
    #[error("this was asked for on another call; hang up")]
    OtherLine,
    /// The app's table does not have the kind of action, or one of its fields, that is to be approved.
    #[error("this app does not know what it is asked to approve; update the app")]
    UnknownAction,
    /// The PIN could not be stretched: there is too little memory.
    #[error("there is too little memory to use the PIN")]
    Memory,
    /// The source of randomness failed.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// What the customer's app keeps of its credential.
///
/// The step-up keys are masked, not encrypted: one with a value derived from the PIN (Argon2id,
/// 19 MiB, 2 passes), one with a value derived from the PIN for coercion, or with random bytes if
/// there is none. **The device cannot tell whether a PIN is right.** A wrong one gives a wrong
/// response, which the enterprise counts; so whoever has copied these bytes cannot try PINs by
/// themselves, as they could against a stored check value. Nor do the bytes tell whether a PIN for
/// coercion was set.
///
/// The keys for the code and words that an *agent* says need no PIN and stand in the bytes as they
/// are: keep them in the platform's key store.
pub struct DeviceCredential {
    id: CredentialId,
    parameters: Parameters,
    salt: [u8; SALT_BYTES],
    masked: [SecretBytes; 2],
    spoken: SecretBytes,
    words: SecretBytes,
}

impl DeviceCredential {
    /// Takes over a newly enrolled credential: the id and seed of
    /// [`Provisioning`](crate::credential::Provisioning). With `duress`, a second PIN for use under coercion.
    /// The seed itself is not kept.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::SamePin`], [`DeviceCredentialError::Random`],
    /// [`DeviceCredentialError::Memory`].
    pub fn enrol(
        id: CredentialId,
        seed: &OtpSeed,
        pin: &SmartPin,
        duress: Option<&SmartPin>,
        random: &impl Random,
    ) -> Result<Self, DeviceCredentialError> {
        Self::made(id, seed, EnrolmentRequest::APP, pin, duress, random)
    }

    /// Takes over a device key that was enrolled without the PIN's code: it verifies what agents say, and answers
    /// nothing by itself.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Random`].
    pub fn enrol_without_pin(
        id: CredentialId,
        seed: &OtpSeed,
        random: &impl Random,
    ) -> Result<Self, DeviceCredentialError> {
        let keys = Subkeys::of(seed);
        let get = |purpose| keys.get(purpose).ok_or(DeviceCredentialError::Malformed);
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt)?;
        // No key lies behind either mask, so that no PIN gives a right code.
        let mut masked = Zeroizing::new([[0; SUBKEY_BYTES]; 2]);
        for one in masked.iter_mut() {
            random.fill(one)?;
        }
        Ok(Self {
            id,
            parameters: EnrolmentRequest::APP,
            salt,
            masked: masked.each_ref().map(|one| SecretBytes::copy_of(one)),
            spoken: get(Use::SpokenCode)?,
            words: get(Use::DerivedWords)?,
        })
    }

    /// The same for a credential that was enrolled with another suite than the default one.
    ///
    /// # Errors
    ///
    /// As [`enrol`](Self::enrol), and [`DeviceCredentialError::Suite`].
    pub fn enrol_for_suite(
        id: CredentialId,
        seed: &OtpSeed,
        suite: &Suite,
        pin: &SmartPin,
        duress: Option<&SmartPin>,
        random: &impl Random,
    ) -> Result<Self, DeviceCredentialError> {
        let parameters = EnrolmentRequest::APP.with_app_suite(suite)?;
        Self::made(id, seed, parameters, pin, duress, random)
    }

    fn made(
        id: CredentialId,
        seed: &OtpSeed,
        parameters: Parameters,
        pin: &SmartPin,
        duress: Option<&SmartPin>,
        random: &impl Random,
    ) -> Result<Self, DeviceCredentialError> {
        if duress.is_some_and(|duress| duress == pin) {
            return Err(DeviceCredentialError::SamePin);
        }
        let keys = Subkeys::of(seed);
        let get = |purpose| keys.get(purpose).ok_or(DeviceCredentialError::Malformed);
        let mut salt = [0; SALT_BYTES];
        for _ in 0..MAX_SALTS {
            random.fill(&mut salt)?;
            let own = Derived::of(pin, &salt)?;
            let mut other = Zeroizing::new([0; SUBKEY_BYTES]);
            match duress {
                Some(duress) => {
                    let derived = Derived::of(duress, &salt)?;
                    if derived.second() == own.second() {
                        continue;
                    }
                    *other = *derived.mask(&get(Use::Duress)?);
                }
                None => random.fill(&mut *other)?,
            }
            let own_masked = own.mask(&get(Use::StepUp)?);
            let pair = if own.second() { [other, own_masked] } else { [own_masked, other] };
            return Ok(Self {
                id,
                parameters,
                salt,
                masked: pair.map(|masked| SecretBytes::copy_of(&*masked)),
                spoken: get(Use::SpokenCode)?,
                words: get(Use::DerivedWords)?,
            });
        }
        Err(DeviceCredentialError::Random(RandomError::new()))
    }

    /// Which credential this is.
    #[must_use]
    pub const fn id(&self) -> CredentialId {
        self.id
    }

    /// The first code, for [`Credentials::confirm`](crate::credential::Credentials::confirm). Give the PIN, not
    /// the one for coercion.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Memory`]. A wrong PIN is no error here: it gives a wrong code.
    pub fn confirm(&self, pin: &SmartPin) -> Result<Response, DeviceCredentialError> {
        self.answer(&confirm_question(self.id.0), pin)
    }

    /// The response to `question` under `pin`.
    pub(crate) fn answer(
        &self,
        question: &[u8; 32],
        pin: &SmartPin,
    ) -> Result<Response, DeviceCredentialError> {
        let derived = Derived::of(pin, &self.salt)?;
        let [first, second] = &self.masked;
        let key = derived.mask(if derived.second() { second } else { first });
        let key = OtpSeed::from_bytes(&*key).map_err(|_| DeviceCredentialError::Malformed)?;
        // A code is copied from frame to frame as it is returned.
        let mut response = None;
        leaving_no_trace(|| response = respond(&self.parameters, &key, question));
        response.ok_or(DeviceCredentialError::Malformed)
    }

    /// What a genuine agent says for `question`. It takes neither the PIN nor the network.
    pub(crate) fn spoken_code(&self, question: &[u8; 32]) -> Option<Box<Response>> {
        spoken_code(&self.spoken, question)
    }

    /// The key of the words that a genuine agent says. It takes neither the PIN nor the network.
    pub(crate) const fn words_key(&self) -> &SecretBytes {
        &self.words
    }

    /// The bytes for the platform's key store; wiped when dropped.
    ///
    /// Layout: the 21 bytes `countersign-device-1\n`, the id (16), the hash function (1: SHA-1, 2:
    /// SHA-256, 3: SHA-512), the digits, the salt (16), the two masked keys, the key of spoken codes
    /// and that of words (32 each), and the first 16 bytes of the SHA-256 of all that, against
    /// damage.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length =
            MAGIC.len().saturating_add(16 + 2 + SALT_BYTES + 4 * SUBKEY_BYTES + CHECK_BYTES);
        let mut out = Zeroizing::new(Vec::with_capacity(length));
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.id.0);
        out.push(self.parameters.algorithm.number());
        out.push(self.parameters.digits.get());
        out.extend_from_slice(&self.salt);
        let [first, second] = &self.masked;
        for key in [first, second, &self.spoken, &self.words] {
            out.extend_from_slice(key.expose());
        }
        let check: [u8; CHECK_BYTES] = pae::first(&sha256(&*out));
        out.extend_from_slice(&check);
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Malformed`] if the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DeviceCredentialError> {
        Self::read(bytes).ok_or(DeviceCredentialError::Malformed)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (content, found) = bytes.split_last_chunk::<CHECK_BYTES>()?;
        if *found != pae::first::<CHECK_BYTES>(&sha256(content)) {
            return None;
        }
        let rest = content.strip_prefix(MAGIC)?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let ([algorithm, digits], rest) = rest.split_first_chunk::<2>()?;
        let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>()?;
        let (keys, rest) = rest.as_chunks::<SUBKEY_BYTES>();
        let [first, second, spoken, words] = keys else { return None };
        if !rest.is_empty() {
            return None;
        }
        let algorithm = Algorithm::from_number(*algorithm)?;
        let digits = Digits::new(*digits).ok()?;
        Some(Self {
            id: CredentialId(*id),
            parameters: Parameters { algorithm, digits, ..EnrolmentRequest::APP },
            salt: *salt,
            masked: [SecretBytes::copy_of(first), SecretBytes::copy_of(second)],
            spoken: SecretBytes::copy_of(spoken),
            words: SecretBytes::copy_of(words),
        })
    }
}

impl fmt::Debug for DeviceCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCredential").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a PIN becomes: a mask, and which of the two keys it is for.
// Boxed, so that moves leave no copies of it behind.
struct Derived(Zeroizing<Box<[u8]>>);

impl Derived {
    fn of(pin: &SmartPin, salt: &[u8; SALT_BYTES]) -> Result<Self, DeviceCredentialError> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(DERIVED_BYTES));
        let params = params.map_err(|_| DeviceCredentialError::Memory)?;
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| DeviceCredentialError::Memory)?;
        memory.resize(params.block_count(), Block::default());
        // Its own is not wiped, and whoever finds that can try PINs with less work.
        let mut memory = Zeroizing::new(memory.into_boxed_slice());
        let mut out = Zeroizing::new(vec![0; DERIVED_BYTES].into_boxed_slice());
        let argon = Argon2::new(Variant::Argon2id, Version::V0x13, params);
        let pin = pin.0.expose().as_bytes();
        let derive = || argon.hash_password_into_with_memory(pin, salt, &mut out, &mut **memory);
        leaving_no_trace(derive).map_err(|_| DeviceCredentialError::Memory)?;
        Ok(Self(out))
    }

    fn second(&self) -> bool {
        self.0.last().is_some_and(|byte| byte & 1 == 1)
    }

    fn mask(&self, key: &SecretBytes) -> Zeroizing<[u8; SUBKEY_BYTES]> {
        let mut out = Zeroizing::new([0; SUBKEY_BYTES]);
        for ((to, key), mask) in out.iter_mut().zip(key.expose()).zip(self.0.iter()) {
            *to = key ^ mask;
        }
        out
    }
}
