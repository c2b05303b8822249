/** Evaluates LogQL: the one class a query thread needs beside a source of lines. */
import {
  BinnacleError,
  compareLabels,
  Labels,
  unreachable,
  type LogSource,
  type QueryContext,
  type QueryValue,
  type ResultSeries,
} from "@binnacle/model";
import { ENTRIES_MAX, POINTS_MAX } from "../limits.ts";
import type { LogExpr, MetricExpr, VectorAggregationExpr } from "../parser/ast.ts";
import { parseLogQL } from "../parser/index.ts";
import { evaluateBinary } from "./binary.ts";
import { LEVEL_LABEL } from "./detected-level.ts";
import { newSeries, stepMs, type Evaluated, type Grid, type Steps } from "./grid.ts";
import { replaceLabel } from "./label-replace.ts";
import { newStats, type QueryStats } from "./query-stats.ts";
import { evaluateRangeAggregation, type EvaluationContext } from "./range-aggregation.ts";
import { queryStreams, type StreamResult } from "./streams-query.ts";
import { aggregate } from "./vector-aggregation.ts";

export interface LogQueryResult {
  readonly value: LogQueryValue;
  readonly stats: Readonly<QueryStats>;
}

/** Lines of a log query, or what a metric query gives in PromQL too. */
export type LogQueryValue =
  | { readonly type: "streams"; readonly streams: readonly StreamResult[] }
  | Extract<QueryValue, { type: "matrix" | "vector" | "scalar" }>;

export type Direction = "forward" | "backward";

export interface LogInstantQuery {
  readonly query: string;
  readonly timeNs: bigint;
}

export interface LogRangeQuery {
  readonly query: string;
  /** Unix ns. A metric query has a point at the start and at the end; of lines the end is excluded. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Above 0. */
  readonly stepMs: number;
  /** Lines at most; of no meaning to a metric query. */
  readonly limit: number;
  readonly direction: Direction;
  /** Least distance between two lines of the answer, ms. Default 0. */
  readonly intervalMs?: number;
}

export interface LogEngineOptions {
  /**
   * Lines that bring no detected_level get the one that Loki would have derived for them: in answers of
   * lines always, in metric queries where they name it. Default false.
   */
  readonly detectsLevel?: boolean;
}

export class LogEngine {
  readonly #detectsLevel: boolean;

  constructor({ detectsLevel = false }: LogEngineOptions = {}) {
    this.#detectsLevel = detectsLevel;
  }

  /** A log query throws BAD_PARAMETER: lines have no instant. */
  async instant(query: LogInstantQuery, source: LogSource, context: QueryContext): Promise<LogQueryResult> {
    const expr = parseLogQL(query.query);
    if (expr.kind === "pipeline") {
      throw new BinnacleError(
        "BAD_PARAMETER",
        "log queries are not supported as an instant query type, please change your query to a range query type",
      );
    }
    return timed(async (stats) => {
      const steps: Steps = { startNs: query.timeNs, stepNs: 0n, count: 1 };
      const detectsLevel = this.#isLevelAsked(query.query);
      const evaluated = await evaluate(expr, { source, context, steps, stats, detectsLevel });
      return toInstantValue(evaluated, steps, isOrdered(expr));
    });
  }

  async range(query: LogRangeQuery, source: LogSource, context: QueryContext): Promise<LogQueryResult> {
    const expr = parseLogQL(query.query);
    if (query.endNs < query.startNs) {
      throw new BinnacleError("BAD_PARAMETER", `the end ${query.endNs} is before the start ${query.startNs}`);
    }
    return timed((stats) =>
      expr.kind === "pipeline"
        ? this.#lines(expr, query, source, context, stats)
        : this.#matrix(expr, query, source, context, stats),
    );
  }

  /** A metric query that does not name the level does not pay for it. */
  #isLevelAsked(query: string): boolean {
    return this.#detectsLevel && query.includes(LEVEL_LABEL);
  }

  async #lines(
    expr: LogExpr & { kind: "pipeline" },
    query: LogRangeQuery,
    source: LogSource,
    context: QueryContext,
    stats: QueryStats,
  ): Promise<LogQueryValue> {
    const { startNs, endNs, limit, direction, intervalMs } = query;
    if (!(limit > 0 && limit <= ENTRIES_MAX)) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        `limit ${limit} is not within 1 and ${ENTRIES_MAX} (ENTRIES_MAX)`,
      );
    }
    const intervalNs = BigInt(Math.round((intervalMs ?? 0) * 1e6));
    const detectsLevel = this.#detectsLevel;
    const asked = { expr, startNs, endNs, limit, direction, intervalNs, detectsLevel };
    return { type: "streams", streams: await queryStreams(asked, source, context, stats) };
  }

  async #matrix(
    expr: MetricExpr,
    query: LogRangeQuery,
    source: LogSource,
    context: QueryContext,
    stats: QueryStats,
  ): Promise<LogQueryValue> {
    const { startNs, endNs } = query;
    if (!(query.stepMs > 0))
      throw new BinnacleError("BAD_PARAMETER", `the step must be above 0, not ${query.stepMs} ms`);
    const stepNs = BigInt(Math.round(query.stepMs * 1e6));
    const count = Number((endNs - startNs) / stepNs) + 1;
    if (count > POINTS_MAX) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        `exceeded maximum resolution of ${POINTS_MAX} points per timeseries. Try increasing the value of the step parameter`,
      );
    }
    const steps: Steps = { startNs, stepNs, count };
    const detectsLevel = this.#isLevelAsked(query.query);
    const evaluated = await evaluate(expr, { source, context, steps, stats, detectsLevel });
    return { type: "matrix", series: toMatrix(toGrid(evaluated, count), steps) };
  }
}

