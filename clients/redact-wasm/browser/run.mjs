// `node run.mjs`: the redactor in Chromium, under a Content-Security-Policy as strict as a page's may be: a chat box, and a page
// that an agent is shown. Playwright comes from the contact centre's browser tests.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../examples/contact_centre/browser/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

const CARD = "4242 4242 4242 4242";
const PAGE = `<!doctype html><title>Shop</title>
<form id="chat"><input id="text" name="message"><button>Send</button></form>
<main id="shown" class="order-${CARD.replaceAll(" ", "")}">
  <h1 title="${CARD}">Your order 20451</h1>
  <p>Paid with 4242 <b>4242</b> <i>4242</i> 4242, thank you.</p>
  <div>4242 4242</div><div>4242 4242</div>
  <a href="/pay?pan=4242424242424242">pay</a>
  <label>Note <input id="note" value="my card is ${CARD}"></label>
  <label>Delivery <input id="delivery" value="Nine Elms 12"></label>
  <label>Security code <input id="code" value="871"></label>
  <input id="number" autocomplete="cc-number" value="12">
  <input id="secret" type="password" value="hunter2">
  <input id="token" type="hidden" value="t0ken">
  <textarea id="more">and ${CARD}</textarea>
  <select id="kind"><option>visa ${CARD}</option></select>
  <input id="agree" type="checkbox" checked>
  <img src="/card.png" alt="${CARD}"><iframe srcdoc="${CARD}"></iframe>
  <script type="text/plain">hunter3</script><!-- hunter4 -->
  <p id="private">salary 5000</p>
  <x-card></x-card>
</main>
<aside id="hidden" title="hunter5">balance 9000 <em class="shown-too">open</em> hunter6</aside>
<script type="module" src="/page.js"></script>`;
const SCRIPT = `import { load } from "/redact.js";
window.sent = [];
customElements.define("x-card", class extends HTMLElement {
  constructor() { super(); window.made = (window.made ?? 0) + 1; this.attachShadow({ mode: "open" }).textContent = "hunter7"; }
});
const form = document.getElementById("chat");
// The page's own listeners come first, and last.
const send = () => window.sent.push(document.getElementById("text").value);
form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
document.getElementById("text").addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
window.redactor = await load();
window.redactor.attach(document.getElementById("text"));
document.documentElement.dataset.ready = "yes";`;
const files = new Map([
  ["/", ["text/html", PAGE]],
  ["/page.js", ["text/javascript", SCRIPT]],
  ["/redact.js", ["text/javascript", readFileSync(new URL("../redact.js", import.meta.url))]],
  ["/redact.wasm", ["application/wasm", readFileSync(new URL("../redact.wasm", import.meta.url))]],
]);
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'none'; base-uri 'none'";
const server = createServer((request, answer) => {
  const [kind, body] = files.get(request.url) ?? [];
  answer.writeHead(kind ? 200 : 404, { "content-type": kind ?? "text/plain", "content-security-policy": POLICY });
  answer.end(body ?? "");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
page.setDefaultTimeout(10_000);

async function check(name, run) {
  await run();
  console.log(`ok   ${name}`);
}

try {
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.locator("html[data-ready=yes]").waitFor();
  const field = page.locator("#text");

  await check("a number is masked with the key of its last digit", async () => {
    await field.pressSequentially(`it is ${CARD.slice(0, -1)}`);
    assert.equal(await field.inputValue(), `it is ${CARD.slice(0, -1)}`);
    await field.press("2");
    assert.equal(await field.inputValue(), "it is **** **** **** ****");
  });

  await check("the caret stays where it was", async () => {
    await field.fill("thanks");
    await field.evaluate((one) => one.setSelectionRange(0, 0));
    await field.pressSequentially(`${CARD} `);
    assert.equal(await field.inputValue(), "**** **** **** **** thanks");
    assert.equal(await field.evaluate((one) => one.selectionStart), 20);
  });

  await check("what is pasted is masked", async () => {
    await field.fill("");
    await page.evaluate((card) => navigator.clipboard.writeText(card), CARD);
    await field.focus();
    await page.keyboard.press("Control+V");
    assert.equal(await field.inputValue(), "**** **** **** ****");
  });

  await check("no listener of the page sends a card, by Enter, by the button, or set by a script", async () => {
    await field.fill("");
    await field.evaluate((one, card) => (one.value = card), CARD);
    await field.press("Enter");
    await field.evaluate((one, card) => (one.value = card), CARD);
    await page.locator("#chat button").click();
    const sent = await page.evaluate(() => window.sent);
    assert.ok(sent.length >= 3, JSON.stringify(sent));
    for (const text of sent) assert.equal(text, "**** **** **** ****");
  });

  const shown = (how) =>
    page.evaluate((options) => window.redactor.maskPage(document.body, options).outerHTML, how);
  const html = await shown({ show: ["#shown", ".shown-too"], hide: ["#private"] });

  await check("a page that an agent sees has no card in its texts, fields and attributes", async () => {
    assert.equal(/4242/.test(html), false, html);
    assert.ok(html.includes("Your order 20451") && html.includes("thank you"), html);
    assert.ok(/<p>Paid with \*{4} <b>\*{4}<\/b> <i>\*{4}<\/i> \*{4}, thank you\.<\/p>/.test(html), html);
    assert.ok(html.includes("<div>**** ****</div><div>**** ****</div>"), html);
    assert.ok(html.includes('title="**** **** **** ****"') && html.includes('value="Nine Elms 12"'), html);
  });

  await check("fields are shown by their kind", async () => {
    for (const secret of ["871", "hunter2", "t0ken", 'value="12"']) assert.equal(html.includes(secret), false, secret);
    assert.ok(html.includes('value="my card is **** **** **** ****"'), html);
    assert.ok(html.includes("<textarea>and **** **** **** ****</textarea>"), html);
    assert.ok(html.includes("<option>visa **** **** **** ****</option>"), html);
    assert.ok(/<input[^>]*type="checkbox"[^>]*checked/.test(html), html);
  });

  await check("what is not on the list is withheld", async () => {
    for (const kept of ["hunter", "balance", "9000", "salary", "/pay", "card.png", "srcdoc", "<script", "<img"]) {
      assert.equal(html.includes(kept), false, kept);
    }
    assert.ok(html.includes('<em class="shown-too">open</em>'), html);
    const nothing = await shown({});
    assert.equal(/[0-9]|order|open/.test(nothing), false, nothing);
  });

  await check("nothing of the page runs again in the copy", async () => {
    assert.equal(await page.evaluate(() => window.made), 1);
  });

  const speed = await page.evaluate(() => {
    const text = "hi, i'd like to know where my parcel is please. order 20451 was promised for last week. ".repeat(12_000);
    window.redactor.maskText(text);
    const began = performance.now();
    window.redactor.maskText(text);
    return text.length / 1_000 / (performance.now() - began);
  });
  console.log(`     ${speed.toFixed(0)} MB/s of chat text`);
} finally {
  await browser.close();
  server.close();
}
