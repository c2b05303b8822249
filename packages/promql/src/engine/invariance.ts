/**
 * Which expressions have one value for the whole query, however many steps it has: they are evaluated once.
 */
import { children, type Expr } from "../parser/index.ts";

/** Functions whose result depends on the time of evaluation even when their arguments do not. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  "time",
  "timestamp",
  "start_timestamp",
  "predict_linear",
  "minute",
  "hour",
  "day_of_week",
  "day_of_month",
  "day_of_year",
  "days_in_month",
  "month",
  "year",
  "info",
]);

export class Invariance {
  readonly #known = new Map<Expr, boolean>();

  holds(expr: Expr): boolean {
    const known = this.#known.get(expr);
    if (known !== undefined) return known;
    const result = this.#decide(expr);
    this.#known.set(expr, result);
    return result;
  }

  #decide(expr: Expr): boolean {
    switch (expr.kind) {
      case "number":
      case "string":
        return true;
      case "selector":
      case "subquery":
        return expr.at !== undefined;
      case "matrix":
        return expr.selector.at !== undefined;
      case "call":
        return !TIME_DEPENDENT.has(expr.func) && expr.args.every((arg) => this.holds(arg));
      default:
        return children(expr).every((child) => this.holds(child));
    }
  }
}
