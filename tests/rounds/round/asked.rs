//! What is approved and is no payment, or by several; and when the enterprise last called.

use std::collections::BTreeMap;

use countersign::action::{ActionDetails, ActionField, ActionForm, ActionKind, ActionValue};
use countersign::contact::{LastContactChallenge, LastContactProof, StatusNonce};
use countersign::policy::{ActionPolicy, ActionRule};
use countersign::step_up::joint::{CoApprover, JointStepUpRequest, Mandate};
use countersign::step_up::{StepUpAnswer, StepUpOutcome, StepUpRequest, WhoRang};
use countersign::transaction::TransactionKind;
use countersign::{CredentialId, CustomerId, Direction, Interaction, Policy};
use serde_json::{Value, json};

use super::{Round, text};

/// The kinds of actions, of the back end and of the app.
pub(super) fn actions() -> Value {
    json!({ "document": { "headline": "Вы подписываете", "fields": [
        { "name": "title", "label": "文件", "type": "text" },
        { "name": "pages", "label": "Pages", "type": "number" },
        { "name": "file", "label": "SHA-256", "type": "digest" },
    ] } })
}

pub(super) fn policy() -> Policy {
    let forms: BTreeMap<ActionKind, ActionForm> = serde_json::from_value(actions()).unwrap();
    let rules = forms.into_iter().map(|(kind, form)| (kind, ActionRule::new(form)));
    let mut policy = Policy::default();
    policy.step_ups.actions = ActionPolicy(rules.collect());
    policy
}

/// Who is asked with which token, and what the agent says to them.
struct Asked<'a> {
    token: &'a str,
    digits: Option<String>,
    who: WhoRang,
}

impl Asked<'_> {
    fn input(&self, credential: &str, pin: &str) -> Value {
        let mut input = json!({ "token": self.token, "credential": credential, "pin": pin });
        if let Some(digits) = &self.digits {
            (input["digits"], input["who_rang"]) = (json!(digits), json!([self.who]));
        }
        input
    }

    fn answer(&self, code: &Value) -> StepUpAnswer {
        let answer = StepUpAnswer::by_code(text(code, "code").parse().unwrap());
        match &self.digits {
            Some(digits) => answer.who_rang(self.who).with_digits(digits.parse().unwrap()),
            None => answer,
        }
    }
}

const fn who(call: &Interaction) -> WhoRang {
    match call.direction {
        Direction::Inbound => WhoRang::Customer,
        Direction::Outbound => WhoRang::Enterprise,
    }
}

