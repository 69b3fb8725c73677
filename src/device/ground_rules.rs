//! What the enterprise never asks for, as the app may show it.

use crate::challenge::ground_rules_token::GroundRulesData;
use crate::device::Device;
use crate::policy::Act;
use crate::token::{Audience, Claims, TokenError, UntrustedToken};
use crate::values::interaction::Channel;
use crate::values::never_asked::NeverAsked;
use crate::values::time::Timestamp;

/// The enterprise's signed statement of what it never asks for, and on which channels it does what.
///
/// ```
/// # use countersign::Channel;
/// # use countersign::challenge::NeverAsked;
/// # use countersign::device::GroundRules;
/// # use countersign::policy::Act;
/// # fn example(rules: &GroundRules) {
/// // The customer ticks what the caller asked for.
/// let broken = rules.broken_by(&[NeverAsked::SafeAccount, NeverAsked::Secrecy]);
/// for rule in broken {
///     println!("{rule} Hang up."); // "We never ask you to move money to a safe account. Hang up."
/// }
/// // The app is about to show a payment that an e-mail asks for.
/// let impostor = !rules.allows(Act::Payment, Channel::Email);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct GroundRules {
    claims: Claims<GroundRulesData>,
}

impl GroundRules {
    /// What a genuine agent never asks for, each with a sentence to show.
    #[must_use]
    pub fn never_asked(&self) -> &[NeverAsked] {
        &self.claims.data().never_asked
    }

    /// Which rules somebody breaks who asks for `asked`, each once, in the order of the statement. One is
    /// enough: nobody genuine asks for any.
    #[must_use]
    pub fn broken_by(&self, asked: &[NeverAsked]) -> Vec<NeverAsked> {
        self.never_asked().iter().copied().filter(|rule| asked.contains(rule)).collect()
    }

    /// Whether the enterprise does `act` on `channel`. Whoever does it elsewhere is somebody else.
    #[must_use]
    pub fn allows(&self, act: Act, channel: Channel) -> bool {
        self.claims.data().channels.of(act).contains(&channel)
    }

    /// Until when the statement holds. Fetch the next one before.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.claims.expires_at()
    }
}

impl Device {
    /// Verifies the enterprise's statement of its ground rules
    /// ([`Verifier::ground_rules_token`](crate::Verifier::ground_rules_token)). It is the same for every
    /// customer, so it may be fetched from anywhere.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if it is not genuine or not valid now: show nothing of it. Without a statement the
    /// app still shows [`NeverAsked::ALL`].
    pub fn open_ground_rules(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<GroundRules, TokenError> {
        let verified = UntrustedToken::parse(token)?.verify::<GroundRulesData>(
            &self.trusted,
            &Audience::everyone(),
            now,
            self.leeway,
        )?;
        Ok(GroundRules { claims: verified.into_claims() })
    }
}
