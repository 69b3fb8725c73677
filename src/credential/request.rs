//! What is asked for: a credential to enrol, a fob to import.

use core::num::NonZeroU32;

use crate::credential::consent::EnrolmentConsent;
use crate::credential::method::{Method, Parameters, UnsuitableFob, UnsuitableSuite};
use crate::otp::ocra::{PinHash, Suite};
use crate::otp::{Algorithm, Digits, OtpSeed};
use crate::step_up::request::Redeemed;
use crate::values::id::RequestId;
use crate::values::secret::reads_request;
use crate::values::text::ShortText;
use crate::values::time::Timestamp;

/// A credential to enrol.
///
/// ```
/// use countersign::otp::{Algorithm, Digits};
/// use countersign::RequestId;
/// use countersign::credential::EnrolmentRequest;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let app = EnrolmentRequest::ocra(RequestId::new("9f1c")?);
/// let authenticator = EnrolmentRequest::totp(RequestId::new("9f1d")?)
///     .algorithm(Algorithm::Sha256)
///     .digits(Digits::EIGHT);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct EnrolmentRequest {
    pub(crate) request: RequestId,
    pub(crate) parameters: Parameters,
    pub(crate) account: Option<ShortText>,
    pub(crate) issuer_name: Option<ShortText>,
    pub(crate) word: EnrolmentConsent,
}

impl EnrolmentRequest {
    /// What an app has unless said otherwise.
    pub(crate) const APP: Parameters = Parameters::of(Method::Ocra);

    const fn new(request: RequestId, method: Method) -> Self {
        let parameters = Parameters::of(method);
        Self {
            request,
            parameters,
            account: None,
            issuer_name: None,
            word: EnrolmentConsent::SESSION,
        }
    }

    /// The customer's app: OCRA, by default `OCRA-1:HOTP-SHA256-8:QH64`. `request` is the app's
    /// idempotency key: the same one again gives the same credential.
    pub const fn ocra(request: RequestId) -> Self {
        Self::new(request, Method::Ocra)
    }

    /// An authenticator app: TOTP, by default with SHA-1, six digits and 30 seconds, which is what
    /// most of them know.
    pub const fn totp(request: RequestId) -> Self {
        Self::new(request, Method::Totp)
    }

    /// A counting authenticator: HOTP, by default with SHA-1 and six digits.
    pub const fn hotp(request: RequestId) -> Self {
        Self::new(request, Method::Hotp)
    }

    /// Codes that the enterprise sends to a number which the host knows to be the customer's. Send the
    /// first one ([`Provisioning::code_to_deliver`](crate::credential::Provisioning::code_to_deliver)) to that number
    /// and keep it from the app, or it proves nothing.
    pub const fn delivered(request: RequestId) -> Self {
        Self::new(request, Method::Delivered)
    }

    /// The customer's app with a private key in the phone's secure hardware, which signs what is approved. What the
    /// app needs besides, for the codes and words that an agent says, it is given as for OCRA. The key itself comes
    /// with [`Credentials::confirm_key`](crate::credential::Credentials::confirm_key).
    pub const fn device_key(request: RequestId) -> Self {
        Self::new(request, Method::DeviceKey)
    }

    /// A passkey (WebAuthn) of the relying party that the policy names
    /// ([`PasskeyPolicy`](crate::policy::PasskeyPolicy)). It comes with
    /// [`Credentials::confirm_key`](crate::credential::Credentials::confirm_key).
    pub const fn passkey(request: RequestId) -> Self {
        Self::new(request, Method::Passkey)
    }

    /// Approves only with the PIN's code too, both or nothing: the signature is looked at first and not counted, the
    /// code only if the signature is right. For whoever has a PIN for coercion. Only a device key and a passkey
    /// have the choice; all others are as they are.
    pub const fn with_code(mut self) -> Self {
        self.parameters.with_code = self.parameters.method.signs();
        self
    }

