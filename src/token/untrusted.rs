//! From a text that anyone may have written to claims that are proven.

use core::time::Duration;

use serde::Deserialize;

use crate::token::claims::Wire;
use crate::token::v4_public::{Buffer, Parts};
use crate::token::{
    Audience, Claims, IssueError, Kid, Rejection, SigningKey, TokenData, TokenError, TrustedKeys,
    base64url, signer::Unsigned, strict_json,
};
#[cfg(feature = "cards")]
use crate::values::id::Issuer;
use crate::values::time::Timestamp;

/// How far the clocks of the host's machines may disagree by default: 30 seconds. It makes
/// the store keep records longer, and what was made by a clock that is ahead by more has not begun; no
/// window is widened by it.
pub const LEEWAY: Duration = Duration::from_secs(30);
/// The longest leeway, of this policy as of [`token::Leeway`](crate::token::Leeway): two minutes. A
/// clock that is further off needs setting.
pub const LEEWAY_LIMIT: Duration = Duration::from_secs(120);

/// The longest footer, in bytes: ours has 53.
const MAX_FOOTER_LEN: usize = 256;

/// How far the clocks of issuer and verifier may differ.
///
/// [`Policy::leeway`](crate::Policy::leeway) is another: how far the clocks of the host's own machines
/// may. Both have the same default and the same limit, and neither follows from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leeway(Duration);

/// The leeway is longer than [`Leeway::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a leeway must not be longer than two minutes: set the clocks instead")]
#[non_exhaustive]
pub struct TooMuchLeeway;

impl Leeway {
    /// None: the clocks agree to the second.
    pub const NONE: Self = Self(Duration::ZERO);
    /// Half a minute, [`LEEWAY`].
    pub const DEFAULT: Self = Self(LEEWAY);
    /// Two minutes, [`LEEWAY_LIMIT`]: well below a challenge's five.
    pub const MAX: Self = Self(LEEWAY_LIMIT);

    /// This much, in whole seconds (fractions are dropped).
    ///
    /// # Errors
    ///
    /// [`TooMuchLeeway`] above [`Leeway::MAX`].
    pub const fn new(leeway: Duration) -> Result<Self, TooMuchLeeway> {
        if leeway.as_secs() > Self::MAX.0.as_secs() {
            return Err(TooMuchLeeway);
        }
        Ok(Self(Duration::from_secs(leeway.as_secs())))
    }

    /// How much it is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl Default for Leeway {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl SigningKey {
    /// Signs `claims` for their purpose. The footer is `{"kid":"…"}` with this key's
    /// [`Kid`], without spaces.
    ///
    /// # Errors
    ///
    /// [`IssueError::Data`] if the data does not come back from JSON, [`IssueError::TooLong`].
    pub fn issue<D: TokenData>(&self, claims: &Claims<D>) -> Result<String, IssueError> {
        let unsigned = Unsigned::new(claims, self.public_key())?;
        unsigned.with(&self.sign(unsigned.bytes()))
    }
}

/// A token of which nothing is proven: it has the right size, header and footer.
///
/// ```
/// use core::time::Duration;
/// use countersign::challenge::{ChallengeData, Channels};
/// use countersign::token::{Audience, Claims, Leeway, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken};
/// use countersign::{Channel, Issuer, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// // The enterprise. (Draw seed and id at random.)
/// let key = SigningKey::from_seed(&[7; 32])?;
/// let issuer = Issuer::new("bank.example")?;
/// let customer = Audience::new("customer-1")?;
/// let now = Timestamp::from_unix(1_769_868_000);
/// let data = ChallengeData::new("About a payment of 31 January".parse()?, Channels::new(&[Channel::Voice])?);
/// let id = TokenId::from_bytes([9; 16]);
/// let claims =
///     Claims::new(issuer.clone(), customer.clone(), id, now, Duration::from_secs(300), data)?;
/// let token = key.issue(&claims)?;
///
/// // The customer's app, which knows the enterprise's public key.
/// let mut keys = TrustedKeys::new(issuer);
/// keys.trust(*key.public_key(), Purpose::Challenge)?;
/// let challenge = UntrustedToken::parse(&token)?
///     .verify::<ChallengeData>(&keys, &customer, now, Leeway::DEFAULT)?;
/// assert_eq!(challenge.claims(), &claims);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct UntrustedToken<'t> {
    parts: Parts<'t>,
    kid: Kid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer<'a> {
    kid: &'a str,
}

impl<'t> UntrustedToken<'t> {
    /// Looks at the size first, then at the header and the footer, which must be a JSON object with
    /// `kid` alone (no escapes), a [`Kid`].
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        let parts = Parts::split(token)?;
        let mut buffer = [0_u8; MAX_FOOTER_LEN];
        let kid = parts
            .footer
            .and_then(|text| base64url::decode(text, &mut buffer))
            .and_then(strict_json::shallow_from_slice::<Footer<'_>>)
            .and_then(|footer| Kid::parse(footer.kid))
            .ok_or(Rejection::Malformed)?;
        Ok(Self { parts, kid })
    }

    /// The key that the token names. It proves nothing.
    #[must_use]
    pub const fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Verifies that `keys` has a key for this purpose that signed the token, that it is `audience`
    /// who is meant, and that the token is valid at `now`, give or take `leeway`.
    ///
    /// Valid is: from *not before* (included) until *expiry* (excluded), not issued in the future,
    /// and for no longer than the purpose allows.
    ///
    /// # Errors
    ///
    /// [`TokenError`], which does not tell the presenter what was wrong.
    pub fn verify<D: TokenData>(
        &self,
        keys: &TrustedKeys,
        audience: &Audience,
        now: Timestamp,
        leeway: Leeway,
    ) -> Result<Verified<D>, TokenError> {
        let claims = self.check(keys, Some(audience), now, leeway)?;
        Ok(Verified { claims, kid: self.kid })
    }

