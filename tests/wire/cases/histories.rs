//! Histories and their receipts, made by the crate itself.

use serde_json::{Value, json};

use super::{Case, refused, taken};
use crate::wire::crockford;
use crate::world::{T, Token, changed};

/// A callback whose history has been kept since it was booked: its events in CBOR, written out.
struct Chain {
    /// Of a callback, or of a credential.
    kind: (u8, &'static str),
    subject: [u8; 16],
    events: Vec<Vec<u8>>,
}

impl Chain {
    fn of(events: usize) -> Self {
        let subject = crate::wire::counting(0xb0);
        let event = |n: usize| match n {
            0 => event(0, 1, 1, 0, None, None),
            1 => event(1, 1, 2, 0, None, None),
            2 => event(2, 3, 4, 5, Some("call-1"), Some("bob")),
            3 => event(3, 3, 4, 0, Some("call-2"), Some("eve")),
            _ => event(u8::try_from(n).unwrap(), 2, 9, 0, None, None),
        };
        Self { kind: (1, "callback"), subject, events: (0..events).map(event).collect() }
    }

    fn head(&self, events: usize) -> [u8; 32] {
        use sha2::{Digest, Sha256};
        let mut head = [0; 32];
        head[..15].copy_from_slice(b"countersign v1.");
        head[15] = self.kind.0;
        head[16..].copy_from_slice(&self.subject);
        for event in &self.events[..events] {
            let pieces: [&[u8]; 3] = [b"countersign history link v1", &head, event];
            head = Sha256::digest(crate::wire::pae(&pieces)).into();
        }
        head
    }

    fn subject(&self) -> Value {
        json!({ self.kind.1: crockford(&self.subject) })
    }

    /// As the enterprise shows it.
    fn shown(&self) -> Value {
        let names = [
            json!({"number": 0, "at": "2026-01-31T13:00:00Z", "actor": "customer", "action": "book", "interaction": null, "outcome": "done"}),
            json!({"number": 1, "at": "2026-01-31T13:00:01Z", "actor": "customer", "action": "amend", "interaction": null, "outcome": "done"}),
            json!({"number": 2, "at": "2026-01-31T13:00:02Z", "actor": {"agent": "bob"}, "action": "reveal", "interaction": "call-1", "outcome": {"refused": "wrong_channel"}}),
            json!({"number": 3, "at": "2026-01-31T13:00:03Z", "actor": {"agent": "eve"}, "action": "reveal", "interaction": "call-2", "outcome": "done"}),
            json!({"number": 4, "at": "2026-01-31T13:00:04Z", "actor": "clock", "action": "expire", "interaction": null, "outcome": "done"}),
        ];
        let events: Vec<_> = self
            .events
            .iter()
            .zip(names)
            .map(|(encoded, mut shown)| {
                shown["operation"] = json!(crockford(&operation(encoded)));
                shown["encoded"] = json!(crockford(encoded));
                shown
            })
            .collect();
        let refusals = usize::from(self.events.len() > 2);
        let head = crockford(&self.head(self.events.len()));
        json!({ "subject": self.subject(), "events": events, "refusals": refusals, "head": head })
    }

