//! One customer's round: enrolment, a callback, a contact, approvals, a status, a payment, and what is on record.

mod asked;

use std::time::Duration;

use countersign::callback::{BookingRequest, CallbackSecret, Verdict};
use countersign::challenge::{
    Acceptance, Answer, ChallengeRequest, ChallengeStatus, Channels, Handle, PostsFrom, Slot,
    SpokenProof,
};
use countersign::contact::StatusNonce;
use countersign::credential::EnrolmentRequest;
use countersign::history::Subject;
use countersign::page::Page;
use countersign::payment::PaymentRequest;
use countersign::random::SeededRandom;
use countersign::step_up::{StepUpAnswer, StepUpOutcome, StepUpRequest, WhoRang};
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::vault::{
    Acquirer, AcquirerAnswer, AcquirerError, Authorisation, Found, KeysHonoured, Sought,
};
use countersign::{
    Agent, AgentId, Assignee, Channel, CredentialId, CustomerId, Direction, Interaction,
    InteractionId, Issuer, Keyring, MerchantId, RequestId, Timestamp, Vault, Verifier, Window,
};
use serde_json::{Value, json};

use crate::draws::Draws;
use crate::pipe::Client;
use crate::run::run;

const START: u64 = 1_800_021_000;

/// An acquirer that says yes to everything.
struct Psp;

impl Acquirer for Psp {
    fn honours_keys(&self) -> KeysHonoured {
        KeysHonoured::Always
    }

    async fn authorise(&self, _: &Authorisation<'_>) -> Result<AcquirerAnswer, AcquirerError> {
        Ok(AcquirerAnswer::approved("A1B2C3", "txn-20451"))
    }

    async fn find(&self, _: &Sought<'_>) -> Result<Found, AcquirerError> {
        Ok(Found::Unknown)
    }
}

pub(crate) struct Round<'c> {
    number: u64,
    draws: Draws,
    client: &'c mut Client,
    bank: Verifier,
    vault: Vault,
    clock: ManualClock,
    customer: CustomerId,
    agent: Agent,
    device: Value,
    credential: String,
    pins: (String, Option<String>),
}

