//! QR codes, read back with another library.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../../examples/qr/decode.rs"]
mod decode;

use countersign::credential::EnrolmentRequest;
use countersign::{CustomerId, Issuer, Keyring, OsRandom, RequestId, Verifier};

#[tokio::test]
async fn svg_and_terminal_say_the_uri() {
    let keyring = Keyring::generate(&OsRandom::new()).unwrap();
    let verifier = Verifier::in_memory(Issuer::new("bank.example").unwrap(), keyring);
    let customer = CustomerId::new("customer-1847").unwrap();
    for n in 0..20 {
        let enrolment = EnrolmentRequest::totp(RequestId::new(format!("t-{n}")).unwrap());
        let given = verifier.credentials().enrol(&customer, &enrolment).await.unwrap();
        let uri = given.otpauth().unwrap();
        assert!(uri.starts_with("otpauth://totp/bank.example:customer-1847?secret="), "shape");
        let svg = decode::svg(&given.qr_svg().unwrap());
        assert!(svg.as_deref() == Some(uri), "SVG {n}");
        let terminal = decode::terminal(&given.qr_terminal().unwrap());
        assert!(terminal.as_deref() == Some(uri), "terminal {n}");
        // A customer has only so many at once.
        verifier.credentials().revoke(&customer, &given.credential.id).await.unwrap();
    }
    let app = EnrolmentRequest::ocra(RequestId::new("app").unwrap());
    let given = verifier.credentials().enrol(&customer, &app).await.unwrap();
    assert!(given.qr_svg().is_none() && given.qr_terminal().is_none());
}
