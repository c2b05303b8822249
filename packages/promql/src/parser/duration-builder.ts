/** Makes the nodes of duration expressions and folds what is constant in them. */
import type { IToken } from "chevrotain";
import type { Duration, DurationBinary } from "./ast.ts";
import { evaluateDuration } from "./duration-value.ts";
import { parseError, positionAt } from "./errors.ts";

export class DurationBuilder {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  unary(sign: IToken, operand: Duration): Duration {
    const start = sign.startOffset;
    const place = { start, end: operand.end, position: positionAt(this.#query, start) };
    if (operand.kind === "constant") {
      // No duration is −0: it would be printed, and read again, as 0.
      return { ...operand, ...place, seconds: sign.image === "-" ? 0 - operand.seconds : operand.seconds };
    }
    return { ...place, kind: "unary", op: sign.image as "+" | "-", operand };
  }

  binary(operator: { readonly op: string }, left: Duration, right: Duration): Duration {
    const { start, position } = left;
    const op = operator.op as DurationBinary["op"];
    return { start, end: right.end, position, kind: "binary", op, left, right };
  }

  /**
   * Refuses a range or step that is known here not to be over zero. What depends on step() is known to the
   * engine.
   */
  requirePositive(duration: Duration): void {
    const seconds = this.requireFinite(duration);
    if (seconds !== undefined && !(seconds > 0)) {
      throw parseError(this.#query, duration.start, "duration must be greater than 0");
    }
  }

  /** The value in seconds where it is constant. Refuses what divides by zero or leaves the range of time. */
  requireFinite(duration: Duration): number | undefined {
    const seconds = evaluateDuration(duration, undefined);
    if (seconds === undefined) return undefined;
    if (typeof seconds === "string") throw parseError(this.#query, duration.start, seconds);
    return seconds;
  }
}