    /// A receipt of the first so many events.
    fn receipt(&self, events: usize, refusals: usize) -> Value {
        json!({ "subject": self.subject(), "events": events, "refusals": refusals, "head": crockford(&self.head(events)) })
    }
}

/// The bytes that stand for an operation in an event of these.
fn operation(encoded: &[u8]) -> [u8; 16] {
    let at = encoded.windows(2).position(|pair| pair == [0x06, 0x50]).unwrap() + 2;
    encoded[at..at + 16].try_into().unwrap()
}

fn event(
    number: u8,
    actor: u8,
    action: u8,
    outcome: u8,
    interaction: Option<&str>,
    agent: Option<&str>,
) -> Vec<u8> {
    let texts = u8::from(interaction.is_some()) + u8::from(agent.is_some());
    let mut out = vec![0xa6 + texts, 0, number, 1, 0x1a];
    out.extend(u32::try_from(T - 3600 + u64::from(number)).unwrap().to_be_bytes());
    out.extend([2, actor, 3, action]);
    let text = |out: &mut Vec<u8>, key: u8, text: Option<&str>| {
        if let Some(text) = text {
            out.extend([key, 0x60 + u8::try_from(text.len()).unwrap()]);
            out.extend(text.as_bytes());
        }
    };
    text(&mut out, 4, interaction);
    out.extend([5, outcome, 6, 0x50]);
    out.extend([0x70 + number; 16]);
    text(&mut out, 7, agent);
    out
}

fn signed(data: &Value) -> String {
    Token::of("history_head", 400 * 24 * 3600, data).signed()
}

fn input(receipt: &Value, histories: &[Value]) -> Value {
    json!({ "receipt": signed(receipt), "histories": json!(histories).to_string() })
}

/// A history with one of its events changed.
fn edited(history: &Value, event: usize, member: &str, value: Value) -> Value {
    let mut edited = history.clone();
    edited["events"][event][member] = value;
    edited
}

pub(super) fn checked() -> Vec<Case> {
    let (chain, history) = (Chain::of(5), Chain::of(5).shown());
    let receipt = chain.receipt(3, 1);
    let standing = changed(&receipt, "standing", Some(json!(4)));
    let whole = |receipt: &Value| input(receipt, std::slice::from_ref(&history));
    let other = {
        let mut other = Chain::of(2);
        other.subject = crate::wire::counting(0x20);
        other.shown()
    };
    let mut cases = vec![
        taken("two events more", whole(&receipt), T),
        taken("nothing more", whole(&chain.receipt(5, 1)), T),
        taken("from before anything happened", whole(&chain.receipt(0, 0)), T),
        taken("with how often the customer's anchor had changed", whole(&standing), T),
        taken("among others", input(&receipt, &[other.clone(), history.clone()]), T),
        refused("not among others", input(&receipt, &[other]), T, "missing"),
        refused("none shown", input(&receipt, &[]), T, "missing"),
        refused(
            "an older state",
            input(&chain.receipt(5, 1), &[Chain::of(3).shown()]),
            T,
            "rewritten",
        ),
        refused(
            "fewer refusals",
            input(&chain.receipt(3, 2), std::slice::from_ref(&history)),
            T,
            "rewritten",
        ),
        refused("over", whole(&receipt), T + 400 * 24 * 3600 + 30, "expired"),
        refused("from the future", whole(&receipt), T - 31, "not_yet_valid"),
    ];
    let mut by_stranger = whole(&receipt);
    by_stranger["receipt"] =
        json!(Token::of("history_head", 60, &receipt).signed_by(&crate::world::stranger()));
    cases.push(refused("a receipt of a stranger's", by_stranger, T, "unknown_key"));
    let mut to_other = whole(&receipt);
    to_other["receipt"] = json!(
        Token::of("history_head", 60, &receipt)
            .with(|one| one.audience = "mallory".to_owned())
            .signed()
    );
    cases.push(refused("a receipt of another customer's", to_other, T, "not_genuine"));
    // The head is of another history of as many events.
    let mut another = Chain::of(5);
    another.events[1] = event(1, 1, 3, 0, None, None);
    let mut shown = edited(&another.shown(), 1, "action", json!("cancel"));
    shown["events"][1]["operation"] = json!(crockford(&[0x71; 16]));
    cases.push(refused(
        "another history of as many events",
        input(&receipt, &[shown]),
        T,
        "rewritten",
    ));
    // What is shown is not what the chain covers.
    for (name, at, member, value) in [
        ("another number", 1, "number", json!(7)),
        ("another time", 1, "at", json!("2026-01-31T13:00:09Z")),
        ("another actor", 2, "actor", json!({"agent": "eve"})),
        ("the customer for an agent", 2, "actor", json!("customer")),
        ("another action", 3, "action", json!("recognise")),
        ("another interaction", 2, "interaction", json!("call-9")),
        ("no interaction", 2, "interaction", Value::Null),
        ("an interaction that is not there", 0, "interaction", json!("call-1")),
        ("done for refused", 2, "outcome", json!("done")),
        ("another reason", 2, "outcome", json!({"refused": "ended"})),
        ("a step-up that is not there", 0, "step_up", json!("t38x5mymtqbdfp6svbdxsqeyvw")),
        ("another operation", 0, "operation", json!("t38x5mymtqbdfp6svbdxsqeyvw")),
        ("another event's bytes", 0, "encoded", history["events"][1]["encoded"].clone()),
    ] {
        cases.push(refused(
            format!("shown: {name}"),
            input(&receipt, &[edited(&history, at, member, value)]),
            T,
            "broken",
        ));
    }
    for (name, at, member, value) in [
        ("an action that nobody knows", 0, "action", json!("later")),
        ("a reason that nobody knows", 2, "outcome", json!({"refused": "later"})),
        ("an actor that nobody knows", 0, "actor", json!("later")),
        ("bytes in capitals", 0, "encoded", json!("A0")),
        ("an event that is an array", 0, "actor", json!(["agent", "bob"])),
    ] {
        cases.push(refused(
            format!("no history: {name}"),
            input(&receipt, &[edited(&history, at, member, value)]),
            T,
            "broken",
        ));
    }
    let mut without = |name: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut history = history.clone();
        change(history["events"].as_array_mut().unwrap());
        cases.push(refused(name, input(&receipt, &[history]), T, "broken"));
    };
    without("the last event left out", &|events| drop(events.pop()));
    without("the first event left out", &|events| drop(events.remove(0)));
    without("two events swapped", &|events| events.swap(0, 1));
    without("an event twice", &|events| events.insert(1, events[1].clone()));
    cases.extend(longer());
    let text = json!({ "receipt": signed(&receipt), "histories": "[{\"subject\"" });
    cases.push(refused("no JSON", text, T, "broken"));
    let twice = history.to_string().replacen("\"refusals\":1", "\"refusals\":1,\"refusals\":1", 1);
    let twice = json!({ "receipt": signed(&receipt), "histories": format!("[{twice}]") });
    cases.push(refused("a member twice", twice, T, "broken"));
    cases
}

