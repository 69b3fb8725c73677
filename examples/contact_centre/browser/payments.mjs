// Payments: the card's field is the vault's, in a frame, and in that is the page of the card's bank.

import { PLANTED, asks, checked, click, eve, hangsUp, mallory, seen } from "./steps.mjs";

async function billed(page) {
  await seen(page, "#desktop-calls", "On the line");
  await click(page, "#bill button");
  const frame = page.frameLocator("#pay-frame iframe");
  await frame.locator("#what", { hasText: "42.00" }).waitFor();
  return frame;
}

async function types(frame, card) {
  await frame.locator("#number").fill(card.replace(/(.{4})/g, "$1 ").trim());
  await frame.locator("#expiry").fill("12/34");
  await frame.locator("#code").fill("123");
  await frame.locator("#name").fill("Alice Jones");
  await frame.locator("#pay").click();
}

// A browser in the hands of somebody else goes back to the vault by itself, with a yes that the card’s bank never gave.
async function forgesAnswer(page) {
  await page.frames().find((frame) => frame.url().endsWith("/challenge")).evaluate(() => {
    document.getElementById("cres").value = btoa(JSON.stringify({ messageType: "CRes", transStatus: "Y" })).replace(/=+$/, "");
    document.getElementById("back").action = document.body.dataset.back;
    document.getElementById("back").submit();
  });
}

// Mallory has Alice on the line, Eve the bank: Alice gives a card for a bill that Eve was asked to pay.
async function relayed(page) {
  await mallory(page);
  await eve(page);
  const frame = await billed(page);
  await types(frame, PLANTED["card whose bank asks"]);
  await bankOf(frame).locator("#otp").waitFor();
  return frame;
}

// It still waits for her: the desktop says so, and there is no transaction.
async function stillAsks(page, frame) {
  await bankOf(frame).locator("#otp").waitFor();
  await seen(page, "#bills .card:first-child .badge", "authenticating");
  if (await page.locator("#bills", { hasText: "txn-" }).count()) throw new Error("a forged yes was believed");
}

const bankOf = (frame) => frame.frameLocator("#bank-frame iframe");

export const payments = {
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
    const frame = await billed(page);
    await at("card");
    await types(frame, PLANTED.card);
    // Its bank knows enough without asking.
    await frame.locator("#said", { hasText: "did not need to ask you" }).waitFor();
    await seen(page, "#bills .badge", "authorised");
    await seen(page, "#bills", `ending in ${PLANTED.card.slice(-4)}`);
    await seen(page, "#bills", "txn-");
    await checked(page);
    await seen(page, "#guide-title", "whole story");
    await at("paid");
  },

  // Her card's bank asks her, in a page of its own within the vault's. She comes and goes, and answers.
  async ["payment, asked"](page, at) {
    await page.fill("#phone-text", "I would like to pay my fees.");
    await click(page, "#phone-chat button");
    await seen(page, "#desktop-lines", "pay my fees");
    await click(page, "#ring");
    const frame = await billed(page);
    await types(frame, PLANTED["card whose bank asks"]);
    const bank = bankOf(frame);
    await bank.locator("#says", { hasText: "GBP 42.00 to Bank Example" }).waitFor();
    await seen(page, "#bills .badge", "authenticating");
    await seen(page, "#guide-title", "Answer the card’s bank");
    await at("her bank asks");
    await frame.locator("#bank-later").click();
    await frame.locator("#paused-title", { hasText: "waits for you" }).waitFor();
    await at("put off");
    await frame.locator("#bank-go-on").click();
    await bank.locator("#otp").fill("111 111");
    await bank.locator("#answer button.primary").click();
    await bank.locator("#said", { hasText: "2 more tries" }).waitFor();
    await seen(page, "#bills .badge", "authenticating");
    await at("mistyped");
    await bank.locator("#otp").fill(PLANTED["code of her card’s bank"]);
    await bank.locator("#answer button.primary").click();
    await frame.locator("#said", { hasText: "said that it was you" }).waitFor();
    await seen(page, "#bills .badge", "authorised");
    await seen(page, "#bills", "ending in 3220");
    await seen(page, "#bills", "txn-");
    await at("answered");
  },

  // She is gone before she has answered. This browser keeps nothing for a page in a frame, so that her card is gone, too.
  async ["payment, abandoned"](page, at) {
    await click(page, "#ring");
    const frame = await billed(page);
    await types(frame, PLANTED["card whose bank asks"]);
    await bankOf(frame).locator("#otp").waitFor();
    await page.reload();
    await page.locator("html[data-ready=yes]").waitFor();
    await click(page, "[data-story=payment]");
    await frame.locator("#said", { hasText: "nothing is charged" }).waitFor();
    if (await frame.locator("#card").isVisible()) throw new Error("another card is asked for, which cannot be taken");
    await seen(page, "#bills .badge", "authenticating");
    await at("abandoned");
    await click(page, "#bill button");
    await frame.locator("#number").waitFor();
    await types(frame, PLANTED.card);
    await frame.locator("#said", { hasText: "Paid" }).waitFor();
    await seen(page, "#bills .card:first-child", "authorised");
  },

  // She does not want to pay that, and says so to her card's bank.
  async ["payment, refused"](page, at) {
    await click(page, "#ring");
    const frame = await billed(page);
    await types(frame, PLANTED["card whose bank asks"]);
    await bankOf(frame).locator("#refuse").click();
    await frame.locator("#said", { hasText: "did not agree. Nothing was charged." }).waitFor();
    await seen(page, "#phone-notice", "Not paid");
    await seen(page, "#bills .badge", "declined");
    await at("refused");
    // The agent asks anew, and she takes another card.
    await click(page, "#bill button");
    await frame.locator("#number").waitFor();
    await types(frame, PLANTED.card);
    await frame.locator("#said", { hasText: "Paid" }).waitFor();
    await seen(page, "#bills .badge", "authorised");
  },
};

