/**
 * Snappy's block format, as remote write and Loki's push use it:
 * https://github.com/google/snappy/blob/main/format_description.txt
 *
 * The length that a block declares is checked before anything is allocated for it.
 */
import { fitsSnappyKernel, unpackSnappy } from "@binnacle/kernels";
import { BinnacleError } from "@binnacle/model";
import { compressSync, uncompressSync } from "snappy";
import { BODY_BYTES_MAX } from "./limits.ts";

export interface DecompressOptions {
  /** Bytes after decompression; default BODY_BYTES_MAX. Past it: BODY_TOO_LARGE. */
  readonly bytesMax?: number;
}

/** Throws BAD_BODY where it is no snappy block, BODY_TOO_LARGE where it declares too long a content. */
export function snappyDecompress(block: Uint8Array, options: DecompressOptions = {}): Uint8Array {
  const { length } = readLength(block, options);
  return decompressBySize(block, length);
}

/**
 * The same, into `room(length)`, which must have that length, where that saves an allocation; else into
 * memory of its own. What it returns holds the content.
 */
export function snappyDecompressInto(
  block: Uint8Array,
  room: (length: number) => Uint8Array,
  options: DecompressOptions = {},
): Uint8Array {
  const { length, elementsAt } = readLength(block, options);
  if (!fitsSnappyKernel(block.length, length)) return decompressBySize(block, length);
  const target = room(length);
  if (!unpackSnappy(block.subarray(elementsAt), target)) {
    throw new BinnacleError("BAD_BODY", "the body is not a snappy block");
  }
  return target;
}

function decompressBySize(block: Uint8Array, length: number): Uint8Array {
  let content: string | Buffer;
  try {
    content = uncompressSync(block, { asBuffer: true });
  } catch (cause) {
    throw new BinnacleError("BAD_BODY", "the body is not a snappy block", { cause });
  }
  if (content.length !== length) throw new BinnacleError("BAD_BODY", "the body is not a snappy block");
  return content as Buffer;
}

export function snappyCompress(content: Uint8Array): Uint8Array {
  return compressSync(content);
}

/** The varint that a block begins with, and where it ends. */
function readLength(
  block: Uint8Array,
  { bytesMax = BODY_BYTES_MAX }: DecompressOptions,
): { length: number; elementsAt: number } {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte >= 0x80) continue;
    if (length <= bytesMax) return { length, elementsAt: i + 1 };
    throw new BinnacleError(
      "BODY_TOO_LARGE",
      `a body of ${length} bytes after decompression is over the limit of ${bytesMax} (BODY_BYTES_MAX)`,
    );
  }
  throw new BinnacleError("BAD_BODY", "the body is not a snappy block: it begins with no length");
}
