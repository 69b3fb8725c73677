// Somebody forces the customer. With her second PIN all looks the same, except behind the scenes.

import { PLANTED, approves, asksAlice, checked, click, digitsToSay, eve, mallory, mallorySays, seen, setUp } from "./steps.mjs";

// What is on the screens that somebody may look at, without what is drawn or counted anew for each transfer.
const screens = (page, parts) => page.evaluate((all) => {
  const drawn = /\b[0-9]{3} ?[0-9]{3}\b|\b[0-9]{2}:[0-9]{2}(:[0-9]{2})?\b|[0-9]+ events?/g;
  return [...all.map((one) => document.querySelector(one).innerText.replace(drawn, "")), document.getElementById("approve").hidden];
}, parts);

function alike(freely, forced) {
  const differs = freely.findIndex((one, n) => one !== forced[n]);
  if (differs >= 0) throw new Error(`it looks another way: ${freely[differs]} / ${forced[differs]}`);
}

// A transfer from asking to booking, approved with this PIN: what is seen at each stage.
async function transferred(page, pin, parts, between = async () => {}) {
  const looks = [];
  const look = async () => looks.push(...await screens(page, parts));
  const alarms = await page.locator("#alarms .card").count();
  await asksAlice(page);
  await look();
  await between();
  await approves(page, pin);
  await seen(page, "#transfers .card:first-child", "Verified");
  await seen(page, "#phone-notice", "Approved");
  await look();
  if ((await page.locator("#alarms .card").count()) > alarms) throw new Error("it is told before the bank acts on it");
  await click(page, "#transfer-book");
  await seen(page, "#transfers .card:first-child", "transferred");
  await look();
  return looks;
}

async function oneAlarm(page) {
  await seen(page, "#alarms", "Somebody is forcing the customer");
  if ((await page.locator("#alarms .card").count()) !== 1) throw new Error("it is told of another, too");
}

// What the history on the phone says of the newest transfer.
async function newestOnRecord(page) {
  await checked(page);
  const all = await page.locator("#phone-events li").evaluateAll((lines) => lines.map((line) => line.textContent.replace(/^\S+ /, "")));
  await page.locator("#phone-history summary").click();
  const of = all.filter((line) => line.startsWith("step up"));
  return of.slice(0, of.findIndex((line) => line.includes("requested")) + 1);
}

export const coerced = {
  // Nobody who looks on sees which PIN it was: each stage is compared with the same one under the other PIN.
  async ["transfer, under duress"](page, at) {
    await setUp(page, PLANTED["second PIN"]);
    await click(page, "#ring");
    await seen(page, "#desktop-calls", "On the line");
    const parts = ["#desktop-notice", "#transfer", "#transfers .card", "#phone-notice", "#phone-call"];
    // The first leaves its notice on the phone: what follows is compared.
    const rounds = [];
    for (const pin of [PLANTED.pin, PLANTED.pin, PLANTED["second PIN"]]) rounds.push(await transferred(page, pin, parts));
    await oneAlarm(page);
    alike(rounds[1], rounds[2]);
    await at("told behind the scenes");
    await checked(page);
    await at("and nowhere else");
  },
};

export const falselyCoerced = {
  // Mallory threatens her, hears the digits from Eve, and looks at everything that either of them can look at, her phone's
  // history included.
  async ["transfer, under duress"](page, at) {
    await setUp(page, PLANTED["second PIN"]);
    await eve(page);
    await page.fill("#transfer-amount", "9000.00");
    const parts = ["#phone", "#impostor", "#desktop-notice", "#desktop-calls", "#transfer", "#transfers .card"];
    const rounds = [];
    for (const pin of [PLANTED.pin, PLANTED.pin, PLANTED["second PIN"]]) {
      const force = async () => {
        await click(page, "[data-act=impostor-force]");
        await mallorySays(page, `Type ${await digitsToSay(page)}.`);
        if (pin !== PLANTED.pin) await at("forced");
      };
      // A call for each: what was said in the one before stands nowhere.
      await mallory(page);
      const looks = await transferred(page, pin, parts, force);
      rounds.push([...looks, ...await newestOnRecord(page)]);
    }
    await oneAlarm(page);
    await seen(page, "#alarms", "9000.00");
    alike(rounds[1], rounds[2]);
    const states = await page.evaluate(async () => (await Promise.all(["phone", "desktop", "impostor"].map(async (role) => (await fetch(`/${role}/state`)).text()))).join());
    if (/coercion|duress|alarm|"held"/.test(states)) throw new Error("whoever looks on is told");
    await at("looks the same to him");
  },
};
