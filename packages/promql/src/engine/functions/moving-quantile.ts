/** Quantiles of all windows of a series: the window is kept sorted, and a step moves only its edges. */
import { interpolateRank } from "../aggregations/quantile.ts";
import type { StepColumns } from "../step-series.ts";
import type { SampleWindows } from "../sample-windows.ts";

export function movingQuantiles(
  values: Float64Array,
  windows: SampleWindows,
  quantiles: Float64Array,
  out: StepColumns,
): void {
  const { from: starts, to: ends } = windows;
  const sorted = new SortedWindow(values);
  for (let step = 0; step < starts.length; step++) {
    const from = starts[step]!;
    const to = ends[step]!;
    if (from >= to) continue;
    sorted.moveTo(from, to);
    out.values[step] = interpolateRank(quantiles[step]!, sorted.numbers, sorted.count, sorted.nanCount);
  }
  out.fillAt(windows.steps);
}

/** The numbers of a window in ascending order; NaNs are only counted. */
class SortedWindow {
  readonly #values: Float64Array;
  numbers: Float64Array;
  count = 0;
  nanCount = 0;
  #from = 0;
  #to = 0;

  constructor(values: Float64Array) {
    this.#values = values;
    this.numbers = new Float64Array(Math.min(values.length, 256));
  }

  /** Neither edge may go back. */
  moveTo(from: number, to: number): void {
    if (from >= this.#to) {
      this.#fill(from, to);
    } else {
      const values = this.#values;
      while (this.#from < from && this.#to < to) this.#exchange(values[this.#from++]!, values[this.#to++]!);
      for (; this.#from < from; this.#from++) this.#remove(values[this.#from]!);
      for (; this.#to < to; this.#to++) this.#add(values[this.#to]!);
    }
  }

  #fill(from: number, to: number): void {
    const window = this.#values.slice(from, to).sort();
    this.count = window.length;
    while (this.count > 0 && Number.isNaN(window[this.count - 1])) this.count--;
    this.nanCount = window.length - this.count;
    this.#reserve(this.count);
    this.numbers.set(window.subarray(0, this.count));
    this.#from = from;
    this.#to = to;
  }

  /** One leaves, another comes: only what stands between the two is moved. */
  #exchange(gone: number, come: number): void {
    if (gone === come) return;
    if (Number.isNaN(gone) || Number.isNaN(come)) {
      this.#remove(gone);
      this.#add(come);
      return;
    }
    const { numbers } = this;
    let at = this.#find(gone);
    if (come > gone) {
      const last = this.count - 1;
      for (; at < last && numbers[at + 1]! < come; at++) numbers[at] = numbers[at + 1]!;
    } else {
      for (; at > 0 && numbers[at - 1]! > come; at--) numbers[at] = numbers[at - 1]!;
    }
    numbers[at] = come;
  }

  #add(value: number): void {
    if (Number.isNaN(value)) {
      this.nanCount++;
      return;
    }
    this.#reserve(this.count + 1);
    const at = this.#find(value);
    this.numbers.copyWithin(at + 1, at, this.count);
    this.numbers[at] = value;
    this.count++;
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.nanCount--;
      return;
    }
    const at = this.#find(value);
    this.numbers.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  /** The first place whose number is not below the value. */
  #find(value: number): number {
    const { numbers } = this;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(count: number): void {
    if (count <= this.numbers.length) return;
    const grown = new Float64Array(Math.max(count, this.numbers.length * 2));
    grown.set(this.numbers.subarray(0, this.count));
    this.numbers = grown;
  }
}
