/** Unpacked pages, newest used last, bounded in bytes. One a thread. */
export class PageCache {
  readonly #bytesMax: number;
  readonly #pages = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The page under a key, made by `load` when it is not here. */
  get(key: string, load: () => Uint8Array): Uint8Array {
    const known = this.#pages.get(key);
    if (known !== undefined) {
      this.#pages.delete(key);
      this.#pages.set(key, known);
      return known;
    }
    const page = load();
    this.#pages.set(key, page);
    this.#bytes += page.byteLength;
    for (const [oldest, bytes] of this.#pages) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#pages.delete(oldest);
      this.#bytes -= bytes.byteLength;
    }
    return page;
  }
}
