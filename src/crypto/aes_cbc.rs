//! AES-CBC as XML Encryption has it: the initialisation vector first, the last byte says how much is padding.
//! (W3C, XML Encryption Syntax and Processing 1.1, section 5.2.2.) It keeps nothing from being changed: what it is used on
//! has been authenticated before.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::KeyIvInit;
use cbc::cipher::block_padding::NoPadding;
use zeroize::Zeroizing;

use crate::values::secret::SecretBytes;

const BLOCK: usize = 16;

/// What `sealed` holds, under a key of 16, 24 or 32 bytes. `None`: it is not of that form.
pub(crate) fn open(key: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    let (iv, body) = sealed.split_at_checked(BLOCK)?;
    if body.is_empty() || !body.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut plain = Zeroizing::new(body.to_vec());
    match key.len() {
        16 => decrypt::<Decryptor<Aes128>>(key, iv, &mut plain)?,
        24 => decrypt::<Decryptor<Aes192>>(key, iv, &mut plain)?,
        32 => decrypt::<Decryptor<Aes256>>(key, iv, &mut plain)?,
        _ => return None,
    }
    // The other bytes of the padding may be anything.
    let padding = usize::from(*plain.last()?);
    let length = plain.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    plain.get(..length).map(SecretBytes::copy_of)
}

fn decrypt<D>(key: &[u8], iv: &[u8], in_place: &mut [u8]) -> Option<()>
where
    D: KeyIvInit + cbc::cipher::BlockModeDecrypt,
{
    let decryptor = D::new_from_slices(key, iv).ok()?;
    decryptor.decrypt_padded::<NoPadding>(in_place).ok().map(drop)
}
