/** A template's text and name: what turns an offset into a place, and a complaint into an error. */
import { BinnacleError, type ErrorCodeName, type Position } from "@binnacle/model";

export class Source {
  readonly name: string;
  readonly text: string;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** Line and column of an offset, both from 1. */
  position(at: number): Position {
    let line = 1;
    let lineStart = 0;
    for (let i = this.text.indexOf("\n"); i >= 0 && i < at; i = this.text.indexOf("\n", i + 1)) {
      line++;
      lineStart = i + 1;
    }
    return { line, column: at - lineStart + 1 };
  }

  error(at: number, message: string, code: ErrorCodeName = "BAD_TEMPLATE"): BinnacleError {
    const position = this.position(at);
    const place = `${this.name}:${position.line}:${position.column}`;
    return new BinnacleError(code, `template: ${place}: ${message}`, { position });
  }
}
