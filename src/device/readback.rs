//! The words by which a customer knows the agent who calls back.

use crate::callback::rules::derived::derived_words;
use crate::callback::secret::CallbackSecret;
use crate::device::Device;
use crate::device::credential::{DeviceCredential, DeviceCredentialError};
use crate::spoken::SpokenWords;
use crate::values::id::CallbackId;
use crate::values::interaction::{Channel, Direction};

impl Device {
    /// The words that a genuine agent says in a callback that was booked with
    /// [`BookingRequest::derived_with`](crate::callback::BookingRequest::derived_with) this credential. It takes
    /// neither the PIN nor the network.
    ///
    /// Show them as "We call you and say:", together with a way to report whoever calls and does not
    /// say them. `secret` is what the customer set, and `channel` the one of the booking, as last
    /// amended.
    ///
    /// ```
    /// # use countersign::{CallbackId, Channel, Device};
    /// # use countersign::callback::CallbackSecret;
    /// # use countersign::device::DeviceCredential;
    /// # fn example(
    /// #     credential: &DeviceCredential, callback: &CallbackId, secret: &CallbackSecret,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let words = Device::readback_words(credential, callback, Channel::Voice, secret)?;
    /// let shown = format!("We call you and say: {}", *words.words());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DeviceCredentialError::Malformed`] for a secret that cannot be booked.
    pub fn readback_words(
        credential: &DeviceCredential,
        callback: &CallbackId,
        channel: Channel,
        secret: &CallbackSecret,
    ) -> Result<SpokenWords, DeviceCredentialError> {
        derived_words(credential.words_key(), *callback, Direction::Outbound, channel, secret)
            .ok_or(DeviceCredentialError::Malformed)
    }
}
