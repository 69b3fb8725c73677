//! The canonical encoding of a transaction: two are encoded alike only if they are the same, and what is
//! encoded can be read back piece by piece as documented.
#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use countersign::text::ShortText;
use countersign::transaction::TransactionKind;
use countersign::{Currency, Transaction};
use libfuzzer_sys::fuzz_target;

const KINDS: [TransactionKind; 5] = [
    TransactionKind::Transfer,
    TransactionKind::Payment,
    TransactionKind::NewPayee,
    TransactionKind::Change,
    TransactionKind::NewAuthenticator,
];
const CURRENCIES: [&str; 4] = ["GBP", "EUR", "JPY", "KWD"];

#[derive(Debug, Arbitrary)]
struct Parts<'a> {
    kind: u8,
    amount: u64,
    currency: u8,
    payee: &'a str,
    reference: &'a str,
}

impl Parts<'_> {
    fn transaction(&self) -> Option<Transaction> {
        let text = |text: &str| text.parse::<ShortText>().ok();
        Some(Transaction::new(
            KINDS[usize::from(self.kind % 5)],
            self.amount,
            CURRENCIES[usize::from(self.currency % 4)].parse::<Currency>().ok()?,
            text(self.payee)?,
            text(self.reference)?,
        ))
    }
}

/// The pieces of `PAE`, if `bytes` is one.
fn pieces(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let number = |bytes: &[u8; 8]| usize::try_from(u64::from_le_bytes(*bytes)).ok();
    let (count, mut rest) = bytes.split_first_chunk::<8>()?;
    let mut out = Vec::new();
    for _ in 0..number(count)? {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let (piece, after) = after.split_at_checked(number(length)?)?;
        out.push(piece);
        rest = after;
    }
    rest.is_empty().then_some(out)
}

fn check(one: &Transaction) {
    let encoded = one.canonical();
    let kind = KINDS.iter().position(|kind| *kind == one.kind).unwrap() + 1;
    let wanted: [&[u8]; 6] = [
        b"countersign transaction v1",
        &[u8::try_from(kind).unwrap()],
        &one.amount.to_be_bytes(),
        one.currency.code().as_bytes(),
        one.payee.as_str().as_bytes(),
        one.reference.as_str().as_bytes(),
    ];
    assert_eq!(pieces(&encoded).unwrap(), wanted);
    // It survives the journey in a token.
    let json = serde_json::to_string(one).unwrap();
    assert_eq!(serde_json::from_str::<Transaction>(&json).unwrap(), *one);
    // What a person reads says the kind first, and payee and reference whole.
    let text = one.to_string();
    let words = ["Transfer of ", "Payment of ", "New payee", "Change of details", "New app or fob"];
    assert!(text.starts_with(words[kind - 1]));
    assert!(text.ends_with(&format!("{} ({})", one.payee, one.reference)));
    let shown = kind <= 2 || one.amount > 0;
    assert!(!shown || text.contains(one.currency.code()));
}

fuzz_target!(|data: &[u8]| {
    let mut source = Unstructured::new(data);
    let Ok((one, other)) = <(Parts<'_>, Parts<'_>)>::arbitrary(&mut source) else { return };
    let (Some(one), Some(other)) = (one.transaction(), other.transaction()) else { return };
    check(&one);
    check(&other);
    assert_eq!(one == other, one.canonical() == other.canonical());
    // The text moved over from one field to the next is another transaction.
    let joined = format!("{}{}", one.payee.as_str(), one.reference.as_str());
    for (at, _) in joined.char_indices() {
        let (payee, reference) = joined.split_at(at);
        if let (Ok(payee), Ok(reference)) = (payee.parse(), reference.parse()) {
            let moved = Transaction::new(one.kind, one.amount, one.currency, payee, reference);
            assert_eq!(moved == one, moved.canonical() == one.canonical());
        }
    }
});
