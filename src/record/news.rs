//! A piece of news at rest in the outbox: what is sealed, under which key, and what it is bound to.
//!
//! `format (1) | key id (8) | nonce (12) | AES-256-GCM ciphertext and tag`, with the additional data
//! `PAE(format, key id, lane, owner, id, created, version, index)`. The key is HKDF-SHA256(root,
//! PAE("countersign news v1", owner, id)): a key per place, and none that opens a record.

use zeroize::Zeroizing;

use crate::codec::cbor as body;
use crate::codec::cbor::Encode;
use crate::crypto::aead::{Aes256Gcm, NONCE_LEN};
use crate::crypto::keyring::{KeyId, Keyring};
use crate::crypto::pae;
use crate::error::RecordError;
use crate::record::sealed::Header;
use crate::store::EntryId;

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"countersign news v1";

/// Seals `body` under the active root, as the news `of` a write.
pub(crate) fn seal(
    keyring: &Keyring,
    of: &EntryId,
    nonce: [u8; NONCE_LEN],
    body: &impl Encode,
) -> Result<Vec<u8>, RecordError> {
    let header = Header { key: keyring.active(), nonce };
    let mut sealed = header.begin(FORMAT, body::length(body));
    body::append(body, &mut sealed);
    let plain = sealed.get_mut(Header::LEN..).ok_or(RecordError::Damaged)?;
    let key = key(keyring, of, header.key)?;
    let tag = key.seal(nonce, &aad(of, header.key), plain).ok_or(RecordError::Damaged)?;
    sealed.extend_from_slice(&tag);
    // What is left is ciphertext: nothing to wipe.
    Ok(core::mem::take(&mut *sealed))
}

/// The body of the news `of` a write.
pub(crate) fn open(
    keyring: &Keyring,
    of: &EntryId,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, RecordError> {
    let (header, sealed) = Header::read(FORMAT, sealed)?;
    let mut body = Zeroizing::new(sealed.to_vec());
    let key = key(keyring, of, header.key)?;
    let opened = key.open(header.nonce, &aad(of, header.key), &mut body);
    let length = opened.ok_or(RecordError::Damaged)?;
    body.truncate(length);
    Ok(body)
}

fn key(keyring: &Keyring, of: &EntryId, id: KeyId) -> Result<Aes256Gcm, RecordError> {
    let info = pae::encode(&[LABEL, &of.place.owner, &of.place.id]);
    keyring.record_key(id, &info).ok_or(RecordError::UnknownKey(id))
}

fn aad(of: &EntryId, key: KeyId) -> Vec<u8> {
    pae::encode(&[
        &[FORMAT],
        &key.0,
        &[of.place.lane],
        &of.place.owner,
        &of.place.id,
        &of.created.unix().to_be_bytes(),
        &of.version.to_be_bytes(),
        &of.index.to_be_bytes(),
    ])
}
