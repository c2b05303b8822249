/** Remembers what was made of some bytes, so that the same bytes need not be read again. */
import { INTERNED_MAX } from "./limits.ts";

export class Interner<T> {
  readonly #known = new Map<string, T>();

  /** The key of bytes[from, to). */
  static keyOf(bytes: Buffer, from: number, to: number): string {
    return bytes.toString("latin1", from, to);
  }

  get(key: string): T | undefined {
    return this.#known.get(key);
  }

  /**
   * Forgetting all at once when it is full costs the living one miss each, and no bookkeeping at every hit.
   */
  set(key: string, value: T): void {
    if (this.#known.size >= INTERNED_MAX) this.#known.clear();
    this.#known.set(key, value);
  }
}