export const falsePayments = {
  async payment(page, at) {
    await click(page, "[data-act=impostor-forge]");
    await click(page, "[data-act^=forged-]");
    await seen(page, "#forged", "Not from your bank");
    await mallory(page);
    await click(page, "[data-act=impostor-number]");
    await seen(page, "#phone-said", "read me the number");
    await asks(page, "We are not talking to you");
    await at("asked for the number");
    await hangsUp(page);
  },

  // The card’s bank is asked by the vault itself: what the browser says of it counts for nothing, whoever has the browser.
  async ["payment, asked"](page, at) {
    const resumed = [];
    page.on("request", (request) => new URL(request.url()).pathname === "/resume" && resumed.push(request.postDataJSON().hint));
    const frame = await relayed(page);
    await click(page, "[data-act=impostor-otp]");
    await seen(page, "#phone-said", "read me the code");
    await at("asked for the code");
    // From outside of the frame nobody hears it.
    await click(page, "[data-act=impostor-yes]");
    await stillAsks(page, frame);
    if (resumed.length > 0) throw new Error("the vault’s frame listened to somebody else");
    // From inside, the vault asks the card’s bank all the same: it waits for its customer.
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === "/resume");
    await forgesAnswer(page);
    const { outcome } = await (await answered).json();
    if (outcome !== "authenticating") throw new Error(`a forged yes was believed: ${JSON.stringify(outcome)}`);
    await stillAsks(page, frame);
    if (!atob(resumed[0]).includes('"Y"')) throw new Error("no yes was forged");
    await asks(page, "Someone is talking to us as you");
    await at("no yes counts");
    await frame.locator("#bank-later").click();
    await frame.locator("#paused-title", { hasText: "waits for you" }).waitFor();
    await hangsUp(page);
    await seen(page, "#bills .badge", "authenticating");
    await at("nothing charged");
  },

  // She refuses at her card’s bank. What it was told first, stands.
  async ["payment, refused"](page, at) {
    const frame = await relayed(page);
    await bankOf(frame).locator("#refuse").click();
    await frame.locator("#said", { hasText: "did not agree. Nothing was charged." }).waitFor();
    await seen(page, "#bills .badge", "declined");
    await click(page, "[data-act=impostor-yes]");
    await click(page, "[data-act=impostor-number]");
    await seen(page, "#phone-said", "read me the number");
    await at("she refused");
    // Eve has it asked for once more. It is shown, and no card is given.
    await click(page, "#bill button");
    await frame.locator("#number").waitFor();
    await seen(page, "#bills .card:first-child .badge", "waiting");
    await asks(page, "Someone is talking to us as you");
    await hangsUp(page);
    await seen(page, "#bills .card:nth-child(2) .badge", "declined");
    if (await page.locator("#bills", { hasText: "txn-" }).count()) throw new Error("a late yes was believed");
    await at("asked once more");
  },

  // She is gone before she has answered: Mallory has a way back ready, which is none.
  async ["payment, abandoned"](page, at) {
    await click(page, "#ring");
    const frame = await billed(page);
    await types(frame, PLANTED["card whose bank asks"]);
    await bankOf(frame).locator("#otp").waitFor();
    await page.reload();
    await page.locator("html[data-ready=yes]").waitFor();
    await click(page, "[data-story=payment]");
    await page.locator("#impostor-switch").setChecked(true, { force: true });
    await frame.locator("#said", { hasText: "nothing is charged" }).waitFor();
    await click(page, "[data-act=impostor-forge]");
    await click(page, "[data-act^=forged-]");
    await seen(page, "#forged", "Not from your bank");
    await click(page, "[data-act=impostor-yes]");
    await at("a way back of his own");
    await seen(page, "#bills .badge", "authenticating");
    // The bank’s own way is to ask anew.
    await click(page, "#bill button");
    await frame.locator("#number").waitFor();
    await types(frame, PLANTED.card);
    await frame.locator("#said", { hasText: "Paid" }).waitFor();
    await seen(page, "#bills .card:first-child", "authorised");
    await seen(page, "#bills .card:nth-child(2) .badge", "authenticating");
  },
};
