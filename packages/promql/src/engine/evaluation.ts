/** What the parts of the engine see of the query that is being evaluated. */
import type { Labels, QueryContext } from "@binnacle/model";
import type { CallExpr, Expr, VectorSelector } from "../parser/index.ts";
import type { Annotations } from "./annotations.ts";
import type { StepGrid } from "./grid.ts";
import type { QueryFrame } from "./query-frame.ts";
import type { RangeInput } from "./range-input.ts";
import type { Loads } from "./loads.ts";
import type { Streaming } from "./streaming.ts";
import type { StepColumns, StepSeries, Value, VectorValue } from "./step-series.ts";

export interface Evaluation {
  readonly frame: QueryFrame;
  readonly context: QueryContext;
  readonly annotations: Annotations;
  readonly delaysNameRemoval: boolean;
  readonly usesStartTimestamps: boolean;
  readonly hasTypeLabels: boolean;

  evaluate(expr: Expr, grid: StepGrid): Value;
  evaluateVector(expr: Expr, grid: StepGrid): VectorValue;
  /** One number a step. */
  evaluateScalar(expr: Expr, grid: StepGrid): Float64Array;
  evaluateString(expr: Expr): string;
  /** A vector series by series, where its expression allows; otherwise as `evaluateVector`. */
  stream(expr: Expr, grid: StepGrid, streaming: Streaming): Iterable<StepSeries>;
  /** A range selector or a subquery, as series with windows. */
  evaluateRange(expr: Expr, grid: StepGrid, streaming?: Streaming): RangeInput;
  readonly loads: Loads;
  /** By call of info(), the selector of its info series. */
  readonly infoSelectors: ReadonlyMap<CallExpr, VectorSelector>;
  /** Charges the query for the columns of one series and gives them. */
  columns(grid: StepGrid): StepColumns;
  /** Gives back what an operand was charged for, once its operator has made other columns of it. */
  letGo(expr: Expr, value: Value, grid: StepGrid): void;
  /** What a series is called after a function: without its name, or marked to lose it. */
  renamed(columns: StepColumns, labels: Labels): StepSeries;
}
