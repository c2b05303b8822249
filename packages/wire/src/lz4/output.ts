/** What a block's copies may reach back to, and where its content goes: it grows, but never past a limit. */
import { BinnacleError } from "@binnacle/model";

export class Lz4Output {
  readonly #bytesMax: number;
  #bytes: Uint8Array;
  #length = 0;

  constructor(bytesExpected: number, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#bytes = new Uint8Array(Math.min(bytesExpected, bytesMax));
  }

  get length(): number {
    return this.#length;
  }

  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Repeats what stands `distance` bytes back, which may reach into what is being written. */
  copy(distance: number, length: number): void {
    this.#grow(length);
    const from = this.#length - distance;
    const to = this.#length;
    if (distance >= length) {
      this.#bytes.copyWithin(to, from, from + length);
    } else {
      for (let i = 0; i < length; i++) this.#bytes[to + i] = this.#bytes[from + i]!;
    }
    this.#length += length;
  }

  #grow(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    if (wanted > this.#bytesMax) {
      const message = `the body is over ${this.#bytesMax} bytes unpacked (BODY_BYTES_MAX)`;
      throw new BinnacleError("BODY_TOO_LARGE", message);
    }
    const grown = new Uint8Array(Math.min(Math.max(wanted, this.#bytes.length * 2), this.#bytesMax));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