async function timed(run: (stats: QueryStats) => Promise<LogQueryValue>): Promise<LogQueryResult> {
  const stats = newStats();
  const startMs = performance.now();
  const value = await run(stats);
  stats.execTimeMs = performance.now() - startMs;
  return { value, stats };
}

async function evaluate(expr: MetricExpr, evaluation: EvaluationContext): Promise<Evaluated> {
  const { steps, context } = evaluation;
  context.check();
  switch (expr.kind) {
    case "number":
      return { kind: "number", value: expr.value };
    case "vector": {
      const series = newSeries(Labels.EMPTY, steps.count);
      series.values.fill(expr.value);
      series.present.fill(1);
      return { kind: "grid", series: [series] };
    }
    case "range_aggregation":
      return { kind: "grid", series: await evaluateRangeAggregation(expr, evaluation) };
    case "vector_aggregation": {
      if (expr.op === "approx_topk" && steps.count > 1) {
        throw new BinnacleError("BAD_PARAMETER", "approx_topk is only allowed in instant queries");
      }
      return { kind: "grid", series: aggregate(expr, await evaluateOperand(expr, evaluation), steps.count) };
    }
    case "label_replace":
      return {
        kind: "grid",
        series: replaceLabel(expr, toGrid(await evaluate(expr.expr, evaluation), steps.count)),
      };
    case "binary": {
      const left = await evaluate(expr.left, evaluation);
      return evaluateBinary(expr, left, await evaluate(expr.right, evaluation), steps.count);
    }
    default:
      return unreachable(expr);
  }
}

async function evaluateOperand(
  { op, expr, grouping }: VectorAggregationExpr,
  evaluation: EvaluationContext,
): Promise<Grid> {
  const sumsLines = op === "sum" && expr.kind === "range_aggregation" && expr.op !== "absent_over_time";
  if (!sumsLines) return toGrid(await evaluate(expr, evaluation), evaluation.steps.count);
  return evaluateRangeAggregation(expr, evaluation, grouping ?? { isWithout: false, labels: [] });
}

function toGrid(evaluated: Evaluated, count: number): Grid {
  if (evaluated.kind === "grid") return evaluated.series;
  const series = newSeries(Labels.EMPTY, count);
  series.values.fill(evaluated.value);
  series.present.fill(1);
  return [series];
}

/** Whether the order of the answer is what the query is about: a sort within keeps it too, as in Loki. */
function isOrdered(expr: MetricExpr): boolean {
  switch (expr.kind) {
    case "vector_aggregation": {
      const picks = ["topk", "bottomk", "approx_topk"].includes(expr.op) && expr.grouping === undefined;
      return picks || expr.op === "sort" || expr.op === "sort_desc" || isOrdered(expr.expr);
    }
    case "binary":
      return isOrdered(expr.left) || isOrdered(expr.right);
    case "label_replace":
      return isOrdered(expr.expr);
    default:
      return false;
  }
}

function toInstantValue(evaluated: Evaluated, steps: Steps, keepsOrder: boolean): LogQueryValue {
  const timeMs = stepMs(steps, 0);
  if (evaluated.kind === "number") return { type: "scalar", timeMs, value: evaluated.value };
  const samples = evaluated.series
    .filter(({ present }) => present[0] === 1)
    .map(({ labels, values }) => ({ labels, timeMs, value: values[0]!, histogram: undefined }));
  if (!keepsOrder) samples.sort((a, b) => compareLabels(a.labels, b.labels));
  return { type: "vector", samples };
}

const NO_TIMES = new Float64Array(0);

function toMatrix(grid: Grid, steps: Steps): ResultSeries[] {
  const times = Float64Array.from({ length: steps.count }, (_, i) => stepMs(steps, i));
  const series: ResultSeries[] = [];
  for (const { labels, values, present } of grid) {
    const points = present.reduce((sum, is) => sum + is, 0);
    if (points === 0) continue;
    const isFull = points === steps.count;
    const keep = (column: Float64Array): Float64Array =>
      isFull ? column : column.filter((_, i) => present[i] === 1);
    series.push({
      labels,
      times: keep(times),
      values: keep(values),
      histogramTimes: NO_TIMES,
      histograms: [],
    });
  }
  return series.sort((a, b) => compareLabels(a.labels, b.labels));
}
