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

/** Deeper nesting is an error, as a guard of the stack. */
const DEPTH_MAX = 128;

export class JsonError extends Error {}

export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Calls back for each field of the object that the whole text must be. */
  readObject(onField: (key: string, value: JsonValue) => void): void {
    this.#space();
    if (this.#text[this.#at] !== "{") throw this.#error("expected an object");
    this.#object(0, onField);
    this.#space();
    if (this.#at < this.#text.length) throw this.#error("text after the object");
  }

  /** Calls back for each element of an array that begins at `start`. */
  readArray(start: number, onElement: (value: JsonValue) => void): void {
    this.#at = start;
    this.#array(0, onElement);
  }

  /** The fields of an object that begins at `start`. */
  readObjectAt(start: number, onField: (key: string, value: JsonValue) => void): void {
    this.#at = start;
    this.#object(0, onField);
  }

  /** The value as a label's value: strings unquoted, null empty, the rest as it stands. */
  label(value: JsonValue): string {
    const text = this.#text.slice(value.start, value.end);
    if (value.kind === "string") return unquoteJson(text);
    return value.kind === "null" ? "" : text;
  }

  #object(depth: number, onField: ((key: string, value: JsonValue) => void) | undefined): void {
    if (depth > DEPTH_MAX) throw this.#error(`nested more than ${DEPTH_MAX} deep`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      const keyStart = this.#at;
      this.#string();
      const key = onField === undefined ? "" : unquoteJson(this.#text.slice(keyStart, this.#at));
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#error("expected a colon");
      this.#at++;
      const value = this.#value(depth + 1);
      if (onField !== undefined) {
        // The callback may read within the value, which moves the place.
        const end = this.#at;
        onField(key, value);
        this.#at = end;
      }
      this.#space();
      const next = this.#text[this.#at++];
      if (next === "}") return;
      if (next !== ",") throw this.#error("expected a comma or the object's end");
    }
  }

  #array(depth: number, onElement: ((value: JsonValue) => void) | undefined): void {
    if (depth > DEPTH_MAX) throw this.#error(`nested more than ${DEPTH_MAX} deep`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return;
    }
    for (;;) {
      const value = this.#value(depth + 1);
      if (onElement !== undefined) {
        const end = this.#at;
        onElement(value);
        this.#at = end;
      }
      this.#space();
      const next = this.#text[this.#at++];
      if (next === "]") return;
      if (next !== ",") throw this.#error("expected a comma or the array's end");
    }
  }

  #value(depth: number): JsonValue {
    this.#space();
    const start = this.#at;
    const first = this.#text[start];
    if (first === '"') {
      this.#string();
      return { kind: "string", start, end: this.#at };
    }
    if (first === "{") {
      this.#object(depth, undefined);
      return { kind: "object", start, end: this.#at };
    }
    if (first === "[") {
      this.#array(depth, undefined);
      return { kind: "array", start, end: this.#at };
    }
    const word = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
    word.lastIndex = start;
    const match = word.exec(this.#text);
    if (match === null) throw this.#error("expected a value");
    this.#at = word.lastIndex;
    const kind = match[0] === "null" ? "null" : /^[tf]/.test(match[0]) ? "boolean" : "number";
    return { kind, start, end: this.#at };
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

function unquoteJson(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    // Raw control characters are not JSON, but logs have them.
    return literal.slice(1, -1);
  }
}
