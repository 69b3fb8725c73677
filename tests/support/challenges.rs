//! A bank that issues challenges, and Alice's phone that reads them.

pub use crate::support::signing::{bank_of, signing};
use crate::support::*;
use countersign::challenge::Channels;
use countersign::challenge::{
    Acceptance, Answer, ChallengeIssued, ChallengeRequest, ChallengeStatus, Slot, SpokenProof,
};
use countersign::device::{CodeAttempts, CodeCheck, DeviceCredential, VerifiedAppointment};
use countersign::history::{Action, Outcome};
use countersign::page::Page;
use countersign::time::Clock;
use countersign::token::{Purpose, TokenId, TrustedKeys};
use countersign::{ChallengeId, Channel, Device, Interaction, Policy, Timestamp, Window};
use std::time::Duration;

pub fn signing_bank() -> Bank {
    bank_of(Policy::default())
}

/// A phone that knows no pseudonym.
pub fn phone_of(customer: &countersign::CustomerId) -> Device {
    let mut keys = TrustedKeys::new(issuer());
    for purpose in [Purpose::Challenge, Purpose::Appointment] {
        keys.trust(*signing().public_key(), purpose).unwrap();
    }
    Device::new(keys, customer.clone())
}

pub fn phone() -> Device {
    phone_of(&alice())
}

pub fn challenge(id: &str) -> ChallengeRequest {
    let channels = Channels::new(&[Channel::Voice, Channel::Chat]).unwrap();
    ChallengeRequest::new(request(id), "About a payment of 31 January".parse().unwrap(), channels)
}

/// From 10 minutes after the start, for half an hour, by voice, the fraud team.
pub fn slot() -> Slot {
    slot_between(10, 40)
}

pub fn slot_between(from: u64, until: u64) -> Slot {
    let after = |minutes| START.after(Duration::from_secs(60 * minutes));
    let window = Window::new(after(from), after(until)).unwrap();
    Slot::new(window, Channel::Voice, team("fraud"), "Bob from Example Bank".parse().unwrap())
}

pub fn accept(id: &str) -> Answer {
    Answer::Accept(Acceptance::new(request(id)))
}

/// Bob of the fraud team rings Alice.
pub fn fraud_rings(id: &str) -> Interaction {
    let bob = agent("bob").in_team(countersign::TeamId::new("fraud").unwrap());
    call(id, &alice(), bob)
}

impl Bank {
    pub async fn issued(&self) -> ChallengeIssued {
        self.verifier.challenges().issue(&alice(), &challenge("ch-1")).await.unwrap()
    }

    /// Issued, accepted and confirmed for the usual slot; the clock stands in it.
    pub async fn confirmed(&self) -> (ChallengeId, String) {
        let challenges = self.verifier.challenges();
        let id = self.issued().await.challenge.id;
        challenges.answer(&alice(), &id, &accept("a-1")).await.unwrap();
        let confirmed = challenges.confirm(&alice(), &id, &request("c-1"), &slot()).await.unwrap();
        self.clock.set(START.after(15 * MINUTE));
        (id, confirmed.token)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now().unwrap()
    }

    pub async fn challenge_status(&self, id: &ChallengeId) -> ChallengeStatus {
        let listed = self.verifier.challenges().list(&alice(), Page::first()).await.unwrap();
        listed.items.iter().find(|one| one.id == *id).unwrap().status
    }

    /// What happened in Alice's only challenge.
    pub async fn happened(&self) -> Vec<(Action, Outcome)> {
        let listed = histories(&self.verifier, a_challenge).await;
        assert_eq!(listed.len(), 1);
        listed[0].verify().unwrap();
        listed[0].events.iter().map(|event| (event.action, event.outcome)).collect()
    }
}

pub fn digits(to_say: &SpokenProof) -> String {
    match to_say {
        SpokenProof::Code(code) => code.digits().to_string(),
        other => panic!("{other:?}"),
    }
}

pub fn other_than(code: &str, by: u32) -> String {
    let right: u32 = code.replace(' ', "").parse().unwrap();
    format!("{:08}", (right + by) % 100_000_000)
}

pub fn hear(
    (shown, attempts): (&VerifiedAppointment, &mut CodeAttempts),
    device: &DeviceCredential,
    heard: &str,
    bank: &Bank,
) -> CodeCheck {
    shown.check_spoken_code(device, heard, attempts, bank.now()).unwrap()
}

/// Which appointment the token is for.
pub fn appointment(token: &str) -> TokenId {
    let Slot { window, .. } = slot();
    let at = |at| phone().open_appointment(token, at);
    at(window.from()).or_else(|_| at(window.until().before(MINUTE))).unwrap().id()
}

/// One that there is not.
pub const NO_APPOINTMENT: TokenId = TokenId::from_bytes([0; 16]);
