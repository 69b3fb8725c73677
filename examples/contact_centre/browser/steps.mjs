// What a person does in more than one story.

// What must not be on the desktop: typed by the customer, or sent to her.
export const PLANTED = { card: "4000056655665556", "card whose bank asks": "4000000000003220", pin: "739146", "code of her card’s bank": "204816", "second PIN": "260718", "word of coercion": "coercion", "word of duress": "duress" };

export const click = (page, selector) => page.locator(selector).first().click();
export const seen = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();

export async function setUp(page, second) {
  // By keyboard; what is hidden takes no focus.
  await page.locator("#setup").waitFor();
  await page.focus("#setup-pin");
  await page.keyboard.type(PLANTED.pin);
  await page.keyboard.press("Tab");
  if (second) {
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type(second);
  }
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#setup").waitFor({ state: "hidden" });
}

export async function book(page, secret) {
  // “Show me where” leads to the field at first; the rest is done by keyboard.
  if (await page.locator("#guide-count", { hasText: "Step 1 " }).count()) await click(page, "#guide-show");
  else await page.focus("#book-secret");
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
  await seen(page, "#callbacks .badge", "booked");
}

export async function rung(page) {
  await click(page, "#phone-answer");
  await seen(page, "#phone-call-title", "On the line");
}

export async function checked(page) {
  await page.locator("#phone-history summary").click();
  await click(page, "#check-history");
  await seen(page, "#history-checked", "Unchanged");
  await page.locator("#intact", { hasText: "intact" }).waitFor();
}

export async function asks(page, text) {
  await click(page, "#phone-ask");
  await seen(page, "#phone-status", text);
}

export async function mallory(page) {
  await click(page, "[data-act=impostor-mallory]");
  await rung(page);
}

// Words of Mallory's own, such as some that he overheard.
export async function mallorySays(page, text) {
  await page.fill("#impostor-text", text);
  await click(page, "#impostor-words button");
  await seen(page, "#phone-said", text);
}

export async function eve(page) {
  await click(page, "[data-act=impostor-eve]");
  await seen(page, "#desktop-calls", "On the line");
}

// Of the bank's message and the copy of it, each button of this kind, until none is left.
export async function checksBoth(page, kind) {
  const buttons = `[data-act^=${kind}-]`;
  await page.locator(buttons).nth(1).waitFor();
  for (let left = 2; left > 0; left -= 1) {
    await click(page, buttons);
    await page.waitForFunction(([all, before]) => document.querySelectorAll(all).length < before, [buttons, left]);
  }
}

export async function announced(page) {
  await click(page, "#announce button");
  await page.locator("#messages [data-act^=check-]").waitFor();
}

export async function agreed(page) {
  await click(page, "[data-act=accept]");
  await click(page, "[data-act=confirm]");
  await page.locator("#hear").waitFor();
}

// The app asks who rang whom before it shows anything of a step-up.
export async function saysWhoRang(page, who) {
  await page.locator("#who-rang").waitFor();
  await click(page, `#who-${who}`);
}

// The agent asks for an approval, and the customer says who rang whom: what is asked is on her phone.
export async function asksAlice(page, who = "customer") {
  await click(page, "#transfer-ask");
  await saysWhoRang(page, who);
  await page.locator("#approve").waitFor();
}

// The digits that the agent is to say.
export async function digitsToSay(page) {
  const line = await page.locator("#transfers .script-line").first().textContent();
  return line.replace(/\D/g, "");
}

export async function approves(page, pin) {
  await page.fill("#approve-digits", await digitsToSay(page));
  await page.fill("#approve-pin", pin);
  await click(page, "#approve button");
}

// What the bank's platform measured, signed, and a callback from that.
export async function reached(page) {
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
export async function callsFromTheApp(page, at) {
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

export async function postsNotice(page) {
  await click(page, "#post-notice button");
  await page.locator("#notice-messages [data-act^=notice-]").waitFor();
}

export async function hangsUp(page) {
  await click(page, "#phone-hang-up");
  await page.locator("#phone-call").waitFor({ state: "hidden" });
}
