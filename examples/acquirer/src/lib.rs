//! An acquirer with a Stripe-like HTTP API, as the vault asks it.
//!
//! The server needs no idempotency keys for this to be exact. What makes it so:
//!
//! | where | why nothing is done twice |
//! | --- | --- |
//! | a payment with 3-D Secure | it is created first, which charges nothing, and confirmed then, by an id that only this call knows. [`find`](Psp::find) cancels what was never confirmed, so that a confirmation that comes late finds nothing to confirm |
//! | a payment without | one call makes a hold, which carries the payment's key, and is looked for by it first |
//! | a capture | the server captures once; whose capture it was is noted beside the charge before |
//! | an amount | it is sent in the units in which the server counts the currency, or not at all |
//! | a void, a refund | each carries its act's key, and is looked for by that key before it is asked for again |
//! | whatever is still on its way | `find` and `find_act` answer for what was asked some time ago ([`Options::settled_after`]), and for no later |
//!
//! `metadata` is where the keys stand. There is no search: lists are read to their end. A production adapter of Stripe's
//! own API would send `Idempotency-Key` too, and ask `/v1/payment_intents/search` (which lags: a
//! [`NothingUntil`](countersign::vault::Found::NothingUntil)).
//!
//! Two things a server of this kind does that are worth knowing. It charges by itself as soon as the customer has
//! authenticated, whatever the app does next: what the customer never comes back from is found by the sweep. And
//! it lets anybody refund more than was paid: the vault's own limits are what holds.
//!
//! The server raises no authorisation, so [`increment`](countersign::vault::Acquirer::increment) stays unsupported here;
//! the mapping to ISO 8583 has one.

mod answers;
mod http;
mod units;

use std::sync::Arc;
use std::time::Duration;

use countersign::MerchantId;
use countersign::card::Verification;
use countersign::card_number::Brand;
use countersign::payment::DeclineReason;
use countersign::time::{Clock, Timestamp};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, ActAnswer, Authenticated, AuthenticationProof,
    Authorisation, FollowUp, Found, FoundAct, Resumption, Sought,
};
use serde_json::Value;

use answers::{Did, REVERSED, State, answer, declined, did, number, state, text};
use http::{Form, Lost, Server};

pub use http::BadServer;

/// How the server is reached, and what it promises.
#[derive(Debug, Clone)]
pub struct Options {
    /// The longest time for a call.
    pub within: Duration,
    /// Whatever this adapter asked so long ago has been done, or never will be: the longest time for which a request can
    /// wait on its way. More than `within`.
    pub settled_after: Duration,
    /// How many entries of a list are asked for at once: 1 to 100.
    pub page: u8,
    /// Merchant accounts whose payments are held and captured later: orders by phone, which take no challenge. What the
    /// others' customers pay is taken at once.
    pub holds: Vec<MerchantId>,
}

impl Default for Options {
    fn default() -> Self {
        let (within, settled_after) = (Duration::from_secs(30), Duration::from_secs(90));
        Self { within, settled_after, page: 100, holds: Vec::new() }
    }
}

/// The connection.
pub struct Psp {
    server: Server,
    address: String,
    clock: Arc<dyn Clock>,
    options: Options,
}

type Asked<T> = Result<T, AcquirerError>;

impl From<Lost> for AcquirerError {
    fn from(_: Lost) -> Self {
        Self::InDoubt
    }
}

impl Psp {
    /// `address` is `https://HOST[:PORT]` with a file of trusted certificates (`roots`, PEM), or `http://127.0.0.1:PORT`.
    ///
    /// # Errors
    ///
    /// [`BadServer`] if there can be no such connection. Nothing is sent.
    pub fn new(
        address: &str,
        roots: Option<&str>,
        secret_key: &str,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, BadServer> {
        let server = Server::new(address, roots, secret_key, options.within)?;
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { server, address, clock, options })
    }

