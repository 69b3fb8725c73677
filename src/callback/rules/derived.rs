//! The derived read-back: words that app and desktop compute alike from the secret and a key of the
//! credential, so that the agent says them and never learns the secret.

use zeroize::Zeroizing;

use crate::callback::secret::CallbackSecret;
use crate::crypto::mac::HmacSha256;
use crate::crypto::pae;
use crate::spoken::SpokenWords;
use crate::values::id::CallbackId;
use crate::values::interaction::{Channel, Direction};
use crate::values::secret::{SecretBytes, leaving_no_trace};

/// The four words for `secret` in this callback: the first four bytes of
/// HMAC-SHA256(key, PAE("countersign derived words v1", id, direction, channel, folded secret)).
///
/// Four words are 32 bits. Three are 24 and would do against a caller who has one guess; the fourth
/// costs a second, and the words end with one of three syllables, so that a last word left out is
/// noticed. The key is what keeps a short secret: without it whoever has seen the words could try a word
/// list, with it each word of the list explains them equally well.
///
/// `None` if the secret has no folded form, which booking refuses.
pub(crate) fn derived_words(
    key: &SecretBytes,
    callback: CallbackId,
    direction: Direction,
    channel: Channel,
    secret: &CallbackSecret,
) -> Option<SpokenWords> {
    leaving_no_trace(|| {
        let secret = secret.folded()?;
        let mut mac = HmacSha256::new(key.expose())?;
        let pieces: [&[u8]; 5] = [
            b"countersign derived words v1",
            &callback.0,
            &[direction.number()],
            &[channel.number()],
            secret.as_bytes(),
        ];
        pae::feed(&pieces, |bytes| mac.update(bytes));
        let digest = Zeroizing::new(mac.finalize());
        digest.first_chunk().map(|four| SpokenWords::from_bytes(*four))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other direction has other words: a callback is shown outbound alone, so only here.
    #[test]
    fn the_direction_is_in_the_words() {
        let secret = CallbackSecret::new("anana").unwrap();
        let words = |key: u8, direction| {
            let key = SecretBytes::copy_of(&[key; 32]);
            derived_words(&key, CallbackId([3; 16]), direction, Channel::Voice, &secret).unwrap()
        };
        for key in 0..=255 {
            assert_ne!(words(key, Direction::Inbound), words(key, Direction::Outbound));
        }
    }
}
