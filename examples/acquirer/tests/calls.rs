//! What goes to the server, and what its answers come to: a vault, the adapter, and a server that answers as a test has it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::card::Card;
use countersign::payment::{ChargeOutcome, DeclineReason, PaymentRequest, Receipt};
use countersign::random::SeededRandom;
use countersign::time::ManualClock;
use countersign::token::{Purpose, SigningKey, TrustedKeys};
use countersign::transaction::TransactionKind;
use countersign::vault::AcquirerError;
use countersign::{
    Agent, AgentId, Channel, CustomerId, Device, Error, Interaction, InteractionId, Issuer,
    Keyring, MerchantId, RequestId, Timestamp, Transaction, Vault, Verifier,
};
use stripe_like::{Options, Psp};

/// A request: method and path, and the form in it.
type Asked = (String, String);
/// What the server says to one: a status, and an object.
type Says = Box<dyn Fn(&str) -> Option<(u16, String)> + Send>;

/// A server on a port of its own. What it is not told to answer it answers as a server with empty books.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    says: Arc<Mutex<Says>>,
}

fn request_in(from: &mut TcpStream) -> Option<Asked> {
    let (mut text, mut byte) = (String::new(), [0]);
    while !text.ends_with("\r\n\r\n") {
        from.read_exact(&mut byte).ok()?;
        text.push(char::from(byte[0]));
    }
    let named = |name: &str| {
        let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
        line.map(|line| line[name.len()..].trim().to_owned())
    };
    let length = named("content-length:").map_or(0, |length| length.parse().unwrap());
    let mut form = vec![0; length];
    from.read_exact(&mut form).ok()?;
    let mut words = text.split(' ');
    let call = format!("{} {}", words.next()?, words.next()?);
    Some((call, String::from_utf8(form).unwrap()))
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let says: Arc<Mutex<Says>> = Arc::new(Mutex::new(Box::new(|_| None)));
        let (book, answers) = (Arc::clone(&asked), Arc::clone(&says));
        std::thread::spawn(move || {
            for mut from in listener.incoming().flatten() {
                let Some((call, form)) = request_in(&mut from) else { continue };
                let said = answers.lock().unwrap()(&call);
                let usual = || match call.as_str() {
                    "POST /v1/payment_methods" => r#"{"id":"pm_1"}"#.to_owned(),
                    list if list.starts_with("GET") => r#"{"data":[]}"#.to_owned(),
                    other => panic!("{other}"),
                };
                book.lock().unwrap().push((call.clone(), form));
                let (status, body) = said.unwrap_or_else(|| (200, usual()));
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                let _ = from.write_all(answer.as_bytes());
            }
        });
        Self { port, asked, says }
    }

    fn says(&self, says: impl Fn(&str) -> Option<(u16, String)> + Send + 'static) {
        *self.says.lock().unwrap() = Box::new(says);
    }

    /// The forms of all such calls, in order.
    fn forms(&self, call: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|one| one.0 == call).map(|one| one.1.clone()).collect()
    }
}

/// What a form says of a field.
fn field<'a>(form: &'a str, name: &str) -> &'a str {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    fields.find(|field| field.0 == name).unwrap().1
}

