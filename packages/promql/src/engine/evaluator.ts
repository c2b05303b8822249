/** Evaluates a tree on a grid of steps, node by node, columns in and columns out. */
import { assert, unreachable, type Labels, type QueryContext } from "@binnacle/model";
import {
  FEATURES,
  typeOf,
  unwrapParens,
  type CallExpr,
  type Expr,
  type VectorSelector,
} from "../parser/index.ts";
import { evaluateAggregation } from "./aggregations/index.ts";
import { Annotations } from "./annotations.ts";
import { evaluateBinary, negate } from "./binary/index.ts";
import type { Evaluation } from "./evaluation.ts";
import type { QueryFrame } from "./query-frame.ts";
import { evaluateCall, streamCall } from "./functions/index.ts";
import type { StepGrid } from "./grid.ts";
import { selectSteps } from "./instant-selector.ts";
import { Invariance } from "./invariance.ts";
import type { Loads } from "./loads.ts";
import { withoutMetadata } from "./names.ts";
import type { RangeInput } from "./range-input.ts";
import { evaluateMatrixSelector, evaluateSubquery } from "./range-selector.ts";
import {
  ABSENT,
  bytesOfSteps,
  StepColumns,
  StepSlabs,
  type StepSeries,
  type Value,
  type VectorValue,
} from "./step-series.ts";
import type { QueryTrace } from "./query-trace.ts";
import { SharedValues } from "./shared-values.ts";
import { IN_ANY_ORDER, IN_LABEL_ORDER, type Streaming } from "./streaming.ts";

export interface EvaluatorOptions {
  readonly frame: QueryFrame;
  readonly context: QueryContext;
  readonly features: ReadonlySet<string>;
  readonly loads: Loads;
  readonly infoSelectors: ReadonlyMap<CallExpr, VectorSelector>;
  /** By node, equal texts for equal expressions that stand in the query more than once. */
  readonly common: ReadonlyMap<Expr, string>;
  /** What is asked of what the query does. */
  readonly trace: QueryTrace | undefined;
}

export class Evaluator implements Evaluation {
  readonly frame: QueryFrame;
  readonly context: QueryContext;
  readonly annotations = new Annotations();
  readonly delaysNameRemoval: boolean;
  readonly usesStartTimestamps: boolean;
  readonly hasTypeLabels: boolean;
  readonly loads: Loads;
  readonly infoSelectors: ReadonlyMap<CallExpr, VectorSelector>;
  readonly #invariance = new Invariance();
  readonly #shared: SharedValues;
  readonly #slabs = new StepSlabs();
  readonly #trace: QueryTrace | undefined;

  constructor(options: EvaluatorOptions) {
    this.frame = options.frame;
    this.context = options.context;
    this.loads = options.loads;
    this.infoSelectors = options.infoSelectors;
    this.#shared = new SharedValues(options.common, options.loads, options.trace);
    this.#trace = options.trace;
    this.delaysNameRemoval = options.features.has(FEATURES.delayedNameRemoval);
    this.usesStartTimestamps = options.features.has(FEATURES.useStartTimestamps);
    this.hasTypeLabels = options.features.has(FEATURES.typeAndUnitLabels);
  }

  evaluate(expr: Expr, grid: StepGrid): Value {
    this.context.checkTime();
    const evaluate = (): Value => this.#evaluateOnce(expr, grid);
    const trace = this.#trace;
    const work = trace === undefined ? evaluate : (): Value => trace.value(expr, evaluate);
    return this.#shared.get(expr, grid, this.annotations, work);
  }

