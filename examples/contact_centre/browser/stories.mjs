// The stories as a person clicks them. `at` is told of every stage: it looks for what must not be there.

import { PLANTED, announced, approves, asks, asksAlice, book, callsFromTheApp, checked, click, hangsUp, postsNotice, reached, rung, seen, setUp } from "./steps.mjs";
import { coerced } from "./coerced.mjs";
import { payments } from "./payments.mjs";
import { spoken } from "./spoken.mjs";

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
    await asksAlice(page);
    await seen(page, "#approve-headline", "You called us.");
    await seen(page, "#approve-what", "5000.00");
    await at("asked");
    await approves(page, PLANTED.pin);
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

  ...spoken,
  ...coerced,
  ...payments,
};
