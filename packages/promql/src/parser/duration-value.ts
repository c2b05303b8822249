/** The value of a duration expression. */
import { unreachable } from "@binnacle/model";
import type { Duration } from "./ast.ts";

/** What only a query knows; both in seconds. */
export interface DurationEnvironment {
  readonly stepSeconds: number;
  readonly rangeSeconds: number;
}

/** Durations past this many seconds (some 292 years) are refused, as Prometheus refuses them. */
const SECONDS_MAX = 2 ** 63 / 1e9;

/**
 * Seconds; a text that says what is wrong with the expression; or undefined where it needs an environment and
 * has none.
 */
export function evaluateDuration(
  duration: Duration,
  environment: DurationEnvironment | undefined,
): number | string | undefined {
  const value = evaluate(duration, environment);
  if (typeof value !== "number") return value;
  if (!(Math.abs(value) < SECONDS_MAX)) return "duration out of range";
  return value;
}

function evaluate(
  duration: Duration,
  environment: DurationEnvironment | undefined,
): number | string | undefined {
  switch (duration.kind) {
    case "constant":
      return duration.seconds;
    case "paren":
      return evaluate(duration.operand, environment);
    case "unary": {
      const value = evaluate(duration.operand, environment);
      return typeof value === "number" && duration.op === "-" ? -value : value;
    }
    case "binary": {
      const left = evaluate(duration.left, environment);
      if (typeof left !== "number") return left;
      const right = evaluate(duration.right, environment);
      return typeof right === "number" ? combine(duration.op, left, right) : right;
    }
    case "call": {
      if (duration.func === "step") return environment?.stepSeconds;
      if (duration.func === "range") return environment?.rangeSeconds;
      const values = duration.args.map((arg) => evaluate(arg, environment));
      const failed = values.find((value) => typeof value !== "number");
      if (values.some((value) => typeof value !== "number")) return failed;
      const numbers = values as number[];
      return duration.func === "min_of" ? Math.min(...numbers) : Math.max(...numbers);
    }
    default:
      return unreachable(duration);
  }
}

function combine(op: string, left: number, right: number): number | string {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? "division by zero" : left / right;
    case "%":
      return right === 0 ? "modulo by zero" : left % right;
    default:
      return left ** right;
  }
}
