// The stories as a person clicks them. `at` is told of every stage: it looks for what must not be there.

import { PLANTED, agreed, announced, asks, book, callsFromTheApp, checked, click, hangsUp, postsNotice, reached, rung, saysWhoRang, seen, setUp } from "./steps.mjs";
import { payments } from "./payments.mjs";

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
    // The card is drawn anew, and closed.
    await page.locator("#callbacks details[open]").waitFor({ state: "detached" });
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

  // Her phone makes four words of the secret: the agent says them, and never learns it.
  async ["callback, in words"](page, at) {
    const told = [];
    page.on("response", async (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith("/desktop/") && !pathname.endsWith("/events")) told.push(await response.text().catch(() => ""));
    });
    await page.check("#book-words");
    await at("before it is set up");
    await setUp(page);
    await page.fill("#book-secret", "green kettle");
    await click(page, "#book button.primary");
    await seen(page, "#phone-notice", "does not say your words");
    const words = await page.locator("#callbacks .own-words").textContent();
    if (!/^[A-Za-z]+( [A-Za-z]+){3}$/.test(words)) throw new Error(`not four words: ${words}`);
    // Another secret has other words.
    await page.locator("#callbacks summary").first().click();
    await page.locator("#callbacks input").first().fill("brown kettle");
    await click(page, "[data-act^=change-]");
    await page.waitForFunction((before) => ![before, undefined].includes(document.querySelector("#callbacks .own-words")?.textContent), words);
    const now = await page.locator("#callbacks .own-words").textContent();
    await at("words on the phone");
    await click(page, "[data-act=accept-toast]");
    await rung(page);
    await click(page, "[data-act=reveal]");
    await seen(page, ".script-line", `Your words are: ${now}.`);
    await click(page, "[data-act=say-it]");
    await seen(page, "#phone-said", now);
    await seen(page, "#callbacks", "these four words, in this order?");
    await at("said in words");
    await click(page, "[data-act=recognised]");
    await seen(page, "#callbacks .badge", "recognised");
    const shown = `${told.join("\n")} ${await page.locator("#desktop").innerHTML()}`;
    if (!shown.includes(now) || /(green|brown) kettle/.test(shown)) throw new Error("the desktop learnt the secret, or no words");
    await checked(page);
  },

  // The agent says the code in words. A slip of the tongue is noticed and costs no attempt.
  async ["conversation, in words"](page, at) {
    await setUp(page);
    await announced(page);
    await click(page, "[data-act^=check-]");
    await agreed(page);
    await click(page, "[data-act=dial]");
    await rung(page);
    await click(page, "[data-act=present]");
    const said = await page.locator("#say .hint", { hasText: "or in words" }).textContent();
    const words = said.replace(/^or in words: /, "").split(" ");
    const [one, two, ...others] = words;
    await page.fill("#hear-code", [two, one, ...others].join(" "));
    await click(page, "#hear button");
    await seen(page, "#heard", "out of order");
    await page.fill("#hear-code", words.slice(1).join(" "));
    await click(page, "#hear button");
    await seen(page, "#heard", "out of order");
    await at("a slip of the tongue");
    await page.fill("#hear-code", words.join(" - ").toUpperCase());
    await click(page, "#hear button");
    await seen(page, "#heard", "It is the bank: Bob Miller");
    await at("heard in words");
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

  // Nobody who looks on sees which PIN it was: each stage is compared with the same one under the other PIN.
  async ["transfer, under duress"](page, at) {
    await setUp(page, PLANTED["second PIN"]);
    await click(page, "#ring");
    await seen(page, "#desktop-calls", "On the line");
    const rounds = [];
    // The first leaves its notice on the phone: what follows is compared.
    for (const pin of [PLANTED.pin, PLANTED.pin, PLANTED["second PIN"]]) {
      const looks = [];
      const look = async () => looks.push(await page.evaluate(() => {
        const screen = (id) => document.getElementById(id).innerText;
        const newest = document.querySelector("#transfers .card").innerText.replace(/[0-9]{3} [0-9]{3}/, "digits");
        return [screen("desktop-notice"), screen("transfer"), newest, screen("phone-notice"), screen("phone-call"), document.getElementById("approve").hidden];
      }));
      await click(page, "#transfer-ask");
      await saysWhoRang(page, "customer");
      await page.locator("#approve").waitFor();
      await look();
      const line = await page.locator("#transfers .script-line").first().textContent();
      await page.fill("#approve-digits", line.replace(/\D/g, ""));
      await page.fill("#approve-pin", pin);
      await click(page, "#approve button");
      await seen(page, "#transfers .card:first-child", "Verified");
      await seen(page, "#phone-notice", "Approved");
      await look();
      if ((await page.locator("#alarms .card").count()) > 0) throw new Error("it is told before the bank acts on it");
      await click(page, "#transfer-book");
      await seen(page, "#transfers .card:first-child", "transferred");
      await look();
      rounds.push(looks);
    }
    await seen(page, "#alarms", "Somebody is forcing the customer");
    const [, freely, forced] = rounds.map((looks) => looks.flat());
    const differs = freely.findIndex((one, n) => one !== forced[n]);
    if (differs >= 0) throw new Error(`it looks another way: ${freely[differs]} / ${forced[differs]}`);
    if ((await page.locator("#alarms .card").count()) !== 1) throw new Error("it is told of another, too");
    await at("told behind the scenes");
    await checked(page);
    await at("and nowhere else");
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

  ...payments,
};
