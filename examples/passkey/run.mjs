// Chromium's virtual authenticator makes passkeys and approves with them at the bank of examples/passkey.rs, and
// @simplewebauthn/server judges the same answers:
//
//     npm ci --prefix examples/passkey && node examples/passkey/run.mjs target/debug/examples/passkey

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { chromium } from "playwright-core";

const bytes = (text) => Buffer.from(text, "base64url");
const text = (of) => Buffer.from(of).toString("base64url");

// A page that holds the bank's, if it is asked for that.
async function site() {
  const server = createServer((request, response) => {
    const framed = new URL(request.url, "http://localhost").searchParams.get("frame");
    response.setHeader("content-type", "text/html");
    response.end(framed ? `<iframe src="${framed}" allow="publickey-credentials-get"></iframe>` : "<title>Approve</title>");
  });
  await new Promise((ready) => server.listen(0, "localhost", ready));
  return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

function bankAt(origin) {
  const child = spawn(process.argv[2], [origin], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line) => {
    child.stdin.write(`${JSON.stringify(line)}\n`);
    const answer = JSON.parse((await lines.next()).value);
    assert.equal(answer.failed, undefined, answer.failed);
    return answer;
  };
  return { ask, close: () => child.stdin.end() };
}

// In the page.
async function create({ challenge, algorithm }) {
  const from = (of) => Uint8Array.from(atob(of.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const made = await navigator.credentials.create({ publicKey: {
    challenge: from(challenge),
    rp: { id: "localhost", name: "Bank" },
    user: { id: new Uint8Array(16).fill(7), name: "customer-1847", displayName: "Alice" },
    pubKeyCredParams: [{ type: "public-key", alg: algorithm }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  } });
  return JSON.stringify(made.toJSON());
}
async function get({ challenge, id, verification }) {
  const from = (of) => Uint8Array.from(atob(of.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const made = await navigator.credentials.get({ publicKey: {
    challenge: from(challenge),
    rpId: "localhost",
    allowCredentials: id ? [{ type: "public-key", id: from(id) }] : [],
    userVerification: verification ?? "required",
  } });
  return JSON.stringify(made.toJSON());
}

async function theirs(origin, challenge, answer, credential) {
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: JSON.parse(answer), expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: "localhost",
      requireUserVerification: true, credential,
    });
    return verified;
  } catch {
    return false;
  }
}

// The answer with something changed, signed as it was.
function changed(answer, part, change) {
  const json = JSON.parse(answer);
  json.response[part] = text(change(bytes(json.response[part])));
  return JSON.stringify(json);
}
const inClient = (answer, name, value) => changed(answer, "clientDataJSON", (data) => {
  const client = JSON.parse(data);
  return Buffer.from(JSON.stringify({ ...client, [name]: value(client[name]) }));
});
const inData = (answer, at, bit) => changed(answer, "authenticatorData", (data) => {
  data[at] ^= bit;
  return data;
});
const byOne = (of) => of.slice(0, -1) + (of.at(-1) === "A" ? "B" : "A");

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let refusals = 0;

for (const [name, algorithm] of [["ES256", -7], ["EdDSA", -8]]) {
  const [own, other] = [await site(), await site()];
  const bank = bankAt(own.origin);
  const page = await (await browser.newContext()).newPage();
  const debug = await page.context().newCDPSession(page);
  await debug.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await debug.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal",
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  await page.goto(own.origin);

  // Registration: ours and theirs.
  const { nonce } = await bank.ask("enrol");
  const made = await page.evaluate(create, { challenge: nonce, algorithm });
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: JSON.parse(made), expectedChallenge: nonce, expectedOrigin: own.origin, expectedRPID: "localhost",
    supportedAlgorithmIDs: [algorithm],
  });
  assert.ok(verified);
  const { credential } = registrationInfo;
  for (const wrong of [
    inClient(made, "challenge", byOne), inClient(made, "origin", byOne), inClient(made, "type", () => "webauthn.get"),
  ]) {
    assert.deepEqual(await bank.ask({ register: wrong }), { refused: true });
  }
  const { passkey } = await bank.ask({ register: made });
  assert.equal(passkey, credential.id);

  // An approval; whatever is changed of it before is refused by both.
  const { challenge } = await bank.ask("ask");
  const answer = await page.evaluate(get, { challenge, id: passkey });
  const json = JSON.parse(answer);
  const data = bytes(json.response.authenticatorData);
  assert.deepEqual(data.subarray(0, 32), createHash("sha256").update("localhost").digest());
  const wrong = {
    "type": inClient(answer, "type", () => "webauthn.create"),
    "challenge": inClient(answer, "challenge", byOne),
    "origin": inClient(answer, "origin", byOne),
    "crossOrigin": inClient(answer, "crossOrigin", () => true),
    "the signature": changed(answer, "signature", (of) => { of[of.length - 1] ^= 1; return of; }),
    "more authenticator data": changed(answer, "authenticatorData", (of) => Buffer.concat([of, Buffer.from([0])])),
    "less authenticator data": changed(answer, "authenticatorData", (of) => of.subarray(0, -1)),
  };
  for (let at = 0; at < data.length; at += 1) {
    const what = at < 32 ? "RP id" : at === 32 ? "flags" : "counter";
    for (const bit of at === 32 ? [1, 2, 4, 8, 16, 32, 64, 128] : [1]) {
      wrong[`${what}, byte ${at}, bit ${bit}`] = inData(answer, at, bit);
    }
  }
  for (const [what, one] of Object.entries(wrong)) {
    assert.deepEqual(await bank.ask({ answer: one }), { refused: true }, what);
    assert.equal(await theirs(own.origin, challenge, one, credential), false, what);
    refusals += 1;
  }

  // Signed rightly, and not what was asked: at another origin, in another page, of an unverified user, of another passkey,
  // for another challenge.
  await page.goto(other.origin);
  const elsewhere = await page.evaluate(get, { challenge, id: passkey });
  assert.equal(JSON.parse(bytes(JSON.parse(elsewhere).response.clientDataJSON)).origin, other.origin);
  assert.equal(await theirs(own.origin, challenge, elsewhere, credential), false);
  assert.ok(await theirs(other.origin, challenge, elsewhere, credential), "but for the origin it is right");
  await page.goto(`${other.origin}/?frame=${encodeURIComponent(own.origin)}`);
  const frame = page.frames().find((one) => one.url().startsWith(own.origin));
  const framed = await frame.evaluate(get, { challenge, id: passkey });
  assert.equal(JSON.parse(bytes(JSON.parse(framed).response.clientDataJSON)).crossOrigin, true);
  await page.goto(own.origin);
  const stale = await page.evaluate(get, { challenge: nonce, id: passkey });
  await debug.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  const unverified = await page.evaluate(get, { challenge, id: passkey, verification: "discouraged" });
  assert.equal(bytes(JSON.parse(unverified).response.authenticatorData)[32] & 4, 0);
  assert.equal(await theirs(own.origin, challenge, unverified, credential), false);
  await debug.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await debug.send("WebAuthn.clearCredentials", { authenticatorId });
  await page.evaluate(create, { challenge: nonce, algorithm });
  const another = await page.evaluate(get, { challenge });
  assert.equal(await theirs(own.origin, challenge, another, credential), false);
  for (const [what, one] of Object.entries({ elsewhere, framed, stale, unverified, another })) {
    assert.deepEqual(await bank.ask({ answer: one }), { refused: true }, what);
    refusals += 1;
  }

  assert.ok(await theirs(own.origin, challenge, answer, credential));
  assert.deepEqual(await bank.ask({ answer }), { status: "approved" }, `${name}: nothing was counted`);
  bank.close();
  await page.context().close();
  own.close();
  other.close();
}
await browser.close();

// The specification's vectors, by @simplewebauthn/server; what is said here of ours is held by src/webauthn/vectors.rs.
const ALGORITHM = ["packed-es384", "packed-es512", "packed-rs256"];
const ANOTHER_PAGE = ["none-es256-crossOrigin", "none-es256-topOrigin"];
const JUDGED = ["tpm-es256", "android-key-es256", "apple-es256", "fido-u2f-es256"];
const { pairs } = JSON.parse(readFileSync(new URL("../../tests/vectors/webauthn-l3.json", import.meta.url)));
for (const [name, of] of Object.entries(pairs)) {
  const hex = (field) => Buffer.from(of[field], "hex").toString("base64url");
  const response = (members) => ({
    id: hex("r_credential_id"), rawId: hex("r_credential_id"), type: "public-key", clientExtensionResults: {}, response: members,
  });
  const expected = { expectedOrigin: "https://example.org", expectedRPID: "example.org", requireUserVerification: false };
  const taken = await verifyRegistrationResponse({
    ...expected,
    response: response({ clientDataJSON: hex("r_clientDataJSON"), attestationObject: hex("r_attestationObject") }),
    expectedChallenge: hex("r_challenge"), supportedAlgorithmIDs: [-7, -8, -35, -36, -257, -53],
  }).then(({ registrationInfo: { credential } }) => verifyAuthenticationResponse({
    ...expected,
    response: response({
      clientDataJSON: hex("a_clientDataJSON"), authenticatorData: hex("a_authenticatorData"), signature: hex("a_signature"),
    }),
    expectedChallenge: hex("a_challenge"), credential: { ...credential, counter: 0 },
  })).then(({ verified }) => verified, () => false);
  // Ours takes ES256 and EdDSA on Ed25519, in a page of its own, and leaves attestations to the host.
  const ours = ![...ALGORITHM, ...ANOTHER_PAGE, "packed-ed448"].includes(name);
  const differ = [...ALGORITHM, ...ANOTHER_PAGE, ...JUDGED].includes(name);
  assert.equal(taken !== ours, differ, `${name}: theirs ${taken}, ours ${ours}`);
}
console.log(`Passkeys: 2 approved in Chromium, ${refusals} refused, and ${Object.keys(pairs).length} pairs of vectors compared.`);
