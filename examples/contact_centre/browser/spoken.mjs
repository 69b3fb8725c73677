// Words in place of a secret, and words in place of digits. Mallory has overheard those of the call before.

import { agreed, announced, asks, checked, click, eve, hangsUp, mallory, mallorySays, rung, seen, setUp } from "./steps.mjs";

const newest = "#callbacks .card:first-child";

// Books a callback with words: those that the phone shows.
async function booksWords(page, secret) {
  const before = await page.locator("#callbacks .card").count();
  await page.fill("#book-secret", secret);
  await click(page, "#book button.primary");
  await seen(page, "#phone-notice", "does not say your words");
  await page.locator("#callbacks .card").nth(before).waitFor();
  const words = await page.locator(`${newest} .own-words`).textContent();
  if (!/^[A-Za-z]+( [A-Za-z]+){3}$/.test(words)) throw new Error(`not four words: ${words}`);
  return words;
}

// The bank rings about a callback that is due, and its agent says the words.
async function saysWords(page, words) {
  await click(page, "[data-act=accept-toast]");
  await rung(page);
  await click(page, "[data-act=reveal]");
  await seen(page, ".script-line", `Your words are: ${words}.`);
  await click(page, "[data-act=say-it]");
  await seen(page, "#phone-said", words);
}

// The bank rings as agreed, and its agent says the code in words: these.
async function saysCodeInWords(page) {
  await click(page, "[data-act=dial]");
  await rung(page);
  await click(page, "[data-act=present]");
  const said = await page.locator("#say .hint", { hasText: "or in words" }).textContent();
  return said.replace(/^or in words: /, "").split(" ");
}

async function enters(page, heard, answer) {
  await page.fill("#hear-code", heard);
  await click(page, "#hear button");
  await seen(page, "#heard", answer);
}

export const spoken = {
  // Her phone makes four words of the secret: the agent says them, and never learns it.
  async ["callback, in words"](page, at, plant) {
    plant("secret", "green kettle");
    plant("secret before it was changed", "brown kettle");
    await page.check("#book-words");
    await at("before it is set up");
    await setUp(page);
    const words = await booksWords(page, "brown kettle");
    // Another secret has other words.
    await page.locator("#callbacks summary").first().click();
    await page.locator("#callbacks input").first().fill("green kettle");
    await click(page, "[data-act^=change-]");
    await page.waitForFunction((before) => ![before, undefined].includes(document.querySelector("#callbacks .own-words")?.textContent), words);
    const now = await page.locator("#callbacks .own-words").textContent();
    await at("words on the phone");
    await saysWords(page, now);
    await seen(page, "#callbacks", "these four words, in this order?");
    await at("said in words");
    await click(page, "[data-act=recognised]");
    await seen(page, "#callbacks .badge", "recognised");
    await checked(page);
  },

  // The agent says the code in words. A slip of the tongue is noticed and costs no attempt.
  async ["conversation, in words"](page, at) {
    await setUp(page);
    await announced(page);
    await click(page, "[data-act^=check-]");
    await agreed(page);
    const words = await saysCodeInWords(page);
    const [one, two, ...others] = words;
    await enters(page, [two, one, ...others].join(" "), "out of order");
    await enters(page, words.slice(1).join(" "), "out of order");
    await at("a slip of the tongue");
    await enters(page, words.join(" - ").toUpperCase(), "It is the bank: Bob Miller");
    await at("heard in words");
  },
};

export const falselySpoken = {
  // The words of one callback are of no use in the next, though its secret is the same.
  async ["callback, in words"](page, at, plant) {
    plant("secret", "green kettle");
    await page.check("#book-words");
    await setUp(page);
    const overheard = await booksWords(page, "green kettle");
    await saysWords(page, overheard);
    await click(page, "[data-act=recognised]");
    await seen(page, "#phone-notice", "You are talking to Bank Example");
    await hangsUp(page);
    const words = await booksWords(page, "green kettle");
    if (words === overheard) throw new Error("the same words again");
    plant("words of a callback that was not shown", words);
    await page.locator("[data-act=accept-toast]").waitFor();
    await mallory(page);
    await mallorySays(page, `Bank Example. Your words are: ${overheard}.`);
    // Hers stand beside his.
    await seen(page, newest, words);
    await seen(page, newest, "these four words, in this order?");
    await at("other words");
    await eve(page);
    await click(page, "[data-act=reveal]");
    await seen(page, "#desktop-notice", "Refused.");
    await asks(page, "Someone is talking to us as you");
    // One who did not look closely is told.
    await click(page, "[data-act=recognised]");
    await seen(page, "#phone-notice", "We have not shown your secret to anyone");
    await seen(page, `${newest} .badge`, "booked");
    await at("believed");
    await click(page, "[data-act=not-them]");
    await seen(page, "#phone-notice", "It was not us");
    await seen(page, `${newest} .badge`, "booked");
    await hangsUp(page);
    await checked(page);
    await seen(page, "#histories", "refused");
    await at("on record in words");
  },

  // So with a code: it is the code of one appointment.
  async ["conversation, in words"](page, at) {
    await setUp(page);
    await announced(page);
    await click(page, "[data-act^=check-]");
    await agreed(page);
    const overheard = await saysCodeInWords(page);
    await enters(page, overheard.join(" "), "It is the bank: Bob Miller");
    await hangsUp(page);
    await announced(page);
    await click(page, "[data-act^=check-]");
    await agreed(page);
    await mallory(page);
    await mallorySays(page, `Bank Example. The code is: ${overheard.join(" ")}.`);
    const [one, two, ...others] = overheard;
    await enters(page, [two, one, ...others].join(" "), "out of order");
    await enters(page, overheard.join(" "), "not the code. 2 more tries");
    await at("words of another call");
    await enters(page, "aardvark adroitness absurd adviser", "not the code. 1 more try");
    await asks(page, "We are not talking to you now");
    await click(page, "#hear-not");
    await seen(page, "#heard", "It was not us");
    await at("no words");
    await hangsUp(page);
  },
};
