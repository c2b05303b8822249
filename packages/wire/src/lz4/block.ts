/** LZ4's blocks: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
import { BinnacleError } from "@binnacle/model";
import type { Lz4Output } from "./output.ts";

const COPY_BYTES_MIN = 4;

/** Appends a block's content; its copies may reach back to `reach` in the output, and no further. */
export function unpackLz4Block(block: Uint8Array, output: Lz4Output, reach: number): void {
  let at = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw damaged();
      length += byte;
      if (byte < 255) return length;
    }
  };
  for (;;) {
    const token = block[at++];
    if (token === undefined) throw damaged();
    const literals = readLength(token >> 4);
    if (at + literals > block.length) throw damaged();
    output.append(block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    if (at + 2 > block.length) throw damaged();
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    if (distance === 0 || distance > output.length - reach) throw damaged();
    output.copy(distance, readLength(token & 15) + COPY_BYTES_MIN);
  }
}

export function damaged(): BinnacleError {
  return new BinnacleError("BAD_BODY", "the body is not lz4: it is damaged or cut off");
}
