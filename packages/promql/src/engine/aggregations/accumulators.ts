/** Aggregations that make one series of many: each takes its members as they come, column by column. */
import type { AggregateExpr, AggregationName } from "../../parser/index.ts";
import { CompensatedMean, CompensatedSum } from "../compensated-sum.ts";
import type { Evaluation } from "../evaluation.ts";
import { HistogramSum } from "../histogram/histogram-sum.ts";
import { ABSENT, FLOAT, HISTOGRAM, type StepColumns, type StepRun, type StepSeries } from "../step-series.ts";

export interface AggregationCall {
  readonly expr: AggregateExpr;
  readonly evaluation: Evaluation;
}

/** What one group has come to so far. A member's columns are the caller's again after `add`. */
export interface Accumulator {
  add(member: StepSeries): void;
  store(columns: StepColumns): void;
}

/** Begins a group over so many steps. */
export type AccumulatorFactory = (steps: number, call: AggregationCall) => Accumulator;

export const sum: AccumulatorFactory = (steps, call) => {
  const sums = new Float64Array(steps);
  const compensations = new Float64Array(steps);
  const seen = new Uint8Array(steps);
  const histograms = new HistogramSums("sum", call);
  const runs = new SeenRuns(seen);
  return {
    add({ kinds, values, histograms: theirs, run }) {
      if (run !== undefined) {
        runs.add(run);
        addCompensated(sums, compensations, values, run);
        return;
      }
      for (let step = 0; step < steps; step++) {
        const kind = kinds[step]!;
        if (kind === ABSENT) continue;
        seen[step]! |= kind;
        if (kind === HISTOGRAM) {
          histograms.add(step, theirs![step]!);
          continue;
        }
        // CompensatedSum.add, written out.
        const value = values[step]!;
        const before = sums[step]!;
        const after = before + value;
        if (after === Infinity || after === -Infinity) compensations[step] = 0;
        else if (Math.abs(before) >= Math.abs(value)) compensations[step]! += before - after + value;
        else compensations[step]! += value - after + before;
        sums[step] = after;
      }
    },
    store(columns) {
      const sumAt = new CompensatedSum();
      for (let step = 0; step < steps; step++) {
        if (seen[step] === FLOAT) {
          sumAt.sum = sums[step]!;
          sumAt.compensation = compensations[step]!;
          columns.setFloat(step, sumAt.total);
        } else if (seen[step] !== ABSENT) histograms.store(step, seen[step]!, columns);
      }
    },
  };
};

/** CompensatedSum.add for every step of a run: here aggregations of many series spend their time. */
function addCompensated(
  sums: Float64Array,
  compensations: Float64Array,
  values: Float64Array,
  { from, to }: StepRun,
): void {
  for (let step = from; step < to; step++) {
    const value = values[step]!;
    const before = sums[step]!;
    const after = before + value;
    // What rounding lost of a sum is a double, and the same by whichever way it is found: this one needs no
    // look at which of the two is larger, which nobody could foretell.
    const added = after - before;
    const lost = before - (after - added) + (value - added);
    if (after === Infinity || after === -Infinity) compensations[step] = 0;
    else compensations[step]! += lost;
    sums[step] = after;
  }
}

/** Marks the steps of runs, each run once: nearly all members of a group have the same. */
class SeenRuns {
  readonly #seen: Uint8Array;
  #last: StepRun | undefined;

  constructor(seen: Uint8Array) {
    this.#seen = seen;
  }

  add(run: StepRun): void {
    if (run.from === this.#last?.from && run.to === this.#last.to) return;
    this.#last = run;
    for (let step = run.from; step < run.to; step++) this.#seen[step]! |= FLOAT;
  }
}

/** Counts by step; those of members with one run are added up first. */
class StepCounts {
  readonly #counts: Float64Array;
  #run: StepRun | undefined;
  #pending = 0;

  constructor(steps: number) {
    this.#counts = new Float64Array(steps);
  }

