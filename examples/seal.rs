//! Seals test cards and opens them, for trying an app that seals with another HPKE library.
//!
//! ```sh
//! cargo run --example seal -- new-key     # private key, public key
//! cargo run --example seal -- seal --key=HEX --request=TOKEN \
//!     --pan=4242424242424242 --expiry=12/34 --code=123 --name="Maria Jones"
//! cargo run --example seal -- open --private-key=HEX --request=TOKEN SEALED
//! ```
//!
//! Never type the details of a real card: command lines are recorded.

#[path = "tool/mod.rs"]
mod tool;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use countersign::OsRandom;
use countersign::card::{Card, OpeningKey, SealedCard, SealingKey};
use serde_json::json;
use zeroize::Zeroizing;

use tool::{Answer, bad};

/// Seals and opens test cards.
#[derive(Parser)]
#[command(name = "seal")]
struct Tool {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Draws a key pair; prints the private key and the public key in hexadecimal.
    NewKey,
    /// Seals a card; prints it in base64url.
    Seal {
        /// The public key in hexadecimal.
        #[arg(long)]
        key: String,
        /// The text of the signed request token.
        #[arg(long)]
        request: String,
        /// The card number.
        #[arg(long)]
        pan: String,
        /// Month and year.
        #[arg(long)]
        expiry: String,
        /// The card verification code.
        #[arg(long)]
        code: String,
        /// The name on the card.
        #[arg(long)]
        name: String,
    },
    /// Opens a sealed card; prints it as JSON.
    Open {
        /// The private key in hexadecimal.
        #[arg(long)]
        private_key: String,
        /// The text of the signed request token.
        #[arg(long)]
        request: String,
        /// The sealed card in base64url.
        sealed: String,
    },
}

fn main() -> ExitCode {
    tool::main::<Tool>("new-key, seal or open", |tool| run(tool.command))
}

fn run(command: Command) -> Answer {
    let answer = match command {
        Command::NewKey => {
            let key = OpeningKey::generate(&OsRandom::new())?;
            let private = hex::encode(key.to_bytes().as_slice());
            format!("{private}\n{}", hex::encode(key.public().as_bytes()))
        }
        Command::Seal { key, request, pan, expiry, code, name } => {
            let mut bytes = [0; 32];
            hex::decode_to_slice(key, &mut bytes).map_err(|_| "--key: expected 64 hex digits")?;
            let key = SealingKey::from_bytes(&bytes).map_err(bad("--key"))?;
            let card = Card::new(
                pan.parse().map_err(bad("--pan"))?,
                expiry.parse().map_err(bad("--expiry"))?,
                code.parse().map_err(bad("--code"))?,
                name.parse().map_err(bad("--name"))?,
            )?;
            card.seal_unverified(&key, &request, &OsRandom::new())?.to_text()
        }
        Command::Open { private_key, request, sealed } => {
            let bytes = Zeroizing::new(
                hex::decode(private_key).map_err(|_| "--private-key: expected 64 hex digits")?,
            );
            let key = OpeningKey::from_bytes(&bytes).map_err(bad("--private-key"))?;
            let card = key.open(&sealed.parse::<SealedCard>()?, &request)?;
            json!({
                "pan": card.pan().expose(),
                "brand": card.pan().brand(),
                "expiry": format!("{}-{:02}", card.expiry().year(), card.expiry().month()),
                "code": card.code().expose(),
                "name": card.cardholder().expose(),
            })
            .to_string()
        }
    };
    Ok(Zeroizing::new(answer))
}