/// A payment of a customer who holds a request and a card.
struct Paying {
    server: Server,
    psp: Psp,
    vault: Vault,
    clock: ManualClock,
    customer: CustomerId,
    outcome: ChargeOutcome,
    receipt: Receipt,
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

/// Alice pays so many minor units, which are held.
fn paying(
    amount: u64,
    currency: &str,
    says: impl Fn(&str) -> Option<(u16, String)> + Send + 'static,
) -> Paying {
    let server = Server::new();
    server.says(says);
    let clock = ManualClock::new(Timestamp::from_unix(1_800_000_000));
    let (bank, own) = ("bank.example", "vault.bank.example");
    let (bank, own) = (Issuer::new(bank).unwrap(), Issuer::new(own).unwrap());
    let bank_key = SigningKey::from_seed(&[1; 32]).unwrap();
    let vault_key = SigningKey::from_seed(&[2; 32]).unwrap();
    let mut of_bank = TrustedKeys::new(bank.clone());
    of_bank.trust(*bank_key.public_key(), Purpose::PaymentRequest).unwrap();
    let mut of_vault = TrustedKeys::new(own.clone());
    for purpose in [Purpose::Receipt, Purpose::OpeningKey] {
        of_vault.trust(*vault_key.public_key(), purpose).unwrap();
    }
    let keyring = |seed| Keyring::generate(&SeededRandom::new(seed)).unwrap();
    let vault = Vault::builder(own, keyring(3), vault_key, of_bank.clone())
        .clock(clock.clone())
        .random(SeededRandom::new(4))
        .build()
        .unwrap();
    let verifier = Verifier::builder(bank, keyring(5))
        .clock(clock.clone())
        .random(SeededRandom::new(6))
        .signing_key(bank_key)
        .vault_keys(of_vault.clone())
        .build()
        .unwrap();
    let (customer, merchant) = (CustomerId::new("alice").unwrap(), MerchantId::new("m-1").unwrap());
    let options = Options { holds: vec![merchant.clone()], ..Options::default() };
    let address = format!("http://127.0.0.1:{}", server.port);
    let psp = Psp::new(&address, None, "sk_test_1", Arc::new(clock.clone()), options).unwrap();
    let agent = Agent::new(AgentId::new("bob").unwrap());
    let id = InteractionId::new("call-1").unwrap();
    let call = Interaction::inbound(id, customer.clone(), agent, Channel::Voice);
    let (payee, reason) = ("Example Bank".parse().unwrap(), "Account fees".parse().unwrap());
    let kind = TransactionKind::Payment;
    let fees = Transaction::new(kind, amount, currency.parse().unwrap(), payee, reason);
    let card = Card::new(
        "4242 4242 4242 4242".parse().unwrap(),
        "12/34".parse().unwrap(),
        "123".parse().unwrap(),
        "Alice Jones".parse().unwrap(),
    );
    let now = Timestamp::from_unix(1_800_000_000);
    let receipt = run(async {
        let (key, id) = (vault.public_key().await.unwrap(), RequestId::new("r-1").unwrap());
        let asking = PaymentRequest::new(id, merchant, fees, "Bob".parse().unwrap(), key);
        let asked = verifier.payments().request(&call, &asking).await.unwrap();
        let device = Device::new(of_bank, customer.clone()).with_vault_keys(of_vault);
        let shown = device.open_payment(&asked.token, now).unwrap();
        let sealed = shown.seal(&card.unwrap(), &SeededRandom::new(7)).unwrap();
        vault.pay(&customer, &asked.token, &sealed, &psp).await.unwrap().receipt
    });
    let outcome = receipt.outcome().clone();
    Paying { server, psp, vault, clock, customer, outcome, receipt }
}

/// A charge as the server has it.
fn charge(amount: u64, currency: &str, captured: bool) -> String {
    format!(
        r#"{{"object":"charge","id":"ch_1","status":"succeeded","currency":"{currency}","amount":{amount},
        "amount_refunded":0,"captured":{captured},"metadata":{{}}}}"#
    )
}

const CHARGES: &str = "POST /v1/charges";

