/**
 * Columns cut from larger arrays: thousands of buffers of a few KB cost more to allocate, and to collect,
 * than what is written into them.
 */

/** 64 KB: what malloc hands out again and again without asking the kernel. */
const SLAB_LENGTH_MAX = 8192;

/** Gives columns of zeros that nobody else has. A column keeps the slab alive that it was cut from. */
export class ColumnSlab {
  #slab: Float64Array<ArrayBuffer> = new Float64Array(0);
  #at = 0;

  take(length: number): Float64Array<ArrayBuffer> {
    if (length > SLAB_LENGTH_MAX / 4) return new Float64Array(length);
    if (this.#at + length > this.#slab.length) {
      // The first are small: most queries have few series.
      const wanted = Math.min(SLAB_LENGTH_MAX, this.#slab.length * 4);
      this.#slab = new Float64Array(Math.max(wanted, length * 4));
      this.#at = 0;
    }
    this.#at += length;
    return this.#slab.subarray(this.#at - length, this.#at);
  }
}
