/** JSON as growing bytes. Wide answers are mostly points, which a kernel writes. */
import { Buffer } from "node:buffer";
import { PointWriter } from "@binnacle/kernels";

const BYTES_START = 8 * 1024;

export class JsonBytes {
  readonly #points = new PointWriter();
  #bytes: Buffer;
  #length = 0;

  /** `expectedBytes`: what it will come to hold, as far as can be told. */
  constructor(expectedBytes = 0) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(BYTES_START, expectedBytes));
  }

  text(text: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, "utf8");
  }

  /** `[seconds,"value"]` for each time (whole Unix ms) and value, with commas between them. */
  points(times: Float64Array, values: Float64Array): void {
    this.#points.write(times, values, (bytes) => {
      this.#reserve(bytes.length);
      this.#bytes.set(bytes, this.#length);
      this.#length += bytes.length;
    });
  }

  /** All of it, in a buffer of its own. It is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(0);
    this.#length = 0;
    return taken;
  }

  get length(): number {
    return this.#length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(BYTES_START, this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
