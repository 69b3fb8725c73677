// `node passkey.mjs PROGRAM`: the phone is set up with a passkey of Chromium's virtual authenticator, and the customer
// approves a transfer with it, and declines one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const service = spawn(process.argv[2], ["--port", "0", "--vault-port", "0", "--issuer-port", "0", "--visits", "100"], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((found, failed) => {
  createInterface(service.stdout).on("line", (line) => {
    const [, url] = /^Open\s+(\S+)/.exec(line) ?? [];
    if (url) found(url);
  });
  service.on("exit", () => failed(new Error("the service ended")));
});
assert.match(address, /^http:\/\/localhost:/, "passkeys are for names");

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
const wrong = [];
page.on("pageerror", (error) => wrong.push(error.message));
const debug = await page.context().newCDPSession(page);
await debug.send("WebAuthn.enable", { enableUI: false });
const { authenticatorId } = await debug.send("WebAuthn.addVirtualAuthenticator", { options: {
  protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  automaticPresenceSimulation: true,
} });
const seen = (selector, text) => page.locator(selector, { hasText: text }).first().waitFor();

await page.goto(address);
await page.locator("html[data-ready=yes]").waitFor();
await page.click("[data-story=transfer]");
await page.click("#setup-passkey");
await seen("#phone-notice", "approves by passkey");
assert.ok(await page.locator("#setup").isHidden());
const { credentials } = await debug.send("WebAuthn.getCredentials", { authenticatorId });
assert.deepEqual(credentials.map(({ rpId }) => rpId), ["localhost"]);

// She calls, and approves what is shown.
await page.click("#ring");
await seen("#desktop-calls", "On the line");
await page.click("#transfer-ask");
// Nothing is shown before she says who rang whom; a wrong answer is asked once more.
await seen("#who-rang-hint", "Who rang whom?");
assert.ok(await page.locator("#sign").isHidden());
await page.click("#who-enterprise");
await seen("#who-rang-hint", "once more");
await page.click("#who-customer");
await seen("#sign-headline", "You called us.");
await seen("#sign-what", "5000.00");
assert.ok(await page.locator("#approve").isHidden(), "no PIN is asked for");
// The passkey signs nothing before the digits that the agent says.
await page.click("#sign-approve");
await seen("#phone-notice", "Type the six digits");
const said = await page.locator("#transfers .script-line").first().textContent();
await page.fill("#sign-digits", said.replace(/\D/g, ""));
// Nobody touches the authenticator's sensor rightly: nothing is approved.
await debug.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await page.click("#sign-approve");
await seen("#phone-notice", "Nothing was approved");
await debug.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
await page.click("#sign-approve");
await seen("#transfers", "Verified");
assert.deepEqual(wrong, []);

await browser.close();
service.kill();
console.log("The contact centre's phone approves by passkey.");
