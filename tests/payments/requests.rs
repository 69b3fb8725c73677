//! What an agent may ask a customer to pay, how often, and where.

use countersign::error::{ConfigError, Invalid, Reason};
use countersign::payment::{
    OpeningKeyProblem, PaymentRequest, PaymentRequestData, SignedSealingKey,
};
use countersign::random::SeededRandom;
use countersign::store::FaultStore;
use countersign::time::ManualClock;
use countersign::token::{Audience, Claims, Leeway, Purpose, TrustedKeys, UntrustedToken};
use countersign::transaction::{MOST_PAID, NotPayable, TransactionKind};
use countersign::{
    Agent, AgentId, Channel, CustomerId, Error, Interaction, InteractionId, Issuer, MemoryStore,
    MerchantId, Policy, Transaction, Verifier,
};

use crate::support::*;

fn asking_of(transaction: Transaction, key: &SignedSealingKey) -> PaymentRequest {
    let name = "Bob".parse().unwrap();
    PaymentRequest::new(request("p-9"), merchant(), transaction, name, key.clone())
}

fn invalid<T: std::fmt::Debug>(result: Result<T, Error>, wanted: Invalid) {
    assert!(matches!(&result, Err(Error::Invalid(found)) if *found == wanted), "{result:?}");
}

#[tokio::test]
async fn a_request_is_a_payment_and_holds_no_card_number() {
    let scene = scene();
    let key = &scene.vault.public_key().await.unwrap();
    let payments = scene.verifier.payments();
    let call = bob_rings();
    for kind in [TransactionKind::Transfer, TransactionKind::Change, TransactionKind::NewPayee] {
        let mut transaction = purchase();
        transaction.kind = kind;
        let asked = payments.request(&call, &asking_of(transaction, key)).await;
        invalid(asked, Invalid::NotAPayment);
    }
    // An agent who writes down what the customer says aloud gets nowhere with it.
    let spoken = "four two four two, four two four two, four two four two, four two four two";
    for text in [PAN, "card 4242-4242 4242 4242 exp 12/34", spoken] {
        let mut transaction = purchase();
        transaction.reference = text.parse().unwrap();
        invalid(payments.request(&call, &asking_of(transaction, key)).await, Invalid::CardInText);
        let mut transaction = purchase();
        transaction.payee = text.parse().unwrap();
        invalid(payments.request(&call, &asking_of(transaction, key)).await, Invalid::CardInText);
        let name = text.parse().unwrap();
        let asking = PaymentRequest::new(request("p-9"), merchant(), purchase(), name, key.clone());
        invalid(payments.request(&call, &asking).await, Invalid::CardInText);
    }
    let most = scene.verifier.policy().payments.card_kept_for;
    for time in [std::time::Duration::ZERO, most + std::time::Duration::from_secs(1)] {
        let asking = asking_of(purchase(), key).keep_card_for(time);
        invalid(payments.request(&call, &asking).await, Invalid::KeptTooLong(most));
    }
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
    payments.request(&call, &asking_of(purchase(), key).keep_card_for(most)).await.unwrap();
}

/// In whatever form: any character between the digits, any character that looks like a digit, words of other languages.
#[tokio::test]
async fn a_request_s_texts_hold_no_card_number_in_any_form() {
    let scene = scene();
    let key = &scene.vault.public_key().await.unwrap();
    let payments = scene.verifier.payments();
    for text in [
        "4242:4242:4242:4242",
        "4242+4242+4242+4242",
        "4242 (4242) [4242] {4242}",
        "④②④②④②④②④②④②④②④②",
        "vier zwei vier zwei vier zwei vier zwei vier zwei vier zwei vier zwei vier zwei",
        "quatre deux quatre deux quatre deux quatre deux 4242 4242",
        "quarantadue quarantadue quarantadue quarantadue 4242 4242",
        "cuatro dos 42:42:42:42:42:42:42",
    ] {
        let mut transaction = purchase();
        transaction.reference = text.parse().unwrap();
        let asked = payments.request(&bob_rings(), &asking_of(transaction, key)).await;
        invalid(asked, Invalid::CardInText);
    }
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
}