    /// Verifies all but the audience: the token is genuine and valid, for whomever it was meant.
    /// Whoever received it may have got it from its real recipient.
    ///
    /// # Errors
    ///
    /// [`TokenError`].
    pub fn verify_for_someone<D: TokenData>(
        &self,
        keys: &TrustedKeys,
        now: Timestamp,
        leeway: Leeway,
    ) -> Result<SignedForSomeone<D>, TokenError> {
        let claims = self.check(keys, None, now, leeway)?;
        Ok(SignedForSomeone { claims, kid: self.kid })
    }

    /// What the token says, whoever signed it.
    #[cfg(feature = "cards")]
    pub(crate) fn unproven<D: TokenData>(&self) -> Result<Claims<D>, TokenError> {
        let mut buffer = Buffer::new();
        let message = self.parts.unverified(&mut buffer).ok_or(Rejection::Malformed)?;
        let wire: Wire<'_, D> = strict_json::from_slice(message).ok_or(Rejection::Claims)?;
        if wire.purpose != D::PURPOSE {
            return Err(Rejection::Purpose.into());
        }
        let issuer = Issuer::new(&wire.iss).map_err(|_| Rejection::Claims)?;
        let audience = Audience::new(&wire.aud).map_err(|_| Rejection::Claims)?;
        Ok(wire.into_claims(issuer, audience))
    }

    fn check<D: TokenData>(
        &self,
        keys: &TrustedKeys,
        audience: Option<&Audience>,
        now: Timestamp,
        leeway: Leeway,
    ) -> Result<Claims<D>, Rejection> {
        let claims = self.check_even_expired(keys, audience, now, leeway)?;
        if now >= claims.expires_at.after(leeway.0) {
            return Err(Rejection::Expired);
        }
        Ok(claims)
    }

    /// Verifies all but that the token has not expired, and for whom it was meant if that is not given.
    /// For what was begun in time and is to be finished later.
    pub(crate) fn check_even_expired<D: TokenData>(
        &self,
        keys: &TrustedKeys,
        audience: Option<&Audience>,
        now: Timestamp,
        leeway: Leeway,
    ) -> Result<Claims<D>, Rejection> {
        let claims = self.check_but_time(keys, audience, now)?;
        let latest = now.after(leeway.0);
        if latest < claims.not_before || latest < claims.issued_at {
            return Err(Rejection::NotYetValid);
        }
        Ok(claims)
    }

    /// Verifies all but when the token is valid, and for whom it was meant if that is not given. For what says
    /// how something ended, whatever the clock of whoever said so.
    pub(crate) fn check_but_time<D: TokenData>(
        &self,
        keys: &TrustedKeys,
        audience: Option<&Audience>,
        now: Timestamp,
    ) -> Result<Claims<D>, Rejection> {
        let key = keys.find(&self.kid, D::PURPOSE, now).ok_or(Rejection::UnknownKey)?;
        let mut buffer = Buffer::new();
        let purpose = D::PURPOSE.implicit_assertion();
        let signed = self.parts.open(key, purpose.as_bytes(), &mut buffer)?;
        let wire: Wire<'_, D> = strict_json::from_slice(signed.message).ok_or(Rejection::Claims)?;

        if wire.purpose != D::PURPOSE {
            return Err(Rejection::Purpose);
        }
        if wire.iss != keys.issuer().as_str() {
            return Err(Rejection::Issuer);
        }
        let audience = match audience {
            Some(expected) if wire.aud == expected.as_str() => expected.clone(),
            Some(_) => return Err(Rejection::Audience),
            None => Audience::new(&wire.aud).map_err(|_| Rejection::Claims)?,
        };
        if wire.exp <= wire.nbf
            || wire.exp <= wire.iat
            || wire.exp.since(wire.nbf) > D::MAX_LIFETIME
        {
            return Err(Rejection::Lifetime);
        }
        Ok(wire.into_claims(keys.issuer().clone(), audience))
    }
}

/// The id alone, whatever else a token of this version or a later one says.
#[derive(Deserialize)]
struct Id {
    jti: crate::token::TokenId,
}

/// The id of a token that stands in one of our own sealed records: nobody else wrote it, and its key may have been
/// retired since.
pub(crate) fn id_of_own(token: &str) -> Option<crate::token::TokenId> {
    let mut buffer = Buffer::new();
    let message = Parts::split(token).ok()?.unverified(&mut buffer)?;
    strict_json::from_slice(message).map(|Id { jti }| jti)
}

impl core::fmt::Debug for UntrustedToken<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UntrustedToken").field("kid", &self.kid).finish_non_exhaustive()
    }
}

macro_rules! proof {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Only verification makes one.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[must_use]
        pub struct $name<D> {
            claims: Claims<D>,
            kid: Kid,
        }

        impl<D> $name<D> {
            /// What the token says.
            #[must_use]
            pub const fn claims(&self) -> &Claims<D> {
                &self.claims
            }

            /// The key that signed it.
            #[must_use]
            pub const fn kid(&self) -> &Kid {
                &self.kid
            }

            /// Gives up the proof and keeps what the token says.
            #[must_use]
            pub fn into_claims(self) -> Claims<D> {
                self.claims
            }
        }
    };
}

proof! {
    /// The proof that a token was genuine, valid, and meant for the expected audience when it was
    /// verified.
    Verified
}

proof! {
    /// The proof that a token was genuine and valid when it was verified, but not for whom: never
    /// show it as "genuine for you".
    SignedForSomeone
}
