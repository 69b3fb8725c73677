// The stories as a person clicks them. `at` is told of every stage: it looks for what must not be there.

export const PLANTED = { card: "4000056655665556", pin: "739146" };

const click = (page, selector) => page.locator(selector).first().click();
const seen = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();

async function setUp(page) {
  // By keyboard.
  await page.focus("#setup-pin");
  await page.keyboard.type(PLANTED.pin);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#setup").waitFor({ state: "hidden" });
}

async function book(page, secret) {
  // “Show me where” leads to the field at first; the rest is done by keyboard.
  if (await page.locator("#guide-count", { hasText: "Step 1 " }).count()) await click(page, "#guide-show");
  else await page.focus("#book-secret");
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
  await seen(page, "#callbacks .badge", "booked");
}

async function rung(page) {
  await click(page, "#phone-answer");
  await seen(page, "#phone-call-title", "On the line");
}

async function checked(page) {
  await page.locator("#phone-history summary").click();
  await click(page, "#check-history");
  await seen(page, "#history-checked", "Unchanged");
  await page.locator("#intact", { hasText: "intact" }).waitFor();
}

async function asks(page, text) {
  await click(page, "#phone-ask");
  await seen(page, "#phone-status", text);
}

async function mallory(page) {
  await click(page, "[data-act=impostor-mallory]");
  await rung(page);
}

async function announced(page) {
  await click(page, "#announce button");
  await page.locator("#messages [data-act^=check-]").waitFor();
}

async function agreed(page) {
  await click(page, "[data-act=accept]");
  await click(page, "[data-act=confirm]");
  await page.locator("#hear").waitFor();
}

// The app asks who rang whom before it shows anything of a step-up.
async function saysWhoRang(page, who) {
  await page.locator("#who-rang").waitFor();
  await click(page, `#who-${who}`);
}

// What the bank's platform measured, signed, and a callback from that.
async function reached(page) {
  // In a call nothing is booked.
  await click(page, "#phone-hang-up");
  await page.locator("#book").waitFor();
  await click(page, "#reach-ask");
  await seen(page, "#reach-lines [data-skill=cards]", "about 4 minutes, as of");
  await seen(page, "#reach-lines [data-skill=mortgages]", "closed now");
  await click(page, "[data-act=reach-book-cards]");
  await seen(page, "#phone-notice", "Choose a secret below first");
  await page.fill("#book-secret", "yellow kettle");
  await click(page, "[data-act=reach-book-cards]");
  await seen(page, "#phone-notice", "Booked from what you were told");
  await seen(page, "#callbacks .badge", "booked");
}

// The ticket of "Call us": the digits go to the dialler, and stand nowhere on the page, desktop and scenes included.
async function callsFromTheApp(page, at) {
  const given = page.waitForResponse((response) => new URL(response.url()).pathname === "/phone/tickets");
  const dialled = page.waitForRequest((request) => new URL(request.url()).pathname === "/phone/dial");
  await click(page, "#call-us");
  const { dial } = await (await given).json();
  const [, digits] = /^\+442079460100,,([0-9]{16})#$/.exec(dial);
  if ((await dialled).postDataJSON().dial !== dial) throw new Error("something else was dialled");
  await seen(page, "#desktop-calls", "app asked for this call");
  await seen(page, "#reports", "brings a ticket");
  await at("called from the app");
  const states = await page.evaluate(async () => {
    const asked = ["phone", "desktop", "behind"].map(async (role) => (await fetch(`/${role}/state`)).text());
    const fields = [...document.querySelectorAll("input")].map((field) => field.value);
    return [document.documentElement.outerHTML, ...fields, ...(await Promise.all(asked)), JSON.stringify(localStorage)].join("\n");
  });
  const shown = [digits, digits.replace(/(.{4})(?=.)/g, "$1 ")].filter((form) => states.includes(form));
  if (shown.length > 0) throw new Error("the digits of a ticket are shown");
  if (!states.includes("+442079460100")) throw new Error("this looks at something else than what is shown");
}

