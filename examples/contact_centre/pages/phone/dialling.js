// "Call us": the app dials the bank, and behind it digits that say whose app asked. It shows them nowhere.

import { CountersignError, DialTicket } from "/countersign.js";
import { $, busy, say, sentence } from "/dom.js";

// Built into the app, as its keys are: what is dialled goes to this number and to no other.
const BANK_NUMBER = "+442079460100";

export function wireDialling(phone) {
  $("call-us").addEventListener("click", (event) => busy(event.currentTarget, async () => {
    const given = await phone.session.post("/tickets");
    if (!given.ok) return phone.refused(given);
    try {
      const ticket = DialTicket.read(given.body.dial, BANK_NUMBER);
      // YOURS: the phone's own dialler.
      const dialled = await ticket.dial((dial) => phone.session.post("/dial", { dial }));
      phone.ok(dialled);
    } catch (error) {
      say($("phone-notice"), error instanceof CountersignError ? sentence(error) : "That did not work. Try again.", "bad");
    }
    return phone.refresh();
  }));
}
