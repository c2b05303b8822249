/** Counts and sums of whole numbers over windows, kept as differences at the windows' ends. */
import type { Labels, LineTicks } from "@binnacle/model";
import { newSeries, type GridSeries } from "./grid.ts";

interface Window {
  readonly baseNs: bigint;
  readonly stepNs: number;
  readonly rangeNs: number;
  readonly count: number;
}

export class WindowSums {
  readonly #window: Window;
  /**
   * One more than the steps: the last only takes ends. Sums are whole and below 2^53, so differences are
   * exact.
   */
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  #times = new Float64Array(0);

  constructor(window: Window) {
    this.#window = window;
    this.#sums = new Float64Array(window.count + 1);
    this.#counts = new Float64Array(window.count + 1);
  }

  /** Times as doubles relative to the window's base: valid until the next call. */
  relativeTimes(timesNs: BigInt64Array): Float64Array {
    const count = timesNs.length;
    if (this.#times.length < count) this.#times = new Float64Array(count);
    const times = this.#times.subarray(0, count);
    const words = new Uint32Array(timesNs.buffer, timesNs.byteOffset, count * 2);
    const signed = new Int32Array(timesNs.buffer, timesNs.byteOffset, count * 2);
    const baseLow = Number(BigInt.asUintN(32, this.#window.baseNs));
    const baseHigh = Number(this.#window.baseNs >> 32n);
    for (let i = 0; i < count; i++) {
      // Halves are subtracted first: their difference is small, so that nothing is rounded.
      times[i] = (signed[2 * i + 1]! - baseHigh) * 4294967296 + (words[2 * i]! - baseLow);
    }
    return times;
  }

  /** Adds an amount of some lines at one time, which is relative to the window's base. */
  add(timeNs: number, amount: number, lines = 1): void {
    const { stepNs, rangeNs, count } = this.#window;
    // Step s sees it where s·step − range < time ≤ s·step.
    const first = stepNs === 0 ? 0 : Math.max(0, Math.ceil(timeNs / stepNs));
    const end = stepNs === 0 ? 1 : Math.min(count, Math.ceil((timeNs + rangeNs) / stepNs));
    if (first >= end) return;
    this.#sums[first]! += amount;
    this.#sums[end]! -= amount;
    this.#counts[first]! += lines;
    this.#counts[end]! -= lines;
  }

  /**
   * Counts lines, all or those whose ascending numbers are given; or where each has an amount, adds these up.
   */
  addTicks({ baseNs, unitNs, values }: LineTicks, rows?: Uint32Array, amounts?: Uint32Array): void {
    const { stepNs, rangeNs } = this.#window;
    const offsetNs = Number(baseNs - this.#window.baseNs);
    const count = rows?.length ?? values.length;
    for (let i = 0; i < count;) {
      const timeNs = offsetNs + values[rows === undefined ? i : rows[i]!]! * unitNs;
      const untilNs =
        stepNs === 0
          ? Infinity
          : Math.min(
              Math.ceil(timeNs / stepNs) * stepNs,
              Math.ceil((timeNs + rangeNs) / stepNs) * stepNs - rangeNs,
            );
      const until = (untilNs - offsetNs) / unitNs;
      // The next line behind: in steps that double, then by halves.
      let low = i;
      let step = 1;
      while (low + step < count && values[rows === undefined ? low + step : rows[low + step]!]! <= until) {
        low += step;
        step *= 2;
      }
      let high = Math.min(count, low + step);
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (values[rows === undefined ? middle : rows[middle]!]! <= until) low = middle;
        else high = middle;
      }
      let amount = high - i;
      if (amounts !== undefined) {
        amount = 0;
        for (let k = i; k < high; k++) amount += amounts[rows === undefined ? k : rows[k]!]!;
      }
      this.add(timeNs, amount, high - i);
      i = high;
    }
  }

  toSeries(labels: Labels, divisor: number): GridSeries {
    const { count } = this.#window;
    const series = newSeries(labels, count);
    let sum = 0;
    let lines = 0;
    for (let step = 0; step < count; step++) {
      sum += this.#sums[step]!;
      lines += this.#counts[step]!;
      if (lines === 0) continue;
      series.values[step] = sum / divisor;
      series.present[step] = 1;
    }
    return series;
  }
}
