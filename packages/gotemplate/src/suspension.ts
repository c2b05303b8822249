/**
 * How a template, which is executed in one go, uses functions that must wait, such as `query` of alerting
 * templates.
 *
 * A function that does not yet have its answer throws a Suspension; `executeAsync` awaits it and executes the
 * template anew, and then the function has the answer. Templates compute without side effects, so starting
 * anew costs time and nothing else; and those that never wait, the many, pay nothing for it.
 */
import type { Value } from "./values.ts";

export class Suspension extends Error {
  override readonly name = "Suspension";
  /** Settles, and never rejects, when the function that threw can be asked again. */
  readonly settled: Promise<unknown>;

  constructor(settled: Promise<unknown>) {
    super("BUG: a template that calls a function that waits was not executed with executeAsync");
    this.settled = settled;
  }
}

/**
 * Makes a function for templates of one that waits. It keeps every answer, and every failure, by its
 * argument: make a new one for each execution.
 */
export function suspending(load: (argument: string) => Promise<Value>): (argument: string) => Value {
  const answers = new Map<string, () => Value>();
  return (argument) => {
    const answer = answers.get(argument);
    if (answer !== undefined) return answer();
    const settled = load(argument).then(
      (value) => answers.set(argument, () => value),
      (error: unknown) =>
        answers.set(argument, () => {
          throw error;
        }),
    );
    throw new Suspension(settled);
  };
}