  #evaluateOnce(expr: Expr, grid: StepGrid): Value {
    if (grid.count === 1 || expr.kind === "number" || !this.#invariance.holds(expr)) {
      return this.#evaluate(expr, grid);
    }
    const evaluate = (): Value => this.#evaluate(expr, { ...grid, count: 1 });
    return this.#broadcast(this.#trace === undefined ? evaluate() : this.#trace.once(evaluate), grid);
  }

  #evaluate(expr: Expr, grid: StepGrid): Value {
    switch (expr.kind) {
      case "number":
        return { type: "scalar", values: new Float64Array(grid.count).fill(expr.value) };
      case "string":
        return { type: "string", value: expr.value };
      case "paren":
        return this.evaluate(expr.expr, grid);
      case "unary": {
        const operand = this.evaluate(expr.expr, grid);
        return expr.op === "-" ? negate(operand, this) : operand;
      }
      case "binary":
        return evaluateBinary(expr, grid, this);
      case "aggregate":
        return evaluateAggregation(expr, grid, this);
      case "call":
        return evaluateCall(expr, grid, this);
      case "selector":
        return { type: "vector", series: [...this.#select(expr, grid, IN_LABEL_ORDER)] };
      case "matrix":
      case "subquery":
        throw new Error("BUG: a range vector is evaluated by what consumes it");
      default:
        return unreachable(expr);
    }
  }

  /** As `evaluate`, for whoever does not mind the order of a vector's series. */
  evaluateUnordered(expr: Expr, grid: StepGrid): Value {
    if (typeOf(expr) !== "vector") return this.evaluate(expr, grid);
    return { type: "vector", series: [...this.stream(expr, grid, IN_ANY_ORDER)] };
  }

  evaluateVector(expr: Expr, grid: StepGrid): VectorValue {
    const value = this.evaluate(expr, grid);
    assert(value.type === "vector", `expected a vector, got a ${value.type}`);
    return value;
  }

  stream(expr: Expr, grid: StepGrid, streaming: Streaming): Iterable<StepSeries> {
    this.context.check();
    const isWhole = grid.count > 1 && this.#invariance.holds(expr);
    if (isWhole || this.#shared.has(expr, grid)) return this.evaluateVector(expr, grid).series;
    const trace = this.#trace;
    switch (expr.kind) {
      case "paren":
        return this.stream(expr.expr, grid, streaming);
      case "selector": {
        const series = this.#select(expr, grid, streaming);
        return trace === undefined ? series : trace.stream(expr, series);
      }
      case "call": {
        const series = streamCall(expr, grid, this, streaming);
        if (series === undefined) return this.evaluateVector(expr, grid).series;
        return trace === undefined ? series : trace.stream(expr, series);
      }
      default:
        return this.evaluateVector(expr, grid).series;
    }
  }

  evaluateScalar(expr: Expr, grid: StepGrid): Float64Array {
    const value = this.evaluate(expr, grid);
    assert(value.type === "scalar", `expected a scalar, got a ${value.type}`);
    return value.values;
  }

  evaluateString(expr: Expr): string {
    const value = this.evaluate(expr, { startMs: this.frame.startMs, stepMs: 1, count: 1 });
    assert(value.type === "string", `expected a string, got a ${value.type}`);
    return value.value;
  }

  evaluateRange(expr: Expr, grid: StepGrid, streaming: Streaming = IN_LABEL_ORDER): RangeInput {
    const trace = this.#trace;
    switch (expr.kind) {
      case "paren":
        return this.evaluateRange(expr.expr, grid, streaming);
      case "matrix": {
        const input = evaluateMatrixSelector(expr, grid, this, streaming);
        return trace === undefined ? input : trace.countedRange(expr, input);
      }
      case "subquery": {
        if (trace === undefined) return evaluateSubquery(expr, grid, this);
        return trace.countedRange(
          expr,
          trace.uncounted(() => evaluateSubquery(expr, grid, this)),
        );
      }
      default:
        throw new Error(`BUG: ${expr.kind} is no range vector`);
    }
  }

  #select(selector: VectorSelector, grid: StepGrid, streaming: Streaming): Iterable<StepSeries> {
    const series = selectSteps(selector, grid, this, streaming);
    return this.#trace === undefined ? series : this.#trace.counted(series);
  }

  columns(grid: StepGrid): StepColumns {
    this.context.chargeBytes(bytesOfSteps(grid.count));
    return new StepColumns(grid.count, this.#slabs);
  }

  letGo(expr: Expr, value: Value, grid: StepGrid): void {
    if (value.type !== "vector" || this.#shared.has(unwrapParens(expr), grid)) return;
    this.context.release({ bytes: value.series.length * bytesOfSteps(grid.count) });
  }

  renamed(columns: StepColumns, labels: Labels): StepSeries {
    return this.delaysNameRemoval
      ? columns.toSeries(labels, true)
      : columns.toSeries(withoutMetadata(labels), false);
  }

  #broadcast(value: Value, grid: StepGrid): Value {
    switch (value.type) {
      case "string":
        return value;
      case "scalar":
        return { type: "scalar", values: new Float64Array(grid.count).fill(value.values[0]!) };
      case "vector":
        return { type: "vector", series: value.series.map((series) => this.#broadcastSeries(series, grid)) };
      default:
        return unreachable(value);
    }
  }

  #broadcastSeries(series: StepSeries, grid: StepGrid): StepSeries {
    const columns = this.columns(grid);
    if (series.kinds[0] !== ABSENT) {
      for (let step = 0; step < grid.count; step++) columns.copy(step, series, 0);
    }
    return columns.toSeries(series.labels, series.dropName);
  }
}