#[test]
fn an_amount_is_sent_and_read_as_the_server_counts_it() {
    for (currency, minor_units, counted, part, part_counted) in
        [("ISK", 50, 5_000, 20, "2000"), ("MGA", 500, 5, 100, "1"), ("GBP", 4_200, 4_200, 42, "42")]
    {
        let code = currency.to_ascii_lowercase();
        let of = paying(minor_units, currency, move |call| match call {
            CHARGES | "GET /v1/charges/ch_1" => Some((200, charge(counted, &code, false))),
            "POST /v1/charges/ch_1" | "POST /v1/charges/ch_1/capture" => {
                Some((200, charge(counted, &code, true)))
            }
            "POST /v1/refunds" => Some((200, r#"{"id":"re_1"}"#.to_owned())),
            _ => None,
        });
        let ChargeOutcome::Authorised { amount, .. } = of.outcome else { panic!("{currency}") };
        assert_eq!(amount, minor_units, "{currency}");
        let sent = of.server.forms(CHARGES);
        assert_eq!(field(&sent[0], "amount"), counted.to_string(), "{currency}");
        let id = |id: &str| RequestId::new(id).unwrap();
        run(async {
            let (vault, receipt, psp) = (&of.vault, &of.receipt, &of.psp);
            vault.capture(&of.customer, receipt, part, &id("c"), psp).await.unwrap();
            vault.refund(&of.customer, receipt, part, &id("r"), psp).await.unwrap();
        });
        for call in ["POST /v1/charges/ch_1/capture", "POST /v1/refunds"] {
            let forms = of.server.forms(call);
            assert_eq!(field(&forms[0], "amount"), part_counted, "{currency} {call}");
        }
    }
}

/// Nobody has said how it is counted, or it would have to be rounded.
#[test]
fn an_amount_that_the_server_does_not_have_is_never_sent() {
    for (currency, minor_units) in [("IQD", 5_000), ("LYD", 5_000), ("MGA", 520), ("KWD", 5_124)] {
        let of = paying(minor_units, currency, |_| None);
        let never = ChargeOutcome::Declined(DeclineReason::NotPermitted);
        assert_eq!(of.outcome, never, "{currency}");
        assert!(of.server.forms(CHARGES).is_empty(), "{currency}");
    }
    // A part of what was paid.
    let of = paying(500, "MGA", |call| match call {
        CHARGES | "GET /v1/charges/ch_1" => Some((200, charge(5, "mga", true))),
        _ => None,
    });
    let id = RequestId::new("r").unwrap();
    let refused = run(of.vault.refund(&of.customer, &of.receipt, 20, &id, &of.psp)).unwrap_err();
    assert!(matches!(refused, Error::Acquirer(AcquirerError::Refused)), "{refused:?}");
    assert!(of.server.forms("POST /v1/refunds").is_empty());
}

/// Whatever is neither success nor a plain refusal says nothing of what was done.
#[test]
fn a_status_that_is_no_answer_leaves_payment_and_act_in_doubt() {
    let said = |status: u16| (status, charge(4_200, "gbp", true));
    for (status, is_answer) in [(201, false), (202, false), (204, false), (302, false)]
        .into_iter()
        .chain([(408, false), (409, false), (425, false), (429, false), (500, false), (503, false)])
        .chain([(400, true), (402, true), (403, true), (404, true)])
    {
        let of = paying(4_200, "GBP", move |call| (call == CHARGES).then(|| said(status)));
        let declined = matches!(of.outcome, ChargeOutcome::Declined(_));
        assert_eq!(declined, is_answer, "{status}: {:?}", of.outcome);
        assert!(is_answer || of.outcome == ChargeOutcome::Unresolved, "{status}");

        let of = paying(4_200, "GBP", move |call| match call {
            CHARGES | "GET /v1/charges/ch_1" => Some(said(200)),
            "POST /v1/refunds" => Some((status, r#"{"id":"re_1"}"#.to_owned())),
            _ => None,
        });
        let id = RequestId::new("r").unwrap();
        let act = run(of.vault.refund(&of.customer, &of.receipt, 100, &id, &of.psp)).unwrap_err();
        let expected = if is_answer { AcquirerError::Refused } else { AcquirerError::InDoubt };
        assert!(matches!(act, Error::Acquirer(error) if error == expected), "{status}: {act:?}");
    }
}

/// A list that is not answered shows nothing, and so not that nothing was charged.
#[test]
fn a_list_that_is_not_answered_is_not_an_empty_one() {
    for status in [200, 201, 302, 404, 429, 500] {
        let of = paying(4_200, "GBP", move |call| match call {
            CHARGES => Some((500, String::new())),
            list if list.starts_with("GET /v1/charges?") => {
                Some((status, r#"{"data":[]}"#.to_owned()))
            }
            _ => None,
        });
        assert_eq!(of.outcome, ChargeOutcome::Unresolved, "{status}");
        of.clock.advance(Duration::from_secs(600));
        let back = Duration::from_secs(3_600);
        let swept = run(of.vault.reconcile(back, &of.psp)).unwrap();
        let known = match status {
            200 => ChargeOutcome::Declined(DeclineReason::NotCharged),
            _ => ChargeOutcome::Unresolved,
        };
        assert_eq!(*swept.receipts[0].1.outcome(), known, "{status}");
        assert_eq!(swept.in_doubt.len(), usize::from(status != 200), "{status}");
    }
}
