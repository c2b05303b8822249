/** Aggregations that make one series of many: each takes its members column by column. */
import type { AggregateExpr, AggregationName } from "../../parser/index.ts";
import { CompensatedSum, meanOf } from "../compensated-sum.ts";
import type { Evaluation } from "../evaluation.ts";
import { HistogramSum } from "../histogram/histogram-sum.ts";
import { ABSENT, FLOAT, HISTOGRAM, type StepColumns, type StepSeries } from "../step-series.ts";

export interface AggregationCall {
  readonly expr: AggregateExpr;
  readonly evaluation: Evaluation;
}

/** Fills the columns of one group from its members. */
export type Accumulate = (
  members: readonly StepSeries[],
  columns: StepColumns,
  call: AggregationCall,
) => void;

export const sum: Accumulate = (members, columns, call) => {
  const count = columns.kinds.length;
  const sums = new Float64Array(count);
  const compensations = new Float64Array(count);
  const histograms = new HistogramColumn(count, "sum");
  const seen = new Uint8Array(count);
  for (const { kinds, values, histograms: theirs } of members) {
    for (let step = 0; step < count; step++) {
      const kind = kinds[step]!;
      if (kind === ABSENT) continue;
      seen[step]! |= kind;
      if (kind === HISTOGRAM) {
        histograms.add(step, theirs![step]!);
        continue;
      }
      // CompensatedSum.add, written out: this loop is where aggregations of many series spend their time.
      const value = values[step]!;
      const before = sums[step]!;
      const after = before + value;
      if (after === Infinity || after === -Infinity) compensations[step] = 0;
      else if (Math.abs(before) >= Math.abs(value)) compensations[step]! += before - after + value;
      else compensations[step]! += value - after + before;
      sums[step] = after;
    }
  }
  const sumAt = new CompensatedSum();
  for (let step = 0; step < count; step++) {
    if (seen[step] === FLOAT) {
      sumAt.sum = sums[step]!;
      sumAt.compensation = compensations[step]!;
      columns.setFloat(step, sumAt.total);
    } else if (seen[step] !== ABSENT) histograms.store(step, seen[step]!, columns, call);
  }
};

export const avg: Accumulate = (members, columns, call) => {
  const count = columns.kinds.length;
  const byStep = new Float64Array(members.length);
  const histograms = new HistogramColumn(count, "mean");
  for (let step = 0; step < count; step++) {
    let floats = 0;
    let seen = ABSENT;
    for (const { kinds, values, histograms: theirs } of members) {
      const kind = kinds[step]!;
      seen |= kind;
      if (kind === FLOAT) byStep[floats++] = values[step]!;
      else if (kind === HISTOGRAM) histograms.add(step, theirs![step]!);
    }
    if (seen === FLOAT) columns.setFloat(step, meanOf(byStep, 0, floats));
    else if (seen !== ABSENT) histograms.store(step, seen, columns, call);
  }
};

/** Sums of the histograms of a group, by step. */
class HistogramColumn {
  readonly #sums: (HistogramSum | undefined)[];

  readonly #of: "sum" | "mean";

  constructor(count: number, of: "sum" | "mean") {
    this.#sums = Array.from({ length: count });
    this.#of = of;
  }

  add(step: number, histogram: Parameters<HistogramSum["add"]>[0]): void {
    (this.#sums[step] ??= new HistogramSum(this.#of)).add(histogram);
  }

  /** Nothing, with a warning, where floats were among the histograms or their buckets do not mix. */
  store(step: number, seen: number, columns: StepColumns, { expr, evaluation }: AggregationCall): void {
    const { annotations } = evaluation;
    const all = this.#sums[step]!;
    const place = expr.expr;
    if (seen !== HISTOGRAM) {
      annotations.mixedFloatsHistogramsAggregation(place);
      return;
    }
    if (all.hasResetCollision) annotations.counterResetCollision(place, "aggregation");
    if (all.isReconciled) annotations.customBucketsReconciled(place, "aggregation");
    if (all.isIncompatible) annotations.mixedExponentialCustom(place, "");
    else columns.setHistogram(step, all.result);
  }
}

export const count: Accumulate = (members, columns) => {
  const counts = new Float64Array(columns.kinds.length);
  for (const { kinds } of members) {
    for (let step = 0; step < counts.length; step++) if (kinds[step] !== ABSENT) counts[step]!++;
  }
  for (let step = 0; step < counts.length; step++) {
    if (counts[step] !== 0) columns.setFloat(step, counts[step]!);
  }
};

export const group: Accumulate = (members, columns) => {
  for (const { kinds } of members) {
    for (let step = 0; step < kinds.length; step++) if (kinds[step] !== ABSENT) columns.setFloat(step, 1);
  }
};

/** NaN gives way to every number. */
function extreme(name: AggregationName, replaces: (candidate: number, best: number) => boolean): Accumulate {
  return (members, columns, call) => {
    eachFloat(members, name, call, (step, value) => {
      const best = columns.values[step]!;
      const isFirst = columns.kinds[step] === ABSENT;
      if (isFirst || replaces(value, best) || Number.isNaN(best)) columns.setFloat(step, value);
    });
  };
}

export const min = extreme("min", (candidate, best) => candidate < best);
export const max = extreme("max", (candidate, best) => candidate > best);

/** Welford's method, as Prometheus computes it. */
function deviation(name: AggregationName, result: (variance: number) => number): Accumulate {
  return (members, columns, call) => {
    const steps = columns.kinds.length;
    const counts = new Float64Array(steps);
    const means = new Float64Array(steps);
    const squares = new Float64Array(steps);
    eachFloat(members, name, call, (step, value) => {
      counts[step]!++;
      if (counts[step] === 1) {
        means[step] = value;
        squares[step] = Number.isFinite(value) ? 0 : NaN;
        return;
      }
      const delta = value - means[step]!;
      means[step]! += delta / counts[step]!;
      squares[step]! += delta * (value - means[step]!);
    });
    for (let step = 0; step < steps; step++) {
      if (counts[step] !== 0) columns.setFloat(step, result(squares[step]! / counts[step]!));
    }
  };
}

export const stdvar = deviation("stdvar", (variance) => variance);
export const stddev = deviation("stddev", Math.sqrt);

/** Calls back for each float; histograms are left out, with an info. */
export function eachFloat(
  members: readonly StepSeries[],
  name: AggregationName,
  { expr, evaluation }: AggregationCall,
  visit: (step: number, value: number) => void,
): void {
  for (const { kinds, values } of members) {
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] === FLOAT) visit(step, values[step]!);
      else if (kinds[step] === HISTOGRAM) {
        evaluation.annotations.histogramIgnoredInAggregation(expr.expr, name);
      }
    }
  }
}