/// The first events are listed no longer.
fn longer() -> Vec<Case> {
    let chain = Chain::of(5);
    let mut history = chain.shown();
    let events = history["events"].as_array_mut().unwrap();
    events.drain(..2);
    history["earlier"] = json!({ "events": 2, "head": crockford(&chain.head(2)) });
    let of = |receipt: &Value, history: &Value| input(receipt, std::slice::from_ref(history));
    let mut wrong = history.clone();
    wrong["earlier"]["events"] = json!(1);
    // What a later version adds to an event is covered, too.
    let mut later = Chain::of(2);
    later.events[1][0] += 1;
    later.events[1].extend([0x09, 0x82, 0xf5, 0xa1, 0x00, 0x41, 0x00]);
    let mut shown = later.shown();
    shown["events"][1]["later"] = json!(true);
    vec![
        taken("events that are listed no longer", of(&chain.receipt(3, 1), &history), T),
        taken("a receipt from when the last of them was", of(&chain.receipt(2, 0), &history), T),
        refused("a receipt from before them", of(&chain.receipt(1, 0), &history), T, "too_old"),
        refused("another number of them", of(&chain.receipt(3, 1), &wrong), T, "broken"),
        taken(
            "a member of an event that a later version adds",
            of(&later.receipt(2, 0), &shown),
            T,
        ),
    ]
}

pub(super) fn renewed() -> Vec<Case> {
    let (chain, history) = (Chain::of(5), Chain::of(5).shown());
    let of = |old: &Value, new: &Value, histories: &[Value]| json!({ "old": signed(old), "new": signed(new), "histories": json!(histories).to_string() });
    let (old, new) = (chain.receipt(2, 0), chain.receipt(5, 1));
    let shown = std::slice::from_ref(&history);
    let standing = |of: &Value, times: u32| changed(of, "standing", Some(json!(times)));
    let mut other = Chain::of(5);
    other.subject = crate::wire::counting(0x20);
    vec![
        taken("three events more", of(&old, &new, shown), T),
        taken("the same again", of(&new, &new, shown), T),
        taken("as often as before", of(&standing(&old, 4), &standing(&new, 4), shown), T),
        taken("an old one that does not say", of(&old, &standing(&new, 1), shown), T),
        refused("put back", of(&standing(&old, 4), &standing(&new, 3), shown), T, "put_back"),
        refused("an older one", of(&new, &old, shown), T, "rewritten"),
        refused("of another callback", of(&old, &other.receipt(5, 1), shown), T, "missing"),
        refused(
            "of another history",
            of(&old, &changed(&new, "head", Some(json!("0".repeat(52)))), shown),
            T,
            "rewritten",
        ),
        refused(
            "a history that does not contain it",
            of(&old, &new, &[Chain::of(3).shown()]),
            T,
            "rewritten",
        ),
    ]
}

/// Receipts that name the key of a credential, on whose word it was bound, and what its attestation was found to say: an app
/// that does not know these members leaves them alone.
pub(super) fn named() -> Vec<Case> {
    let of = |events| Chain { kind: (3, "credential"), ..Chain::of(events) };
    let (chain, history) = (of(5), of(5).shown());
    let shown = std::slice::from_ref(&history);
    let named = |of: &Value, members: &[(&str, Value)]| {
        let mut named = of.clone();
        for (name, value) in members {
            named = changed(&named, name, Some(value.clone()));
        }
        named
    };
    let key = ("key", json!("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"));
    let by = |word: &str| ("bound_by", json!(word));
    let attested =
        |kept_in: &str| ("attested", json!({"kept_in": kept_in, "at": "2026-01-31T13:00:00Z"}));
    let receipt = chain.receipt(3, 1);
    let mut cases =
        vec![taken("with a key", input(&named(&receipt, std::slice::from_ref(&key)), shown), T)];
    for word in ["session", "shared_secret", "signing_key", "back_end", "visit"] {
        let receipt = named(&receipt, &[key.clone(), by(word)]);
        cases.push(taken(format!("bound by {word}"), input(&receipt, shown), T));
    }
    for kept_in in ["software", "trusted_environment", "secure_element"] {
        let receipt = named(&receipt, &[key.clone(), by("visit"), attested(kept_in)]);
        cases.push(taken(format!("kept in {kept_in}"), input(&receipt, shown), T));
    }
    let all = [("standing", json!(4)), key.clone(), by("back_end"), attested("secure_element")];
    cases.push(taken("all members", input(&named(&receipt, &all), shown), T));
    let older = input(&named(&chain.receipt(5, 1), &all), &[of(3).shown()]);
    cases.push(refused("an older state", older, T, "rewritten"));
    let another = named(&chain.receipt(3, 1), &[("head", json!("0".repeat(52))), key]);
    cases.push(refused("another head", input(&another, shown), T, "rewritten"));
    cases
}
