//! Alice's phone: the app with its keys, and her PIN.

use std::error::Error;

use countersign::credential::EnrolmentRequest;
use countersign::device::{DeviceCredential, SmartPin, VerifiedStepUp, WhoRangCheck};
use countersign::otp::OtpSeed;
use countersign::step_up::{DeclineReason, StepUpRequested, WhoRang};
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
            for purpose in [
                Purpose::StepUp,
                Purpose::Challenge,
                Purpose::Appointment,
                Purpose::Status,
                Purpose::CallNumbers,
                Purpose::CallVerdict,
            ] {
                trusted.trust(*key, purpose)?;
            }
        }
        let pseudonym = bank.challenges().pseudonym(alice);
        let device = Device::new(trusted, alice.clone()).with_pseudonym(pseudonym);
        play.observed()?;
        Ok(Self { device, held, pin })
    }

    /// What the app shows of a step-up, once Alice has said who rang whom. She is asked before anything is shown, and
    /// twice at most; then the app declines.
    pub(crate) fn open(
        &self,
        asked: &StepUpRequested,
        who: WhoRang,
        play: &Play,
    ) -> Result<Opened, Box<dyn Error>> {
        let mut opened = self.device.open_step_up(&asked.token, play.clock.now()?)?;
        loop {
            match opened.answer(who) {
                WhoRangCheck::Show(shown) => return Ok(Opened::Shown(shown)),
                WhoRangCheck::AskAgain(again) => opened = *again,
                WhoRangCheck::Decline(_, reason) => return Ok(Opened::Declined(reason)),
            }
        }
    }
}

/// What came of it.
pub(crate) enum Opened {
    Shown(Box<VerifiedStepUp>),
    Declined(DeclineReason),
}
