// Callbacks: book, change, cancel, and say whether the caller knew the secret, or the words that this app makes of it.

import { CountersignError, readbackWords } from "/countersign.js";
import { $, button, fill, h, onSubmit, request, say, sentence, time, windowFrom, words } from "/dom.js";

/** Whether the next callback is to have words, for which the phone must be set up. */
export const wantsWords = (phone) => ["callback", "calls"].includes(phone.story) && $("book-words").checked;

export function wireCallbacks(phone) {
  $("book-words").addEventListener("change", () => phone.refresh());
  onSubmit($("book"), async () => {
    const window = windowFrom(Number($("book-when").value));
    const secret = $("book-secret").value;
    const words = wantsWords(phone);
    if (words && !phone.kept.credential) return say($("phone-notice"), "Words are made with this phone’s key: set it up with a PIN first.", "bad");
    const body = { request: request(), window, secret, words_of: words ? phone.kept.credential.id : undefined };
    const answer = await phone.session.post("/callbacks", body);
    if (phone.ok(answer, words ? "Booked. If a caller does not say your words, hang up." : "Booked. If a caller does not say your secret, hang up.")) {
      $("book-secret").value = "";
      await keepWords(phone, answer.body, secret);
    }
    return phone.refresh();
  });
}

const place = (callback) => `words of ${callback.id}`;

// Made here, by the phone's own key, without PIN or network. The words are kept, and not the secret.
async function keepWords(phone, callback, secret) {
  if (!callback.derived_with) return;
  try {
    phone.kept.note(place(callback), await readbackWords(phone.kept.credential, callback.id, callback.channel, secret));
  } catch (error) {
    phone.kept.note(place(callback), undefined);
    say($("phone-notice"), error instanceof CountersignError ? `${sentence(error)} Set another secret.` : "No words could be made. Set another secret.", "bad");
  }
}

export function showCallbacks(phone) {
  const { callbacks, calls } = phone.state;
  const talking = calls.some((call) => call.line === "talking" && call.incoming);
  phone.facts.callback = callbacks[0]?.status;
  phone.facts.reported = callbacks.some((one) => one.reported) || phone.facts.notThem === true;
  // In a call one question counts.
  $("book").hidden = talking;
  $("book-words-hint").hidden = !wantsWords(phone) || phone.kept.credential !== undefined;
  // It is over: its words are of no use any more.
  const over = callbacks.filter(({ status }) => status !== "booked" && status !== "revealed");
  for (const one of over) if (phone.kept.noted(place(one)) !== undefined) phone.kept.note(place(one), undefined);
  const known = callbacks.map((one) => phone.kept.noted(place(one)));
  fill($("callbacks"), [callbacks, talking, known], () => callbacks.map((one) => card(phone, one, talking)));
}

function card(phone, callback, talking) {
  const { id, status, window } = callback;
  const post = (path, body) => phone.session.post(`/callbacks/${id}/${path}`, body);
  const open = status === "booked" || status === "revealed";
  const amend = async (change, text) => {
    const answer = await post("amend", { request: request(), ...change });
    if (phone.ok(answer, text) && change.secret !== undefined) await keepWords(phone, answer.body, change.secret);
    phone.refresh();
  };
  const derived = callback.derived_with !== undefined;
  const own = derived ? phone.kept.noted(place(callback)) : undefined;
  const conclude = async (recognised) => {
    const answer = await post("conclude", { recognised });
    if (!answer.ok) {
      return phone.refused(answer, "We have not shown your secret to anyone. If somebody said it, it has leaked: hang up, and set another.");
    }
    const kept = answer.body.status === "booked";
    phone.facts.notThem = !recognised;
    return phone.ok(answer, recognised ? "You are talking to Bank Example. The secret is burnt."
      : kept ? "It was not us: we have not shown your secret to anyone. Hang up. Your callback stays booked."
      : "Thank you for telling us. Hang up.", recognised ? "good" : "bad");
  };
  const field = h("input", { id: `secret-${id}`, autocomplete: "off", maxlength: "64", "aria-label": "Another secret" });
  return h("article", { class: "card" },
    h("h3", {}, `Callback ${time(window.from)} to ${time(window.until)} `, h("span", { class: "badge", "data-mood": mood(status) }, words(status))),
    open && own && h("p", {}, "We call you, and say: ", h("span", { class: "own-words" }, own)),
    open && derived && !own && h("p", { class: "hint" }, "This phone does not have the words. Set another secret."),
    open && talking && h("p", {}, own ? "Did the caller say these four words, in this order?" : "Did the caller say your secret?"),
    open && talking && h("div", { class: "row" },
      button(own ? "Yes, those are my words" : "Yes, that is my secret", () => conclude(true), { class: "good", act: "recognised" }),
      button("No, not them", () => conclude(false), { class: "bad", act: "not-them" })),
    status === "booked" && h("details", {}, h("summary", {}, "Change or cancel"),
      h("div", { class: "row" }, field,
        button("Set this secret", async () => {
          if (!field.value.trim()) return say($("phone-notice"), "Type another secret first.", "bad");
          return amend({ secret: field.value }, "Your secret was changed.");
        }, { act: `change-${id}` })),
      h("div", { class: "row" },
        button("An hour later", () => amend({ window: windowFrom(3600) }, "Moved by an hour."), { act: `later-${id}` }),
        button("Cancel it", async () => { phone.ok(await post("cancel"), "Cancelled. The secret is burnt."); }, { class: "bad", act: `cancel-${id}` }))),
  );
}

const mood = (status) => ({ recognised: "good", not_recognised: "bad", booked: "", revealed: "" })[status] ?? "over";
