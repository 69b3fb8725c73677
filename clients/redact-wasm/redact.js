// Card data masked in the browser, before it leaves: texts, a chat box, and the page that an agent is shown.
//
//     const redactor = await load();                     // redact.wasm beside this file
//     redactor.maskText("4242 4242 4242 4242");          // "**** **** **** ****"
//     redactor.attach(field, { form });                  // masks what is typed, pasted and sent
//     redactor.maskPage(document.body, { show: ["main"] });   // a copy that an agent may see

const KEEP_LAST_FOUR = 1;
const WRITTEN_ALONE = 2;
const LOGS = 4;

/** So many characters of what was sent before are looked at with what is written. */
const SENT = 400;

/** What a module's options are as bits. */
const asked = ({ keepLastFour = false, spoken = true, mode = "people" } = {}) =>
  (keepLastFour ? KEEP_LAST_FOUR : 0) | (spoken ? 0 : WRITTEN_ALONE) | (mode === "logs" ? LOGS : 0);

/** The module's bytes or a compiled module, from whatever it is given as. */
async function module(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const answer = await (source instanceof Response ? source : fetch(source));
  if (!answer.ok) throw new Error(`the redactor could not be loaded: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

/** Loads the redactor: from a URL, a response, bytes or a compiled module; by default the file beside this one. */
export async function load(source = new URL("redact.wasm", import.meta.url)) {
  return new Redactor(await WebAssembly.instantiate(await module(source), {}));
}

export class Redactor {
  #wasm;

  constructor(instance) {
    this.#wasm = instance.exports;
  }

  /** Calls an export with `text` in the buffer, and gives what is in it then to `read`. */
  #call(name, text, options, read) {
    const bytes = new TextEncoder().encode(text);
    const wasm = this.#wasm;
    try {
      const at = wasm.room(bytes.length);
      new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes);
      const length = wasm[name](asked(options));
      return read(new Uint8Array(wasm.memory.buffer, wasm.place(), length), bytes);
    } finally {
      bytes.fill(0);
      wasm.wipe();
    }
  }

  /** `text` with its card data masked: `*` for each digit. */
  maskText(text, options) {
    if (text === "") return text;
    return this.#call("mask", text, options, (bytes) => new TextDecoder().decode(bytes));
  }

  /** The digits and number words of card data in `text`: pairs of places, as strings count. */
  find(text, options) {
    if (text === "") return [];
    return this.#call("find", text, options, (found, bytes) => {
      const numbers = new DataView(found.buffer, found.byteOffset, found.byteLength);
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      const spans = [];
      let at = 0;
      let units = 0;
      const upTo = (byte) => {
        units += decoder.decode(bytes.subarray(at, byte)).length;
        at = byte;
        return units;
      };
      for (let n = 0; n + 8 <= found.byteLength; n += 8) {
        spans.push([upTo(numbers.getUint32(n, true)), upTo(numbers.getUint32(n + 4, true))]);
      }
      return spans;
    });
  }

  /**
   * Masks card data in a text field as it is typed or pasted, and again before its form is sent or Enter is pressed, ahead of
   * every other listener. What was sent before counts: a number that goes on in the next message is masked there. Gives a
   * function that lets go of the field.
   *
   * `form` is the field's own by default. `masked` is called whenever something was masked.
   */
  attach(field, { form = field.form ?? null, masked = () => {}, ...options } = {}) {
    let sent = "";
    const mask = () => {
      const clean = this.#maskAfter(sent, field.value, options);
      if (clean === field.value) return;
      // The caret stays behind what it stood behind.
      const caret = field.selectionStart ?? field.value.length;
      const place = this.#maskAfter(sent, field.value, options, caret);
      field.value = clean;
      field.setSelectionRange?.(place, place);
      masked();
    };
    const typed = (event) => {
      // What an input method has not finished is looked at when it has.
      if (!event.isComposing) mask();
    };
    const key = (event) => {
      if (event.key === "Enter") mask();
    };
    const leaves = () => {
      mask();
      if (field.value !== "") sent = `${sent}${field.value}\n`.slice(-SENT);
    };
    const events = [
      [field, "input", typed],
      [field, "compositionend", mask],
      [field, "change", mask],
      [field, "blur", mask],
      [field, "keydown", key],
      ...(form ? [[form, "submit", leaves]] : []),
    ];
    for (const [target, name, listener] of events) target.addEventListener(name, listener, { capture: true });
    mask();
    return () => {
      for (const [target, name, listener] of events) target.removeEventListener(name, listener, { capture: true });
      sent = "";
    };
  }

  /** `text` masked as what follows `before`; with `caret`, where that place in it is then. */
  #maskAfter(before, text, options, caret) {
    const whole = this.maskText(before + text, options);
    // No mask takes the end of a line away.
    const lines = before.split("\n").length - 1;
    let from = 0;
    for (let n = 0; n < lines; n += 1) from = whole.indexOf("\n", from) + 1;
    const clean = whole.slice(from);
    if (caret === undefined) return clean;
    // As many characters stand behind it as before, unless a mask goes over it.
    const behind = text.slice(caret);
    return clean.endsWith(behind) ? clean.length - behind.length : clean.length;
  }

  /**
   * A copy of the page below `root` that an agent may see. What one of the selectors in `show` matches is there with card
   * data masked; all else is withheld: its text, its attributes, its pictures, what its fields hold. Nothing is shown of
   * frames, scripts, styles, shadow trees, comments, passwords, files and fields for cards, wherever they stand, nor of
   * what one of `hide` matches.
   */
  maskPage(root, { show = [], hide = [], ...options } = {}) {
    return new Page(this, show, hide, options).copy(root);
  }
}

/** Attributes that say nothing but how an element looks, and what it is. */
const PLAIN = new Set(["class", "role", "dir", "lang", "type", "colspan", "rowspan", "hidden", "disabled", "open"]);
/** Attributes with text. */
const TEXT = new Set(["title", "alt", "placeholder", "aria-label", "aria-description", "label"]);
/** Elements that hold no text for people, or a page of their own, or what cannot be looked through. */
const NEVER = new Set([
  "script", "style", "noscript", "template", "iframe", "frame", "object", "embed", "canvas", "video", "audio", "svg", "math",
  "img", "picture", "link", "meta", "base", "slot",
]);
/** Kinds of fields whose value is never shown. */
const SECRET = new Set(["password", "hidden", "file"]);
/** Elements within a line: no end of a line stands between them and what is beside them. */
const INLINE = new Set(["a", "abbr", "b", "bdi", "bdo", "code", "em", "i", "label", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"]);
/** What a field for a card is called: as browsers fill it in, and as people name it. */
const CARD_FIELD = /(^|[^a-z])(cc-|card|pan|cvv|cvc|cv2|csc|expir|security.?code|pin)/i;

class Page {
  #redactor;
  #show;
  #hide;
  #options;
  /** A document in which nothing is run or fetched. */
  #document = document.implementation.createHTMLDocument("");

  constructor(redactor, show, hide, options) {
    this.#redactor = redactor;
    this.#show = show.join(",");
    this.#hide = hide.join(",");
    this.#options = options;
  }

  copy(root) {
    const texts = [];
    const copy = this.#element(root, false, texts);
    // As one text, so that a number over several elements is found, with an end of a line between blocks.
    const whole = texts.map(({ before, node }) => before + node.data).join("");
    const spans = this.#redactor.find(whole, this.#options);
    let at = 0;
    for (const { before, node } of texts) {
      at += before.length;
      node.data = covered(node.data, at, spans);
      at += node.data.length;
    }
    return copy;
  }

  #is(element, selectors) {
    return selectors !== "" && element.matches(selectors);
  }

  #mask(text) {
    return this.#redactor.maskText(text, this.#options);
  }

  /** A copy of an element; without one that is shown in it, what stands for it. */
  #element(element, shown, texts) {
    const name = element.localName;
    const never = NEVER.has(name) || element.shadowRoot !== null || this.#is(element, this.#hide);
    const visible = !never && (shown || this.#is(element, this.#show));
    const holds = !never && this.#show !== "" && element.querySelector(this.#show) !== null;
    const copy = this.#document.createElement(never ? "span" : name);
    if (!(visible || holds)) {
      copy.setAttribute("data-withheld", "");
      return copy;
    }
    if (visible) this.#attributes(element, copy);
    if (visible && "value" in element && ["input", "textarea", "select"].includes(name)) {
      this.#field(element, copy, texts);
      return copy;
    }
    const start = texts.length;
    for (const child of element.childNodes) {
      if (child.nodeType === 1) {
        copy.append(this.#element(child, visible, texts));
      } else if (child.nodeType === 3 && visible) {
        const node = this.#document.createTextNode(child.data);
        texts.push({ before: "", node });
        copy.append(node);
      }
    }
    if (!INLINE.has(name)) {
      if (texts[start]) texts[start].before = "\n";
      const end = this.#document.createTextNode("");
      texts.push({ before: "\n", node: end });
    }
    return copy;
  }

  #attributes(element, copy) {
    for (const { name, value } of element.attributes) {
      if (PLAIN.has(name)) copy.setAttribute(name, this.#mask(value));
      if (TEXT.has(name)) copy.setAttribute(name, this.#mask(value));
    }
  }

  /** What a field holds, by its kind. */
  #field(field, copy) {
    const named = ["autocomplete", "name", "id", "aria-label", "placeholder"].map((name) => field.getAttribute(name) ?? "");
    const labels = [...(field.labels ?? [])].map((label) => label.textContent);
    const secret = SECRET.has(field.type) || [...named, ...labels].some((name) => CARD_FIELD.test(name));
    if (field.type === "checkbox" || field.type === "radio") {
      copy.toggleAttribute("checked", !secret && field.checked);
      return;
    }
    if (field.localName === "select") {
      const option = this.#document.createElement("option");
      option.textContent = secret ? "" : this.#mask([...field.selectedOptions].map((one) => one.label).join(", "));
      copy.append(option);
      return;
    }
    const value = secret ? "" : this.#mask(field.value);
    if (secret && field.value !== "") copy.setAttribute("data-withheld", "");
    if (field.localName === "textarea") copy.textContent = value;
    else copy.setAttribute("value", value);
  }
}

/** `text`, which begins at `at` in a longer one, with the letters and digits masked that are within `spans` of that. */
function covered(text, at, spans) {
  let out = "";
  let from = 0;
  for (const [start, end] of spans) {
    const begin = Math.max(start - at, from);
    const stop = Math.min(end - at, text.length);
    if (stop <= begin) continue;
    out += text.slice(from, begin) + text.slice(begin, stop).replace(/\S/gu, (c) => "*".repeat(c.length));
    from = stop;
  }
  return out + text.slice(from);
}
