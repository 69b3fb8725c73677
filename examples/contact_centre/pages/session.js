// One session for each pane, and its live updates. The cookie is out of reach of scripts; the token against forgery is here.
//
// YOURS: the phone, the desktop and the operator's console are three programs on three origins, each with a sign-in.

let visit;

export async function begin(anew = false) {
  visit = await sent("/visit", { anew });
}

async function sent(path, body, csrf) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...(csrf ? { "x-csrf-token": csrf } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// What makes something anew with each call, and carries no key of its own: it is sent once, whatever becomes of it.
const ONCE = /^\/(calls|chat|copy|forge|tickets|dial)$|^\/toasts\/[^/]+\/accept$|\/say$/;

export class Session {
  #role;
  #csrf;

  constructor(role) { this.#role = role; }

  async open() {
    ({ csrf: this.#csrf } = await sent("/visit/sessions", { role: this.#role }, visit.csrf));
  }

  // The answer's status and body. A service that is away, or restarts, is asked again for a while.
  async #ask(path, options) {
    const once = options.method === "POST" && ONCE.test(path);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await fetch(`/${this.#role}${path}`, options);
        const body = await answer.json().catch(() => ({}));
        if (answer.status === 503 && attempt < 5 && !once) throw new Error("busy");
        return { ok: answer.ok, status: answer.status, body };
      } catch (error) {
        if (once) return { ok: false, status: 0, body: { says: "No answer came. Look whether it was done, and try again." } };
        if (attempt >= 20) throw error;
        await new Promise((wake) => setTimeout(wake, 500));
      }
    }
  }

  get(path) { return this.#ask(path, {}); }

  // What makes something carries a key of its own and may be repeated, or is sent once.
  post(path, body = {}) {
    return this.#ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": this.#csrf },
      body: JSON.stringify(body),
    });
  }

  // Calls `show` with the state whenever it changed. A page that nobody sees does not listen.
  follow(show) {
    let source;
    let asking = false;
    let again = false;
    const refresh = async () => {
      if (asking) { again = true; return; }
      asking = true;
      try {
        do {
          again = false;
          const state = await this.get("/state").catch(() => undefined);
          if (state?.status === 401) { source?.close(); show(undefined); break; }
          if (state?.ok) await show(state.body);
        } while (again);
      } finally {
        // One state that cannot be shown must not be the last that is asked for.
        asking = false;
      }
    };
    const listen = () => {
      source?.close();
      if (document.hidden) return;
      source = new EventSource(`/${this.#role}/events`);
      source.addEventListener("changed", refresh);
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
      });
    };
    document.addEventListener("visibilitychange", listen);
    listen();
    return refresh;
  }
}
