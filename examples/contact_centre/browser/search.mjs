// Searches everything that the desktop was sent, sent itself or shows, for what it must never have: in plain, base64 and hex.

const encodings = (value) => {
  const bytes = Buffer.from(value);
  const plain = [value, value.replace(/(.{4})(?=.)/g, "$1 "), value.replace(/(.{4})(?=.)/g, "$1-")];
  // In base64, where a value begins in a group of three decides how it looks: all three, without the signs at the ends.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64").replace(/=+$/, "");
    return text.slice(shift === 0 ? 0 : shift + 1, (bytes.length + shift) % 3 === 0 ? undefined : -1);
  });
  return [...plain, ...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")), bytes.toString("hex"), bytes.toString("hex").toUpperCase()];
};

export class Search {
  // What must not be there, by what it is. Codes and seeds are added as the phone sends and gets them.
  #values;
  #said = [];
  #waiting = [];
  #page;
  bytes = 0;

  constructor(page, planted) {
    this.#page = page;
    this.#values = new Map(Object.entries(planted));
    page.on("request", (request) => this.#request(request));
    page.on("response", (response) => this.#waiting.push(this.#response(response)));
  }

  // Something else that must not be there, or have been there before.
  plant(what, value) { this.#values.set(what, value); }

  #request(request) {
    const { pathname } = new URL(request.url());
    const body = request.postData() ?? "";
    if (pathname.startsWith("/desktop/")) this.#add(request.url(), body, JSON.stringify(request.headers()));
    if (/\/(submit|confirm)$/.test(pathname) && pathname.startsWith("/phone/")) {
      this.#values.set(`code sent to ${pathname}`, JSON.parse(body).code);
    }
  }

  async #response(response) {
    const { pathname } = new URL(response.url());
    if (pathname === "/phone/enrol") {
      const { seed } = await response.json();
      this.#values.set("seed", seed);
    }
    // Live updates have no end, and say nothing but a number.
    if (!pathname.startsWith("/desktop/") || pathname.endsWith("/events")) return;
    this.#add(await response.text().catch(() => ""), JSON.stringify(response.headers()));
  }

  #add(...texts) {
    for (const text of texts) this.bytes += text.length;
    this.#said.push(...texts);
  }

  // What the desktop shows now, fields included.
  async dom() {
    this.#add(await this.#page.evaluate(() => {
      const desktop = document.getElementById("desktop");
      const fields = [...desktop.querySelectorAll("input, select")].map((field) => field.value);
      return `${desktop.outerHTML} ${fields.join(" ")}`;
    }));
  }

  async found() {
    await this.dom().catch(() => {});
    // An answer that never ends is not waited for: the story has failed before.
    await Promise.race([Promise.allSettled(this.#waiting), new Promise((wake) => setTimeout(wake, 5000))]);
    return this.#look(this.#said.join("\n"));
  }

  // Whether the search finds what is there. Each way in is shown something that must not be there, and each encoding: what
  // it misses then, it would have missed before.
  async blind() {
    const missed = [];
    for (const [name, value] of this.#values) {
      for (const form of encodings(value)) if (form.length >= 6 && this.#look(`x${form}x`).length === 0) missed.push(`${name} as ${form}`);
    }
    const control = "4222222222222";
    const ways = { field: `document.querySelector("#desktop input").value = "${control}"`, text: `document.getElementById("desktop-notice").textContent = "${control}"` };
    this.#values.set("control", control);
    for (const [way, show] of Object.entries(ways)) {
      this.#said = [];
      await this.#page.evaluate(show);
      await this.dom();
      if ((await this.found()).length === 0) missed.push(`a ${way} of the desktop`);
      await this.#page.evaluate(show.replace(control, ""));
    }
    for (const [way, ask] of Object.entries({
      request: `fetch("/desktop/chat", { method: "POST", body: "${control}" }).catch(() => {})`,
      answer: `fetch("/desktop/state")`,
    })) {
      this.#said = [];
      if (way === "answer") this.#values.set("control", "Alice Jones");
      await this.#page.evaluate(`${ask}.then((answer) => answer?.text())`);
      await Promise.allSettled(this.#waiting);
      if (this.#look(this.#said.join("\n")).length === 0) missed.push(`a desktop's ${way}`);
    }
    return missed.map((one) => `the search does not see ${one}`);
  }

  #look(all) {
    const found = [];
    for (const [name, value] of this.#values) {
      for (const form of encodings(value)) if (form.length >= 6 && all.includes(form)) found.push(`the desktop has the ${name}, as ${form}`);
    }
    return found;
  }
}