/// An agent whose tool calls the interaction, or the request, by the number that the customer said.
#[tokio::test]
async fn a_request_s_identifiers_hold_no_card_number() {
    let scene = scene();
    let key = scene.vault.public_key().await.unwrap();
    let payments = scene.verifier.payments();
    let fine = "0190163d-8694-739b-aea5-966c26f8ad91";
    let hidden = ["4242424242424242", "card-4242-4242-4242-4242", "④②④②:④②④②:④②④②:④②④②"];
    for (at, card) in (0..5).flat_map(|at| hidden.map(move |card| (at, card))) {
        let id = |of: usize| if of == at { card } else { fine };
        let agent = Agent::new(AgentId::new(id(0)).unwrap());
        let (call, customer) =
            (InteractionId::new(id(1)).unwrap(), CustomerId::new(id(2)).unwrap());
        let call = Interaction::outbound(call, customer, agent, Channel::Voice);
        let merchant = MerchantId::new(id(3)).unwrap();
        let (name, request) = ("Bob".parse().unwrap(), request(id(4)));
        let asking = PaymentRequest::new(request, merchant, purchase(), name, key.clone());
        invalid(payments.request(&call, &asking).await, Invalid::CardInId);
    }
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
    let agent = Agent::new(AgentId::new(fine).unwrap());
    let (call, customer) = (InteractionId::new(fine).unwrap(), CustomerId::new(fine).unwrap());
    let call = Interaction::outbound(call, customer, agent, Channel::Voice);
    let (merchant, name) = (MerchantId::new(fine).unwrap(), "Bob".parse().unwrap());
    let asking = PaymentRequest::new(request(fine), merchant, purchase(), name, key);
    payments.request(&call, &asking).await.unwrap();
}

#[tokio::test]
async fn a_payment_is_for_an_amount_and_in_a_currency_that_people_pay_with() {
    let scene = scene();
    let key = &scene.vault.public_key().await.unwrap();
    let payments = scene.verifier.payments();
    let asking = |amount: u64, currency: &str| {
        let mut transaction = purchase();
        (transaction.amount, transaction.currency) = (amount, currency.parse().unwrap());
        asking_of(transaction, key)
    };
    for amount in [0, MOST_PAID + 1, u64::MAX] {
        let asked = payments.request(&bob_rings(), &asking(amount, "GBP")).await;
        invalid(asked, Invalid::NotPayable(NotPayable::Amount));
    }
    let none =
        ["XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"];
    for currency in none {
        let asked = payments.request(&bob_rings(), &asking(1, currency)).await;
        invalid(asked, Invalid::NotPayable(NotPayable::Currency));
    }
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
    assert_eq!(MOST_PAID, 999_999_999_999);
    for (amount, currency) in [(1, "GBP"), (MOST_PAID, "JPY"), (1, "XAF"), (1, "XPF"), (1, "KWD")] {
        let scene = crate::support::scene();
        let payments = scene.verifier.payments();
        payments.request(&bob_rings(), &asking(amount, currency)).await.unwrap();
    }
}

/// Whatever the enterprise's key signs.
#[tokio::test]
async fn the_vault_charges_no_amount_and_no_currency_that_nobody_pays() {
    let scene = scene();
    let asked = scene.asked("p-1").await;
    let acquirer = Recording::<true>::new(true);
    for (amount, currency) in [(0, "GBP"), (MOST_PAID + 1, "GBP"), (1, "XAU"), (1, "GBP")] {
        let claims: Claims<PaymentRequestData> = UntrustedToken::parse(&asked.token)
            .unwrap()
            .verify(&enterprise(), &Audience::from(&alice()), START, Leeway::NONE)
            .unwrap()
            .into_claims();
        let (id, life) = (claims.id(), 10 * MINUTE);
        let mut data = claims.into_data();
        (data.transaction.amount, data.transaction.currency) = (amount, currency.parse().unwrap());
        let claims =
            Claims::new(issuer(), Audience::from(&alice()), id, START, life, data).unwrap();
        let token = signing().issue(&claims).unwrap();
        let shown = phone().open_payment(&token, START).unwrap();
        let sealed = shown.seal(&card(), &SeededRandom::new(3)).unwrap();
        let paid = scene.vault.pay(&ALICE, &token, &sealed, &acquirer).await;
        match (amount, currency) {
            (1, "GBP") => assert_eq!((paid.is_ok(), acquirer.charges()), (true, 1)),
            _ => refused(paid),
        }
    }
}

