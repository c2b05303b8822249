/** Memory of a body while it comes in: grows to the longest one, and is overwritten, not collected. */

const BYTES_FIRST = 64 * 1024;
/** What a buffer may hold on to between two bodies. */
const BYTES_KEPT_MAX = 4 * 1024 * 1024;

export class BodyBuffer {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(BYTES_FIRST);
  length = 0;

  clear(): void {
    if (this.#bytes.length > BYTES_KEPT_MAX) this.#bytes = Buffer.allocUnsafeSlow(BYTES_FIRST);
    this.length = 0;
  }

  append(source: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
    }
    source.copy(this.#bytes, this.length, start, end);
    this.length += end - start;
  }

  /** Good until the buffer is written to again. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}
