/** Remembers what was made of some bytes, so that the same bytes need not be read again. */
import { INTERNED_MAX } from "./limits.ts";

export class Interner<T> {
  readonly #known = new Map<string, T>();

  /** The value of bytes[from, to): as `make` made it, now or earlier. What `make` throws is not remembered. */
  get(bytes: Buffer, range: { from: number; to: number }, make: () => T): T {
    const key = bytes.toString("latin1", range.from, range.to);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    // Forgetting all at once costs the living one miss each, and needs no bookkeeping at every hit.
    if (this.#known.size >= INTERNED_MAX) this.#known.clear();
    this.#known.set(key, made);
    return made;
  }
}
