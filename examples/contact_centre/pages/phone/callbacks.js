// Callbacks: book, change, cancel, and say whether the caller knew the secret.

import { $, button, fill, h, onSubmit, request, say, time, windowFrom, words } from "/dom.js";

export function wireCallbacks(phone) {
  onSubmit($("book"), async () => {
    const window = windowFrom(Number($("book-when").value));
    const body = { request: request(), window, secret: $("book-secret").value };
    const answer = await phone.session.post("/callbacks", body);
    if (phone.ok(answer, "Booked. If a caller does not say your secret, hang up.")) $("book-secret").value = "";
    phone.refresh();
  });
}

export function showCallbacks(phone) {
  const { callbacks, calls } = phone.state;
  const talking = calls.some((call) => call.line === "talking" && call.incoming);
  phone.facts.callback = callbacks[0]?.status;
  phone.facts.reported = callbacks.some((one) => one.reported) || phone.facts.notThem === true;
  // In a call one question counts.
  $("book").hidden = talking;
  fill($("callbacks"), [callbacks, talking], () => callbacks.map((one) => card(phone, one, talking)));
}

function card(phone, callback, talking) {
  const { id, status, window } = callback;
  const post = (path, body) => phone.session.post(`/callbacks/${id}/${path}`, body);
  const open = status === "booked" || status === "revealed";
  const amend = async (change, text) => {
    phone.ok(await post("amend", { request: request(), ...change }), text);
    phone.refresh();
  };
  const conclude = async (recognised) => {
    const answer = await post("conclude", { recognised });
    if (!answer.ok) {
      return phone.refused(answer, "We have not shown your secret to anyone. If somebody said it, it has leaked: hang up, and set another.");
    }
    const kept = answer.body.status === "booked";
    phone.facts.notThem = !recognised;
    return phone.ok(answer, recognised ? "You are talking to Bank Example. The secret is burnt."
      : kept ? "It was not us: we have not shown your secret to anyone. Hang up. Your callback stays booked."
      : "Thank you for telling us. Hang up.");
  };
  const field = h("input", { id: `secret-${id}`, autocomplete: "off", maxlength: "64", "aria-label": "Another secret" });
  return h("article", { class: "card" },
    h("h3", {}, `Callback ${time(window.from)} to ${time(window.until)} `, h("span", { class: "badge", "data-mood": mood(status) }, words(status))),
    open && talking && h("p", {}, "Did the caller say your secret?"),
    open && talking && h("div", { class: "row" },
      button("Yes, that is my secret", () => conclude(true), { class: "good", act: "recognised" }),
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
