//! What a round is made of, drawn.

use countersign::random::{Random, SeededRandom};
use countersign::transaction::TransactionKind;
use countersign::{Channel, Currency, Transaction};
use serde_json::{Value, json};

/// Names as people have them, and texts that are hard to keep whole.
const TEXTS: [&str; 16] = [
    "Jones Roofing 20-00-00 55779911",
    "José Ñandú",
    "张伟",
    "علی‌رضا",
    "ශ්‍රී ලංකා",
    "Ὀδυσσεύς",
    "Żółć & Söhne",
    "\"quoted\" \\ back/slash",
    "<b>bold</b>",
    "😀 Ltd",
    "नमस्ते",
    "Zoe\u{308}",
    "𝒜𝓁𝒾𝒸ℯ",
    "Ⅳ. Quartal",
    "''; DROP TABLE",
    "a",
];
const SECRETS: [&str; 8] = [
    "anana",
    "Blue  Kettle",
    "Ärger über Öl",
    "ΣΊΣΥΦΟΣ",
    "İstanbul",
    "Straße",
    "이름이다",
    "ﬁnance O’Neill",
];
const CURRENCIES: [&str; 12] =
    ["GBP", "EUR", "USD", "JPY", "KWD", "HUF", "IDR", "CLF", "COP", "ISK", "BHD", "XAU"];
const CARDS: [(&str, &str); 6] = [
    ("4242 4242 4242 4242", "123"),
    ("5555-5555-5555-4444", "123"),
    ("378282246310005", "1234"),
    ("６０１１１１１１１１１１１１１７", "999"),
    ("3566002020360505", "000"),
    ("6205500000000000004", "123"),
];

pub(crate) struct Draws(pub(crate) SeededRandom);

impl Draws {
    pub(crate) fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn of<T: Clone>(&self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// Mostly short; now and then as long as a text can be.
    pub(crate) fn text(&self) -> String {
        let text = self.of(&TEXTS).to_owned();
        if self.one_in(5) { self.of(&["é", "张", "x", "😀"]).repeat(256) } else { text }
    }

    pub(crate) fn secret(&self) -> &'static str {
        self.of(&SECRETS)
    }

    pub(crate) fn channel(&self) -> Channel {
        self.of(&Channel::ALL)
    }

    /// One on which secrets are said and payments asked for.
    pub(crate) fn private(&self) -> Channel {
        self.of(&[Channel::Voice, Channel::Video, Channel::Chat, Channel::Sms])
    }

    pub(crate) fn pin(&self) -> String {
        let length = 4 + self.below(9);
        (0..length).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap())).collect()
    }

    /// The same PIN on another keypad.
    pub(crate) fn typed(&self, pin: &str) -> String {
        let zero = self.of(&['0', '０', '٠', '०', '𝟎']);
        let digit = |c: char| {
            let value = c.to_digit(10).unwrap();
            char::from_u32(u32::from(zero) + value).unwrap()
        };
        pin.chars()
            .map(digit)
            .map(|c| if self.one_in(6) { format!("{c} ") } else { c.to_string() })
            .collect()
    }

    pub(crate) fn transaction(&self) -> Transaction {
        let kind = self.of(&[
            TransactionKind::Transfer,
            TransactionKind::Payment,
            TransactionKind::NewPayee,
            TransactionKind::Change,
            TransactionKind::NewAuthenticator,
        ]);
        let amount = match self.below(5) {
            0 => u64::MAX,
            1 => (1 << 53) + 1,
            2 => self.number(),
            _ => self.number() % 1_000_000,
        };
        // A transfer of nothing is none.
        let amount = if kind.is_payment() { amount.max(1) } else { amount };
        self.about(kind, amount, self.of(&CURRENCIES).parse().unwrap())
    }

    /// What a card can be charged with.
    pub(crate) fn payment(&self) -> Transaction {
        let amount = if self.one_in(4) { 999_999_999_999 } else { 1 + self.number() % 1_000_000 };
        self.about(TransactionKind::Payment, amount, self.of(&CURRENCIES[..11]).parse().unwrap())
    }

    fn about(&self, kind: TransactionKind, amount: u64, currency: Currency) -> Transaction {
        let (payee, reference) = (self.text().parse().unwrap(), self.text().parse().unwrap());
        Transaction::new(kind, amount, currency, payee, reference)
    }

    pub(crate) fn card(&self) -> Value {
        let (pan, code) = self.of(&CARDS);
        let mut card = json!({ "pan": pan, "expiry": "12/34", "code": code, "cardholder": self.of(&TEXTS[1..7]) });
        if self.one_in(2) {
            card["billing_address"] =
                json!({ "country": "GB", "postcode": "ls1 1aa", "lines": ["1 High Street"] });
        }
        if self.one_in(3) {
            card["stored_credential"] = json!("recurring");
        }
        card
    }
}
