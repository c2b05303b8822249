/**
 * Where the windows of all steps begin and end in a column of times. Series of a scrape group share their
 * times, so this is found once for all of them, and a function over a window is left with values only.
 */

import { WINDOWS_BYTES_MAX } from "../limits.ts";
import { FLOAT, floatSteps, type FloatSteps } from "./step-series.ts";

/** By step: samples `from` up to and without `to`. */
export interface SampleWindows {
  readonly times: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Steps whose window has a sample. */
  readonly steps: FloatSteps;
}

/** Of a step, what is worked out for it: two indexes, its kind, and what a rate takes beside. */
const BYTES_PER_STEP = 40;

/** Something worked out for a column of times, once for all series that share the column. */
export class ByTimes<Result> {
  readonly #make: (times: Float64Array) => Result;
  readonly #known = new Map<Float64Array, Result>();
  readonly #columnsMax: number;

  /** `steps`: how many each result has. */
  constructor(steps: number, make: (times: Float64Array) => Result) {
    this.#make = make;
    this.#columnsMax = Math.ceil(WINDOWS_BYTES_MAX / (steps * BYTES_PER_STEP));
  }

  get(times: Float64Array): Result {
    let result = this.#known.get(times);
    if (result === undefined) {
      result = this.#make(times);
      // Series of many targets come by turns: whoever is remembered stays, so that some are found again.
      if (this.#known.size < this.#columnsMax) this.#known.set(times, result);
    }
    return result;
  }
}

/** Windows (end − rangeMs, end]; ends ascend, so two moving edges find them all. */
export function findWindows(times: Float64Array, ends: Float64Array, rangeMs: number): SampleWindows {
  const count = ends.length;
  const fromByStep = new Int32Array(count);
  const toByStep = new Int32Array(count);
  const kinds = new Uint8Array(count);
  let from = 0;
  let to = 0;
  for (let step = 0; step < count; step++) {
    const endMs = ends[step]!;
    const startMs = endMs - rangeMs;
    while (to < times.length && times[to]! <= endMs) to++;
    while (from < to && times[from]! <= startMs) from++;
    fromByStep[step] = from;
    toByStep[step] = to;
    if (from < to) kinds[step] = FLOAT;
  }
  return { times, from: fromByStep, to: toByStep, steps: floatSteps(kinds) };
}
