//! What is wrong with a set-up.

use crate::values::interaction::Channel;

/// What is wrong with the set-up of a verifier or a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A number of the policy lies outside of what is allowed.
    #[error("policy: `{field}` must be from {least} to {most}")]
    OutOfRange {
        /// The field of [`Policy`](crate::Policy).
        field: &'static str,
        /// The smallest number allowed.
        least: u64,
        /// The largest number allowed.
        most: u64,
    },
    /// Tokens were asked for, but the verifier has no signing key.
    #[error("this needs a signing key: give one to the builder")]
    NoSigningKey,
    /// Payments are to be asked for, or receipts to be applied, but the verifier trusts no vault.
    #[error("this needs the vault's public keys: give them to the builder")]
    NoVaultKeys,
    /// A key that signs payment requests is trusted for receipts or opening keys, or the other way round: who asks
    /// for a payment must not be able to say that it was made, nor for which key its card is sealed.
    #[error("one key must not sign both payment requests and receipts or opening keys")]
    OneKeyForBoth,
    /// The policy lets payments be approved by a method whose codes say nothing of amount and payee.
    #[error("policy: `step_ups.payment_methods` takes neither TOTP nor HOTP")]
    PaymentMethod,
    /// The policy lets a kind of action be approved by a method whose codes say nothing of its fields, and does not weaken
    /// the kind by name.
    #[error(
        "policy: `step_ups.actions` takes TOTP and HOTP only for a kind that is `weakened_to_bare_codes`"
    )]
    ActionMethod,
    /// The relying party of passkeys has an id and no origin, or the other way round, or one of them is none.
    #[error("policy: `passkeys` needs an RP id, which is a domain, and the origins that approve")]
    Passkeys,
    /// The policy lets passkeys approve without verifying the user.
    #[error("policy: `passkeys.user_verification` must be true")]
    UserVerification,
    /// A number is shown by no feed, or stands among those that never call too, or there are too many.
    #[error(
        "telephony: each number is shown by a feed or never calls, and there are {} at most",
        crate::contact::token::numbers::MAX_NUMBERS
    )]
    Telephony,
    /// A rule of legs is about an act that happens on no line.
    #[error(
        "policy: `legs.rules` are about `reveal`, `step_up` and `payment`, and not about `{act}`"
    )]
    LegRule {
        /// The act.
        act: crate::policy::Act,
    },
    /// The policy allows an act on a channel where it is never allowed.
    #[error("policy: `{act}` can never be allowed on the channel {channel}")]
    ForbiddenChannel {
        /// The act.
        act: crate::policy::Act,
        /// The channel.
        channel: Channel,
    },
}
