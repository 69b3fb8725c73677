//! Seals test cards and opens them, for trying an app that seals with another HPKE library.
//!
//! ```sh
//! cargo run --example seal -- new-key     # private key, public key
//! cargo run --example seal -- seal --key=HEX --request=TOKEN \
//!     --pan=4242424242424242 --expiry=12/34 --code=123 --name="Maria Jones" \
//!     --country=GB --line="1 High Street" --city=Leeds --postcode="LS1 1AA"
//! cargo run --example seal -- open --private-key=HEX --request=TOKEN SEALED
//! ```
//!
//! Never type the details of a real card: command lines are recorded.

#[path = "tool/mod.rs"]
mod tool;

use std::error::Error;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use countersign::OsRandom;
use countersign::card::{
    Attempt, BillingAddress, Card, Cryptogram, Eci, OpeningKey, SealedCard, SealingKey,
    Verification,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
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
        /// Which attempt to pay the request.
        #[arg(long, default_value_t = 1)]
        attempt: u8,
        #[command(flatten)]
        card: Box<Typed>,
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

/// A card, as it is typed.
#[derive(Args)]
struct Typed {
    /// The card number.
    #[arg(long)]
    pan: String,
    /// Month and year.
    #[arg(long)]
    expiry: String,
    /// The name on the card.
    #[arg(long)]
    name: String,
    /// The card verification code.
    #[arg(long)]
    code: Option<String>,
    /// A wallet's cryptogram in its place, in base64.
    #[arg(long, conflicts_with = "code", requires = "wallet")]
    cryptogram: Option<String>,
    /// Whose it is, such as apple_pay.
    #[arg(long, requires = "cryptogram")]
    wallet: Option<String>,
    /// The electronic commerce indicator that came with it.
    #[arg(long, requires = "cryptogram")]
    eci: Option<String>,
    /// The scheme to pay over, if the card has several.
    #[arg(long)]
    brand: Option<String>,
    /// What the customer agrees that the card is kept for, such as recurring.
    #[arg(long)]
    keep_for: Option<String>,
    /// The country of the billing address.
    #[arg(long)]
    country: Option<String>,
    /// Its region.
    #[arg(long, requires = "country")]
    region: Option<String>,
    /// Its postcode.
    #[arg(long, requires = "country")]
    postcode: Option<String>,
    /// Its town.
    #[arg(long, requires = "country")]
    city: Option<String>,
    /// A line of it, up to three times.
    #[arg(long, requires = "country")]
    line: Vec<String>,
}

impl Typed {
    fn card(self) -> Result<Card, Box<dyn Error>> {
        let pan = self.pan.parse().map_err(bad("--pan"))?;
        let expiry = self.expiry.parse().map_err(bad("--expiry"))?;
        let name = self.name.parse().map_err(bad("--name"))?;
        let mut card = if let Some(value) = self.cryptogram {
            let eci = self.eci.map(|eci| eci.parse::<Eci>().map_err(bad("--eci"))).transpose()?;
            let wallet = named("--wallet", self.wallet.unwrap_or_default())?;
            let read = Cryptogram::new(&value, eci, wallet).map_err(bad("--cryptogram"))?;
            Card::with_cryptogram(pan, expiry, read, name)
        } else if let Some(code) = self.code {
            Card::new(pan, expiry, code.parse().map_err(bad("--code"))?, name)?
        } else {
            Card::without_code(pan, expiry, name)?
        };
        if let Some(brand) = self.brand {
            card = card.with_brand(named("--brand", brand)?).map_err(bad("--brand"))?;
        }
        if let Some(agreed) = self.keep_for {
            card = card.with_stored_credential(named("--keep-for", agreed)?);
        }
        if let Some(country) = self.country {
            let mut address = BillingAddress::new(country.parse().map_err(bad("--country"))?);
            for line in self.line {
                address = address.with_line(&line).map_err(bad("--line"))?;
            }
            if let Some(city) = self.city {
                address = address.with_city(&city).map_err(bad("--city"))?;
            }
            if let Some(postcode) = self.postcode {
                address = address.with_postcode(&postcode).map_err(bad("--postcode"))?;
            }
            if let Some(region) = self.region {
                address = address.with_region(&region).map_err(bad("--region"))?;
            }
            card = card.with_billing_address(address);
        }
        Ok(card)
    }
}

/// One of a list of names, as JSON has them.
fn named<T: DeserializeOwned>(option: &'static str, text: String) -> Result<T, String> {
    serde_json::from_value(Value::String(text)).map_err(bad(option))
}

fn shown(card: &Card, attempt: Attempt) -> Value {
    let (expiry, mut shown) = (card.expiry(), Map::new());
    let mut show = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    show("attempt", json!(attempt));
    show("pan", json!(card.pan().expose()));
    show("brand", json!(card.brand()));
    show("expiry", json!(format!("{}-{:02}", expiry.year(), expiry.month())));
    show("name", json!(card.cardholder().expose()));
    show("keep_for", json!(card.stored_credential()));
    match card.verification() {
        Verification::Code(code) => show("code", json!(code.expose())),
        Verification::Cryptogram(one) => {
            show("cryptogram", json!(one.expose()));
            show("eci", json!(one.eci().map(|eci| eci.as_str().to_owned())));
            show("wallet", json!(one.wallet()));
        }
        Verification::Nothing => {}
    }
    if let Some(address) = card.billing_address() {
        show("country", json!(address.country().as_str()));
        show("region", json!(address.region()));
        show("postcode", json!(address.postcode()));
        show("city", json!(address.city()));
        show("line", json!(address.lines().collect::<Vec<_>>()));
    }
    Value::Object(shown)
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
        Command::Seal { key, request, attempt, card } => {
            let mut bytes = [0; 32];
            hex::decode_to_slice(key, &mut bytes).map_err(|_| "--key: expected 64 hex digits")?;
            let key = SealingKey::from_bytes(&bytes).map_err(bad("--key"))?;
            let attempt = Attempt::new(attempt).ok_or("--attempt: expected 1 to 255")?;
            card.card()?.seal_unverified(&key, &request, attempt, &OsRandom::new())?.to_text()
        }
        Command::Open { private_key, request, sealed } => {
            let bytes = Zeroizing::new(
                hex::decode(private_key).map_err(|_| "--private-key: expected 64 hex digits")?,
            );
            let key = OpeningKey::from_bytes(&bytes).map_err(bad("--private-key"))?;
            let sealed = sealed.parse::<SealedCard>()?;
            shown(&key.open(&sealed, &request)?, sealed.attempt()).to_string()
        }
    };
    Ok(Zeroizing::new(answer))
}
