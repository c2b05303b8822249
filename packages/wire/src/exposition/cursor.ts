/** A place in a line of an exposition text, and how mistakes at that place are told. */
import { BinnacleError } from "@binnacle/model";
import { QUOTED_BYTES_MAX } from "../limits.ts";

export const SPACE = 0x20;
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;

export class LineCursor {
  readonly text: Buffer;
  /** The line is text[start, end); its line feed stands at `end`, if it has one. */
  start = 0;
  end = 0;
  at = 0;
  /** From 1. */
  lineNumber = 0;

  constructor(text: Buffer) {
    this.text = text;
  }

  moveTo(start: number, lineNumber: number): void {
    const lineFeed = this.text.indexOf(LINE_FEED, start);
    this.start = start;
    this.at = start;
    this.end = lineFeed < 0 ? this.text.length : lineFeed;
    this.lineNumber = lineNumber;
  }

  /** Where the next line begins. */
  get next(): number {
    return Math.min(this.end + 1, this.text.length);
  }

  /** The byte at the cursor, or a line feed behind the line. */
  peek(): number {
    return this.at < this.end ? this.text[this.at]! : LINE_FEED;
  }

  skipBlanks(): void {
    while (this.at < this.end) {
      const byte = this.text[this.at]!;
      if (byte !== SPACE && byte !== TAB) return;
      this.at++;
    }
  }

  /** Moves behind a text of this class of bytes; answers whether it had any. */
  skipWhile(isIn: (byte: number) => boolean): boolean {
    const from = this.at;
    while (this.at < this.end && isIn(this.text[this.at]!)) this.at++;
    return this.at > from;
  }

  /** Moves behind the quoted text that begins at the cursor, and answers where its closing quote stands. */
  skipQuoted(): number {
    const opening = this.at;
    for (let at = opening + 1; at < this.end; at++) {
      const byte = this.text[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        return at;
      }
      if (byte === BACKSLASH) at++;
    }
    this.at = opening;
    return this.fail("a closing quote");
  }

  slice(from: number, to: number): string {
    return this.text.toString("utf8", from, to);
  }

  /** Throws BAD_EXPOSITION: what was expected at the cursor, and what stands there. */
  fail(expected: string): never {
    return this.failWith(`expected ${expected}, found ${this.#found()}`);
  }

  /** Throws BAD_EXPOSITION with the line's number before the message. */
  failWith(message: string): never {
    const column = this.slice(this.start, this.at).length + 1;
    throw new BinnacleError("BAD_EXPOSITION", `line ${this.lineNumber}, column ${column}: ${message}`, {
      position: { line: this.lineNumber, column },
    });
  }

  #found(): string {
    if (this.at >= this.end)
      return this.end < this.text.length ? "the end of the line" : "the end of the text";
    const rest = this.slice(this.at, Math.min(this.end, this.at + QUOTED_BYTES_MAX));
    return JSON.stringify(this.end - this.at > QUOTED_BYTES_MAX ? `${rest}…` : rest);
  }
}

export function isNameStart(byte: number): boolean {
  return isLabelNameStart(byte) || byte === 0x3a;
}

export function isNameByte(byte: number): boolean {
  return isNameStart(byte) || (byte >= 0x30 && byte <= 0x39);
}

export function isLabelNameStart(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || byte === 0x5f;
}

export function isLabelNameByte(byte: number): boolean {
  return isLabelNameStart(byte) || (byte >= 0x30 && byte <= 0x39);
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
