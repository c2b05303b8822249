/** A template's text and name: what turns an offset into a place, and a complaint into an error. */
import { BinnacleError, type ErrorCodeName, type Position } from "@binnacle/model";

export class Source {
  readonly name: string;
  readonly text: string;
  readonly #preludeLength: number;

  /** The prelude stands before the text and on its first line; places do not count it. */
  constructor(name: string, text: string, prelude = "") {
    this.name = name;
    this.text = prelude + text;
    this.#preludeLength = prelude.length;
  }

  /** Line and column of an offset, both from 1. */
  position(at: number): Position {
    let line = 1;
    let lineStart = this.#preludeLength;
    for (let i = this.text.indexOf("\n"); i >= 0 && i < at; i = this.text.indexOf("\n", i + 1)) {
      line++;
      lineStart = i + 1;
    }
    return { line, column: Math.max(at - lineStart, 0) + 1 };
  }

  error(at: number, message: string, code: ErrorCodeName = "BAD_TEMPLATE"): BinnacleError {
    const position = this.position(at);
    const place = `${this.name}:${position.line}:${position.column}`;
    return new BinnacleError(code, `template: ${place}: ${message}`, { position });
  }
}
