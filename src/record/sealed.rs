//! A record at rest: what is sealed, under which key, and what it is bound to.
//!
//! `format (1) | key id (8) | nonce (12) | AES-256-GCM ciphertext and tag`, with the additional data
//! `PAE(format, key id, kind, lane, owner, id, version, created, live_until, retain_until)`. The record key is
//! HKDF-SHA256(root, PAE("countersign record v2", kind, owner, id)): a key per place, so random
//! nonces never come near their limit, and a record moved to another place does not open.

use std::sync::Arc;
use zeroize::Zeroizing;

use crate::codec::cbor as body;
use crate::codec::cbor::Encode;
use crate::crypto::aead::{Aes256Gcm, NONCE_LEN, TAG_LEN};
use crate::crypto::keyring::{KeyId, Keyring};
use crate::crypto::pae;
use crate::error::RecordError;
use crate::record::kind::Kind;
use crate::store::{Head, Place, Record};

/// The format. The first one bound neither lane nor the whole head, and was never released.
const FORMAT: u8 = 2;
const KEY_ID_LEN: usize = 8;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;
/// Room for all but the longest histories.
const USUAL_LEN: usize = 2048;
const LABEL: &[u8] = b"countersign record v2";
/// PAE of label, kind, owner and id: the count, four lengths, and what they measure.
const INFO_LEN: usize = 8 + 4 * 8 + LABEL.len() + 1 + 16 + 16;
/// PAE of format, key id, kind, lane, owner, id, and the four parts of the head.
const AAD_LEN: usize = 8 + 10 * 8 + 1 + KEY_ID_LEN + 1 + 1 + 16 + 16 + 4 * 8;

/// Opens and seals the record at one place, and keeps its key while it does.
pub(crate) struct Sealer<'a> {
    keyring: &'a Keyring,
    kind: Kind,
    place: &'a Place,
    key: Option<(KeyId, Aes256Gcm)>,
}

impl<'a> Sealer<'a> {
    pub(crate) const fn new(keyring: &'a Keyring, kind: Kind, place: &'a Place) -> Self {
        Self { keyring, kind, place, key: None }
    }

    /// The body of `record`, if it was sealed for this place and head.
    pub(crate) fn open(&mut self, record: &Record) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        let (&format, rest) = record.sealed.split_first().ok_or(RecordError::Damaged)?;
        if format != FORMAT {
            return Err(RecordError::UnknownFormat(format));
        }
        let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(RecordError::Damaged)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or(RecordError::Damaged)?;
        let id = KeyId(*id);
        let aad = self.aad(id, &record.head);
        let mut body = Zeroizing::new(sealed.to_vec());
        let length = self.key(id)?.open(*nonce, &aad, &mut body).ok_or(RecordError::Damaged)?;
        body.truncate(length);
        Ok(body)
    }

    /// Seals `body` under the active root.
    pub(crate) fn seal(
        &mut self,
        head: Head,
        nonce: [u8; NONCE_LEN],
        body: &impl Encode,
    ) -> Result<Record, RecordError> {
        let id = self.keyring.active();
        let aad = self.aad(id, &head);
        // Never grown, so that no reallocation leaves plaintext behind, and overwritten by the
        // ciphertext. Hardly any body needs the exact length, so it is not counted beforehand.
        let begun = |capacity: usize| {
            let mut sealed = Zeroizing::new(Vec::with_capacity(capacity));
            sealed.push(FORMAT);
            sealed.extend_from_slice(&id.0);
            sealed.extend_from_slice(&nonce);
            sealed
        };
        let mut sealed = begun(USUAL_LEN);
        if !body::append(body, &mut sealed) {
            sealed = begun(HEADER_LEN.saturating_add(body::length(body)).saturating_add(TAG_LEN));
            if !body::append(body, &mut sealed) {
                return Err(RecordError::Damaged);
            }
        }
        let body = sealed.get_mut(HEADER_LEN..).ok_or(RecordError::Damaged)?;
        let tag = self.key(id)?.seal(nonce, &aad, body).ok_or(RecordError::Damaged)?;
        sealed.extend_from_slice(&tag);
        // What is left is ciphertext: nothing to wipe.
        let sealed = core::mem::take(&mut *sealed);
        Ok(Record { head, sealed: Arc::from(sealed.as_slice()) })
    }

    fn key(&mut self, id: KeyId) -> Result<&Aes256Gcm, RecordError> {
        if self.key.as_ref().is_none_or(|(held, _)| *held != id) {
            let info: [u8; INFO_LEN] =
                pae::fixed(&[LABEL, &[self.kind.number()], &self.place.owner, &self.place.id]);
            let key = self.keyring.record_key(id, &info).ok_or(RecordError::UnknownKey(id))?;
            self.key = Some((id, key));
        }
        self.key.as_ref().map(|(_, key)| key).ok_or(RecordError::UnknownKey(id))
    }

    fn aad(&self, id: KeyId, head: &Head) -> [u8; AAD_LEN] {
        pae::fixed(&[
            &[FORMAT],
            &id.0,
            &[self.kind.number()],
            &[self.place.lane],
            &self.place.owner,
            &self.place.id,
            &head.version.to_be_bytes(),
            &head.created.unix().to_be_bytes(),
            &head.live_until.unix().to_be_bytes(),
            &head.retain_until.unix().to_be_bytes(),
        ])
    }
}
