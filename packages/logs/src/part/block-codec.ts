/**
 * How the times and the metadata of a block are packed; its text is block-templates.ts's, or
 * text-plain.ts's where that is smaller.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { LineMetadata } from "@binnacle/model";
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import { readMetadata, writeMetadata } from "../metadata-codec.ts";

/** How the text of a block is packed. */
export const PLAIN = 0;
export const TEMPLATED = 1;

export function compress(bytes: Uint8Array, level: number): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
}

/** Throws CORRUPT_DATA naming `what`; never makes more than `bytesMax`. */
export function decompress(bytes: Uint8Array, bytesMax: number, what: string): Uint8Array {
  try {
    const content = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, bytesMax) });
    // Views are cut from it by the thousand, which a Buffer is slow at.
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  } catch (cause) {
    throw corrupt(what, cause instanceof Error ? cause.message : String(cause));
  }
}

const SCALES: readonly number[] = [1_000_000_000, 1_000_000, 1000, 1];

/**
 * Times as distances from the block's base: whole ns below 2^53, ascending within a run and starting
 * anew at each. What is written is the largest unit that divides them all, then per run its first and
 * the steps between.
 */
export function encodeTimes(relativeNs: Float64Array, runStarts: ReadonlySet<number>): Uint8Array {
  const scale = SCALES.find((unit) => relativeNs.every((time) => time % unit === 0))!;
  const writer = new ByteWriter(relativeNs.length * 2 + 16);
  writer.varint(scale);
  let previous = 0;
  for (let i = 0; i < relativeNs.length; i++) {
    const time = relativeNs[i]! / scale;
    writer.varint(runStarts.has(i) ? time : time - previous);
    previous = time;
  }
  return writer.written();
}

/** Times of a block as whole units since its base: time i is base + ticks[i] · unitNs. */
export interface BlockTimes {
  /** A multiple of so many ns: 1, 10^3, 10^6 or 10^9. */
  readonly unitNs: number;
  /** u32 where all of them fit, which they do but for the finest units. */
  readonly ticks: Uint32Array | Float64Array;
}

/** Throws CORRUPT_DATA naming `what` when the bytes do not give that many times. */
export function decodeTimes(
  bytes: Uint8Array,
  lines: number,
  runStarts: ReadonlySet<number>,
  what: string,
): BlockTimes {
  const reader = new ByteReader(bytes, what);
  const unitNs = reader.varint();
  if (!SCALES.includes(unitNs)) throw corrupt(what, `its times are in units of ${unitNs} ns`);
  const starts = [...runStarts].sort((a, b) => a - b);
  const ticks = new Uint32Array(lines);
  for (let run = 0; run < starts.length; run++) {
    const end = starts[run + 1] ?? lines;
    let time = 0;
    for (let i = starts[run]!; i < end; i++) {
      time += reader.varint();
      if (time > 0xffffffff) return { unitNs, ticks: decodeWideTicks(bytes, lines, runStarts, what) };
      ticks[i] = time;
    }
  }
  if (reader.left !== 0) throw corrupt(what, `${reader.left} bytes are left after its last time`);
  return { unitNs, ticks };
}

function decodeWideTicks(
  bytes: Uint8Array,
  lines: number,
  runStarts: ReadonlySet<number>,
  what: string,
): Float64Array {
  const reader = new ByteReader(bytes, what);
  reader.varint();
  const ticks = new Float64Array(lines);
  let time = 0;
  for (let i = 0; i < lines; i++) {
    const step = reader.varint();
    ticks[i] = time = runStarts.has(i) ? step : time + step;
  }
  if (reader.left !== 0) throw corrupt(what, `${reader.left} bytes are left after its last time`);
  return ticks;
}

/** Times [from, to) of a block in Unix ns. */
export function unixTimes(
  { unitNs, ticks }: BlockTimes,
  baseNs: bigint,
  from: number,
  to: number,
): BigInt64Array {
  const times = new BigInt64Array(to - from);
  const words = new Uint32Array(times.buffer);
  const baseLow = Number(BigInt.asUintN(32, baseNs));
  const baseHigh = Number(baseNs >> 32n);
  for (let i = from, at = 0; i < to; i++, at += 2) {
    // 64-bit sums in two halves: a BigInt a line would cost more than all the rest.
    const relativeNs = ticks[i]! * unitNs;
    const high = Math.floor(relativeNs / 4294967296);
    const low = baseLow + (relativeNs - high * 4294967296);
    words[at] = low;
    words[at + 1] = baseHigh + high + (low >= 4294967296 ? 1 : 0);
  }
  return times;
}

export function encodeMetadata(column: readonly (LineMetadata | undefined)[]): Uint8Array {
  const writer = new ByteWriter(column.length * 8);
  for (const pairs of column) writeMetadata(writer, pairs);
  return writer.written();
}

export function decodeMetadata(bytes: Uint8Array, lines: number, what: string): (LineMetadata | undefined)[] {
  return readMetadata(new ByteReader(bytes, what), lines);
}