    /// With another hash function.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.parameters.algorithm = algorithm;
        self
    }

    /// With more or fewer digits.
    pub const fn digits(mut self, digits: Digits) -> Self {
        self.parameters.digits = digits;
        self
    }

    /// With another time step, in seconds, of at most [`TIME_STEP_LIMIT`](crate::policy::TIME_STEP_LIMIT). Only TOTP has one.
    pub const fn period(mut self, seconds: NonZeroU32) -> Self {
        self.parameters.period = seconds;
        self
    }

    /// With the algorithm and digits of `suite`.
    ///
    /// # Errors
    ///
    /// [`UnsuitableSuite`] unless its only input is a question of 64 hexadecimal digits.
    pub fn suite(mut self, suite: &Suite) -> Result<Self, UnsuitableSuite> {
        self.parameters = self.parameters.with_app_suite(suite)?;
        Ok(self)
    }

    /// How its codes will come about. A host that reads an enrolment from its app's text takes only those
    /// methods that it means to offer there: a delivered code must never go to the app.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.parameters.method
    }

    /// With the account name that an authenticator shows; the customer id otherwise.
    pub fn account(mut self, name: ShortText) -> Self {
        self.account = Some(name);
        self
    }

    /// With the enterprise's name that an authenticator shows above the code; the issuer's id otherwise. No colon can stand
    /// in it.
    pub fn issuer_name(mut self, name: ShortText) -> Self {
        self.issuer_name = Some(name);
        self
    }

    /// Beside a credential that the customer has, who approved it there: a step-up of the kind
    /// [`TransactionKind::NewAuthenticator`](crate::transaction::TransactionKind::NewAuthenticator). An app's session alone enrols the first credential and no other, or
    /// whoever steals a session would enrol one of their own and approve with that (NIST SP 800-63B-4,
    /// binding of additional authenticators).
    ///
    /// A proof is good for one credential, for as long after it was first redeemed as a grant is; it names the
    /// credential in place of the request id. OCRA binds any method, a delivered code another number if such codes
    /// may approve payments, and TOTP and HOTP, whose codes do not say what they are given for, nothing. If the
    /// credential that gave it is revoked before the new one is confirmed, the new one is refused. If it was
    /// given under coercion, so is all that the new credential approves ([`Redeemed::duress`]), though the back
    /// end vouches for it besides.
    ///
    /// An enrolment with a proof that binds nothing is refused, whatever the customer has: without any, the
    /// session's word counts, and it knows of no coercion. Whoever presents the proof again within its time is
    /// given the seed again, since an answer may be lost.
    pub fn approved_in(mut self, proof: &Redeemed) -> Self {
        self.word.of_customer(proof);
        self
    }

    /// Beside a credential that the customer has, on the word of the back end, which has made sure of
    /// the customer in another way: in a branch, say. Never on the word of the app. It stands by itself: it says
    /// more than a proof given besides, of which nothing but coercion is kept, so that revoking the credential
    /// that gave the proof does not end the new one.
    pub fn vouched_for(mut self) -> Self {
        self.word.of_back_end();
        self
    }

    /// The same, and the customer came to a branch and was identified there. For a first key that signs, policy may ask
    /// for it or for a delay ([`FirstKey`](crate::policy::FirstKey)).
    pub fn vouched_for_in_person(mut self) -> Self {
        self.word.of_visit();
        self
    }
}

/// A fob whose seed its maker has told the enterprise.
///
/// The seed is its name, as the key that HMAC makes of it: with zeros at its end, or hashed because it is longer
/// than a block, it is the same fob. Importing it again for the same customer finds the credential that there is,
/// with its counters, revoked or not. A fob that was revoked so stays revoked; give the customer
/// another one. That two customers share a fob is not noticed: each has counters of their own.
#[derive(Debug)]
#[must_use]
pub struct ImportRequest {
    pub(crate) parameters: Parameters,
    pub(crate) seed: OtpSeed,
    pub(crate) counter: u64,
    pub(crate) pin_hash: Option<PinHash>,
    pub(crate) last_used: Option<Timestamp>,
}

impl ImportRequest {
    const fn new(method: Method, seed: OtpSeed) -> Self {
        Self {
            parameters: Parameters::of(method),
            seed,
            counter: 0,
            pin_hash: None,
            last_used: None,
        }
    }

