//! The enterprise makes contact and proves itself: a challenge found in a text message, an answer, an
//! appointment, and the code that the agent says and the app checks.
//!
//! `cargo run --example challenge`

#![allow(clippy::print_stdout, reason = "an example shows something")]

use core::time::Duration;

use countersign::callback::Verdict;
use countersign::challenge::{Acceptance, Answer, ChallengeRequest, Slot, SpokenProof};
use countersign::challenge::{Channels, PostsFrom};
use countersign::credential::EnrolmentRequest;
use countersign::device::{ChallengeCheck, CodeAttempts, DeviceCredential, SmartPin};
use countersign::otp::OtpSeed;
use countersign::time::{Clock, SystemClock};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::{
    Agent, AgentId, Assignee, Channel, CustomerId, Device, Error, Interaction, InteractionId,
    Issuer, Keyring, OsRandom, RequestId, TeamId, Verifier, Window,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, in the back end. In production both come unwrapped from your KMS.
    let random = OsRandom::new();
    let issuer = Issuer::new("bank.example")?;
    let verifier = Verifier::builder(issuer.clone(), Keyring::generate(&random)?)
        .signing_key(SigningKey::generate(&random)?)
        .build()?;
    let challenges = verifier.challenges();

    // Once, in the app: it is enrolled, and learns the public keys and its pseudonym.
    let customer = CustomerId::new("customer-1847")?;
    let enrolment = EnrolmentRequest::ocra(RequestId::new("phone-1")?);
    let given = verifier.credentials().enrol(&customer, &enrolment).await?;
    let seed = OtpSeed::from_base32(given.base32().ok_or("confirmed already")?)?;
    let pin: SmartPin = "2468".parse()?;
    let held = DeviceCredential::enrol(given.credential.id, &seed, &pin, None, &random)?;
    verifier.credentials().confirm(&customer, &held.id(), &held.confirm(&pin)?).await?;
    let mut trusted = TrustedKeys::new(issuer);
    for key in verifier.public_keys() {
        trusted.trust(*key, Purpose::Challenge)?;
        trusted.trust(*key, Purpose::Appointment)?;
    }
    let device =
        Device::new(trusted, customer.clone()).with_pseudonym(challenges.pseudonym(&customer));

    // The back end: something is odd about a payment. The token goes out by text message.
    let channels = Channels::new(&[Channel::Sms])?;
    let about = "About your payment of 31 January".parse()?;
    let challenge = ChallengeRequest::new(RequestId::new("case-771")?, about, channels)
        .posting_from([PostsFrom::new(Channel::Sms, "BANK".parse()?)]);
    let issued = challenges.issue(&customer, &challenge).await?;

    // The customer pastes the message's token into the app, which also says where it was found.
    let now = SystemClock.now()?;
    let opened = device.open_challenge(&issued.token, &"sms:BANK".parse()?, now)?;
    let ChallengeCheck::ForYou(open) = opened else { return Err("perhaps not for you".into()) };
    println!("Genuine, for you: {}", open.data().purpose());
    for rule in open.data().never_asked() {
        println!("  {rule}");
    }
    let acceptance = Acceptance::new(RequestId::new("answer-1")?).with_credential(held.id());
    challenges.answer(&customer, &open.id(), &Answer::Accept(acceptance)).await?;

    // The back end: the fraud team rings within the hour. The app gets the token by push.
    let window = Window::new(now, now.after(Duration::from_secs(3600)))?;
    let fraud = TeamId::new("fraud")?;
    let (team, name) = (Assignee::Team(fraud.clone()), "Bob of the fraud team".parse()?);
    let slot = Slot::new(window, Channel::Voice, team, name);
    let request = RequestId::new("slot-1")?;
    let confirmed = challenges.confirm(&customer, &open.id(), &request, &slot).await?;
    let appointment = device.open_appointment(&confirmed.token, now)?;
    println!("{} {}", appointment.headline(), appointment.purpose());

    // The desktop's endpoint: Bob rings and says the code.
    let bob = Agent::new(AgentId::new("bob")?).in_team(fraud);
    let call = InteractionId::new("call-55031")?;
    let interaction = Interaction::outbound(call, customer.clone(), bob, Channel::Voice);
    let SpokenProof::Code(code) = challenges.present(&interaction, &open.id()).await? else {
        return Err("the customer has a credential".into());
    };
    let said = code.words();
    println!("Bob says: {} ({})", *said, *code.digits());

    // The customer enters what was said, rather than tapping "looks right".
    let mut attempts = CodeAttempts::new(); // or as the app kept them: `CodeAttempts::from_bytes`
    let heard = appointment.check_spoken_code(&held, &said, &mut attempts, SystemClock.now()?)?;
    let _kept = attempts.to_bytes(); // before anything is told or shown
    // `Ok` is no yes. The enterprise is told first: it refuses the code of an appointment that was replaced.
    let verdict = if heard.is_genuine() { Verdict::Recognised } else { Verdict::NotRecognised };
    match challenges.conclude(&customer, &open.id(), appointment.id(), verdict).await {
        Ok(_) if heard.is_genuine() => {
            println!("The app: {heard:?}. {} {}", appointment.headline(), appointment.purpose());
        }
        Ok(_) | Err(Error::Refused(_)) => println!("The app: hang up."),
        Err(error) => println!("The app: the bank could not be asked. {error}"),
    }

    // Somebody who overheard the code rings again.
    let later = appointment.check_spoken_code(&held, &said, &mut attempts, now)?;
    println!("The app, of the same code later: {later:?}");
    Ok(())
}
