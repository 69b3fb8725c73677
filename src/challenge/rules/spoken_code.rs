//! What the spoken code is computed over.

use crate::crypto::pae;

/// SHA-256(PAE("countersign spoken code v1", the appointment token as it was signed)): the question that
/// OCRA-1:HOTP-SHA256-8:QH64 answers under the credential's subkey for spoken codes.
pub(crate) fn question(appointment: &str) -> [u8; 32] {
    pae::sha256(&[b"countersign spoken code v1".as_slice(), appointment.as_bytes()])
}
