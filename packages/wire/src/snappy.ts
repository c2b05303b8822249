/**
 * Snappy's block format, as remote write and Loki's push use it:
 * https://github.com/google/snappy/blob/main/format_description.txt
 *
 * The length that a block declares is checked before anything is allocated for it.
 */
import { BinnacleError } from "@binnacle/model";
import { compressSync, uncompressSync } from "snappy";
import { BODY_BYTES_MAX } from "./limits.ts";

export interface DecompressOptions {
  /** Bytes after decompression; default BODY_BYTES_MAX. Past it: BODY_TOO_LARGE. */
  readonly bytesMax?: number;
}

/** Throws BAD_BODY where it is no snappy block, BODY_TOO_LARGE where it declares too long a content. */
export function snappyDecompress(block: Uint8Array, options: DecompressOptions = {}): Uint8Array {
  const { bytesMax = BODY_BYTES_MAX } = options;
  const length = declaredLength(block);
  if (length > bytesMax) {
    throw new BinnacleError(
      "BODY_TOO_LARGE",
      `a body of ${length} bytes after decompression is over the limit of ${bytesMax}`,
    );
  }
  let content: string | Buffer;
  try {
    content = uncompressSync(block, { asBuffer: true });
  } catch (cause) {
    throw new BinnacleError("BAD_BODY", "the body is not a snappy block", { cause });
  }
  return content as Buffer;
}

export function snappyCompress(content: Uint8Array): Uint8Array {
  return compressSync(content);
}

/** The varint that a block begins with. */
function declaredLength(block: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw new BinnacleError("BAD_BODY", "the body is not a snappy block: it begins with no length");
}