impl<'c> Round<'c> {
    pub(crate) fn new(number: u64, draws: Draws, client: &'c mut Client) -> Self {
        let random = SeededRandom::new(draws.number());
        let clock = ManualClock::new(Timestamp::from_unix(START));
        let (bank_key, vault_key) =
            (SigningKey::generate(&random).unwrap(), SigningKey::generate(&random).unwrap());
        let (bank, own) = (issuer("bank.example"), issuer("vault.bank.example"));
        let mut of_bank = TrustedKeys::new(bank.clone());
        of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest).unwrap();
        let mut of_vault = TrustedKeys::new(own.clone());
        for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
            of_vault.trust(*vault_key.public_key(), purpose).unwrap();
        }
        let customer = draws.of(&["alice", "客户-7", "ключ", "a/b?c=%20#\"'\\"]);
        let keys = |key: &SigningKey, purposes: &[&str]| -> Vec<Value> {
            purposes
                .iter()
                .map(|of| json!({ "key": key.public_key().to_string(), "purpose": of }))
                .collect()
        };
        let purposes = [
            "challenge",
            "appointment",
            "status",
            "step_up",
            "payment_request",
            "ground_rules",
            "history_head",
            "last_contact",
        ];
        let device = json!({
            "issuer": "bank.example", "customer": customer, "keys": keys(&bank_key, &purposes),
            "vault": { "issuer": "vault.bank.example", "keys": keys(&vault_key, &["opening_key", "receipt"]) },
            "actions": asked::actions(),
        });
        let vault = Vault::builder(own, Keyring::generate(&random).unwrap(), vault_key, of_bank)
            .clock(clock.clone())
            .build()
            .unwrap();
        let bank = Verifier::builder(bank, Keyring::generate(&random).unwrap())
            .clock(clock.clone())
            .signing_key(bank_key)
            .policy(asked::policy())
            .vault_keys(of_vault)
            .build()
            .unwrap();
        let (pin, duress) = (draws.pin(), draws.one_in(2).then(|| draws.pin()));
        let duress = duress.filter(|duress| *duress != pin);
        let customer = CustomerId::new(customer).unwrap();
        let agent = Agent::new(AgentId::new("bob").unwrap());
        let credential = String::new();
        let pins = (pin, duress);
        Self {
            number,
            draws,
            client,
            bank,
            vault,
            clock,
            customer,
            agent,
            device,
            credential,
            pins,
        }
    }

    pub(crate) async fn play(mut self) {
        let id = self.enrol().await;
        self.callback(id).await;
        self.contact(id).await;
        self.step_up().await;
        self.action().await;
        self.jointly().await;
        self.status().await;
        self.last_contact(id).await;
        self.payment().await;
        self.on_record().await;
    }

    fn now(&self) -> u64 {
        use countersign::time::Clock;
        self.clock.now().unwrap().unix()
    }

    /// What the client says, which must be what the crate says.
    fn both(&mut self, op: &str, input: &Value) -> Value {
        let now = self.now();
        let said = self.client.ask(op, &self.device, input, now);
        assert_eq!(said, run(op, &self.device, input, now), "round {}: {op} {input}", self.number);
        said
    }

    fn request(&self, name: &str) -> RequestId {
        RequestId::new(format!("{name}-{}", self.number)).unwrap()
    }

    fn call(&self, id: &str, channel: Channel, inbound: bool) -> Interaction {
        let make = if inbound { Interaction::inbound } else { Interaction::outbound };
        make(InteractionId::new(id).unwrap(), self.customer.clone(), self.agent.clone(), channel)
    }

    async fn enrol(&mut self) -> CredentialId {
        let request = EnrolmentRequest::ocra(self.request("enrol")).vouched_for();
        let given = self.bank.credentials().enrol(&self.customer, &request).await.unwrap();
        let id = given.credential.id;
        let input = json!({
            "credential": id, "seed": given.base32().unwrap(),
            "pin": self.draws.typed(&self.pins.0), "duress": self.pins.1,
        });
        let made = self.client.ask("enrol", &Value::Null, &input, self.now());
        text(&made, "credential").clone_into(&mut self.credential);
        // The crate reads what the client keeps.
        let confirmed =
            self.both("confirm", &json!({ "credential": self.credential, "pin": self.pins.0 }));
        assert_eq!(confirmed["code"], made["code"]);
        let code = text(&made, "code").parse().unwrap();
        self.bank.credentials().confirm(&self.customer, &id, &code).await.unwrap();
        id
    }

    async fn callback(&mut self, credential: CredentialId) {
        let (channel, secret) = (self.draws.private(), self.draws.secret());
        let from = Timestamp::from_unix(self.now() + 600);
        let window = Window::new(from, from.after(Duration::from_secs(7200))).unwrap();
        let set: CallbackSecret = secret.parse().unwrap();
        let booking = BookingRequest::new(self.request("book"), window, channel, set)
            .derived_with(credential);
        let booked = self.bank.callbacks().book(&self.customer, &booking).await.unwrap();
        let input = json!({ "credential": self.credential, "callback": booked.id, "channel": channel, "secret": secret });
        let words = self.both("readback_words", &input);
        self.clock.advance(Duration::from_secs(900));
        let call = self.call("callback", channel, false);
        let said = self.bank.callbacks().reveal(&call, &booked.id).await.unwrap();
        assert_eq!(words, json!(said.as_str()), "round {}", self.number);
        self.bank
            .callbacks()
            .conclude(&self.customer, &booked.id, Verdict::Recognised)
            .await
            .unwrap();
    }

    async fn contact(&mut self, credential: CredentialId) {
        let on = self.draws.channel();
        if on.is_exposed() {
            self.device["pseudonym"] =
                json!(*self.bank.challenges().pseudonym(&self.customer).expose());
        }
        let named = on.is_exposed() || self.draws.one_in(2);
        let handle = named.then(|| Handle::new("@Bank-7").unwrap());
        let mut asked = ChallengeRequest::new(
            self.request("challenge"),
            self.draws.text().parse().unwrap(),
            Channels::new(&[on]).unwrap(),
        );
        asked = asked.posting_from(handle.iter().cloned().map(|handle| PostsFrom::new(on, handle)));
        let issued = self.bank.challenges().issue(&self.customer, &asked).await.unwrap();
        let from = if handle.is_some() { format!("{on}:@bank-7") } else { on.to_string() };
        let opened =
            self.both("open_challenge", &json!({ "token": issued.token, "found_on": from }));
        assert_eq!(opened["result"], "for_you", "round {}", self.number);
        let elsewhere = json!({ "token": issued.token, "found_on": format!("{on}:@bank-8") });
        let copied = self.both("open_challenge", &elsewhere);
        assert_eq!(copied, json!({ "error": "found_elsewhere" }));

        let id = text(&opened, "id").parse().unwrap();
        let accepted =
            Answer::Accept(Acceptance::new(self.request("accept")).with_credential(credential));
        self.bank.challenges().answer(&self.customer, &id, &accepted).await.unwrap();
        let (begins, channel) = (Timestamp::from_unix(self.now() + 600), self.draws.private());
        let slot = Slot::new(
            Window::new(begins, begins.after(Duration::from_secs(1800))).unwrap(),
            channel,
            Assignee::Agent(self.agent.id.clone()),
            self.draws.text().parse().unwrap(),
        );
        let agreed = self
            .bank
            .challenges()
            .confirm(&self.customer, &id, &self.request("slot"), &slot)
            .await
            .unwrap();
        let appointment = self.both("open_appointment", &json!({ "token": agreed.token }));
        self.clock.advance(Duration::from_secs(660));
        let call = self.call("contact", channel, false);
        let SpokenProof::Code(code) = self.bank.challenges().present(&call, &id).await.unwrap()
        else {
            panic!("a code was agreed");
        };
        let said = if self.draws.one_in(2) {
            code.digits().to_string()
        } else {
            code.words().to_uppercase()
        };
        let mut attempts = json!("01");
        let wrong = self.draws.below(4);
        for heard in (0..wrong).map(|n| format!("0000 000{n}")).chain([said.clone(), said]) {
            let input = json!({ "token": agreed.token, "credential": self.credential, "heard": heard, "attempts": attempts });
            let checked = self.both("check_code", &input);
            attempts = checked["attempts"].clone();
        }
        let read = self.both(
            "read_attempts",
            &json!({ "appointment": appointment["id"], "attempts": attempts }),
        );
        assert_eq!(read["was_genuine"], json!(wrong < 3), "round {}", self.number);
        let verdict = if wrong < 3 { Verdict::Recognised } else { Verdict::NotRecognised };
        let jti = serde_json::from_value(appointment["id"].clone()).unwrap();
        let ended =
            self.bank.challenges().conclude(&self.customer, &id, jti, verdict).await.unwrap();
        assert_eq!(ended.status == ChallengeStatus::Recognised, wrong < 3);
    }

    async fn step_up(&mut self) {
        let call = self.call("step-up", self.draws.private(), self.draws.one_in(2));
        let transaction = self.draws.transaction();
        let name = self.draws.text().parse().unwrap();
        let asked = StepUpRequest::new(self.request("approve"), transaction.clone(), name);
        let asked = self.bank.step_ups().request(&call, &asked).await.unwrap();
        let (pin, coerced) = match &self.pins.1 {
            Some(duress) if self.draws.one_in(2) => (duress.clone(), true),
            _ => (self.pins.0.clone(), false),
        };
        // The customer knows who rang whom, perhaps at the second time, and types what the agent says.
        let digits = asked.digits.as_ref().map(|digits| digits.digits().to_string());
        let (who, other) = match call.direction {
            Direction::Inbound => (WhoRang::Customer, WhoRang::Enterprise),
            Direction::Outbound => (WhoRang::Enterprise, WhoRang::Customer),
        };
        let said = if self.draws.one_in(2) { json!([who]) } else { json!([other, who]) };
        let answer = |code: &str| {
            let answer = StepUpAnswer::by_code(code.parse().unwrap());
            match &digits {
                Some(digits) => answer.who_rang(who).with_digits(digits.parse().unwrap()),
                None => answer,
            }
        };
        let input = |pin: &str| {
            let mut input =
                json!({ "token": asked.token, "credential": self.credential, "pin": pin });
            if let Some(digits) = &digits {
                (input["digits"], input["who_rang"]) = (json!(digits), said.clone());
            }
            input
        };
        let (wrong, right) = (input(&format!("9{}", &pin[1..])), input(&self.draws.typed(&pin)));
        if self.draws.one_in(3) && !pin.starts_with('9') {
            let code = self.both("answer_step_up", &wrong);
            let code = answer(text(&code, "code"));
            let refused =
                self.bank.step_ups().submit(&self.customer, &asked.step_up.id, &code).await;
            let other = self.pins.1.as_deref() == wrong["pin"].as_str()
                || wrong["pin"] == json!(self.pins.0);
            assert!(refused.is_err() || other, "round {}: a wrong PIN", self.number);
        }
        let shown = self.both("answer_step_up", &right);
        assert_eq!(shown["transaction"]["amount"], json!(transaction.amount.to_string()));
        let code = answer(text(&shown, "code"));
        self.bank.step_ups().submit(&self.customer, &asked.step_up.id, &code).await.unwrap();
        let StepUpOutcome::Approved(grant) =
            self.bank.step_ups().outcome(&call, &asked.step_up.id).await.unwrap()
        else {
            panic!("round {}: approved", self.number);
        };
        let key = self.request("redeem");
        let redeemed =
            self.bank.step_ups().redeem(&call, &grant, &transaction, &key).await.unwrap();
        assert_eq!(redeemed.duress(), coerced, "round {}", self.number);
    }

    async fn status(&mut self) {
        let call = self.call("status", self.draws.channel(), self.draws.one_in(2));
        if self.draws.one_in(2) {
            self.bank.contact().open(&call).await.unwrap();
        }
        let nonce = self.client.ask("ask", &Value::Null, &Value::Null, self.now());
        let nonce: StatusNonce = serde_json::from_value(nonce["nonce"].clone()).unwrap();
        let token = self.bank.contact().status(&self.customer, nonce).await.unwrap();
        let input =
            json!({ "token": token, "nonce": hex::encode(nonce.as_bytes()), "asked": self.now() });
        assert!(self.both("open_status", &input)["headline"][0].is_string());
        let rules = self.bank.ground_rules_token().await.unwrap();
        let rules = self.both("open_ground_rules", &json!({ "token": rules }));
        assert_eq!(rules["never_asked"].as_array().unwrap().len(), 10);
        self.clock.advance(Duration::from_secs(self.number % 40));
        self.both("open_status", &input);
    }

    async fn payment(&mut self) {
        let call = self.call("payment", self.draws.private(), self.draws.one_in(2));
        let request = PaymentRequest::new(
            self.request("pay"),
            MerchantId::new("händler/1").unwrap(),
            self.draws.payment(),
            self.draws.text().parse().unwrap(),
            self.vault.public_key().await.unwrap(),
        );
        let asked = self.bank.payments().request(&call, &request).await.unwrap();
        let shown = self.both("open_payment", &json!({ "token": asked.token }));
        assert_eq!(shown["id"], json!(asked.payment.id));
        let input = json!({ "token": asked.token, "card": self.draws.card(), "attempt": 1 });
        let sealed = self.client.ask("seal", &self.device, &input, self.now());
        let sealed = text(&sealed, "sealed").parse().unwrap();
        let paid = self.vault.pay(&self.customer, &asked.token, &sealed, &Psp).await.unwrap();
        let input = json!({ "token": paid.receipt.token(), "customer": self.customer, "vault": self.device["vault"] });
        let receipt = self.both("open_receipt", &input);
        assert!(receipt["outcome"]["authorised"].is_object(), "round {}: {receipt}", self.number);
        self.bank.payments().apply_receipt(&self.customer, &paid.receipt).await.unwrap();
    }

    async fn on_record(&mut self) {
        let page = self.bank.history(&self.customer, Page::first()).await.unwrap();
        let shown = serde_json::to_value(&page.items).unwrap();
        let mut checked = 0;
        for history in &page.items {
            if matches!(
                history.subject,
                Subject::Anchor(_) | Subject::StepUpLimit(_) | Subject::Prompts(_)
            ) {
                continue;
            }
            let receipt = self.bank.history_receipt(&self.customer, history.subject).await.unwrap();
            let input = json!({ "receipt": receipt, "histories": shown.to_string() });
            assert_eq!(self.both("check_history", &input)["grown"], 0, "round {}", self.number);
            let renewed = json!({ "old": receipt, "new": receipt, "histories": shown.to_string() });
            assert_eq!(self.both("renew_receipt", &renewed)["grown"], 0);
            for tampered in self.tampered(&shown, &json!(history.subject)) {
                let input = json!({ "receipt": receipt, "histories": tampered.to_string() });
                assert_eq!(
                    self.both("check_history", &input),
                    json!({ "error": "broken" }),
                    "round {}",
                    self.number
                );
            }
            checked += 1;
        }
        assert!(checked >= 4, "round {}: {checked} histories", self.number);
    }

    /// The histories, twice, each with one shown member changed of an event of this subject.
    fn tampered(&self, shown: &Value, subject: &Value) -> Vec<Value> {
        let changes = [
            ("at", json!("2027-01-15T13:50:07Z")),
            ("actor", json!({ "agent": "eve" })),
            ("action", json!("abandon")),
            ("interaction", json!("call-of-nobody")),
            ("outcome", json!({ "refused": "redeemed" })),
            ("step_up", json!("t38x5mymtqbdfp6svbdxsqeyvw")),
            ("operation", json!("t38x5mymtqbdfp6svbdxsqeyvw")),
            ("number", json!(77)),
        ];
        let change = |(member, value): &(&str, Value)| {
            let mut all = shown.clone();
            let one = all
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .find(|one| one["subject"] == *subject)
                .unwrap();
            let events = one["events"].as_array_mut().unwrap();
            let at = self.draws.below(events.len());
            events[at][*member] = value.clone();
            all
        };
        // Two of them, so that over the rounds each is tried of each kind of event.
        (0..2).map(|_| change(&self.draws.of(&changes))).collect()
    }
}

fn issuer(name: &str) -> Issuer {
    Issuer::new(name).unwrap()
}

fn text<'v>(of: &'v Value, name: &str) -> &'v str {
    of[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {of}"))
}
