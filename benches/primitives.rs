//! What a store's row takes of primitives, set up once as the verifier has them, for benchmarks to stand beside.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

/// What a call gives that never waits.
pub fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the memory store never waits"),
    }
}

/// Randomness, the owner tags' key, and the root of the record keys.
pub struct Primitives {
    random: SystemRandom,
    locator: Hmac<Sha256>,
    root: Prk,
}

impl Default for Primitives {
    fn default() -> Self {
        Self {
            random: SystemRandom::new(),
            locator: Hmac::new_from_slice(&[7; 32]).unwrap(),
            root: Salt::new(HKDF_SHA256, b"countersign root v1").extract(&[9; 32]),
        }
    }
}

impl Primitives {
    fn key(&self) -> LessSafeKey {
        let info = [[3_u8; 103].as_slice()];
        LessSafeKey::new(UnboundKey::from(self.root.expand(&info, &AES_256_GCM).unwrap()))
    }

    /// A body of so many bytes, sealed so that `read` can open it.
    pub fn sealed(&self, length: usize) -> Vec<u8> {
        let mut body = vec![0; length];
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        self.key().seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        body
    }

    /// Owner tag, record key and opening.
    pub fn read(&self, sealed: &[u8]) -> LessSafeKey {
        let mut mac = self.locator.clone();
        mac.update(&[1; 90]);
        black_box(mac.finalize().into_bytes());
        let key = self.key();
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        let mut body = sealed.to_vec();
        black_box(key.open_in_place(nonce, Aad::from([1; 163]), &mut body).unwrap());
        key
    }

    /// The same, then randomness, the history's hash and the sealing of so many bytes more.
    pub fn write(&self, sealed: &[u8], more: usize) {
        let key = self.read(sealed);
        let mut random = [0; 28];
        self.random.fill(&mut random).unwrap();
        black_box(Sha256::digest(black_box([3; 161])));
        let mut body = vec![0; sealed.len() + more];
        body.reserve(16);
        let nonce = Nonce::assume_unique_for_key([5; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from([1; 163]), &mut body).unwrap();
        black_box(&body);
    }
}
