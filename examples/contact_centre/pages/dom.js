// Small helpers to build nodes. Text is always set as text, never as HTML: what others wrote cannot become markup.

export const $ = (id) => document.getElementById(id);

// h("p", { class: "hint" }, "text", node): attributes that are functions are listeners.
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

// Fills a region if what it shows has changed, so that focus and selection stay where they are otherwise.
const shown = new WeakMap();
export function fill(region, of, nodes) {
  const key = JSON.stringify(of);
  if (shown.get(region) === key) return;
  shown.set(region, key);
  const focused = region.contains(document.activeElement) ? document.activeElement.id || document.activeElement.dataset.act : "";
  region.replaceChildren(...[nodes()].flat().filter(Boolean));
  if (focused) (document.getElementById(focused) ?? region.querySelector(`[data-act="${CSS.escape(focused)}"]`))?.focus();
}

export function say(node, text, mood = "") {
  node.hidden = !text;
  node.textContent = text;
  node.dataset.mood = mood;
}

// A button that cannot be pressed twice while it works.
export function button(text, act, options = {}) {
  return h("button", {
    type: "button", class: options.class, "data-act": options.act,
    onclick: async (event) => busy(event.currentTarget, act),
  }, text);
}

export async function busy(pressed, act) {
  if (pressed.getAttribute("aria-busy") === "true") return;
  pressed.setAttribute("aria-busy", "true");
  try { await act(); } finally { pressed.removeAttribute("aria-busy"); }
}

export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(event.submitter ?? form, act);
  });
}

export const time = (text) => new Date(text).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
export const exactTime = (text) => new Date(text).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const words = (name) => String(name).replaceAll("_", " ");

// What a library's error says, as a sentence for people.
export const sentence = ({ message }) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

// A new idempotency key: one for each thing that somebody does.
export const request = () => crypto.randomUUID();

export function windowFrom(seconds, length = 7200) {
  const at = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, "Z");
  const from = Math.floor(Date.now() / 1000) * 1000 + seconds * 1000;
  return { from: at(from), until: at(from + length * 1000) };
}

// Pounds and pence as typed, in pence; no rounding takes place. `NaN` if it is no amount: nobody takes that.
export function pence(text) {
  const [, pounds, rest = ""] = /^([0-9]{1,12})(?:\.([0-9]{1,2}))?$/.exec(text.trim()) ?? [];
  return pounds === undefined ? NaN : Number(pounds) * 100 + Number(rest.padEnd(2, "0"));
}
export const pounds = (pence) => `£${Math.floor(pence / 100).toLocaleString("en-GB")}.${String(pence % 100).padStart(2, "0")}`;
