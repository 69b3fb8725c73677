//! A key management service that signs, and what can go wrong with it.

use std::sync::{Arc, Mutex};

use countersign::token::{PublicKey, Signer, SigningKey};

/// What the service does when it is asked to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Sign,
    Fail,
    /// Answers with the signature of another key.
    SignWithAnother,
    /// Answers with the signature of something else.
    SignSomethingElse,
    /// Answers with sixty-four zeroes.
    AnswerZeroes,
    NeverAnswer,
}

impl Does {
    /// After each of which there is no token, and an error that is typed.
    pub(crate) const WRONG: [Self; 4] =
        [Self::Fail, Self::SignWithAnother, Self::SignSomethingElse, Self::AnswerZeroes];
}

#[derive(Debug, Clone)]
pub(crate) struct Kms(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    key: SigningKey,
    other: SigningKey,
    does: Mutex<Does>,
    signed: Mutex<usize>,
}

impl Kms {
    pub(crate) fn of(seed: u8) -> Self {
        let [key, other] = [seed, 99].map(|seed| SigningKey::from_seed(&[seed; 32]).unwrap());
        Self(Arc::new(Inner { key, other, does: Mutex::new(Does::Sign), signed: Mutex::new(0) }))
    }

    pub(crate) fn does(&self, does: Does) {
        *self.0.does.lock().unwrap() = does;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        *self.0.signed.lock().unwrap()
    }
}

impl Signer for Kms {
    /// A service whose key was changed shows the other one from then on.
    fn public_key(&self) -> PublicKey {
        match *self.0.does.lock().unwrap() {
            Does::SignWithAnother => *self.0.other.public_key(),
            _ => *self.0.key.public_key(),
        }
    }

    async fn sign(
        &self,
        message: &[u8],
    ) -> Result<[u8; 64], Box<dyn std::error::Error + Send + Sync>> {
        *self.0.signed.lock().unwrap() += 1;
        let does = *self.0.does.lock().unwrap();
        // Any service answers later.
        tokio::task::yield_now().await;
        match does {
            Does::Sign => Signer::sign(&self.0.key, message).await,
            Does::Fail => Err("the service is out of order".into()),
            Does::SignWithAnother => Signer::sign(&self.0.other, message).await,
            Does::SignSomethingElse => Signer::sign(&self.0.key, &message[1..]).await,
            Does::AnswerZeroes => Ok([0; 64]),
            Does::NeverAnswer => std::future::pending().await,
        }
    }
}