async function postsNotice(page) {
  await click(page, "#post-notice button");
  await page.locator("#notice-messages [data-act^=notice-]").waitFor();
}

async function hangsUp(page) {
  await click(page, "#phone-hang-up");
  await page.locator("#phone-call").waitFor({ state: "hidden" });
}

export const stories = {
  async calls(page, at) {
    await setUp(page);
    await click(page, "#dial-alice");
    await seen(page, "#phone-verdict", "Bank Example is ringing you");
    await seen(page, "#phone-number", "+442079460100");
    await seen(page, "#reports", "It is told: legitimate.");
    await at("vouched for");
    await rung(page);
    // That the bank rang says nothing of whoever speaks.
    await page.locator("#phone-verdict").waitFor({ state: "hidden" });
    await asks(page, "This does not prove who is on your line");
    await hangsUp(page);
    await callsFromTheApp(page, at);
    await hangsUp(page);
    await postsNotice(page);
    await seen(page, "#notices", "Beware: a scam is going round.");
    await click(page, "[data-act^=notice-]");
    await seen(page, "#notice-messages", "False text messages about parcels");
    await at("noticed");
    await click(page, "[data-act^=withdraw-]");
    await seen(page, "#notice-messages", "taken this back");
    await page.locator("#no-notices").waitFor();
    await at("taken back");
    await click(page, "#reach-ask");
    await seen(page, "#reach-lines [data-skill=cards]", "about 4 minutes, as of");
    await seen(page, "#reach-lines [data-skill=mortgages]", "closed now");
    await page.fill("#book-secret", "yellow kettle");
    await at("wall board");
    await click(page, "[data-act=reach-book-cards]");
    await seen(page, "#callbacks .badge", "booked");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
  },

  async callback(page, at) {
    await book(page, "red kettle");
    await page.locator("#callbacks summary").first().click();
    await click(page, "[data-act^=later-]");
    await seen(page, "#phone-notice", "Moved by an hour");
    await page.locator("#callbacks summary").first().click();
    await click(page, "[data-act^=cancel-]");
    await seen(page, "#callbacks .badge", "cancelled");
    await book(page, "blue kettle");
    await page.locator("#callbacks summary").first().click();
    await page.locator("#callbacks input").first().fill("green kettle");
    await click(page, "[data-act^=change-]");
    await seen(page, "#phone-notice", "changed");
    await at("due");
    await click(page, "[data-act=accept-toast]");
    await at("ringing");
    await rung(page);
    await click(page, "[data-act=reveal]");
    await seen(page, ".script-line", "green kettle");
    await click(page, "[data-act=say-it]");
    await seen(page, "#phone-said", "green kettle");
    await at("said");
    await click(page, "[data-act=recognised]");
    await seen(page, "#phone-notice", "You are talking to Bank Example");
    await seen(page, "#callbacks .badge", "recognised");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
    await at("over");
    await reached(page);
    await at("reached");
  },

  async conversation(page, at) {
    await setUp(page);
    await announced(page);
    await click(page, "[data-act^=check-]");
    await seen(page, "#messages", "Genuine, and for you");
    await at("genuine");
    // She proposes another time; the bank offers now instead, and signs that.
    await click(page, "[data-act=later]");
    await seen(page, "#challenges", "Proposed");
    await click(page, "[data-act=confirm-now]");
    await page.locator("#hear").waitFor();
    await click(page, "[data-act=dial]");
    await rung(page);
    await click(page, "[data-act=present]");
    const line = await page.locator(".script-line").textContent();
    await click(page, "[data-act=say-it]");
    await at("code");
    await page.fill("#hear-code", line.replace(/\D/g, ""));
    await click(page, "#hear button");
    await seen(page, "#heard", "It is the bank: Bob Miller");
    await asks(page, "you recognised us");
    await at("genuine caller");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
  },

  async transfer(page, at) {
    await setUp(page);
    await click(page, "#ring");
    await seen(page, "#desktop-calls", "On the line");
    await click(page, "#transfer-ask");
    await saysWhoRang(page, "customer");
    await page.locator("#approve").waitFor();
    await seen(page, "#approve-headline", "You called us.");
    await seen(page, "#approve-what", "5000.00");
    await at("asked");
    const line = await page.locator("#transfers .script-line").first().textContent();
    await page.fill("#approve-digits", line.replace(/\D/g, ""));
    await page.fill("#approve-pin", PLANTED.pin);
    await click(page, "#approve button");
    await seen(page, "#transfers", "Verified");
    await page.fill("#transfer-amount", "6000.00");
    await click(page, "#transfer-book");
    await seen(page, "#transfer-refused", "Refused");
    await at("changed");
    await page.fill("#transfer-amount", "5000.00");
    await click(page, "#transfer-book");
    await seen(page, "#transfers", "transferred");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
    await at("booked");
  },

  async payment(page, at) {
    const sent = page.waitForRequest((request) => new URL(request.url()).pathname === "/phone/chat");
    await page.fill("#phone-text", `My card is ${PLANTED.card}, is that all right?`);
    await click(page, "#phone-chat button");
    // Not even the bank is sent it: the page masks it as it is typed.
    const { text } = (await sent).postDataJSON();
    if (text.includes(PLANTED.card)) throw new Error("the chat sent a card number");
    await seen(page, "#desktop-lines", "is that all right?");
    await at("chat");
    await click(page, "#ring");
    await seen(page, "#desktop-calls", "On the line");
    await click(page, "#bill button");
    const frame = page.frameLocator("#pay-frame iframe");
    await frame.locator("#what", { hasText: "42.00" }).waitFor();
    await at("card");
    await frame.locator("#number").fill(PLANTED.card.replace(/(.{4})/g, "$1 ").trim());
    await frame.locator("#expiry").fill("12/34");
    await frame.locator("#code").fill("123");
    await frame.locator("#name").fill("Alice Jones");
    await frame.locator("#pay").click();
    await frame.locator("#said", { hasText: "Paid" }).waitFor();
    await seen(page, "#bills .badge", "authorised");
    await seen(page, "#bills", `ending in ${PLANTED.card.slice(-4)}`);
    await seen(page, "#bills", "txn-");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
    await at("paid");
  },
};

