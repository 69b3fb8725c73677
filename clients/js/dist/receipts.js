// What the vault and the enterprise confirm: how a payment ended, and that records were deleted.
import { base64url, exactly } from "./bytes.js";
import { BRANDS } from "./brand_ranges.js";
import { luhn, PUBLISHED_BRANDS } from "./brands.js";
import { Fields, oneOf, refuse, small, text, whole } from "./data.js";
import { transaction } from "./interaction.js";
export const DECLINE_REASONS = [
    "insufficient_funds",
    "limit_exceeded",
    "expired_card",
    "wrong_details",
    "not_permitted",
    "authentication_needed",
    "try_later",
    "not_charged",
    "other",
    "partly_approved",
    "not_authenticated",
];
/** An acquirer's name for something: up to 64 visible ASCII characters, and no card number. */
const reference = (value) => {
    const read = text(value);
    const fits = /^[\x20-\x7e]{0,64}$/.test(read) && read.trim() === read;
    const isCard = (run) => {
        const digits = run.replace(/[^0-9]/g, "");
        return luhn(digits) && PUBLISHED_BRANDS.brandsOf(digits).length > 0;
    };
    return fits && !read.split(/[A-Za-z]/).some(isCard) ? read : refuse();
};
const amount = whole(64);
const outcome = (value) => {
    if (value === "authenticating" || value === "unresolved")
        return value;
    const [name, held] = new Fields(value).only();
    const reason = oneOf(DECLINE_REASONS);
    if (name === "declined")
        return { declined: reason(held) };
    if (name === "soft_declined")
        return { softDeclined: reason(held) };
    if (name !== "authorised")
        return refuse();
    const fields = new Fields(held);
    return {
        authorised: {
            authorisationCode: fields.get("authorisation_code", reference),
            transactionId: fields.get("transaction_id", reference),
            amount: fields.get("amount", amount),
        },
    };
};
const totals = (value) => {
    const fields = new Fields(value);
    return {
        captured: fields.get("captured", amount),
        voided: fields.get("voided", amount),
        refunded: fields.get("refunded", amount),
        chargedBack: fields.get("charged_back", amount),
        inDoubt: fields.get("in_doubt", amount),
    };
};
const jti = (value) => exactly(base64url, 16, text(value)) === undefined ? refuse() : text(value);
export const RECEIPT = {
    purpose: "receipt",
    read: (data) => ({
        payment: data.id("payment"),
        request: data.get("request", jti),
        requestedAt: data.time("requested_at"),
        merchant: data.hostId("merchant"),
        transaction: data.get("transaction", transaction),
        brand: data.get("brand", oneOf(BRANDS)),
        lastFour: data.get("last_four", (value) => (/^[0-9]{4}$/.test(text(value)) ? text(value) : refuse())),
        outcome: data.get("outcome", outcome),
        totals: data.get("totals", totals),
        count: data.get("count", amount),
    }),
};
export const ERASURE = {
    purpose: "erasure",
    read: (data) => ({ since: data.time("since"), records: data.get("records", small) }),
};