#[tokio::test]
async fn a_request_id_is_for_one_request() {
    let scene = scene();
    let payments = scene.verifier.payments();
    let call = bob_rings();
    let key = &scene.vault.public_key().await.unwrap();
    let first = payments.request(&call, &asking_of(purchase(), key)).await.unwrap();
    // The vault's next key: still the same request, and what was said first stands.
    scene.clock.advance(11 * MINUTE);
    let another = scene.vault.public_key().await.unwrap();
    assert_ne!(another, *key);
    let again = payments.request(&call, &asking_of(purchase(), &another)).await.unwrap();
    assert_eq!(again, first);
    let mut changed = purchase();
    changed.amount += 1;
    let reused = Invalid::RequestReused;
    invalid(payments.request(&call, &asking_of(changed, key)).await, reused);
    let kept = asking_of(purchase(), key).keep_card_for(HOUR);
    invalid(payments.request(&call, &kept).await, reused);
    let name = "Eve".parse().unwrap();
    let named = PaymentRequest::new(request("p-9"), merchant(), purchase(), name, key.clone());
    invalid(payments.request(&call, &named).await, reused);
    let eve = crate::support::call(&alice(), "eve");
    invalid(payments.request(&eve, &asking_of(purchase(), key)).await, reused);
    let (account, name) = ("bank-shop".parse().unwrap(), "Bob".parse().unwrap());
    let shop = PaymentRequest::new(request("p-9"), account, purchase(), name, key.clone());
    invalid(payments.request(&call, &shop).await, reused);
    let (id, agent) = (call.id.clone(), call.agent.clone());
    let inbound = Interaction::inbound(id, alice(), agent, Channel::Voice);
    invalid(payments.request(&inbound, &asking_of(purchase(), key)).await, reused);
}

#[tokio::test]
async fn another_agent_and_another_call_learn_nothing() {
    let scene = scene();
    let payments = scene.verifier.payments();
    let id = scene.asked("p-1").await.payment.id;
    refused(payments.outcome(&call(&alice(), "eve"), &id).await);
    refused(payments.outcome(&call(&mallory(), "bob"), &id).await);
    let mut other = bob_rings();
    other.id = countersign::InteractionId::new("call-2").unwrap();
    refused(payments.outcome(&other, &id).await);
    payments.outcome(&bob_rings(), &id).await.unwrap();
}

#[tokio::test]
async fn attack_4_payments_are_asked_for_so_often_and_no_more() {
    let scene = scene();
    let payments = scene.verifier.payments();
    for n in 0..5 {
        scene.asked(&format!("p-{n}")).await;
    }
    scene.bank_seen.take();
    let sixth = scene.asking("p-5").await;
    let limited = payments.request(&bob_rings(), &sixth).await;
    let until = scene.now().after(10 * MINUTE);
    assert_eq!(limited.as_ref().unwrap_err().retry_at(), Some(until));
    refused(limited);
    assert_eq!(reasons(&scene.bank_seen), [Reason::TooManyRequests]);
    scene.asked("p-0").await; // repeated, and not counted
    let second = std::time::Duration::from_secs(1);
    scene.clock.set(until.before(second));
    let still = payments.request(&bob_rings(), &sixth).await.unwrap_err();
    assert_eq!(still.retry_at(), Some(until));
    scene.clock.set(until);
    scene.asked("p-5").await;

    // One agent, many customers.
    let mut policy = Policy::default();
    policy.payments.per_agent = 3;
    let scene = scene_with(policy);
    let payments = scene.verifier.payments();
    for n in 0..4 {
        let customer = countersign::CustomerId::new(format!("c-{n}")).unwrap();
        let asked = payments.request(&call(&customer, "bob"), &scene.asking("p").await).await;
        assert_eq!(asked.is_ok(), n < 3, "{n}");
    }
}

#[tokio::test]
async fn no_payment_is_asked_for_on_a_channel_that_others_read() {
    let scene = scene();
    let payments = scene.verifier.payments();
    for channel in [Channel::Email, Channel::Social] {
        let mut call = bob_rings();
        call.channel = channel;
        let asking = scene.asking("p-1").await;
        refused(payments.request(&call, &asking).await);
    }
    assert_eq!(reasons(&scene.bank_seen), [Reason::ChannelNotAllowed; 2]);
    let store = FaultStore::new(MemoryStore::new());
    let keyless = Verifier::builder(issuer(), bank_keyring())
        .store(store)
        .clock(ManualClock::new(START))
        .build()
        .unwrap();
    let asked = keyless.payments().request(&bob_rings(), &scene.asking("p-1").await).await;
    assert!(matches!(asked, Err(Error::Config(ConfigError::NoSigningKey))), "{asked:?}");
}

