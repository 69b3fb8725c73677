// The same with an impostor: what Mallory and Eve try, and what everybody sees then.

import { PLANTED, agreed, announced, asks, asksAlice, book, checked, checksBoth, click, digitsToSay, hangsUp, mallory, postsNotice, rung, saysWhoRang, seen, setUp } from "./steps.mjs";
import { falselyCoerced } from "./coerced.mjs";
import { falsePayments } from "./payments.mjs";
import { falselySpoken } from "./spoken.mjs";

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
    await checksBoth(page, "notice");
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
    await checksBoth(page, "check");
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
    await asksAlice(page);
    await page.fill("#approve-digits", await digitsToSay(page));
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

  ...falselySpoken,
  ...falselyCoerced,
  ...falsePayments,
};
