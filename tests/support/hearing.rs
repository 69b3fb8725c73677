//! A code that is presented, and the app that hears it.

use crate::support::challenges::*;
use crate::support::*;
use countersign::ChallengeId;
use countersign::device::{CodeAttempts, CodeCheck, DeviceCredential};

pub async fn presented(bank: &Bank, id: &ChallengeId, call: &str) -> String {
    digits(&bank.verifier.challenges().present(&fraud_rings(call), id).await.unwrap())
}

pub fn hear(bank: &Bank, token: &str, device: &DeviceCredential, said: &str) -> CodeCheck {
    let shown = phone().open_appointment(token, bank.now()).unwrap();
    shown.check_spoken_code(device, said, &mut CodeAttempts::new(), bank.now()).unwrap()
}
