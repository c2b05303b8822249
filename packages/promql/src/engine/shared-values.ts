/** Values of expressions that a query has more than once: evaluated by the first, taken by the others. */
import { SHARED_VALUE_BYTES_MAX } from "../limits.ts";
import { walk, type Expr } from "../parser/index.ts";
import type { Annotations } from "./annotations.ts";
import type { StepGrid } from "./grid.ts";
import type { Loads } from "./loads.ts";
import type { QueryTrace } from "./query-trace.ts";
import { bytesOfSteps, type Value } from "./step-series.ts";

interface SharedValue {
  readonly value: Value;
  /** Samples by step, where they are counted. */
  readonly cost: Float64Array | undefined;
}

export class SharedValues {
  readonly #common: ReadonlyMap<Expr, string>;
  readonly #loads: Loads;
  /** Nodes that are still to take a text's value. */
  readonly #users = new Map<string, number>();
  readonly #values = new Map<string, SharedValue>();
  readonly #trace: QueryTrace | undefined;

  constructor(common: ReadonlyMap<Expr, string>, loads: Loads, trace: QueryTrace | undefined) {
    this.#trace = trace;
    this.#common = common;
    this.#loads = loads;
    for (const text of common.values()) this.#users.set(text, (this.#users.get(text) ?? 0) + 1);
  }

  /** Whether an expression's value is one of several users', and small enough to be held for them. */
  has(expr: Expr, grid: StepGrid): boolean {
    return this.#common.has(expr) && this.#bytesOf(expr, grid) <= SHARED_VALUE_BYTES_MAX;
  }

  /** Nobody may change what it gives. */
  get(expr: Expr, grid: StepGrid, annotations: Annotations, evaluate: () => Value): Value {
    if (!this.has(expr, grid)) return evaluate();
    const text = this.#common.get(expr)!;
    const left = this.#users.get(text)! - 1;
    this.#users.set(text, left);
    const key = `${grid.startMs} ${grid.stepMs} ${grid.count} ${text}`;
    const known = this.#values.get(key);
    if (known !== undefined) {
      if (left === 0) this.#values.delete(key);
      this.#trace?.countAgain(known.cost);
      return known.value;
    }
    const saidBefore = annotations.said;
    const { result: value, cost } = this.#trace?.costOf(evaluate) ?? { result: evaluate(), cost: undefined };
    // What is said names its place, so that each place has to say it for itself.
    if (left > 0 && annotations.said === saidBefore) this.#values.set(key, { value, cost });
    return value;
  }

  /** At most: each series below at every step. */
  #bytesOf(expr: Expr, grid: StepGrid): number {
    let series = 0;
    walk(expr, (inner) => {
      if (inner.kind === "selector") series += this.#loads.countOf(inner);
    });
    return series * bytesOfSteps(grid.count);
  }
}
