//! Makes keys and challenge tokens, and says what a token says. The answer stands alone on stdout; bad
//! input gives exit code 1 and one line on stderr, which never repeats what was typed.
//!
//! ```text
//! token new-key
//! token issue --secret-key k4.secret.… --customer ID --purpose TEXT --channel voice [--handle HANDLE]… [--valid-for SECONDS]
//! token verify --key k4.public.… [--found-on CHANNEL[:HANDLE]] TOKEN
//! ```

mod tool;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use countersign::challenge::{ChallengeData, Channels, FoundOn, Handle, PostsFrom};
use countersign::id::InvalidId;
use countersign::random::Random;
use countersign::time::{Clock, SystemClock};
use countersign::token::{
    Audience, Claims, Leeway, PublicKey, Purpose, SigningKey, TokenId, TrustedKeys, UntrustedToken,
    v4_public,
};
use countersign::{Channel, Issuer, OsRandom};
use tool::{Answer, bad};
use zeroize::Zeroizing;

/// Whose tokens this tool issues and accepts.
const ISSUER: &str = "countersign.example";

#[derive(Parser)]
#[command(name = "token", about = "Signed challenge tokens (PASETO v4.public)")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

// Values stay plain text here: clap would repeat one that it could not parse.
#[derive(Subcommand)]
enum Command {
    /// Print a new secret key (k4.secret) and, on a second line, its public key (k4.public)
    NewKey,
    /// Print a challenge token
    Issue {
        /// The key to sign with, k4.secret.…
        #[arg(long, value_name = "K4.SECRET", allow_hyphen_values = true)]
        secret_key: String,
        /// The customer for whom the token is meant
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        customer: String,
        /// Why the customer is contacted, up to 256 characters
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        purpose: String,
        /// Where the challenge may be found: voice, video, chat, sms, email or social
        #[arg(long, allow_hyphen_values = true)]
        channel: String,
        /// From where you post there: a number, address or account name; once for each
        #[arg(long, value_name = "HANDLE", allow_hyphen_values = true)]
        handle: Vec<String>,
        /// For how long it is valid, up to 3600
        #[arg(long, value_name = "SECONDS", default_value = "300", allow_hyphen_values = true)]
        valid_for: String,
    },
    /// Verify a challenge token and print what it says as JSON: who signed it, and where it was found if that is
    /// given, but never for whom it is
    Verify {
        /// The key that must have signed it, k4.public.…
        #[arg(long, value_name = "K4.PUBLIC", allow_hyphen_values = true)]
        key: String,
        /// Where the token was found, and from which handle it came
        #[arg(long, value_name = "CHANNEL[:HANDLE]", allow_hyphen_values = true)]
        found_on: Option<String>,
        /// The token
        token: String,
    },
}

fn main() -> ExitCode {
    tool::main("new-key, issue or verify", |cli: Cli| run(cli.command))
}

fn run(command: Command) -> Answer {
    match command {
        Command::NewKey => new_key(),
        Command::Issue { secret_key, customer, purpose, channel, handle, valid_for } => {
            let key = SigningKey::from_paserk(&Zeroizing::new(secret_key))
                .map_err(bad("--secret-key"))?;
            let data = challenge(&purpose, &channel, &handle)?;
            issue(&key, &customer, data, &valid_for)
        }
        Command::Verify { key, found_on, token } => verify(&key, found_on.as_deref(), &token),
    }
}

fn new_key() -> Answer {
    let key = SigningKey::generate(&OsRandom::new())?;
    Ok(Zeroizing::new(format!("{}\n{}", *key.export_paserk(), key.public_key())))
}

/// What the challenge says: why, and where it may be found.
fn challenge(
    purpose: &str,
    channel: &str,
    handles: &[String],
) -> Result<ChallengeData, Box<dyn Error>> {
    let purpose = purpose.parse().map_err(bad("--purpose"))?;
    let channel: Channel = channel.parse().map_err(bad("--channel"))?;
    let handles = handles
        .iter()
        .map(|handle| Ok(PostsFrom::new(channel, Handle::new(handle)?)))
        .collect::<Result<Vec<_>, InvalidId>>()
        .map_err(bad("--handle"))?;
    let data = ChallengeData::new(purpose, Channels::new(&[channel])?);
    Ok(data.from_handles(handles).map_err(bad("--handle"))?)
}

fn issue(key: &SigningKey, customer: &str, data: ChallengeData, valid_for: &str) -> Answer {
    let seconds: u64 =
        valid_for.parse().map_err(|_| "--valid-for: expected a whole number of seconds")?;
    let mut id = [0; 16];
    OsRandom::new().fill(&mut id)?;
    let claims = Claims::new(
        Issuer::new(ISSUER)?,
        Audience::new(customer).map_err(bad("--customer"))?,
        TokenId::from_bytes(id),
        SystemClock.now()?,
        Duration::from_secs(seconds),
        data,
    )
    .map_err(bad("--valid-for"))?;
    Ok(Zeroizing::new(key.issue(&claims)?))
}

fn verify(key: &str, found_on: Option<&str>, token: &str) -> Answer {
    let key: PublicKey = key.parse().map_err(bad("--key"))?;
    let mut keys = TrustedKeys::new(Issuer::new(ISSUER)?);
    keys.trust(key, Purpose::Challenge)?;
    let found_on = found_on.map(str::parse::<FoundOn>).transpose().map_err(bad("--found-on"))?;
    // This tool does not know who holds it, so it cannot tell whether the token is meant for them.
    let token_says = UntrustedToken::parse(token)?.verify_for_someone::<ChallengeData>(
        &keys,
        SystemClock.now()?,
        Leeway::DEFAULT,
    )?;
    if found_on.is_some_and(|found| token_says.claims().data().check_found_on(&found).is_err()) {
        return Err(
            "the token is genuine, but not for the channel or handle where it was found".into()
        );
    }
    // What was signed, to the letter, rather than what was read out of it.
    let mut buffer = v4_public::Buffer::new();
    let implicit_assertion = Purpose::Challenge.implicit_assertion();
    let signed = v4_public::verify(token, &key, implicit_assertion.as_bytes(), &mut buffer)?;
    let answer = serde_json::json!({
        "implicit_assertion": implicit_assertion,
        "footer": String::from_utf8_lossy(signed.footer),
        "claims": serde_json::from_slice::<serde_json::Value>(signed.message)?,
    });
    Ok(Zeroizing::new(format!("{answer:#}")))
}
