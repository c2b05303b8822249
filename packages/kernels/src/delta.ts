/** Unpacking of integers stored as differences of a fixed width. */
import { assert } from "@binnacle/model";
import { DELTA_BITS_MAX } from "./limits.ts";
import { kernelModule } from "./module.ts";

export interface DeltaOptions {
  /** Width of a packed integer, 0…DELTA_BITS_MAX. */
  readonly bits: number;
  /** The first value: an integer within ±2^53. */
  readonly first: number;
  /**
   * What is added to each packed integer: the least difference, since packed integers have no sign. Default
   * 0.
   */
  readonly base?: number;
}

/** Bytes that `count` values take when packed: the first value is not among them. */
export function packedDeltaBytes(count: number, bits: number): number {
  return Math.ceil((Math.max(count - 1, 0) * bits) / 8);
}

/**
 * Fills `out`: its first value is `first`, each next one the one before it plus `base` plus the next packed
 * integer (least significant bit first, no gaps). Every value must stay within ±2^53, so that it is exact.
 */
export function unpackDeltas(packed: Uint8Array, out: Float64Array, options: DeltaOptions): void {
  const { bits, first, base = 0 } = options;
  assert(bits >= 0 && bits <= DELTA_BITS_MAX, `packed differences of ${bits} bits`);
  assert(packed.length >= packedDeltaBytes(out.length, bits), "packed differences end too early");
  const module = kernelModule();
  const packedBytes = packedDeltaBytes(out.length, bits);
  const outOffset = (packedBytes + 8 + 15) & ~15;
  const memory = module.reserve(outOffset + 8 * out.length);
  module.holder = undefined;
  const packedAt = module.start;
  const outAt = module.start + outOffset;
  memory.set(packed.subarray(0, packedBytes), packedAt);
  module.kernels.unpackDeltas(packedAt, bits, out.length, BigInt(first), BigInt(base), outAt);
  out.set(new Float64Array(memory.buffer, outAt, out.length));
}
