/**
 * Reads a JSON object's fields with the texts of numbers as they stand, in their order, without making
 * objects: what LogQL's json stage needs and JSON.parse does not give.
 */

/** Where a value stands in the text, and of what kind it is. */
export interface JsonValue {
  readonly kind: "string" | "number" | "boolean" | "null" | "object" | "array";
  readonly start: number;
  readonly end: number;
}

/** Called for each field; false ends the reading. */
export type OnField = (key: string, value: JsonValue) => boolean;

export class JsonError extends Error {}

export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the fields of the object that the text begins with. */
  readObject(onField: OnField): boolean {
    this.#at = 0;
    this.#space();
    if (this.#text[this.#at] !== "{") throw this.#error("expected an object");
    return this.readObjectAt(this.#at, onField);
  }

  /**
   * Reads the fields of an object that begins at `start`, until the callback says false, which is then the
   * result. It may read within their values.
   */
  readObjectAt(start: number, onField: OnField): boolean {
    this.#at = start + 1;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "}") return true;
      const keyStart = this.#at;
      this.#string();
      const key = unescapeJson(this.#text.slice(keyStart + 1, this.#at - 1));
      if (key === undefined) throw this.#error("a key has an escape that is none");
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#error("expected a colon");
      this.#at++;
      const value = this.#value();
      if (!onField(key, value)) return false;
      this.#at = value.end;
      this.#space();
      const next = this.#text[this.#at];
      if (next === "}") return true;
      if (next !== ",") throw this.#error("expected a comma or the object's end");
      this.#at++;
    }
  }

  /** Reads the elements of an array that begins at `start`, until the callback says false. */
  readArray(start: number, onElement: (value: JsonValue) => boolean): void {
    this.#at = start + 1;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "]") return;
      const value = this.#value();
      if (!onElement(value)) return;
      this.#at = value.end;
      this.#space();
      const next = this.#text[this.#at];
      if (next === "]") return;
      if (next !== ",") throw this.#error("expected a comma or the array's end");
      this.#at++;
    }
  }

  /** The value as a label's value: strings without quotes and escapes, null empty, the rest as it stands. */
  label(value: JsonValue): string {
    if (value.kind === "null") return "";
    if (value.kind !== "string") return this.text(value);
    return unescapeJson(this.#text.slice(value.start + 1, value.end - 1)) ?? "";
  }

  /** The value as it stands in the text. */
  text(value: JsonValue): string {
    return this.#text.slice(value.start, value.end);
  }

  /** What is within objects and arrays is looked at only when somebody reads it. */
  #value(): JsonValue {
    this.#space();
    const start = this.#at;
    const first = this.#text[start];
    if (first === '"') {
      this.#string();
      return { kind: "string", start, end: this.#at };
    }
    if (first === "{" || first === "[") {
      this.#block(first, first === "{" ? "}" : "]");
      return { kind: first === "{" ? "object" : "array", start, end: this.#at };
    }
    while (this.#at < this.#text.length && !/[\s,}\]]/.test(this.#text[this.#at]!)) this.#at++;
    const word = this.#text.slice(start, this.#at);
    if (word === "null") return { kind: "null", start, end: this.#at };
    if (word === "true" || word === "false") return { kind: "boolean", start, end: this.#at };
    // Numbers are taken as they are written: no label's value has to be one.
    if (/^[-0-9]/.test(word)) return { kind: "number", start, end: this.#at };
    this.#at = start;
    throw this.#error("expected a value");
  }

  #block(open: string, close: string): void {
    let depth = 0;
    for (;;) {
      const unit = this.#text[this.#at];
      if (unit === undefined) throw this.#error(`expected ${close}`);
      if (unit === '"') {
        this.#string();
        continue;
      }
      this.#at++;
      if (unit === open) depth++;
      else if (unit === close && --depth === 0) return;
    }
  }

  #string(): void {
    const text = this.#text;
    if (text[this.#at] !== '"') throw this.#error("expected a string");
    for (let i = this.#at + 1; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 0x5c) i++;
      else if (unit === 0x22) {
        this.#at = i + 1;
        return;
      }
    }
    this.#at = text.length;
    throw this.#error("a string is not closed");
  }

  #space(): void {
    const text = this.#text;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #error(reason: string): JsonError {
    return new JsonError(`${reason} at character ${this.#at + 1}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * A string's text without its escapes; undefined when one is none. Raw control characters are not JSON, but
 * logs have them. What is no UTF-8 becomes a space, as in Loki.
 */
export function unescapeJson(text: string): string | undefined {
  const plain = text.includes("\\") ? replaceEscapes(text) : text;
  return plain?.includes("\ufffd") === true ? plain.replaceAll("\ufffd", " ") : plain;
}

function replaceEscapes(text: string): string | undefined {
  let isBad = false;
  const plain = text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, hex?: string, letter?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    isBad ||= ESCAPES[letter!] === undefined;
    return ESCAPES[letter!] ?? "";
  });
  return isBad || !plain.isWellFormed() ? undefined : plain;
}
