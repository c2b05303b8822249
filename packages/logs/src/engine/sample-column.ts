/** Unwrapped samples of one series, as columns that grow. */

interface Window {
  readonly stepNs: number;
  readonly rangeNs: number;
  readonly count: number;
}

export class SampleColumn {
  times = new Float64Array(64);
  values = new Float64Array(64);
  #length = 0;
  #isAscending = true;

  get length(): number {
    return this.#length;
  }

  push(timeNs: number, value: number): void {
    const at = this.#length++;
    if (at === this.times.length) {
      this.times = grow(this.times);
      this.values = grow(this.values);
    }
    if (at > 0 && timeNs < this.times[at - 1]!) this.#isAscending = false;
    this.times[at] = timeNs;
    this.values[at] = value;
  }

  /** By time; samples at the same time stay in the order in which they came. */
  sort(): void {
    if (this.#isAscending) return;
    const { times, values } = this;
    const order = Array.from({ length: this.#length }, (_, i) => i).sort(
      (a, b) => times[a]! - times[b]! || a - b,
    );
    this.times = Float64Array.from(order, (i) => times[i]!);
    this.values = Float64Array.from(order, (i) => values[i]!);
    this.#isAscending = true;
  }

  /** Calls back with the samples [from, to) of each step's window that has any. */
  walk({ stepNs, rangeNs, count }: Window, onWindow: (step: number, from: number, to: number) => void): void {
    let from = 0;
    let to = 0;
    for (let step = 0; step < count; step++) {
      const endNs = step * stepNs;
      while (to < this.#length && this.times[to]! <= endNs) to++;
      while (from < to && this.times[from]! <= endNs - rangeNs) from++;
      if (from < to) onWindow(step, from, to);
    }
  }
}

function grow(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
