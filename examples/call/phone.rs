//! Alice's phone: the app with its keys, and her PIN.

use std::error::Error;

use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, SmartPin, VerifiedStepUp};
use countersign::otp::OtpSeed;
use countersign::step_up::StepUpRequested;
use countersign::time::Clock;
use countersign::token::{Purpose, TrustedKeys};
use countersign::{Device, Issuer, OsRandom, RequestId};

use super::Play;

pub(crate) struct Phone {
    pub(crate) device: Device,
    pub(crate) held: DeviceCredential,
    pub(crate) pin: SmartPin,
}

impl Phone {
    /// Enrolled, confirmed, and told the enterprise's public keys and Alice's pseudonym.
    pub(crate) async fn of(play: &mut Play) -> Result<Self, Box<dyn Error>> {
        let (bank, alice) = (&play.bank, &play.alice);
        let enrolment = EnrolmentRequest::ocra(RequestId::new("phone-1")?);
        let given = bank.credentials().enrol(alice, &enrolment).await?;
        let seed = OtpSeed::from_base32(given.base32().ok_or("confirmed already")?)?;
        let pin: SmartPin = "2468".parse()?;
        let random = OsRandom::new();
        let held = DeviceCredential::enrol(given.credential.id, &seed, &pin, None, &random)?;
        let first = held.confirm(&pin)?;
        bank.credentials().confirm(alice, &held.id(), &first).await?;
        let mut trusted = TrustedKeys::new(Issuer::new("bank.example")?);
        for key in bank.public_keys() {
            for purpose in
                [Purpose::StepUp, Purpose::Challenge, Purpose::Appointment, Purpose::Status]
            {
                trusted.trust(*key, purpose)?;
            }
        }
        let pseudonym = bank.challenges().pseudonym(alice);
        let device = Device::new(trusted, alice.clone()).with_pseudonym(pseudonym);
        play.observed()?;
        Ok(Self { device, held, pin })
    }

    pub(crate) fn open(
        &self,
        asked: &StepUpRequested,
        play: &Play,
    ) -> Result<VerifiedStepUp, Box<dyn Error>> {
        Ok(self.device.open_step_up(&asked.token, play.clock.now()?)?)
    }
}
