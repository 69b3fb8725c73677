//! A bank that signs, and its key.

use countersign::Policy;
use countersign::token::SigningKey;

use super::{Bank, bank_with, keyring, part};

pub fn signing() -> SigningKey {
    SigningKey::from_seed(&[5; 32]).unwrap()
}

/// A bank that signs.
pub fn bank_of(policy: Policy) -> Bank {
    let mut bank = bank_with(policy.clone());
    let builder = part(keyring(), &bank.store, &bank.clock, &bank.seen, 1).policy(policy);
    bank.verifier = builder.signing_key(signing()).build().unwrap();
    bank
}
