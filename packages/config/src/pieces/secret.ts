/** A text that is used but never shown. */
import { z } from "zod";

export const REDACTED = "<secret>";

/**
 * However it is printed (text, JSON, YAML, util.inspect) it reads `<secret>`; only reveal() gives it away.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  /** What util.inspect, and so every log, calls. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** A text → Secret. redactSecrets knows this schema by identity: wrap it, do not rebuild it. */
export const secret = z.string().transform((text) => new Secret(text));
