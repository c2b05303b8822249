/**
 * Runs a query: parses it, plans and awaits what it reads, evaluates it without a further pause, and hands
 * out columns.
 */
import {
  BinnacleError,
  type ForeignVectorSource,
  type MetricSource,
  type QueryContext,
  type QueryResult,
  type QueryValue,
} from "@binnacle/model";
import { PARSED_QUERIES_MAX, PARSED_QUERY_LENGTH_MAX, POINTS_MAX_DEFAULT } from "../limits.ts";
import { NO_FEATURES, typeOf, unwrapParens, type Expr } from "../parser/index.ts";
import { parseQuery } from "../parse-query.ts";
import { findCommon, optimize } from "../optimize/index.ts";
import { Evaluator } from "./evaluator.ts";
import type { QueryFrame } from "./query-frame.ts";
import type { QueryTrace } from "./query-trace.ts";
import { gridOf, type StepGrid } from "./grid.ts";
import { Loads } from "./loads.ts";
import { planSelections } from "./plan.ts";
import { statisticsSelectors } from "./resolved-resets.ts";
import { rangeResult, stepResult } from "./results.ts";

export interface EngineOptions {
  /** How long a sample stands for its series after its time, in ms. Default 5 minutes. */
  readonly lookbackDeltaMs?: number;
  /** Enabled feature flags, under Prometheus's names. Default none. */
  readonly features?: ReadonlySet<string>;
  /** Step of a subquery that gives none, in ms. Default 1 minute. */
  readonly subqueryStepMs?: number;
  /** Most points a series of a range query may have. Default POINTS_MAX_DEFAULT. */
  readonly pointsMax?: number;
  /** Whether trees are rewritten to give the same with less work. Default true; tests compare both. */
  readonly optimizes?: boolean;
  /** What logs() asks. Default none: then it is not evaluated. */
  readonly foreign?: ForeignVectorSource;
}

interface QueryBase {
  readonly query: string;
  /** Filled with what the query does. Default none. */
  readonly trace?: QueryTrace;
  readonly lookbackDeltaMs?: number;
}

export interface InstantQuery extends QueryBase {
  readonly timeMs: number;
}

export interface RangeQuery extends QueryBase {
  readonly startMs: number;
  /** Included. */
  readonly endMs: number;
  readonly stepMs: number;
}

interface ParsedQuery {
  /** As it is evaluated. */
  readonly expr: Expr;
  /** By node, equal texts for expressions that are evaluated once. */
  readonly common: ReadonlyMap<Expr, string>;
}

export interface PreparedQuery extends ParsedQuery {
  readonly frame: QueryFrame;
  readonly grid: StepGrid;
}

export class Engine {
  readonly #lookbackDeltaMs: number;
  readonly #features: ReadonlySet<string>;
  readonly #subqueryStepMs: number;
  readonly #pointsMax: number;
  readonly #optimizes: boolean;
  readonly #parsed = new Map<string, ParsedQuery>();
  readonly #foreign: ForeignVectorSource | undefined;

  constructor(options: EngineOptions = {}) {
    this.#lookbackDeltaMs = options.lookbackDeltaMs ?? 300_000;
    this.#features = options.features ?? NO_FEATURES;
    this.#subqueryStepMs = options.subqueryStepMs ?? 60_000;
    this.#pointsMax = options.pointsMax ?? POINTS_MAX_DEFAULT;
    this.#optimizes = options.optimizes ?? true;
    this.#foreign = options.foreign;
  }

  get features(): ReadonlySet<string> {
    return this.#features;
  }

  /**
   * The value at one time. Throws PARSE_ERROR, EXECUTION_ERROR, NOT_EVALUATED and what the context throws.
   */
  async instant(query: InstantQuery, source: MetricSource, context: QueryContext): Promise<QueryResult> {
    const parsed = this.#parse(query.query);
    const timeMs = Math.trunc(query.timeMs);
    const frame: QueryFrame = {
      startMs: timeMs,
      endMs: timeMs,
      stepMs: 0,
      isRange: false,
      lookbackDeltaMs: query.lookbackDeltaMs ?? this.#lookbackDeltaMs,
      subqueryStepMs: this.#subqueryStepMs,
    };
    const grid: StepGrid = { startMs: timeMs, stepMs: 1, count: 1 };
    return this.#run({ ...parsed, frame, grid, trace: query.trace }, source, context);
  }

