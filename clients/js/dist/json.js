// Strict JSON: each member once, whole numbers kept whole, at most 16 levels of brackets.
const MAX_DEPTH = 16;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// eslint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPED = {
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
export function readJson(text) {
    try {
        const reader = new Reader(text);
        const value = reader.value(MAX_DEPTH);
        return reader.atEnd() ? value : undefined;
    }
    catch (error) {
        if (error instanceof SyntaxError)
            return undefined;
        throw error;
    }
}
/** A value as JSON without spaces. */
export function writeJson(value) {
    if (value instanceof Map) {
        const members = [...value].map(([name, one]) => `${JSON.stringify(name)}:${writeJson(one)}`);
        return `{${members.join(",")}}`;
    }
    if (Array.isArray(value))
        return `[${value.map((one) => writeJson(one)).join(",")}]`;
    return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
class Reader {
    text;
    #at = 0;
    constructor(text) {
        this.text = text;
    }
    atEnd() {
        this.#space();
        return this.#at === this.text.length;
    }
    value(depth) {
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
    #object(depth) {
        const members = new Map();
        this.#at += 1;
        if (this.#take("}"))
            return members;
        do {
            this.#space();
            if (this.text[this.#at] !== '"')
                throw new SyntaxError();
            const name = this.#string();
            if (members.has(name) || !this.#take(":"))
                throw new SyntaxError();
            members.set(name, this.value(depth));
        } while (this.#take(","));
        if (!this.#take("}"))
            throw new SyntaxError();
        return members;
    }
    #array(depth) {
        const items = [];
        this.#at += 1;
        if (this.#take("]"))
            return items;
        do
            items.push(this.value(depth));
        while (this.#take(","));
        if (!this.#take("]"))
            throw new SyntaxError();
        return items;
    }
    #string() {
        let out = "";
        this.#at += 1;
        for (;;) {
            out += this.#match(PLAIN)[0];
            const next = this.text[this.#at];
            this.#at += 1;
            if (next === '"')
                break;
            if (next !== "\\")
                throw new SyntaxError();
            const escape = this.text[this.#at] ?? "";
            this.#at += 1;
            if (escape === "u") {
                const digits = this.text.slice(this.#at, this.#at + 4);
                if (!/^[0-9a-fA-F]{4}$/.test(digits))
                    throw new SyntaxError();
                this.#at += 4;
                out += String.fromCharCode(Number.parseInt(digits, 16));
            }
            else {
                const character = ESCAPED[escape];
                if (character === undefined)
                    throw new SyntaxError();
                out += character;
            }
        }
        // Half of a pair alone is no character.
        if (/\p{Cs}/u.test(out))
            throw new SyntaxError();
        return out;
    }
    #number() {
        const [whole, fraction, exponent] = this.#match(NUMBER);
        if (whole === "")
            throw new SyntaxError();
        const value = Number(whole);
        if (!Number.isFinite(value))
            throw new SyntaxError();
        return fraction === undefined && exponent === undefined && whole !== "-0" ? BigInt(whole) : value;
    }
    #word(word, value) {
        if (!this.text.startsWith(word, this.#at))
            throw new SyntaxError();
        this.#at += word.length;
        return value;
    }
    #match(pattern) {
        pattern.lastIndex = this.#at;
        const found = pattern.exec(this.text);
        if (found === null)
            throw new SyntaxError();
        this.#at = pattern.lastIndex;
        return found;
    }
    #take(character) {
        this.#space();
        if (this.text[this.#at] !== character)
            return false;
        this.#at += 1;
        return true;
    }
    #space() {
        while (" \t\n\r".includes(this.text[this.#at] ?? "x"))
            this.#at += 1;
    }
}
function deeper(depth) {
    if (depth === 0)
        throw new SyntaxError();
    return depth - 1;
}