  add({ kinds, run }: StepSeries): void {
    if (run === undefined) {
      const counts = this.#counts;
      for (let step = 0; step < counts.length; step++) if (kinds[step] !== ABSENT) counts[step]!++;
      return;
    }
    if (run.from !== this.#run?.from || run.to !== this.#run.to) this.#flush();
    this.#run = run;
    this.#pending++;
  }

  get all(): Float64Array {
    this.#flush();
    return this.#counts;
  }

  #flush(): void {
    if (this.#run === undefined) return;
    const { from, to } = this.#run;
    for (let step = from; step < to; step++) this.#counts[step]! += this.#pending;
    this.#run = undefined;
    this.#pending = 0;
  }
}

export const avg: AccumulatorFactory = (steps, call) => {
  const counts = new Float64Array(steps);
  const sums = new Float64Array(steps);
  const compensations = new Float64Array(steps);
  const seen = new Uint8Array(steps);
  /** By step, where a sum is no longer finite: overflow and infinities follow rules of their own. */
  const careful: (CompensatedMean | undefined)[] = [];
  const histograms = new HistogramSums("mean", call);
  const runs = new SeenRuns(seen);
  const addFloat = (step: number, value: number): void => {
    const before = sums[step]!;
    const after = before + value;
    if (careful[step] === undefined && Number.isFinite(after)) {
      if (Math.abs(before) >= Math.abs(value)) compensations[step]! += before - after + value;
      else compensations[step]! += value - after + before;
      sums[step] = after;
      counts[step]!++;
      return;
    }
    careful[step] ??= new CompensatedMean(counts[step], before, compensations[step]);
    careful[step].add(value);
  };
  return {
    add({ kinds, values, histograms: theirs, run }) {
      if (run !== undefined) {
        runs.add(run);
        for (let step = run.from; step < run.to; step++) addFloat(step, values[step]!);
        return;
      }
      for (let step = 0; step < steps; step++) {
        const kind = kinds[step]!;
        seen[step]! |= kind;
        if (kind === FLOAT) addFloat(step, values[step]!);
        else if (kind === HISTOGRAM) histograms.add(step, theirs![step]!);
      }
    },
    store(columns) {
      for (let step = 0; step < steps; step++) {
        if (seen[step] === FLOAT) {
          const mean = careful[step]?.mean;
          const floats = counts[step]!;
          columns.setFloat(step, mean ?? sums[step]! / floats + compensations[step]! / floats);
        } else if (seen[step] !== ABSENT) histograms.store(step, seen[step]!, columns);
      }
    },
  };
};

/** Sums of the histograms of a group, by step. */
class HistogramSums {
  readonly #sums: (HistogramSum | undefined)[] = [];
  readonly #of: "sum" | "mean";
  readonly #call: AggregationCall;

  constructor(of: "sum" | "mean", call: AggregationCall) {
    this.#of = of;
    this.#call = call;
  }

  add(step: number, histogram: Parameters<HistogramSum["add"]>[0]): void {
    (this.#sums[step] ??= new HistogramSum(this.#of)).add(histogram);
  }

  /** Nothing, with a warning, where floats were among the histograms or their buckets do not mix. */
  store(step: number, seen: number, columns: StepColumns): void {
    const { expr, evaluation } = this.#call;
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

export const count: AccumulatorFactory = (steps) => {
  const counts = new StepCounts(steps);
  return {
    add: (member) => counts.add(member),
    store(columns) {
      const all = counts.all;
      for (let step = 0; step < steps; step++) if (all[step] !== 0) columns.setFloat(step, all[step]!);
    },
  };
};

export const group: AccumulatorFactory = (steps) => {
  const seen = new Uint8Array(steps);
  const runs = new SeenRuns(seen);
  return {
    add({ kinds, run }) {
      if (run !== undefined) {
        runs.add(run);
        return;
      }
      for (let step = 0; step < steps; step++) seen[step]! |= kinds[step]!;
    },
    store(columns) {
      for (let step = 0; step < steps; step++) if (seen[step] !== ABSENT) columns.setFloat(step, 1);
    },
  };
};

/** NaN gives way to every number. */
function extreme(name: AggregationName, sign: 1 | -1): AccumulatorFactory {
  return (steps, call) => {
    const seen = new Uint8Array(steps);
    const bests = new Float64Array(steps);
    return {
      add(member) {
        const { values } = member;
        eachFloat(member, name, call, (step) => {
          const value = values[step]!;
          const best = bests[step]!;
          // Of negated values the largest is the smallest.
          if (seen[step] === 0 || sign * value > sign * best || Number.isNaN(best)) bests[step] = value;
          seen[step] = 1;
        });
      },
      store(columns) {
        for (let step = 0; step < steps; step++) if (seen[step] === 1) columns.setFloat(step, bests[step]!);
      },
    };
  };
}

export const min: AccumulatorFactory = extreme("min", -1);
export const max: AccumulatorFactory = extreme("max", 1);

/** Welford's method, as Prometheus computes it. */
function deviation(name: AggregationName, result: (variance: number) => number): AccumulatorFactory {
  return (steps, call) => {
    const counts = new Float64Array(steps);
    const means = new Float64Array(steps);
    const squares = new Float64Array(steps);
    return {
      add(member) {
        eachFloat(member, name, call, (step, value) => {
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
      },
      store(columns) {
        for (let step = 0; step < steps; step++) {
          if (counts[step] !== 0) columns.setFloat(step, result(squares[step]! / counts[step]!));
        }
      },
    };
  };
}

export const stdvar: AccumulatorFactory = deviation("stdvar", (variance) => variance);
export const stddev: AccumulatorFactory = deviation("stddev", Math.sqrt);

/** Calls back for each float; histograms are left out, with an info. */
export function eachFloat(
  { kinds, values, run }: StepSeries,
  name: AggregationName,
  { expr, evaluation }: AggregationCall,
  visit: (step: number, value: number) => void,
): void {
  if (run !== undefined) {
    for (let step = run.from; step < run.to; step++) visit(step, values[step]!);
    return;
  }
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] === FLOAT) visit(step, values[step]!);
    else if (kinds[step] === HISTOGRAM) {
      evaluation.annotations.histogramIgnoredInAggregation(expr.expr, name);
    }
  }
}
