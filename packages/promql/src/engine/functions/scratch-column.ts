/**
 * A column that a function works in, the same for one series after another. What it holds at first is
 * anything.
 */
export class ScratchColumn {
  #column = new Float64Array(0);

  /** At least `length` long. */
  of(length: number): Float64Array {
    if (this.#column.length < length) this.#column = new Float64Array(length);
    return this.#column;
  }
}
