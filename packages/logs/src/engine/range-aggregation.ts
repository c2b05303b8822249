/**
 * Range aggregations: from the lines of a selector to a value a step and series.
 *
 * A line at time t belongs to the windows (step − range, step] of a contiguous run of steps. What only counts
 * and adds whole numbers is kept as differences at the ends of that run, so a line costs the same however
 * many windows it is in. What needs the samples themselves collects them as columns and walks the windows
 * with two edges.
 */
import {
  BinnacleError,
  Labels,
  type LogBlock,
  type LogSource,
  type Matcher,
  type QueryContext,
} from "@binnacle/model";
import { SERIES_MAX } from "../limits.ts";
import type { Grouping, RangeAggregationExpr } from "../parser/ast.ts";
import { selectLines, walkBlock } from "./block-walk.ts";
import type { Grid, GridSeries, Steps } from "./grid.ts";
import { newSeries } from "./grid.ts";
import type { LineNumbers } from "./line-filter.ts";
import { Line } from "./line.ts";
import { OVER_TIME } from "./over-time.ts";
import { compilePipeline, type CompiledPipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";
import { parserHints } from "./parser-hints.ts";
import { SampleColumn } from "./sample-column.ts";
import { WindowSums } from "./window-sums.ts";

export interface EvaluationContext {
  readonly source: LogSource;
  readonly context: QueryContext;
  readonly steps: Steps;
  readonly stats: QueryStats;
  /** Whether lines get a detected_level. */
  readonly detectsLevel: boolean;
}

/**
 * `grouping` is what an enclosing `sum` groups by. Counts of lines may be added up for that at once, so that
 * parsed labels nobody asked for make no series.
 */
export async function evaluateRangeAggregation(
  expr: RangeAggregationExpr,
  evaluation: EvaluationContext,
  grouping?: Grouping,
): Promise<Grid> {
  const { source, context, steps } = evaluation;
  const pipeline = compilePipeline(expr.pipeline);
  const offsetNs = toNs(expr.offsetMs);
  const rangeNs = toNs(expr.rangeMs);
  const baseNs = steps.startNs - offsetNs;
  const lastNs = baseNs + steps.stepNs * BigInt(steps.count - 1);
  const window: Window = {
    baseNs,
    stepNs: Number(steps.stepNs),
    rangeNs: Number(rangeNs),
    count: steps.count,
  };
  using set = await source.select(
    {
      matchers: expr.pipeline.matchers,
      startNs: baseNs - rangeNs + 1n,
      endNs: lastNs + 1n,
      hints: pipeline.hints,
      direction: "forward",
    },
    context,
  );
  const accumulator = createAccumulator(expr, pipeline, window, evaluation, grouping);
  const isPlain = !evaluation.detectsLevel && pipeline.stages.length === 0 && pipeline.unwrap === undefined;
  const line = new Line({ ...evaluation, hints: parserHints(expr, grouping) });
  for (let stream = 0; stream < set.streams.length; stream++) {
    const labels = set.streams[stream]!;
    line.setStream(labels);
    for (const block of set.read(stream, context)) {
      // Without stages a line's labels are its stream's, unless it brings metadata of its own.
      if (isPlain && block.metadata === undefined)
        accumulator.addBlock(labels, block, pipeline, evaluation.stats);
      else {
        walkBlock(pipeline, block, line, evaluation.stats, {
          isBackward: false,
          onLine: (passed) => accumulator.addLine(passed),
        });
      }
    }
  }
  const grid = accumulator.finish();
  return expr.op === "absent_over_time" ? absent(expr, grid, steps.count) : grid;
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** Times within are doubles relative to `baseNs`, exact up to 104 days from it. */
export interface Window {
  /** The first step, less the offset. */
  readonly baseNs: bigint;
  readonly stepNs: number;
  readonly rangeNs: number;
  readonly count: number;
}

interface Accumulator {
  /** Lines of a stream as they are stored. */
  addBlock(labels: Labels, block: LogBlock, pipeline: CompiledPipeline, stats: QueryStats): void;
  /** A line that went through the pipeline. Always true, so that the walk goes on. */
  addLine(line: Line): boolean;
  finish(): Grid;
}

function createAccumulator(
  expr: RangeAggregationExpr,
  pipeline: CompiledPipeline,
  window: Window,
  evaluation: EvaluationContext,
  grouping: Grouping | undefined,
): Accumulator {
  return pipeline.unwrap === undefined
    ? new LineAccumulator(expr, window, grouping)
    : new SampleAccumulator(expr, pipeline, window, evaluation.context);
}

/** Counts lines or adds up their lengths. */
class LineAccumulator implements Accumulator {
  readonly #expr: RangeAggregationExpr;
  readonly #window: Window;
  readonly #series = new SeriesTable<WindowSums>();
  readonly #countsBytes: boolean;
  readonly #names: readonly string[] | undefined;

  constructor(expr: RangeAggregationExpr, window: Window, grouping: Grouping | undefined) {
    this.#names = grouping === undefined || grouping.isWithout ? undefined : grouping.labels;
    this.#expr = expr;
    this.#window = window;
    this.#countsBytes = expr.op === "bytes_rate" || expr.op === "bytes_over_time";
  }

  #sums(labels: Labels): WindowSums {
    return this.#series.get(labels, () => new WindowSums(this.#window));
  }

  addBlock(labels: Labels, block: LogBlock, pipeline: CompiledPipeline, stats: QueryStats): void {
    const kept: LineNumbers | undefined = selectLines(pipeline, block, stats);
    if (kept?.length === 0) return;
    const sums = this.#sums(labels);
    const { baseNs } = this.#window;
    const ticks = block.ticks ?? { baseNs, unitNs: 1, values: sums.relativeTimes(block.timesNs) };
    if (!this.#countsBytes) {
      sums.addTicks(ticks, kept);
      return;
    }
    const lengths = block.lengths ?? lengthsOf(block.offsets);
    if (kept === undefined) for (const length of lengths) stats.bytes += length;
    sums.addTicks(ticks, kept, lengths);
  }

  addLine(line: Line): boolean {
    refuseError(line);
    const timeNs = Number(line.timeNs - this.#window.baseNs);
    const { labels } = line;
    const seriesLabels = this.#names === undefined ? labels.toLabels() : labels.project(this.#names);
    this.#sums(seriesLabels).add(timeNs, this.#countsBytes ? line.bytes.length : 1);
    return true;
  }

  finish(): Grid {
    const { op } = this.#expr;
    const isRate = op === "rate" || op === "bytes_rate";
    const divisor = isRate ? this.#window.rangeNs / 1e9 : 1;
    return this.#series.map((labels, sums) => sums.toSeries(labels, divisor));
  }
}

/** Collects unwrapped samples, then walks the windows. */
class SampleAccumulator implements Accumulator {
  readonly #expr: RangeAggregationExpr;
  readonly #pipeline: CompiledPipeline;
  readonly #window: Window;
  readonly #context: QueryContext;
  readonly #series = new SeriesTable<SampleColumn>();
  readonly #projected = new Map<string, Labels>();

  constructor(expr: RangeAggregationExpr, pipeline: CompiledPipeline, window: Window, context: QueryContext) {
    this.#expr = expr;
    this.#pipeline = pipeline;
    this.#window = window;
    this.#context = context;
  }

  addBlock(): void {
    throw new Error("BUG: unwrapped samples need their lines");
  }

  addLine(line: Line): boolean {
    const value = this.#pipeline.unwrap!.read(line.labels);
    if (value === undefined) return true;
    if (!this.#pipeline.afterUnwrap.every((stage) => stage(line))) return true;
    refuseError(line);
    const column = this.#series.get(this.#project(line.labels.toLabels()), () => new SampleColumn());
    this.#context.chargeSamples(1);
    column.push(Number(line.timeNs - this.#window.baseNs), value);
    return true;
  }

  /** The labels of the series: grouped, or all but the unwrapped one. */
  #project(labels: Labels): Labels {
    let projected = this.#projected.get(labels.key());
    if (projected === undefined) {
      const { grouping } = this.#expr;
      const { label } = this.#pipeline.unwrap!;
      if (grouping === undefined) projected = labels.without(new Set([label]));
      else if (grouping.isWithout) projected = labels.without(new Set([...grouping.labels, label]));
      else projected = labels.only(new Set(grouping.labels));
      if (this.#projected.size > SERIES_MAX) this.#projected.clear();
      this.#projected.set(labels.key(), projected);
    }
    return projected;
  }

  finish(): Grid {
    const { op, parameter } = this.#expr;
    const overTime = OVER_TIME[op];
    if (overTime === undefined) throw new Error(`BUG: ${op} takes no unwrapped samples`);
    return this.#series.map((labels, column) => {
      column.sort();
      const series = newSeries(labels, this.#window.count);
      column.walk(this.#window, (step, from, to) => {
        const value = overTime(column, from, to, {
          rangeNs: this.#window.rangeNs,
          parameter,
          endNs: step * this.#window.stepNs,
        });
        if (value === undefined) return;
        series.values[step] = value;
        series.present[step] = 1;
      });
      return series;
    });
  }
}

class SeriesTable<T> {
  readonly #byKey = new Map<string, { labels: Labels; item: T }>();
  #lastLabels: Labels | undefined;
  #lastItem: T | undefined;

  get(labels: Labels, create: () => T): T {
    if (labels === this.#lastLabels) return this.#lastItem!;
    let known = this.#byKey.get(labels.key());
    if (known === undefined) {
      if (this.#byKey.size >= SERIES_MAX) {
        throw new BinnacleError(
          "LIMIT_EXCEEDED",
          `the query makes more than ${SERIES_MAX} series (SERIES_MAX)`,
        );
      }
      known = { labels, item: create() };
      this.#byKey.set(labels.key(), known);
    }
    this.#lastLabels = labels;
    this.#lastItem = known.item;
    return known.item;
  }

  map(toSeries: (labels: Labels, item: T) => GridSeries): GridSeries[] {
    return [...this.#byKey.values()].map(({ labels, item }) => toSeries(labels, item));
  }
}

function lengthsOf(offsets: Uint32Array): Uint32Array {
  const lengths = new Uint32Array(offsets.length - 1);
  for (let row = 0; row < lengths.length; row++) lengths[row] = offsets[row + 1]! - offsets[row]!;
  return lengths;
}

/** A number made of lines that could not be read is worse than none. */
function refuseError(line: Line): void {
  if (!line.labels.hasError || line.labels.get("__preserve_error__") === "true") return;
  const error = line.labels.get("__error__")!;
  throw new BinnacleError(
    "EXECUTION_ERROR",
    `pipeline error: '${error}' for series: '${line.labels.toLabels().toString()}'. Filter such lines out with a label ` +
      `filter: | __error__!="${error}", or | __error__="" for any error; it may stand after an unwrap, too`,
  );
}

/** One series where none has a value, with the labels that the selector fixes. */
function absent(expr: RangeAggregationExpr, grid: Grid, count: number): Grid {
  const series = newSeries(fixedLabels(expr.pipeline.matchers), count);
  for (let step = 0; step < count; step++) {
    if (grid.some(({ present }) => present[step] === 1)) continue;
    series.values[step] = 1;
    series.present[step] = 1;
  }
  return [series];
}

function fixedLabels(matchers: readonly Matcher[]): Labels {
  const fixed = new Map<string, string>();
  const named = new Set<string>();
  for (const { name, op, value } of matchers) {
    if (op === "=" && !named.has(name)) fixed.set(name, value);
    else fixed.delete(name);
    named.add(name);
  }
  return Labels.from(fixed);
}