    /// A TOTP fob, by default with SHA-1, six digits and 30 seconds. Read the seed with
    /// [`OtpSeed::from_hex`] or [`OtpSeed::from_base32`], which take canonical text alone.
    pub const fn totp(seed: OtpSeed) -> Self {
        Self::new(Method::Totp, seed)
    }

    /// A HOTP fob, by default with SHA-1 and six digits, whose next counter is `counter`.
    pub const fn hotp(seed: OtpSeed, counter: u64) -> Self {
        let mut import = Self::new(Method::Hotp, seed);
        import.counter = counter;
        import
    }

    /// With the time at which the system that it comes from took its last code: the codes up to then are used up. Without
    /// that, a code that was seen there is good here for as long as it would have been. Only TOTP has one. A time
    /// that is still to come counts up to the policy's `leeway` from now, by which the clocks of two machines may differ.
    pub const fn last_used(mut self, at: Timestamp) -> Self {
        self.last_used = Some(at);
        self
    }

    /// An OCRA fob with this suite, into which the customer types the question that the app shows
    /// ([`VerifiedStepUp::question`](crate::device::VerifiedStepUp::question)).
    ///
    /// A question shorter than `QH64` names what is approved by so much less: see the
    /// [manual](crate::manual::_06_step_ups).
    ///
    /// # Errors
    ///
    /// [`UnsuitableFob`], also if the suite has a PIN hash.
    pub fn ocra(seed: OtpSeed, suite: &Suite) -> Result<Self, UnsuitableFob> {
        Self::ocra_fob(seed, suite, None)
    }

    /// The same for a fob that takes a PIN too, whose suite has a PIN hash.
    ///
    /// The hash is sealed with the seed and wiped with it. It is a fast hash without salt, as good as the
    /// PIN itself to whoever sees it, and here for fobs that compute it; the app's PIN is never hashed so.
    ///
    /// ```
    /// use countersign::credential::ImportRequest;
    /// use countersign::otp::ocra::{PinHash, Suite};
    /// use countersign::otp::{Algorithm, OtpSeed};
    ///
    /// let suite: Suite = "OCRA-1:HOTP-SHA256-8:QN08-PSHA1".parse()?;
    /// let seed = OtpSeed::from_bytes(b"12345678901234567890123456789012")?;
    /// let fob = ImportRequest::ocra_with_pin(seed, &suite, PinHash::of(Algorithm::Sha1, "1234"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnsuitableFob`], also if the suite has no PIN hash or one of another hash function.
    pub fn ocra_with_pin(
        seed: OtpSeed,
        suite: &Suite,
        pin: PinHash,
    ) -> Result<Self, UnsuitableFob> {
        Self::ocra_fob(seed, suite, Some(pin))
    }

    fn ocra_fob(
        seed: OtpSeed,
        suite: &Suite,
        pin_hash: Option<PinHash>,
    ) -> Result<Self, UnsuitableFob> {
        let parameters = Parameters::of(Method::Ocra).with_fob_suite(suite)?;
        if parameters.pin != pin_hash.as_ref().map(PinHash::algorithm) {
            return Err(UnsuitableFob::PinHash);
        }
        Ok(Self { parameters, seed, counter: 0, pin_hash, last_used: None })
    }

    /// With another hash function.
    pub const fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.parameters.algorithm = algorithm;
        self
    }

    /// With more or fewer digits.
    pub const fn digits(mut self, digits: Digits) -> Self {
        self.parameters.digits = digits;
        self
    }

    /// With another time step, in seconds, of at most [`TIME_STEP_LIMIT`](crate::policy::TIME_STEP_LIMIT). Only TOTP has one.
    pub const fn period(mut self, seconds: NonZeroU32) -> Self {
        self.parameters.period = seconds;
        self
    }
}

reads_request! {
    // Never what says that the customer may have it: that is for the back end to add.
    EnrolmentRequest: "a request to enrol: request, method and perhaps account, with_code", {
        request: RequestId,
        method: Method,
        #[serde(default)] account: Option<ShortText>,
        #[serde(default)] with_code: bool,
    } => |of| {
        let request = EnrolmentRequest::new(of.request, of.method);
        let request = if of.with_code { request.with_code() } else { request };
        EnrolmentRequest { account: of.account, ..request }
    }
}