    /// An object of the server's. `None`: it does not exist.
    async fn object(&self, path: &str) -> Asked<Option<Value>> {
        let answer = self.server.get(path).await?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(AcquirerError::InDoubt),
        }
    }

    /// What the server did. `None`: it refused, and did nothing.
    async fn done(&self, path: &str, form: Form) -> Asked<Option<Value>> {
        let answer = self.server.post(path, form).await?;
        match did(answer.status) {
            Did::Done => Ok(Some(answer.body)),
            Did::Refused => Ok(None),
            Did::Unknown => Err(AcquirerError::InDoubt),
        }
    }

    /// All objects of a list that carry `value` as the `name` of their metadata, oldest first as the server has it.
    async fn all(&self, list: &str, name: &str, value: &str) -> Asked<Vec<Value>> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let join = if list.contains('?') { '&' } else { '?' };
            let page = format!("{list}{join}limit={}{after}", self.options.page);
            let page = self.object(&page).await?.ok_or(AcquirerError::InDoubt)?;
            let entries = page["data"].as_array().ok_or(AcquirerError::InDoubt)?;
            found.extend(entries.iter().filter(|of| of["metadata"][name] == value).cloned());
            match entries.last() {
                Some(last) if page["has_more"] == true => {
                    after = format!("&starting_after={}", text(last, "id")?);
                }
                _ => return Ok(found),
            }
        }
    }

    /// Until when everything that was asked has been done, or never will be.
    fn settled(&self) -> Asked<Timestamp> {
        let now = self.clock.now().map_err(|_| AcquirerError::InDoubt)?;
        Ok(now.before(self.options.settled_after))
    }

    /// Everything that was ever asked for a payment, with nothing left that could still be confirmed.
    async fn everything(&self, payment: &Sought<'_>) -> Asked<Vec<Value>> {
        let key = payment.key().to_string();
        let mut all = self.all("/v1/payment_intents", "payment", &key).await?;
        for intent in all.iter_mut().filter(|intent| state(intent) == State::Unconfirmed) {
            *intent = self.cancelled(intent).await?;
        }
        all.extend(self.all("/v1/charges", "payment", &key).await?);
        Ok(all)
    }

    /// Cancels a payment that was not confirmed, or waits for the customer, and says what became of it.
    async fn cancelled(&self, intent: &Value) -> Asked<Value> {
        let path = format!("/v1/payment_intents/{}", text(intent, "id")?);
        if let Some(cancelled) = self.done(&format!("{path}/cancel"), Form::default()).await? {
            return Ok(cancelled);
        }
        // Confirmed, or authenticated, just before.
        self.object(&path).await?.ok_or(AcquirerError::InDoubt)
    }

    /// Asks for a payment that takes the money as soon as the customer has authenticated, if they have to.
    async fn intent(&self, of: &Authorisation<'_>, method: &str) -> Asked<AcquirerAnswer> {
        let Some(form) = self.payment(of.payment()) else { return Ok(not_sent()) };
        let form = form.with("payment_method", method);
        let Some(intent) = self.done("/v1/payment_intents", form).await? else {
            return Ok(declined(None, None, None));
        };
        let path = format!("/v1/payment_intents/{}/confirm", text(&intent, "id")?);
        let intent = self.done(&path, Form::default()).await?.ok_or(AcquirerError::InDoubt)?;
        if state(&intent) == State::Waiting && !of.takes_challenge() {
            // Nobody could answer it.
            return match state(&self.cancelled(&intent).await?) {
                State::Nothing => Ok(AcquirerAnswer::declined(DeclineReason::AuthenticationNeeded)),
                _ => Err(AcquirerError::InDoubt),
            };
        }
        self.answer(&intent, Some(of.card().brand())).ok_or(AcquirerError::InDoubt)
    }

    /// Asks for a hold, to be captured later.
    async fn hold(&self, of: &Authorisation<'_>, method: &str) -> Asked<AcquirerAnswer> {
        let Some(form) = self.payment(of.payment()) else { return Ok(not_sent()) };
        let form = form.with("source", method).with("capture", "false");
        let answer = self.server.post("/v1/charges", form).await?;
        let (brand, error) = (Some(of.card().brand()), &answer.body["error"]);
        match did(answer.status) {
            Did::Done => self.answer(&answer.body, brand).ok_or(AcquirerError::InDoubt),
            Did::Refused if answer.status == 402 => {
                let network = error["network_decline_code"].as_str();
                Ok(declined(error["code"].as_str(), network, brand))
            }
            Did::Refused => Ok(declined(None, None, None)),
            Did::Unknown => Err(AcquirerError::InDoubt),
        }
    }

    fn answer(&self, object: &Value, brand: Option<Brand>) -> Option<AcquirerAnswer> {
        answer(object, &self.address, brand)
    }

    /// `None`: the server has no such amount.
    fn payment(&self, of: &Sought<'_>) -> Option<Form> {
        let (currency, amount) = (of.transaction().currency, of.transaction().amount);
        let form = Form::default()
            .with("amount", &units::to_server(currency, amount)?.to_string())
            .with("currency", &currency.code().to_ascii_lowercase())
            .with("metadata[payment]", &of.key().to_string());
        Some(form)
    }

    /// The charge of a payment by the server's id of it, which is a charge's or a payment's.
    async fn charge(&self, payment: &Sought<'_>) -> Asked<Value> {
        let id = payment.transaction_id().ok_or(AcquirerError::Unsupported)?;
        if id.starts_with("ch_") {
            return self.object(&format!("/v1/charges/{id}")).await?.ok_or(AcquirerError::Refused);
        }
        let intent = self.object(&format!("/v1/payment_intents/{id}")).await?;
        let charge = intent.ok_or(AcquirerError::Refused)?["latest_charge"].take();
        if charge.is_object() { Ok(charge) } else { Err(AcquirerError::Refused) }
    }

    /// Gives back `amount` of a charge.
    async fn give_back(&self, charge: &Value, amount: u64, act: &str) -> Asked<ActAnswer> {
        let form = Form::default()
            .with("charge", text(charge, "id")?)
            .with("amount", &amount.to_string())
            .with("metadata[act]", act);
        let refund = self.done("/v1/refunds", form).await?.ok_or(AcquirerError::Refused)?;
        Ok(ActAnswer::done(text(&refund, "id")?))
    }

    /// What was captured already: by this very act, or by another.
    async fn captured(&self, of: &FollowUp<'_>) -> Asked<ActAnswer> {
        match self.find_act(of).await? {
            FoundAct::Done(done) => Ok(done),
            _ => Err(AcquirerError::Refused),
        }
    }

    /// Undoes one thing that was asked for a payment.
    async fn undo(&self, it: &Value) -> Asked<()> {
        let it = match state(it) {
            State::Waiting | State::Unconfirmed => self.cancelled(it).await?,
            _ => it.clone(),
        };
        let charge = match state(&it) {
            State::Nothing | State::Declined => return Ok(()),
            State::Held => &it,
            State::Paid if text(&it, "object")? == "charge" => &it,
            State::Paid => &it["latest_charge"],
            State::Waiting | State::Unconfirmed | State::Deciding => {
                return Err(AcquirerError::InDoubt);
            }
        };
        let rest = number(charge, "amount")?.saturating_sub(number(charge, "amount_refunded")?);
        if rest == 0 {
            return Ok(());
        }
        // Noted before it is asked for: one that is still on its way is not asked for again.
        let now = self.clock.now().map_err(|_| AcquirerError::InDoubt)?;
        let noted = charge["metadata"][REVERSED].as_str().and_then(|noted| noted.parse().ok());
        if noted.is_some_and(|noted| self.settled().is_ok_and(|by| by.unix() <= noted)) {
            return Err(AcquirerError::InDoubt);
        }
        let path = format!("/v1/charges/{}", text(charge, "id")?);
        let note = Form::default().with(&format!("metadata[{REVERSED}]"), &now.unix().to_string());
        self.done(&path, note).await?.ok_or(AcquirerError::InDoubt)?;
        self.give_back(charge, rest, REVERSED).await.map(|_| ())
    }
}

