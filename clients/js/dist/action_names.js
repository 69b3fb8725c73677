// The names of kinds of actions and of their fields, none of which can be spelt as money or as a new authenticator.
/** The longest name, in characters. */
const MAX_NAME_CHARS = 36;
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
/** Stems of words by which money and authenticators are called, wherever they stand in a name. */
const STEMS = [
    "transfer",
    "payment",
    "payee",
    "payout",
    "refund",
    "withdraw",
    "deposit",
    "remit",
    "purchase",
    "money",
    "amount",
    "currency",
    "authenticator",
    "enrol",
    "credential",
    "passkey",
    "devicekey",
    "cardnumber",
];
/** Such words that are parts of harmless ones, too: they are looked for as whole words. */
const WORDS = [
    "code",
    "pin",
    "pay",
    "pays",
    "paid",
    "fob",
    "fobs",
    "charge",
    "debit",
    "credit",
    "iban",
    "totp",
    "hotp",
    "ocra",
];
/** Digits that are read as letters. */
const READ = { 0: "o", 1: "l", 3: "e", 4: "a", 5: "s", 7: "t" };
/** Why a text is no such name; `undefined` if it is one. */
export function misnamed(text) {
    if (typeof text !== "string" || text.length > MAX_NAME_CHARS || !NAME.test(text))
        return "malformed";
    // Also where a word is written in parts, as in `pay_ment`, or digits stand for letters, as in `payment5`.
    const read = text.replaceAll("_", "").replace(/[0-9]/g, (digit) => READ[digit] ?? digit);
    const holds = STEMS.some((stem) => read.includes(stem));
    const isWord = text.split("_").some((word) => WORDS.includes(word.replace(/[0-9]+$/, "")));
    return holds || isWord ? "reserved" : undefined;
}