impl Round<'_> {
    fn document(&self) -> ActionDetails {
        let title: String = self.draws.text().chars().take(128).collect();
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&self.draws.number().to_be_bytes());
        let field = |name: &str, value| ActionField::new(name.parse().unwrap(), value);
        let fields = vec![
            field("title", ActionValue::text(title.parse().unwrap()).unwrap()),
            // With more digits it might be a card number, which no action holds.
            field("pages", ActionValue::number(self.draws.number() % 1000).unwrap()),
            field("file", ActionValue::digest(digest)),
        ];
        ActionDetails::new("document".parse().unwrap(), fields).unwrap()
    }

    pub(super) async fn action(&mut self) {
        let call = self.call("action", self.draws.private(), self.draws.one_in(2));
        let (document, name) = (self.document(), self.draws.text().parse().unwrap());
        let asked = StepUpRequest::new(self.request("document"), document.clone(), name);
        let asked = self.bank.step_ups().request(&call, &asked).await.unwrap();
        let id = asked.step_up.id;
        let digits = asked.digits.as_ref().map(|digits| digits.digits().to_string());
        let told = Asked { token: &asked.token, digits, who: who(&call) };
        let shown = self.both("approve_action", &told.input(&self.credential, &self.pins.0));
        let pages = document.get("pages").unwrap().to_string();
        assert_eq!(shown["action"]["lines"][1], json!(["Pages", pages]), "round {}", self.number);
        let answer = told.answer(&shown);
        self.bank.step_ups().submit(&self.customer, &id, &answer).await.unwrap();
        let StepUpOutcome::Approved(grant) =
            self.bank.step_ups().outcome(&call, &id).await.unwrap()
        else {
            panic!("round {}: approved", self.number);
        };
        let key = self.request("redeem-document");
        self.bank.step_ups().redeem_action(&call, &grant, &document, &key).await.unwrap();
        // An app without the table approves nothing.
        let mut without = self.device.clone();
        without["actions"] = json!({});
        let input = told.input(&self.credential, &self.pins.0);
        let said = self.client.ask("approve_action", &without, &input, self.now());
        assert_eq!(said, json!({ "error": "unknown_action" }), "round {}", self.number);
    }

    pub(super) async fn jointly(&mut self) {
        let first = (self.customer.clone(), self.credential.clone(), self.pins.clone());
        self.is_now(&(CustomerId::new("carol").unwrap(), String::new(), (self.draws.pin(), None)));
        self.enrol().await;
        let second = (self.customer.clone(), self.credential.clone(), self.pins.clone());
        self.is_now(&first);

        let call = self.call("joint", self.draws.private(), self.draws.one_in(2));
        let role = |role: &str| role.parse().unwrap();
        let both = vec![
            CoApprover::new(first.0.clone(), role("Holder")),
            CoApprover::new(second.0.clone(), role("Συνδικαιούχος")),
        ];
        let mandate = Mandate::new(2, both);
        let mut transaction = self.draws.transaction();
        if transaction.kind == TransactionKind::NewAuthenticator {
            transaction.kind = TransactionKind::Change;
        }
        let name = self.draws.text().parse().unwrap();
        let asked = StepUpRequest::new(self.request("jointly"), transaction.clone(), name);
        let principal = self.draws.text().parse().unwrap();
        let asked = JointStepUpRequest::of(asked, principal, &mandate);
        let asked = self.bank.joint_step_ups().request(&call, &asked).await.unwrap();
        assert_eq!(asked.tokens.len(), 2, "round {}", self.number);
        for one in &asked.tokens {
            let own = one.customer == first.0;
            self.is_now(if own { &first } else { &second });
            let digits = asked.digits.as_ref().filter(|_| own);
            let digits = digits.map(|digits| digits.digits().to_string());
            let told = Asked { token: &one.token, digits, who: who(&call) };
            let shown = self.both("approve_jointly", &told.input(&self.credential, &self.pins.0));
            assert_eq!(shown["headline"][0] == "another_asks", !own, "round {}", self.number);
            let answer = told.answer(&shown);
            self.bank.step_ups().submit(&self.customer, &one.step_up, &answer).await.unwrap();
        }
        self.is_now(&first);
        let (id, key) = (asked.step_up.id, self.request("redeem-jointly"));
        let redeemed = self.bank.joint_step_ups();
        let redeemed = redeemed.redeem(&call, &id, &transaction, &mandate, &key).await.unwrap();
        assert_eq!(redeemed.votes().len(), 2, "round {}", self.number);
    }

    /// Whose app it is now.
    fn is_now(&mut self, one: &(CustomerId, String, (String, Option<String>))) {
        (self.customer, self.credential, self.pins) = one.clone();
        self.device["customer"] = json!(self.customer);
    }

    pub(super) async fn last_contact(&mut self, credential: CredentialId) {
        let contact = self.bank.contact();
        let asked: LastContactChallenge =
            contact.last_contact_challenge(&self.customer, &credential).await.unwrap();
        let nonce = self.client.ask("ask", &Value::Null, &Value::Null, self.now());
        let query: StatusNonce = serde_json::from_value(nonce["nonce"].clone()).unwrap();
        let (challenge, nonce) =
            (serde_json::to_string(&asked).unwrap(), hex::encode(query.as_bytes()));
        let input = json!({
            "challenge": challenge, "nonce": nonce, "credential": self.credential, "pin": self.pins.0,
        });
        let answer = self.both("ask_last_contact", &input);
        assert_eq!(answer["query"], json!(query));
        let code = text(&answer, "code").parse().unwrap();
        let proof = LastContactProof::new(credential, query).with_code(code);
        let told = self.bank.contact().last_contact(&self.customer, &proof).await.unwrap();
        let input = json!({ "challenge": challenge, "nonce": nonce, "token": told.token() });
        let shown = self.both("open_last_contact", &input);
        assert!(shown["headline"][0].is_string(), "round {}: {shown}", self.number);
        let other =
            json!({ "challenge": challenge, "nonce": "00".repeat(16), "token": told.token() });
        let refused = self.both("open_last_contact", &other);
        assert_eq!(refused, json!({ "error": "other_question" }));
    }
}