/// The server does not take it. Nothing was sent that charges.
fn not_sent() -> AcquirerAnswer {
    AcquirerAnswer::declined(DeclineReason::NotPermitted)
}

/// How much an act is of, as the server counts. It has no other amounts, so that what is refused here was never asked for.
fn amount(of: &FollowUp<'_>) -> Asked<u64> {
    let currency = of.payment().transaction().currency;
    units::to_server(currency, of.amount()).ok_or(AcquirerError::Refused)
}

/// Whether the money was held at first, and not taken at once.
fn is_hold(of: &FollowUp<'_>) -> bool {
    of.payment().transaction_id().is_some_and(|id| id.starts_with("ch_"))
}

impl Acquirer for Psp {
    async fn authorise(&self, of: &Authorisation<'_>) -> Asked<AcquirerAnswer> {
        if of.authentication().is_some() {
            // The server went on by itself once the customer had authenticated.
            return match self.find(of.payment()).await? {
                Found::Answered(answer) => Ok(answer),
                _ => Err(AcquirerError::InDoubt),
            };
        }
        let card = of.card();
        let Verification::Code(code) = card.verification() else {
            // The server takes no card without a code, and no wallet's. Nothing was sent.
            return Ok(not_sent());
        };
        let mut form = Form::default()
            .with("type", "card")
            .with("card[number]", card.pan().expose())
            .with("card[exp_month]", &card.expiry().month().to_string())
            .with("card[exp_year]", &card.expiry().year().to_string())
            .with("card[cvc]", code.expose());
        if let Some(address) = card.billing_address() {
            form = form.with("billing_details[address][country]", address.country().as_str());
            for (name, text) in [("postal_code", address.postcode()), ("city", address.city())] {
                let text = text.unwrap_or_default();
                form = form.with(&format!("billing_details[address][{name}]"), text);
            }
            for (line, text) in address.lines().take(2).enumerate() {
                form = form.with(&format!("billing_details[address][line{}]", line + 1), text);
            }
        }
        // Nothing is charged by this; a card that is refused here never will be.
        let Some(method) = self.done("/v1/payment_methods", form).await? else {
            return Ok(declined(None, None, None));
        };
        let method = text(&method, "id")?;
        if self.options.holds.contains(of.payment().merchant()) {
            self.hold(of, method).await
        } else {
            self.intent(of, method).await
        }
    }

