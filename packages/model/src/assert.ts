/** Our own mistakes: these fail loudly and begin with `BUG:`, so that they can be told from bad input. */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`BUG: ${message}`);
}

/** Ends an exhaustive switch: a new case that nobody handles is a type error here. */
export function unreachable(value: never): never {
  throw new Error(`BUG: unreachable: ${JSON.stringify(value)}`);
}
