//! Credentials: what a customer answers step-ups with, and the counting of failures.
//!
//! `Pending → Active → Revoked`, or `Disabled` after too many failures in a row. The seed is kept until the
//! credential ends.
//!
//! Begin with [`Verifier::credentials`](crate::Verifier::credentials); the rules are in the
//! [manual](crate::manual::_07_credentials).

pub(crate) mod attestation;
pub(crate) mod bound;
pub(crate) mod confirming;
pub(crate) mod consent;
pub(crate) mod enrolling;
pub(crate) mod facet;
pub(crate) mod held;
pub(crate) mod importing;
pub(crate) mod method;
pub(crate) mod possession;
pub(crate) mod provisioning;
#[cfg(feature = "pskc")]
pub mod pskc;
pub(crate) mod question;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod state;
pub(crate) mod view;

pub use self::attestation::{AttestationJudge, AttestationToJudge};
pub use self::bound::{AttestationVerdict, BoundBy, KeptIn};
pub use self::facet::Credentials;
pub use self::method::{Method, UnsuitableFob, UnsuitableSuite};
pub use self::possession::KeyPossession;
pub use self::provisioning::Provisioning;
pub use self::request::{EnrolmentRequest, ImportRequest};
pub use self::view::{Credential, CredentialStatus};
pub use crate::signature::key::{
    CredentialKeyError, CredentialPublicKey, InvalidFingerprint, KeyFingerprint, SignatureAlgorithm,
};
pub use crate::signature::signed::{InvalidSignature, Signature};
pub use crate::webauthn::assertion::PasskeyAssertion;
pub use crate::webauthn::registration::{InvalidPasskeyAnswer, PasskeyRegistration};