  /** The values at all steps of a range. Throws as `instant`, and BAD_PARAMETER for too many points. */
  async range(query: RangeQuery, source: MetricSource, context: QueryContext): Promise<QueryResult> {
    return this.#run({ ...this.prepareRange(query), trace: query.trace }, source, context);
  }

  /** The checked tree of a range query, with its steps. Throws PARSE_ERROR, BAD_PARAMETER. */
  prepareRange(query: RangeQuery): PreparedQuery {
    const { startMs, endMs, stepMs } = query;
    if (!(stepMs > 0))
      throw new BinnacleError(
        "BAD_PARAMETER",
        "zero or negative query resolution step widths are not accepted. Try a positive integer",
      );
    if (endMs < startMs)
      throw new BinnacleError("BAD_PARAMETER", "end timestamp must not be before start time");
    const grid = gridOf(Math.trunc(startMs), Math.trunc(endMs), stepMs);
    if (grid.count > this.#pointsMax + 1) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        `exceeded maximum resolution of ${this.#pointsMax} points per timeseries. ` +
          "Try decreasing the query resolution (?step=XX)",
      );
    }
    const parsed = this.#parse(query.query);
    const type = typeOf(parsed.expr);
    if (type !== "scalar" && type !== "vector") {
      const got = type === "matrix" ? "range vector" : type;
      throw new BinnacleError(
        "BAD_PARAMETER",
        `invalid parameter "query": invalid expression type ${JSON.stringify(got)} for range query, ` +
          "must be Scalar or instant Vector",
      );
    }
    const frame: QueryFrame = {
      startMs: grid.startMs,
      endMs: Math.trunc(endMs),
      stepMs,
      isRange: true,
      lookbackDeltaMs: query.lookbackDeltaMs ?? this.#lookbackDeltaMs,
      subqueryStepMs: this.#subqueryStepMs,
    };
    return { ...parsed, frame, grid };
  }

  /** Trees are never changed, so that one serves every evaluation of its query. */
  #parse(text: string): ParsedQuery {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const tree = parseQuery(text, { features: this.#features });
    const expr = this.#optimizes ? optimize(tree) : tree;
    const parsed = { expr, common: this.#optimizes ? findCommon(expr) : new Map<Expr, string>() };
    if (text.length > PARSED_QUERY_LENGTH_MAX) return parsed;
    if (this.#parsed.size >= PARSED_QUERIES_MAX) this.#parsed.delete(this.#parsed.keys().next().value!);
    this.#parsed.set(text, parsed);
    return parsed;
  }

  async #run(
    query: PreparedQuery & { readonly trace: QueryTrace | undefined },
    source: MetricSource,
    context: QueryContext,
  ): Promise<QueryResult> {
    const { expr, common, frame, grid, trace } = query;
    const startedMs = performance.now();
    using loads = new Loads(context, statisticsSelectors(expr));
    const { needs, infoSelectors } = planSelections(expr, grid, frame);
    await loads.await(needs, source, this.#foreign);
    const evaluator = new Evaluator({
      frame,
      context,
      features: this.#features,
      loads,
      infoSelectors,
      common,
      trace,
    });
    const selectedMs = performance.now();
    trace?.begin(expr, grid.count, selectedMs - startedMs);
    const value = evaluateRoot(evaluator, expr, grid);
    context.checkTime();
    if (trace !== undefined) trace.evaluationMs = performance.now() - selectedMs;
    const { warnings, infos } = evaluator.annotations;
    return { value, warnings: [...warnings, ...context.warnings], infos };
  }
}

function evaluateRoot(evaluator: Evaluator, expr: Expr, grid: StepGrid): QueryValue {
  const root = unwrapParens(expr);
  if (root.kind === "matrix" || root.kind === "subquery") {
    return rangeResult(evaluator.evaluateRange(root, grid), evaluator.delaysNameRemoval);
  }
  // A range query's series are put in order at the end, whatever order they come in.
  const { isRange } = evaluator.frame;
  const value = isRange ? evaluator.evaluateUnordered(expr, grid) : evaluator.evaluate(expr, grid);
  return stepResult(value, grid, isRange);
}
