/**
 * A growing list of 32-bit numbers: postings, columns and the like, where an array of boxed numbers would be
 * waste.
 */
export class U32List {
  #items: Uint32Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 4) {
    this.#items = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.#items.length) this.#items = grownU32(this.#items, this.length + 1);
    this.#items[this.length++] = value;
  }

  at(i: number): number {
    return this.#items[i]!;
  }

  set(i: number, value: number): void {
    this.#items[i] = value;
  }

  /** A view that the next push may make stale. */
  view(): Uint32Array<ArrayBuffer> {
    return this.#items.subarray(0, this.length);
  }
}

/** A copy at least `length` long, and at least twice as long as before; the new part is zero. */
export function grownU32(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(length, array.length * 2));
  grown.set(array);
  return grown;
}

export function grownF64(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(length, array.length * 2));
  grown.set(array);
  return grown;
}