export const impostors = {
  async calls(page, at) {
    await setUp(page);
    await click(page, "[data-act=impostor-mallory]");
    // Before all is reported, it cannot be told; and then it is.
    await seen(page, "#phone-verdict", "It cannot be told");
    await seen(page, "#phone-verdict", "This is not Bank Example");
    await seen(page, "#reports", "It is told: not legitimate.");
    await at("warned");
    await hangsUp(page);
    // About the number on her card the phone asks nobody.
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await click(page, "[data-act=impostor-card]");
    await seen(page, "#phone-number", "+448081570100");
    await seen(page, "#phone-verdict", "This is not Bank Example");
    if (asked.includes("/phone/verdict")) throw new Error("the phone asked about a number that never calls");
    await at("by the number on her card");
    await rung(page);
    // A warning stays, whoever answers.
    await seen(page, "#phone-verdict", "This is not Bank Example");
    await hangsUp(page);
    await postsNotice(page);
    await click(page, "[data-act=impostor-copy]");
    await page.locator("#notice-messages .card").nth(1).waitFor();
    for (let left = 2; left > 0; left -= 1) {
      await click(page, "[data-act^=notice-]");
      await page.waitForFunction((n) => document.querySelectorAll("[data-act^=notice-]").length < n, left);
    }
    await seen(page, "#notice-messages", "does not post from “BANK-HELP”");
    await seen(page, "#notice-messages", "False text messages about parcels");
    await at("copied");
    await click(page, "[data-act=impostor-eve]");
    await seen(page, "#desktop-calls", "No ticket of the app");
    await at("without a ticket");
  },

  async callback(page, at) {
    await book(page, "green kettle");
    await page.locator("[data-act=accept-toast]").waitFor();
    await mallory(page);
    await click(page, "[data-act=impostor-guess]");
    await seen(page, "#phone-said", "4411");
    await click(page, "[data-act=impostor-eve]");
    await click(page, "[data-act=reveal]");
    await seen(page, "#desktop-notice", "Refused.");
    await asks(page, "Someone is talking to us as you");
    await at("relayed");
    await click(page, "[data-act=not-them]");
    await seen(page, "#phone-notice", "It was not us");
    await seen(page, "#callbacks .badge", "booked");
    await click(page, "#phone-hang-up");
    await checked(page);
    await seen(page, "#histories", "refused");
    await at("on record");
  },

  async conversation(page, at) {
    await setUp(page);
    await announced(page);
    await click(page, "[data-act=impostor-copy]");
    await page.locator("#messages .card").nth(1).waitFor();
    for (let left = 2; left > 0; left -= 1) {
      await click(page, "[data-act^=check-]");
      await page.waitForFunction((n) => document.querySelectorAll("[data-act^=check-]").length < n, left);
    }
    await seen(page, "#messages", "Not genuine here");
    await seen(page, "#messages", "Genuine, and for you");
    await at("copied");
    await agreed(page);
    await mallory(page);
    await click(page, "[data-act=impostor-code]");
    await seen(page, "#phone-said", "1234 5678");
    await page.fill("#hear-code", "1234 5678");
    await click(page, "#hear button");
    await seen(page, "#heard", "not the code");
    await asks(page, "We are not talking to you now");
    await at("wrong code");
    await click(page, "#hear-not");
    await seen(page, "#heard", "It was not us");
    await click(page, "#phone-hang-up");
    await page.locator("#phone-call").waitFor({ state: "hidden" });
  },

  async transfer(page, at) {
    await setUp(page);
    await mallory(page);
    await click(page, "[data-act=impostor-reversal]");
    await click(page, "[data-act=impostor-eve]");
    await seen(page, "#desktop-calls", "£9000");
    await page.fill("#transfer-amount", "9000.00");
    await click(page, "#transfer-ask");
    await saysWhoRang(page, "enterprise");
    await seen(page, "#who-rang-hint", "once more");
    await at("relayed");
    await saysWhoRang(page, "enterprise");
    await seen(page, "#transfers", "Declined");
    await click(page, "#transfer-book");
    await seen(page, "#transfer-refused", "Refused");
    await click(page, "#phone-hang-up");
    await at("declined");
  },

  // She approves a transfer of her own while Eve, who rings the bank as her, has another one asked for.
  async ["transfer, two at once"](page, at) {
    await setUp(page);
    await click(page, "#ring");
    await seen(page, "#desktop-calls", "On the line");
    await click(page, "#transfer-ask");
    await saysWhoRang(page, "customer");
    await page.locator("#approve").waitFor();
    const line = await page.locator("#transfers .script-line").first().textContent();
    await page.fill("#approve-digits", line.replace(/\D/g, ""));
    await page.fill("#approve-pin", PLANTED.pin);
    await mallory(page);
    await click(page, "[data-act=impostor-eve]");
    await seen(page, "#desktop-calls", "£9000");
    await page.fill("#transfer-amount", "9000.00");
    await click(page, "#transfer-ask");
    await page.locator("#transfers .card").nth(1).waitFor();
    await seen(page, "#approve-what", "5000.00");
    await at("two at once");
    await click(page, "#approve button");
    await seen(page, "#phone-notice", "Approved");
    // Then hers has its turn: nothing of it is shown, and nothing that was typed is left.
    await page.locator("#who-rang").waitFor();
    const typed = await page.evaluate(() => document.getElementById("approve-pin").value + document.getElementById("approve-digits").value);
    if (typed !== "") throw new Error("what was typed for one transfer is there for another");
    await at("one after the other");
  },

  async payment(page, at) {
    await click(page, "[data-act=impostor-forge]");
    await click(page, "[data-act^=forged-]");
    await seen(page, "#forged", "Not from your bank");
    await mallory(page);
    await click(page, "[data-act=impostor-number]");
    await seen(page, "#phone-said", "read me the number");
    await asks(page, "We are not talking to you");
    await at("asked for the number");
    await click(page, "#phone-hang-up");
    await page.locator("#phone-call").waitFor({ state: "hidden" });
  },
};
