/** Unpacked columns by name, the least recently used leaving first when their bytes pass a bound. */

interface Kept {
  readonly value: unknown;
  readonly bytes: number;
}

export class BlockCache {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A key always names the same thing, so its type is the caller's to know. */
  get<T>(key: string, load: () => { value: T; bytes: number }): T {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.value as T;
    }
    const loaded = load();
    this.#kept.set(key, loaded);
    this.#bytes += loaded.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
    }
    return loaded.value;
  }
}
