/** Unpacking of snappy blocks into memory that the caller has. */
import { SNAPPY_BYTES_MAX } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** What the kernel may touch behind the end of its input and of its output, rounded up. */
const SLACK_BYTES = 128;

/** Whether a block of so many bytes, packed and unpacked, is one for the kernel. */
export function fitsSnappyKernel(packedBytes: number, unpackedBytes: number): boolean {
  return packedBytes + unpackedBytes <= SNAPPY_BYTES_MAX;
}

/**
 * Unpacks a block's elements (what stands behind the length that it begins with) so that they fill `target`.
 * False where they do not fill it exactly or are no snappy; `target` holds nonsense then.
 */
export function unpackSnappy(elements: Uint8Array, target: Uint8Array): boolean {
  const module = kernelModule();
  const outputOffset = (elements.length + SLACK_BYTES + 15) & ~15;
  const memory = module.reserve(outputOffset + target.length + SLACK_BYTES);
  module.holder = undefined;
  const input = module.start;
  const output = module.start + outputOffset;
  memory.set(elements, input);
  const isWhole = module.kernels.unpackSnappy(input, input + elements.length, output, output + target.length);
  if (isWhole) target.set(memory.subarray(output, output + target.length));
  return Boolean(isWhole);
}
