// Strict JSON: each member once, whole numbers kept whole, at most 16 levels of brackets.

/** An object is a map, so that no member's name means anything to JavaScript. */
export type Json = null | boolean | bigint | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

const MAX_DEPTH = 16;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// eslint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** What the text says; `undefined` if it is not strict JSON. */
export function readJson(text: string): Json | undefined {
  try {
    const reader = new Reader(text);
    const value = reader.value(MAX_DEPTH);
    return reader.atEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A value as JSON without spaces. */
export function writeJson(value: Json): string {
  if (value instanceof Map) {
    const members = [...(value as JsonObject)].map(([name, one]) => `${JSON.stringify(name)}:${writeJson(one)}`);
    return `{${members.join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map((one: Json) => writeJson(one)).join(",")}]`;
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  atEnd(): boolean {
    this.#space();
    return this.#at === this.text.length;
  }

  value(depth: number): Json {
    this.#space();
    const next = this.text[this.#at];
    switch (next) {
      case "{":
        return this.#object(deeper(depth));
      case "[":
        return this.#array(deeper(depth));
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, Json>();
    this.#at += 1;
    if (this.#take("}")) return members;
    do {
      this.#space();
      if (this.text[this.#at] !== '"') throw new SyntaxError();
      const name = this.#string();
      if (members.has(name) || !this.#take(":")) throw new SyntaxError();
      members.set(name, this.value(depth));
    } while (this.#take(","));
    if (!this.#take("}")) throw new SyntaxError();
    return members;
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.#at += 1;
    if (this.#take("]")) return items;
    do items.push(this.value(depth));
    while (this.#take(","));
    if (!this.#take("]")) throw new SyntaxError();
    return items;
  }

  #string(): string {
    let out = "";
    this.#at += 1;
    for (;;) {
      out += this.#match(PLAIN)[0];
      const next = this.text[this.#at];
      this.#at += 1;
      if (next === '"') break;
      if (next !== "\\") throw new SyntaxError();
      const escape = this.text[this.#at] ?? "";
      this.#at += 1;
      if (escape === "u") {
        const digits = this.text.slice(this.#at, this.#at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new SyntaxError();
        this.#at += 4;
        out += String.fromCharCode(Number.parseInt(digits, 16));
      } else {
        const character = ESCAPED[escape];
        if (character === undefined) throw new SyntaxError();
        out += character;
      }
    }
    // Half of a pair alone is no character.
    if (/\p{Cs}/u.test(out)) throw new SyntaxError();
    return out;
  }

  #number(): bigint | number {
    const [whole, fraction, exponent] = this.#match(NUMBER);
    if (whole === "") throw new SyntaxError();
    const value = Number(whole);
    if (!Number.isFinite(value)) throw new SyntaxError();
    return fraction === undefined && exponent === undefined && whole !== "-0" ? BigInt(whole) : value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.#at)) throw new SyntaxError();
    this.#at += word.length;
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) throw new SyntaxError();
    this.#at = pattern.lastIndex;
    return found;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    while (" \t\n\r".includes(this.text[this.#at] ?? "x")) this.#at += 1;
  }
}

function deeper(depth: number): number {
  if (depth === 0) throw new SyntaxError();
  return depth - 1;
}