    async fn find(&self, payment: &Sought<'_>) -> Asked<Found> {
        let mut all = self.everything(payment).await?;
        // The best first: money outweighs what may still come, and that a refusal.
        all.sort_by_key(|it| std::cmp::Reverse(state(it)));
        match all.first().and_then(|best| self.answer(best, None)) {
            Some(answer) => Ok(Found::Answered(answer)),
            None => Ok(Found::NothingUntil(self.settled()?)),
        }
    }

    async fn authenticated(&self, of: &Resumption<'_>) -> Asked<Authenticated> {
        // What the device says of it is not looked at.
        let path = format!("/v1/payment_intents/{}", of.reference());
        let intent = self.object(&path).await?.ok_or(AcquirerError::InDoubt)?;
        Ok(match state(&intent) {
            State::Waiting => Authenticated::Waiting,
            State::Paid | State::Deciding | State::Held => {
                Authenticated::Passed(AuthenticationProof::new("", "", ""))
            }
            // Authenticated, and then declined: the authorisation says so.
            State::Declined if intent["latest_charge"].is_object() => {
                Authenticated::Passed(AuthenticationProof::new("", "", ""))
            }
            State::Declined | State::Nothing | State::Unconfirmed => Authenticated::Failed,
        })
    }

    async fn reverse(&self, payment: &Sought<'_>) -> Asked<()> {
        for it in self.everything(payment).await? {
            self.undo(&it).await?;
        }
        Ok(())
    }

    async fn capture(&self, of: &FollowUp<'_>) -> Asked<ActAnswer> {
        let amount = amount(of)?;
        let (charge, key) = (self.charge(of.payment()).await?, of.key().to_string());
        let id = text(&charge, "id")?;
        let path = format!("/v1/charges/{id}");
        let noted = &charge["metadata"]["capture"];
        let by_another = !noted.is_null() && *noted != *key;
        if charge["captured"] == true && (by_another || is_hold(of)) {
            return self.captured(of).await;
        }
        let note = Form::default().with("metadata[capture]", &key);
        self.done(&path, note).await?.ok_or(AcquirerError::Refused)?;
        if !is_hold(of) {
            // Taken at once: what is not to be captured is given back.
            let rest = number(&charge, "amount")?.saturating_sub(amount);
            return match rest {
                0 => Ok(ActAnswer::done(id)),
                rest => self.give_back(&charge, rest, &key).await,
            };
        }
        let form = Form::default().with("amount", &amount.to_string());
        match self.done(&format!("{path}/capture"), form).await? {
            Some(captured) => Ok(ActAnswer::done(text(&captured, "id")?)),
            // It was captured meanwhile.
            None => self.captured(of).await,
        }
    }

    async fn void(&self, of: &FollowUp<'_>) -> Asked<ActAnswer> {
        let charge = self.charge(of.payment()).await?;
        let rest = number(&charge, "amount")?.saturating_sub(number(&charge, "amount_refunded")?);
        if amount(of)? != rest {
            // A hold is given up as a whole, or not.
            return Err(AcquirerError::Unsupported);
        }
        self.give_back(&charge, rest, &of.key().to_string()).await
    }

    async fn refund(&self, of: &FollowUp<'_>) -> Asked<ActAnswer> {
        let charge = self.charge(of.payment()).await?;
        self.give_back(&charge, amount(of)?, &of.key().to_string()).await
    }

    async fn find_act(&self, of: &FollowUp<'_>) -> Asked<FoundAct> {
        let (charge, key) = (self.charge(of.payment()).await?, of.key().to_string());
        let id = text(&charge, "id")?;
        let refunds = self.all(&format!("/v1/refunds?charge={id}"), "act", &key).await?;
        if let Some(refund) = refunds.first() {
            return Ok(FoundAct::Done(ActAnswer::done(text(refund, "id")?)));
        }
        // (A capture of a part of what was taken at once is done when the rest was given back: see above.)
        let whole = Ok(number(&charge, "amount")?) == amount(of) || is_hold(of);
        if charge["captured"] == true && charge["metadata"]["capture"] == *key && whole {
            return Ok(FoundAct::Done(ActAnswer::done(id)));
        }
        Ok(FoundAct::NothingUntil(self.settled()?))
    }
}
