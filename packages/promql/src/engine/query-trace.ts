/**
 * What a query did, for those who ask: time, series and evaluations by node, and samples by step, counted as
 * Prometheus counts them. A query that nobody asks about has no trace and pays nothing.
 */
import { unwrapParens, type Expr } from "../parser/index.ts";
import type { NativeHistogram } from "./histogram/native-histogram.ts";
import type { RangeInput, RangeSeries } from "./range-input.ts";
import { ABSENT, HISTOGRAM, type StepSeries, type Value } from "./step-series.ts";

export interface NodeFigures {
  /** Time within the node, in ms, what stands below it included. */
  totalMs: number;
  /** The same without what stands below it. */
  selfMs: number;
  /** How often it was evaluated; 0 where all of its values were taken from an equal expression. */
  evaluations: number;
  /** Series that it gave, in all. */
  series: number;
}

/** One node at work. */
interface Running {
  belowMs: number;
}

export class QueryTrace {
  readonly #nodes = new Map<Expr, NodeFigures>();
  readonly #running: Running[] = [];
  #samples: Float64Array = new Float64Array(0);
  /** Where samples are counted now; undefined: they are counted elsewhere. */
  #counting: Float64Array | undefined;
  /** The tree as it was evaluated. */
  root: Expr | undefined;
  /** Time until everything was selected, in ms. */
  preparationMs = 0;
  /** Time of evaluation, in ms. */
  evaluationMs = 0;

  /** Samples by step of the query. */
  get samplesByStep(): Float64Array {
    return this.#samples;
  }

  /** To be called before anything is evaluated. */
  begin(root: Expr, stepCount: number, preparationMs: number): void {
    this.root = root;
    this.preparationMs = preparationMs;
    this.#samples = new Float64Array(stepCount);
    this.#counting = this.#samples;
  }

  /** Undefined for a node that was not evaluated. */
  figuresOf(expr: Expr): Readonly<NodeFigures> | undefined {
    return this.#nodes.get(expr);
  }

  value(expr: Expr, work: () => Value): Value {
    const figures = this.#figures(expr);
    figures.evaluations++;
    const value = this.#time(figures, work);
    if (value.type === "vector") {
      figures.series += value.series.length;
      if (readsTimes(expr)) this.#countSteps(value.series);
    }
    return value;
  }

  *stream<T>(expr: Expr, series: Iterable<T>): IterableIterator<T> {
    const figures = this.#figures(expr);
    figures.evaluations++;
    const iterator = series[Symbol.iterator]();
    try {
      for (;;) {
        const next = this.#time(figures, () => iterator.next());
        if (next.done === true) return;
        figures.series++;
        yield next.value;
      }
    } finally {
      iterator.return?.();
    }
  }

  /** Counts what a selector gives. */
  *counted(series: Iterable<StepSeries>): IterableIterator<StepSeries> {
    for (const one of series) {
      this.#countSteps([one]);
      yield one;
    }
  }

  /** Counts what the windows of a range see. */
  countedRange(expr: Expr, input: RangeInput): RangeInput {
    return { ...input, series: this.stream(expr, this.#countedWindows(input)) };
  }

  /** Samples that are counted where their result is used: a subquery's. */
  uncounted<T>(work: () => T): T {
    const counting = this.#counting;
    this.#counting = undefined;
    const result = work();
    this.#counting = counting;
    return result;
  }

  /** What is evaluated once counts at every step. */
  once<T>(work: () => T): T {
    const counting = this.#counting;
    if (counting === undefined) return work();
    const own = new Float64Array(1);
    this.#counting = own;
    const result = work();
    this.#counting = counting;
    for (let step = 0; step < counting.length; step++) counting[step]! += own[0]!;
    return result;
  }

  /** Samples by step that `work` counts, to be counted again for whoever takes its value. */
  costOf<T>(work: () => T): { readonly result: T; readonly cost: Float64Array | undefined } {
    const before = this.#counting?.slice();
    const result = work();
    return { result, cost: this.#counting?.map((count, step) => count - before![step]!) };
  }

  countAgain(cost: Float64Array | undefined): void {
    if (cost === undefined || this.#counting === undefined) return;
    for (const [step, count] of cost.entries()) this.#counting[step]! += count;
  }

  *#countedWindows({ series, ends, rangeMs }: RangeInput): IterableIterator<RangeSeries> {
    for (const one of series) {
      if (this.#counting !== undefined) countWindows(one, ends, rangeMs, this.#counting);
      yield one;
    }
  }

  #countSteps(series: readonly StepSeries[]): void {
    const counting = this.#counting;
    if (counting === undefined) return;
    for (const { kinds, histograms } of series) {
      for (let step = 0; step < kinds.length; step++) {
        if (kinds[step] === ABSENT) continue;
        counting[step]! += kinds[step] === HISTOGRAM ? samplesIn(histograms![step]!) : 1;
      }
    }
  }

  #figures(expr: Expr): NodeFigures {
    let figures = this.#nodes.get(expr);
    if (figures === undefined) {
      figures = { totalMs: 0, selfMs: 0, evaluations: 0, series: 0 };
      this.#nodes.set(expr, figures);
    }
    return figures;
  }

  #time<T>(figures: NodeFigures, work: () => T): T {
    const running: Running = { belowMs: 0 };
    this.#running.push(running);
    const startedMs = performance.now();
    try {
      return work();
    } finally {
      const tookMs = performance.now() - startedMs;
      this.#running.pop();
      figures.totalMs += tookMs;
      figures.selfMs += tookMs - running.belowMs;
      const above = this.#running.at(-1);
      if (above !== undefined) above.belowMs += tookMs;
    }
  }
}

/** timestamp() looks at samples itself. */
function readsTimes(expr: Expr): boolean {
  if (expr.kind !== "call" || (expr.func !== "timestamp" && expr.func !== "start_timestamp")) return false;
  return unwrapParens(expr.args[0]!).kind === "selector";
}

function countWindows(series: RangeSeries, ends: Float64Array, rangeMs: number, into: Float64Array): void {
  const { times, histogramTimes, histograms } = series;
  countColumn(times, ends, rangeMs, (step, from, to) => (into[step]! += to - from));
  countColumn(histogramTimes, ends, rangeMs, (step, from, to) => {
    for (let i = from; i < to; i++) into[step]! += samplesIn(histograms[i]!);
  });
}

function countColumn(
  times: Float64Array,
  ends: Float64Array,
  rangeMs: number,
  found: (step: number, from: number, to: number) => void,
): void {
  let from = 0;
  let to = 0;
  for (let step = 0; step < ends.length; step++) {
    const endMs = ends[step]!;
    while (to < times.length && times[to]! <= endMs) to++;
    while (from < to && times[from]! <= endMs - rangeMs) from++;
    if (from < to) found(step, from, to);
  }
}

/** How many floats take the memory that Prometheus takes a histogram to need, which is how it counts one. */
function samplesIn(histogram: NativeHistogram): number {
  const { positive, negative, customBounds } = histogram;
  const buckets = positive.counts.length + negative.counts.length + (customBounds?.length ?? 0);
  const spans = spansOf(positive.indexes) + spansOf(negative.indexes);
  return Math.floor((HISTOGRAM_BYTES + 8 * (buckets + spans) + 8) / 16);
}

const HISTOGRAM_BYTES = 168;

function spansOf(indexes: ArrayLike<number>): number {
  let spans = 0;
  for (let i = 0; i < indexes.length; i++) if (i === 0 || indexes[i] !== indexes[i - 1]! + 1) spans++;
  return spans;
}