/// The enterprise asks for nothing with a key that its own vault did not sign for it, and that lives.
#[tokio::test]
async fn a_key_that_the_vault_did_not_give_this_enterprise_is_named_in_no_request() {
    let scene = scene();
    let payments = scene.verifier.payments();
    let (vault, bank, other) = (vault_issuer(), issuer(), Issuer::new("other.example").unwrap());
    let sealing_key = vault_keys::sealing_key(5);
    let claims =
        |of: [&Issuer; 2], from| vault_keys::claims(of, from, vault_keys::LIVES, sealing_key);
    let ours = [&vault, &bank];
    let expired = START.before(vault_keys::LIVES).before(MINUTE);
    // The vault's clock may be ahead by the leeway.
    let ahead = START.after(vault_keys::LEEWAY).after(std::time::Duration::from_secs(1));
    for (signer, claims, problem) in [
        (signing(), claims(ours, START), OpeningKeyProblem::NotGenuine),
        (vault_keys::signing(), claims(ours, START), OpeningKeyProblem::NotGenuine),
        (receipt_signing(), claims([&other, &bank], START), OpeningKeyProblem::NotGenuine),
        (receipt_signing(), claims([&bank, &bank], START), OpeningKeyProblem::NotGenuine),
        (receipt_signing(), claims([&vault, &other], START), OpeningKeyProblem::AnotherEnterprise),
        (receipt_signing(), claims(ours, expired), OpeningKeyProblem::Over),
        (receipt_signing(), claims(ours, ahead), OpeningKeyProblem::NotYetValid),
    ] {
        let key = vault_keys::signed(&signer, &claims);
        let asked = payments.request(&bob_rings(), &asking_of(purchase(), &key)).await;
        invalid(asked, Invalid::OpeningKey(problem));
    }
    // A vault that is trusted for receipts alone.
    let mut receipts = TrustedKeys::new(vault_issuer());
    receipts.trust(*receipt_signing().public_key(), Purpose::Receipt).unwrap();
    let bank = bank_on(&scene.bank_store, &scene.clock, &scene.bank_seen);
    let bank = bank.vault_keys(receipts).build().unwrap();
    let genuine = asking_of(purchase(), &scene.vault.public_key().await.unwrap());
    let asked = bank.payments().request(&bob_rings(), &genuine).await;
    invalid(asked, Invalid::OpeningKey(OpeningKeyProblem::NotGenuine));
    assert_eq!(scene.bank_store.records().len(), 0, "nothing was noted or counted");
    let claims = claims(ours, START.after(vault_keys::LEEWAY));
    let ahead = asking_of(purchase(), &vault_keys::signed(&receipt_signing(), &claims));
    payments.request(&bob_rings(), &ahead).await.unwrap();
}

/// A minute is left at least, after the time for authentication was set aside where it may be asked for.
#[tokio::test]
async fn a_request_ends_before_its_key_does() {
    let second = std::time::Duration::from_secs(1);
    let (valid_for, aside) = (20 * MINUTE, 5 * MINUTE);
    for authentication in [true, false] {
        let scene = scene();
        let payments = scene.verifier.payments();
        let key = scene.vault.public_key().await.unwrap();
        let ends = key.expires_at();
        let aside = if authentication { aside } else { std::time::Duration::ZERO };
        let asking = |id: &str| {
            let (id, name) = (request(id), "Bob".parse().unwrap());
            let asking = PaymentRequest::new(id, merchant(), purchase(), name, key.clone());
            if authentication { asking } else { asking.without_authentication() }
        };
        let full = ends.before(aside).before(valid_for);
        for (id, at, until) in [
            ("begin", START, START.after(valid_for)),
            ("last in full", full, ends.before(aside)),
            ("cut by a second", full.after(second), ends.before(aside)),
            ("a minute", ends.before(aside).before(MINUTE), ends.before(aside)),
        ] {
            scene.clock.set(at);
            let id = id.replace(' ', "-");
            let asked = payments.request(&bob_rings(), &asking(&id)).await.unwrap();
            assert_eq!(asked.payment.until, until, "{id}");
            let shown = phone().open_payment(&asked.token, at).unwrap();
            assert_eq!(shown.until(), until, "{id}");
            let may = authentication.then(|| until.after(aside));
            assert_eq!(shown.authenticate_until(), may, "{id}");
        }
        scene.clock.advance(second);
        let late = payments.request(&bob_rings(), &asking("late")).await;
        invalid(late, Invalid::OpeningKey(OpeningKeyProblem::Over));
        // What was asked for in time is repeated all the same, and whether authentication is allowed is part of it.
        let again = payments.request(&bob_rings(), &asking("begin")).await.unwrap();
        assert_eq!(again.payment.until, START.after(valid_for));
        let other = if authentication {
            asking("begin").without_authentication()
        } else {
            let name = "Bob".parse().unwrap();
            PaymentRequest::new(request("begin"), merchant(), purchase(), name, key.clone())
        };
        invalid(payments.request(&bob_rings(), &other).await, Invalid::RequestReused);
    }
}

#[tokio::test]
async fn without_the_vault_s_keys_no_payment_is_asked_for() {
    let scene = scene();
    let asking = scene.asking("p-1").await;
    let bank = Verifier::builder(issuer(), bank_keyring())
        .clock(scene.clock.clone())
        .signing_key(signing())
        .build()
        .unwrap();
    let asked = bank.payments().request(&bob_rings(), &asking).await;
    assert!(matches!(asked, Err(Error::Config(ConfigError::NoVaultKeys))), "{asked:?}");
}
