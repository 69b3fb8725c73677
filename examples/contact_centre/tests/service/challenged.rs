//! 3-D Secure: who may say that the customer authenticated, and what becomes of one who does not come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use contact_centre::bank::{BANK, VAULT, vault_keys};
use contact_centre::http::ask;
use contact_centre::script::asked::{ASKS, answers};
use contact_centre::script::client::text;
use contact_centre::script::phone::{Phone, sealed};
use contact_centre::service::start;
use contact_centre::session::Role;
use contact_centre::vault::acquirer::Psp;
use contact_centre::vault::books::{Asked, Books, Entry};
use contact_centre::vault::issuer::CODE;
use countersign::card::{Card, SealedCard};
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentRequest};
use countersign::time::{Clock, ClockError};
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::{Next, Paid};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Interaction, InteractionId, Issuer, Keyring,
    MemoryStore, MerchantId, OsRandom, RequestId, Timestamp, Transaction, Vault, Verifier,
};
use serde_json::{Value, json};

use crate::doors::answer;
use crate::{Folder, options};

/// A clock that a test moves.
#[derive(Clone)]
struct Hands(Arc<AtomicU64>);

impl Hands {
    fn advance(&self, minutes: u64) {
        self.0.fetch_add(minutes * 60, Ordering::SeqCst);
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for Hands {
    fn now(&self) -> Result<Timestamp, ClockError> {
        Ok(self.at())
    }
}

/// The only payment in the acquirer's books.
fn booked(folder: &Folder) -> Entry {
    let mut all = std::fs::read_dir(&folder.0).unwrap();
    let file = all.next().unwrap().unwrap().path();
    assert!(all.next().is_none());
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A vault with the example's acquirer, and a clock that stands still.
struct Counter {
    clock: Hands,
    vault: Vault,
    acquirer: Psp,
    alice: CustomerId,
    token: String,
    sealed: SealedCard,
}

impl Counter {
    /// A payment with a card whose bank wants to ask.
    async fn of(folder: &Folder, how: impl FnOnce(PaymentRequest) -> PaymentRequest) -> Self {
        let random = OsRandom::new();
        let clock = Hands(Arc::new(AtomicU64::new(1_800_000_000)));
        let (of_bank, of_vault) =
            (SigningKey::generate(&random).unwrap(), SigningKey::generate(&random).unwrap());
        let vault_key = *of_vault.public_key();
        let [mut to_device, mut to_vault] =
            [BANK, BANK].map(|name| TrustedKeys::new(Issuer::new(name).unwrap()));
        for trusted in [&mut to_device, &mut to_vault] {
            trusted.trust(*of_bank.public_key(), Purpose::PaymentRequest).unwrap();
        }
        let keyring = || Keyring::generate(&OsRandom::new()).unwrap();
        let bank = Verifier::builder(Issuer::new(BANK).unwrap(), keyring())
            .store(MemoryStore::new())
            .signing_key(of_bank)
            .vault_keys(vault_keys(&vault_key).unwrap())
            .clock(clock.clone())
            .build()
            .unwrap();
        let vault = Vault::builder(Issuer::new(VAULT).unwrap(), keyring(), of_vault, to_vault)
            .store(MemoryStore::new())
            .opening_keys_store(MemoryStore::new())
            .clock(clock.clone())
            .build()
            .unwrap();
        let books = Arc::new(Books::open(folder.0.clone(), "secret").unwrap());
        let acquirer = Psp::new(books, "127.0.0.1:1");
        let alice = CustomerId::new("alice").unwrap();
        let agent = Agent::new(AgentId::new("bob").unwrap());
        let id = InteractionId::new("call-1").unwrap();
        let call = Interaction::inbound(id, alice.clone(), agent, Channel::Voice);
        let pounds = "GBP".parse().unwrap();
        let (payee, reference) = ("Bank Example".parse().unwrap(), "Fees".parse().unwrap());
        let bill = Transaction::new(TransactionKind::Payment, 4_200, pounds, payee, reference);
        let request = how(PaymentRequest::new(
            RequestId::new("r").unwrap(),
            MerchantId::new("bank-bills").unwrap(),
            bill,
            "Bob Miller".parse().unwrap(),
            vault.public_key().await.unwrap(),
        ));
        let token = bank.payments().request(&call, &request).await.unwrap().token;
        let device =
            Device::new(to_device, alice.clone()).with_vault_keys(vault_keys(&vault_key).unwrap());
        let shown = device.open_payment(&token, clock.at()).unwrap();
        let (code, name) = ("123".parse().unwrap(), "Alice Jones".parse().unwrap());
        let card = Card::new(ASKS.parse().unwrap(), "12/34".parse().unwrap(), code, name).unwrap();
        let sealed = shown.seal(&card, &random).unwrap();
        Self { clock, vault, acquirer, alice, token, sealed }
    }

    async fn pays(&self) -> Paid {
        self.vault.pay(&self.alice, &self.token, &self.sealed, &self.acquirer).await.unwrap()
    }

    async fn resumes(&self) -> Paid {
        let (alice, token, sealed) = (&self.alice, &self.token, &self.sealed);
        self.vault.resume(alice, token, sealed, Some("Y"), &self.acquirer).await.unwrap()
    }

    /// How the payment stands after a sweep.
    async fn swept(&self) -> ChargeOutcome {
        let back = Duration::from_secs(7200);
        let swept = self.vault.reconcile(back, &self.acquirer).await.unwrap();
        assert!(swept.failed.is_none(), "{swept:?}");
        swept.receipts[0].1.outcome().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_come_back_to_the_cards_bank_pays_nothing() {
    let folder = Folder::new();
    let counter = Counter::of(&folder, |request| request).await;
    let paid = counter.pays().await;
    assert!(matches!(paid.next, Some(Next::Authenticate(_))), "{paid:?}");
    counter.clock.advance(4);
    assert_eq!(counter.swept().await, ChargeOutcome::Authenticating);
    assert_eq!(booked(&folder).asked, Some(Asked::Waiting));
    counter.clock.advance(2);
    let declined = counter.swept().await;
    assert!(matches!(declined, ChargeOutcome::Declined(_)), "{declined:?}");
    // The question is given up at the card's bank, too: a late yes is worth nothing.
    let entry = booked(&folder);
    assert!(entry.reversed && !entry.approved, "{entry:?}");
    let late = counter.resumes().await;
    assert_eq!((late.receipt.outcome(), late.next.is_none()), (&declined, true));
    assert!(!booked(&folder).approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_no_challenge_is_declined_where_the_cards_bank_wants_to_ask() {
    let folder = Folder::new();
    let counter = Counter::of(&folder, PaymentRequest::without_authentication).await;
    let paid = counter.pays().await;
    let declined = ChargeOutcome::Declined(DeclineReason::AuthenticationNeeded);
    assert_eq!((paid.receipt.outcome(), paid.next.is_none()), (&declined, true));
}

async fn asked(phone: &mut Phone) -> (String, String, String, Value) {
    let call = phone.client.post(Role::Phone, "/calls", json!({})).await.unwrap();
    let call = text(&call, "/id").unwrap();
    let order = json!({
        "request": phone.request(), "pence": 4_200, "payee": "Bank Example", "reference": "Fees",
    });
    let path = format!("/calls/{call}/payments");
    let bill = phone.client.post(Role::Desktop, &path, order).await.unwrap();
    let id = text(&bill, "/payment/id").unwrap();
    let (token, ticket, shown) = phone.payment(&id).await.unwrap();
    let card = sealed(&shown, ASKS).unwrap();
    let (status, paid) = phone.pays(&ticket, &token, &card).await.unwrap();
    assert_eq!((status, paid.get("outcome")), (200, Some(&json!("authenticating"))));
    (token, ticket, card, paid)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authentication_is_the_word_of_the_cards_bank_and_of_nobody_else() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut alice = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let (token, ticket, card, paid) = asked(&mut alice).await;
    let (vault, issuer) = (running.vault.as_str(), running.issuer.as_str());

    // From the vault's own frame, with the customer's ticket.
    let body = json!({ "token": token, "ticket": ticket, "sealed": card, "hint": "Y" });
    let page = format!("http://{}", running.host);
    let of_issuer = format!("http://{issuer}");
    for origin in [&page, &of_issuer, "http://mallory.example", "null"] {
        let headers = [("origin", origin)];
        let answer = ask(vault, Method::POST, "/resume", &headers, Some(&body)).await.unwrap();
        assert_eq!(answer.status, 403, "{origin}");
    }
    let (status, _) = alice.resumes("", &token, &card, None).await.unwrap();
    assert_eq!(status, 403);
    // Whatever the browser brings, the vault asks.
    let (status, again) = alice.resumes(&ticket, &token, &card, Some("Y")).await.unwrap();
    assert_eq!((status, again.get("next")), (200, paid.get("next")));

    // The card's bank takes an answer from its own page, about what it asked.
    let name = text(&paid, "/next/authenticate/flow/browser/creq").unwrap();
    let name = contact_centre::vault::issuer::transaction(&name).unwrap();
    let said = json!({ "transaction": name, "code": CODE });
    let theirs = [("origin", page.as_str())];
    let answered = ask(issuer, Method::POST, "/answer", &theirs, Some(&said)).await.unwrap();
    assert_eq!(answered.status, 403);
    let own = [("origin", of_issuer.as_str())];
    for wrong in ["", "../keys", &"A".repeat(43), "../../../../../../../../../../vault/keys.json"] {
        let said = json!({ "transaction": wrong, "code": CODE });
        let answered = ask(issuer, Method::POST, "/answer", &own, Some(&said)).await.unwrap();
        assert_eq!(answered.status, 404, "{wrong}");
    }
    // Three wrong codes, and it was not her. What ended, stays so.
    for left in [2, 1] {
        let given = answers(&paid, Some("000000")).await.unwrap();
        assert_eq!(given.get("left"), Some(&json!(left)));
    }
    for code in [Some("000000"), Some(CODE), None] {
        let given = answers(&paid, code).await.unwrap();
        assert_eq!(given.get("status"), Some(&json!("N")));
    }
    let (status, ended) = alice.resumes(&ticket, &token, &card, Some("Y")).await.unwrap();
    assert_eq!((status, ended.pointer("/outcome/declined").is_some()), (200, true), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_around_a_challenge_are_framed_and_repeat_nothing() {
    let folder = Folder::new();
    let running = start(&options(&folder)).await.unwrap();
    let mut alice = Phone::set_up(&running.host, &running.vault).await.unwrap();
    let (.., paid) = asked(&mut alice).await;
    let (host, vault, issuer) =
        (running.host.as_str(), running.vault.as_str(), running.issuer.as_str());
    let creq = text(&paid, "/next/authenticate/flow/browser/creq").unwrap();
    let at = |host| [("host", host)];
    let form = format!("creq={creq}");
    let (status, page) = answer(issuer, "POST", "/challenge", &at(issuer), &form).await;
    assert_eq!(status, 200);
    let ancestors = format!("frame-ancestors http://{vault} http://{host}\r\n");
    assert!(page.contains(&ancestors) && page.contains(&format!("form-action http://{vault};")));
    assert!(!page.contains("{transaction}") && !page.contains("<script>"), "{page}");
    // Neither name nor response can become markup.
    for creq in ["", "x", "%3Cscript%3E", &"A".repeat(900)] {
        let form = format!("creq={creq}");
        assert_eq!(answer(issuer, "POST", "/challenge", &at(issuer), &form).await.0, 404, "{creq}");
    }
    assert_eq!(answer(issuer, "POST", "/challenge", &at(host), &form).await.0, 421);
    let (status, page) = answer(vault, "POST", "/authenticated", &at(vault), "cres=eyJ9").await;
    assert!(status == 200 && page.contains(r#"data-cres="eyJ9""#), "{page}");
    assert!(page.contains(&format!("frame-ancestors 'self' http://{host}\r\n")));
    for cres in ["cres=\"><script>alert(1)</script>", &format!("cres={}", "A".repeat(2_049))] {
        assert_eq!(answer(vault, "POST", "/authenticated", &at(vault), cres).await.0, 422);
    }
    let (_, card) = answer(vault, "GET", "/card", &at(vault), "").await;
    assert!(
        card.contains(&format!("frame-src 'self' http://{issuer}; form-action http://{issuer};"))
    );
}
