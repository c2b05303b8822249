/**
 * The k best of a row of values. Which of several equal ones stay is decided by the heap that holds them, as
 * it is in Prometheus, so that a tie is broken the same way there and here.
 */

/** Filled again and again. NaN gives way to every number. */
export class BoundedHeap {
  /** Of negated values the largest is the smallest. */
  readonly #sign: 1 | -1;
  readonly #indexes: number[] = [];
  readonly #values: number[] = [];
  #limit = 0;

  constructor(best: "largest" | "smallest") {
    this.#sign = best === "largest" ? 1 : -1;
  }

  /** Begins anew, with room for so many. */
  clear(limit: number): void {
    this.#limit = limit;
    this.#indexes.length = 0;
    this.#values.length = 0;
  }

  /** What is kept, in no order; the same array again and again. */
  get kept(): readonly number[] {
    return this.#indexes;
  }

  /** What is kept, best first. */
  sorted(): readonly number[] {
    const values = this.#values;
    const order = [...values.keys()].sort((i, j) => {
      const a = values[i]!;
      const b = values[j]!;
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return a === b ? 0 : a < b ? 1 : -1;
    });
    return order.map((i) => this.#indexes[i]!);
  }

  /** Whether a value would surely not stay: for whoever offers many, few of which do. */
  refuses(unsigned: number): boolean {
    // A NaN that is the worst gives way, and is below nothing.
    return this.#values.length === this.#limit && this.#sign * unsigned <= this.#values[0]!;
  }

  offer(index: number, unsigned: number): void {
    const value = this.#sign * unsigned;
    const count = this.#indexes.length;
    if (count < this.#limit) {
      this.#indexes.push(index);
      this.#values.push(value);
      this.#rise(count);
      return;
    }
    const worst = this.#values[0]!;
    if (!(worst < value) && !(Number.isNaN(worst) && !Number.isNaN(value))) return;
    this.#indexes[0] = index;
    this.#values[0] = value;
    this.#sink();
  }

  #isBelow(i: number, j: number): boolean {
    const value = this.#values[i]!;
    return Number.isNaN(value) || value < this.#values[j]!;
  }

  #swap(i: number, j: number): void {
    const [indexes, values] = [this.#indexes, this.#values];
    const index = indexes[i]!;
    const value = values[i]!;
    indexes[i] = indexes[j]!;
    values[i] = values[j]!;
    indexes[j] = index;
    values[j] = value;
  }

  #rise(from: number): void {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#isBelow(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(): void {
    const count = this.#indexes.length;
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#isBelow(child + 1, child)) child++;
      if (!this.#isBelow(child, i)) break;
      this.#swap(i, child);
      i = child;
    }
  }
}
