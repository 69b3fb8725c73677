// What the app keeps on the phone.
//
// YOURS: the platform's key store, out of reach of other apps and of backups. This page has the browser's local storage.

import { CodeAttempts, Device, DeviceCredential, KnownNotices, PublicKey, TrustedKeys } from "/countersign.js";

const text = (bytes) => btoa(String.fromCharCode(...bytes));
const bytes = (of) => Uint8Array.from(atob(of), (sign) => sign.charCodeAt(0));

export class Kept {
  #place;
  #all;
  credential;
  // Enrolled here, and perhaps confirmed there: whether the answer came, nobody knows yet.
  unconfirmed;
  attempts;
  // Which notices are in force, as far as this app has learnt it.
  known;

  static async of(customer) {
    const kept = new Kept();
    kept.#place = `phone of ${customer}`;
    kept.#all = JSON.parse(localStorage.getItem(kept.#place) ?? "{}");
    const { credential, unconfirmed, attempts, notices } = kept.#all;
    if (unconfirmed) kept.unconfirmed = await DeviceCredential.fromBytes(bytes(unconfirmed.credential));
    if (credential) kept.credential = await DeviceCredential.fromBytes(bytes(credential));
    kept.attempts = attempts ? CodeAttempts.fromBytes(bytes(attempts)) : new CodeAttempts();
    kept.known = notices ? KnownNotices.fromText(notices) : new KnownNotices();
    return kept;
  }

  #write(what) {
    Object.assign(this.#all, what);
    localStorage.setItem(this.#place, JSON.stringify(this.#all));
  }

  // The idempotency key of the enrolment: the same one until the credential is confirmed.
  enrolment(fresh) {
    if (!this.#all.enrolment) this.#write({ enrolment: fresh });
    return this.#all.enrolment;
  }

  // Written before the first code is sent: the seed is given no more once the bank has confirmed, whether or not its
  // answer arrives.
  // Nothing of it tells whether there is a second PIN, for use under coercion.
  async enrol(given, pin, duress) {
    const made = await DeviceCredential.enrol({ credential: given.credential.id, seed: given.seed, pin, duress });
    this.#write({ unconfirmed: { credential: text(await made.toBytes()), pseudonym: given.pseudonym } });
    this.unconfirmed = made;
    return made;
  }

  // The bank has taken its first code, or has it among those that are active.
  confirmed() {
    const { credential, pseudonym } = this.#all.unconfirmed;
    this.#write({ credential, pseudonym, unconfirmed: undefined });
    this.credential = this.unconfirmed;
    this.unconfirmed = undefined;
  }

  get pseudonym() { return this.#all.pseudonym; }

  // Written before anything that was heard is shown.
  keepAttempts() { this.#write({ attempts: text(this.attempts.toBytes()) }); }

  keepNotices() { this.#write({ notices: this.known.toText() }); }

  // With the highest standing that any receipt had: one that says less was given by a bank that was put back.
  keepReceipt(subject, token, standing) {
    const highest = Math.max(this.standing, standing);
    this.#write({ receipts: { ...this.#all.receipts, [subject]: token }, standing: highest });
  }
  get standing() { return this.#all.standing ?? 0; }
  get receipts() { return Object.entries(this.#all.receipts ?? {}); }

  note(name, value) { this.#write({ notes: { ...this.#all.notes, [name]: value } }); }
  noted(name) { return this.#all.notes?.[name]; }
}

async function trusted({ issuer, keys }, purposes) {
  const all = new TrustedKeys(issuer);
  for (const paserk of keys) {
    const key = await PublicKey.parse(paserk);
    for (const purpose of purposes) all.trust(key, purpose);
  }
  return all;
}

// The customer's half of countersign, with the keys that are built in.
export async function deviceOf({ customer, trust }, kept) {
  const of = ["challenge", "appointment", "step_up", "status", "payment_request", "history_head", "reachable",
    "call_numbers", "call_verdict", "notice", "notice_list"];
  return new Device({
    customer,
    keys: await trusted(trust.bank, of),
    vaultKeys: await trusted(trust.vault, ["opening_key", "receipt"]),
    pseudonym: kept?.pseudonym,
  });
}
