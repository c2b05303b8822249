/**
 * LZ4's frames, as OpenTelemetry's exporters send them:
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { BinnacleError } from "@binnacle/model";
import { BODY_BYTES_MAX } from "../limits.ts";
import { damaged, unpackLz4Block } from "./block.ts";
import { Lz4Output } from "./output.ts";
import { xxh32 } from "./xxh32.ts";

const FRAME = 0x184d2204;
/** Sixteen magic numbers, of which the last four bits are free: frames to be skipped. */
const SKIPPED = 0x184d2a50;
/** The bit of a block's size that says it is stored as it is. */
const STORED = 0x8000_0000;

export interface Lz4Options {
  /** Bytes after decompression; default BODY_BYTES_MAX. Past it: BODY_TOO_LARGE. */
  readonly bytesMax?: number;
}

/** Throws BAD_BODY where these are no whole frames, BODY_TOO_LARGE before more than the limit is unpacked. */
export function lz4Decompress(bytes: Uint8Array, { bytesMax = BODY_BYTES_MAX }: Lz4Options = {}): Uint8Array {
  const frames = new FrameReader(bytes, new Lz4Output(bytes.length * 4, bytesMax));
  while (!frames.isAtEnd) frames.read();
  return frames.content();
}

class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #output: Lz4Output;
  #at = 0;

  constructor(bytes: Uint8Array, output: Lz4Output) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#output = output;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  content(): Uint8Array {
    return this.#output.from(0);
  }

  read(): void {
    const magic = this.#uint32();
    if ((magic & ~0xf) >>> 0 === SKIPPED) {
      this.#take(this.#uint32());
      return;
    }
    if (magic !== FRAME) throw new BinnacleError("BAD_BODY", "the body is not lz4: it begins with no frame");
    const flags = this.#readHeader();
    const start = this.#output.length;
    for (let size = this.#uint32(); size !== 0; size = this.#uint32()) {
      const block = this.#take((size & ~STORED) >>> 0);
      if (flags.hasBlockHashes && this.#uint32() !== xxh32(block)) throw damaged();
      if (size >= STORED) this.#output.append(block);
      else unpackLz4Block(block, this.#output, flags.isLinked ? start : this.#output.length);
    }
    if (flags.hasContentHash && this.#uint32() !== xxh32(this.#output.from(start))) throw damaged();
    const { contentSize } = flags;
    if (contentSize !== undefined && contentSize !== BigInt(this.#output.length - start)) throw damaged();
  }

  #readHeader(): {
    readonly isLinked: boolean;
    readonly hasBlockHashes: boolean;
    readonly hasContentHash: boolean;
    readonly contentSize: bigint | undefined;
  } {
    const start = this.#at;
    const bits = this.#take(2)[0]!;
    if (bits >> 6 !== 1)
      throw new BinnacleError("BAD_BODY", "the body is of another version of lz4's frames");
    if ((bits & 1) !== 0) throw new BinnacleError("BAD_BODY", "the body needs a dictionary of lz4");
    const contentSize = (bits & 8) === 0 ? undefined : this.#uint64();
    const header = this.#bytes.subarray(start, this.#at);
    if (this.#take(1)[0] !== ((xxh32(header) >>> 8) & 0xff)) throw damaged();
    return {
      isLinked: (bits & 0x20) === 0,
      hasBlockHashes: (bits & 0x10) !== 0,
      hasContentHash: (bits & 4) !== 0,
      contentSize,
    };
  }

  #uint32(): number {
    const at = this.#at;
    this.#take(4);
    return this.#view.getUint32(at, true);
  }

  #uint64(): bigint {
    const at = this.#at;
    this.#take(8);
    return this.#view.getBigUint64(at, true);
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw damaged();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
