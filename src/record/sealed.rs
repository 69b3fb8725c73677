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
/// Room for all but long histories, and no more than allocators have at hand.
const USUAL_LEN: usize = 1024;
const LABEL: &[u8] = b"countersign record v2";
/// PAE of label, kind, owner and id: the count, four lengths, and what they measure.
const INFO_LEN: usize = 8 + 4 * 8 + LABEL.len() + 1 + 16 + 16;
/// PAE of format, key id, kind, lane, owner, id, and the four parts of the head.
const AAD_LEN: usize = 8 + 10 * 8 + 1 + KEY_ID_LEN + 1 + 1 + 16 + 16 + 4 * 8;

/// What stands before the ciphertext of everything that is sealed here, behind the number of its format.
pub(crate) struct Header {
    pub(crate) key: KeyId,
    pub(crate) nonce: [u8; NONCE_LEN],
}

impl Header {
    /// With the format's byte.
    pub(crate) const LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

    /// The header of `sealed`, and the ciphertext.
    pub(crate) fn read(format: u8, sealed: &[u8]) -> Result<(Self, &[u8]), RecordError> {
        let (&found, rest) = sealed.split_first().ok_or(RecordError::Damaged)?;
        if found != format {
            return Err(RecordError::UnknownFormat(found));
        }
        let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(RecordError::Damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or(RecordError::Damaged)?;
        Ok((Self { key: KeyId(*id), nonce: *nonce }, rest))
    }

    /// Under which root something is sealed, if it can be told.
    pub(crate) fn key_of(sealed: &[u8]) -> Option<KeyId> {
        sealed.get(1..=KEY_ID_LEN).map(|id| KeyId(pae::first(id)))
    }

    /// A buffer that begins with the header and has room for a body of `length` bytes and the tag. It is
    /// never grown, so that no reallocation leaves plaintext behind, and overwritten by the ciphertext.
    pub(crate) fn begin(&self, format: u8, length: usize) -> Zeroizing<Vec<u8>> {
        let capacity = Self::LEN.saturating_add(length).saturating_add(TAG_LEN);
        let mut sealed = Zeroizing::new(Vec::with_capacity(capacity));
        sealed.push(format);
        sealed.extend_from_slice(&self.key.0);
        sealed.extend_from_slice(&self.nonce);
        sealed
    }
}

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
        let (Header { key: id, nonce }, sealed) = Header::read(FORMAT, &record.sealed)?;
        let aad = self.aad(id, &record.head);
        let mut body = Zeroizing::new(sealed.to_vec());
        let length = self.key(id)?.open(nonce, &aad, &mut body).ok_or(RecordError::Damaged)?;
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
        // Hardly any body needs the exact length, so it is not counted beforehand.
        let header = Header { key: id, nonce };
        let mut sealed = header.begin(FORMAT, USUAL_LEN);
        if !body::append(body, &mut sealed) {
            sealed = header.begin(FORMAT, body::length(body));
            if !body::append(body, &mut sealed) {
                return Err(RecordError::Damaged);
            }
        }
        let body = sealed.get_mut(Header::LEN..).ok_or(RecordError::Damaged)?;
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
            return Ok(&self.key.insert((id, key)).1);
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
