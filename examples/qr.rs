//! Enrols authenticators and shows the QR code of one; with `--check`, prints for many what another
//! library reads from their QR codes, and a code at some time or count, for a third library to compare.
//!
//! `cargo run --example qr [-- --check]`

#![allow(clippy::print_stdout, reason = "an example shows something")]

#[path = "qr/decode.rs"]
mod decode;

use countersign::credential::EnrolmentRequest;
use countersign::otp::{Algorithm, Digits, Hotp, OtpSeed, Totp};
use countersign::{CustomerId, Issuer, Keyring, OsRandom, RequestId, Verifier};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keyring = Keyring::generate(&OsRandom::new())?;
    let verifier = Verifier::in_memory(Issuer::new("bank.example")?, keyring);
    let customer = CustomerId::new("customer-1847")?;
    let check = std::env::args().any(|argument| argument == "--check");
    for (n, algorithm) in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512].iter().enumerate()
    {
        for digits in [Digits::SIX, Digits::SEVEN, Digits::EIGHT] {
            for counts in [false, true] {
                let request = RequestId::new(format!("{n}-{}-{counts}", digits.get()))?;
                let kind = if counts {
                    EnrolmentRequest::hotp(request)
                } else {
                    EnrolmentRequest::totp(request)
                };
                let enrolment = kind.algorithm(*algorithm).digits(digits);
                let given = verifier.credentials().enrol(&customer, &enrolment).await?;
                if !check {
                    println!("{}", given.qr_terminal().ok_or("no QR code")?.as_str());
                    return Ok(());
                }
                let svg = given.qr_svg().ok_or("no QR code")?;
                let read = decode::svg(&svg).ok_or("the SVG cannot be read")?;
                let text = given.qr_terminal().ok_or("no QR code")?;
                if decode::terminal(&text).as_ref() != Some(&read) {
                    return Err("terminal and SVG do not say the same".into());
                }
                // A customer has only so many at once.
                verifier.credentials().revoke(&customer, &given.credential.id).await?;
                let seed = OtpSeed::from_base32(given.base32().ok_or("no seed")?)?;
                if counts {
                    let hotp = Hotp::new(&seed, *algorithm, digits);
                    for counter in [0, 1, 99, 4_294_967_296] {
                        println!("{read} {counter} {}", hotp.generate(counter).expose());
                    }
                } else {
                    let totp = Totp::new(&seed, *algorithm, digits, Totp::THIRTY_SECONDS);
                    for time in [59, 1_111_111_109, 1_800_000_000, 20_000_000_000] {
                        println!("{read} {time} {}", totp.generate(time).expose());
                    }
                }
            }
        }
    }
    Ok(())
}
